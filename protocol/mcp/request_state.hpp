#pragma once

// What a stateless server must remember between the rounds of one request
// travels through the client, as "requestState". It is encrypted and
// authenticated (XChaCha20-Poly1305) and bound to the user and the request, so
// a client can neither read it, nor change it, nor use it elsewhere.

#include "protocol/errors.hpp"
#include "protocol/mcp/refusal.hpp"
#include "protocol/mcp/session_token.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// The request a state belongs to. Arguments are the same when they are the
/// same JSON: neither the order of members nor 1 for 1.0 matters.
struct request_binding {
  /// Tells users apart and is the same on every instance: the API key or a
  /// name of it. Only a hash of it is used.
  std::string_view user;
  std::string_view method; // "tools/call"
  std::string_view name;   // the tool's, prompt's, or the resource's URI
  const boost::json::object& arguments;
};

/// Seals and opens request states. Immutable; safe from any thread.
class request_sealer {
public:
  /// The same ring as for session ids; the keys used are others.
  explicit request_sealer(const seal_keys& keys);
  ~request_sealer();
  request_sealer(const request_sealer&) = delete;
  request_sealer& operator=(const request_sealer&) = delete;

  /// What one state may carry, as JSON text.
  static constexpr std::size_t max_carried_bytes = 64 * 1024;
  static constexpr std::chrono::seconds default_lifetime{600};

  /// Visible ASCII, never the same twice, good for `lifetime` from `now` (Unix
  /// time, seconds).
  /// Errors: `response_too_large` when `carried` is longer than it may be.
  [[nodiscard]] result<std::string>
  seal(const request_binding& request, const boost::json::value& carried,
       std::int64_t now,
       std::chrono::seconds lifetime = default_lifetime) const;

  /// What was carried.
  /// Errors: -32602. Damaged, foreign, another user's and another request's
  ///         states look the same; an expired one is said to be expired.
  [[nodiscard]] checked<boost::json::value> open(std::string_view state,
                                                 const request_binding& request,
                                                 std::int64_t now) const;

private:
  struct derived;
  std::vector<derived> keys_;
};

/// "requestState" of a request's params; empty when absent.
/// Errors: -32602 when it is not a string.
[[nodiscard]] checked<std::optional<std::string>>
read_request_state(const boost::json::object& params);

} // namespace mcp
