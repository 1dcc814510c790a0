#pragma once

// How the authorization server says no: the error codes of RFC 6749 (4.1.2.1,
// 5.2), RFC 7009, RFC 7591 (3.2.2), RFC 8628 (3.5) and RFC 8707 (2).

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace mcp::oauth {

/// One refusal. `description` is a sentence for the client's author; it quotes
/// nothing of the request that could be a credential.
struct refusal {
  std::string_view error; // "invalid_grant"; lives for ever
  std::string description;
  int status = 400;
};

/// A value, or why there is none.
template <class T>
using checked = boost::system::result<T, refusal>;

/// What `checked::value()` throws, a std::runtime_error; found by argument
/// dependent lookup.
[[noreturn]] void throw_exception_from_error(const refusal& why,
                                             const boost::source_location&);

[[nodiscard]] refusal invalid_request(std::string description);
/// 401, RFC 6749, 5.2.
[[nodiscard]] refusal invalid_client(std::string description);
[[nodiscard]] refusal invalid_grant(std::string description);
[[nodiscard]] refusal invalid_target(std::string description);
[[nodiscard]] refusal invalid_metadata(std::string description);
/// 503: what has to be remembered can not be written down now.
[[nodiscard]] refusal unavailable();

/// {"error":"invalid_grant","error_description":"..."}
[[nodiscard]] std::string to_json(const refusal& why);

} // namespace mcp::oauth
