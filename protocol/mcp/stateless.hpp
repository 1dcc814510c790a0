#pragma once

// Requests that stand alone (2026-07-28): who asks, in which version and with
// which capabilities is in each request's "_meta", and the HTTP headers mirror
// a part of it. They share the endpoint with sessions.

#include "protocol/jsonrpc/message.hpp"
#include "protocol/mcp/capabilities.hpp"
#include "protocol/mcp/lifecycle.hpp"
#include "protocol/mcp/log_level.hpp"
#include "protocol/mcp/refusal.hpp"
#include "protocol/mcp/version.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

/// Keys of "_meta" that the protocol reserves.
namespace meta_key {
inline constexpr std::string_view protocol_version =
  "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view client_info =
  "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view client_capabilities =
  "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view log_level =
  "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view server_info =
  "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view subscription_id =
  "io.modelcontextprotocol/subscriptionId";
inline constexpr std::string_view progress_token = "progressToken";
} // namespace meta_key

/// Whether a POSTed message is to be answered without a session.
/// Takes:  the message; the MCP-Protocol-Version header, absent when there is
///         none; whether Mcp-Session-Id came with it.
/// Gives:  - true when "_meta" names a version that opens no session, also one
///           that nobody knows, whatever the headers say;
///         - else false for `initialize`, for a request with a session id and
///           for a header that names a version with sessions or none at all;
///         - else true: the header names a new or an unknown version.
/// A message that is false here belongs to the session era, which knows how to
/// refuse it.
[[nodiscard]] bool is_stateless(const jsonrpc::message& m,
                                std::optional<std::string_view> version_header,
                                bool has_session_id);

/// What a stateless request says of its client.
struct request_meta {
  version spoken = newest_stateless_version;
  /// As the client calls itself; for logs. Cut at 64 and 32 bytes; empty when
  /// it does not say, or says it in a wrong shape.
  std::string client_name = {};
  std::string client_version = {};
  /// As declared; whatever is not in here is not there.
  boost::json::object capabilities = {};
  /// Log messages of this severity and above; none when absent.
  std::optional<log_level> log = {};
  /// A string or an integer; null when no progress is wanted.
  boost::json::value progress_token = nullptr;
};

/// Reads "_meta" of the params of a request over HTTP.
/// Errors: -32022 a version we do not speak;
///         -32020 the header is missing or names another version than "_meta";
///         -32602 no "_meta", no version, no capabilities, or mistyped ones;
///                a log level that is none.
[[nodiscard]] checked<request_meta>
read_request_meta(const boost::json::object& params,
                  std::optional<std::string_view> version_header);

/// The same where there are no headers (stdio).
[[nodiscard]] checked<request_meta>
read_request_meta(const boost::json::object& params);

/// Who may keep an answer.
enum class cache_scope {
  everybody, // the same for all users: "public"
  same_user, // "private"
};

/// How long an answer may be kept.
struct cache_hint {
  std::chrono::milliseconds ttl{0};
  cache_scope scope = cache_scope::same_user;
};

/// Whether the result of `method` must carry a cache hint.
[[nodiscard]] bool needs_cache_hint(std::string_view method);

/// Turns the results of the session era into stateless ones. Immutable; safe
/// from any thread.
class result_frame {
public:
  explicit result_frame(const server_info& server);

  /// A result as JSON text, with "resultType":"complete" first, the hint's
  /// members and "_meta" with who we are.
  /// Takes: the text of an object that has none of these members itself; it is
  ///        copied once and not parsed.
  [[nodiscard]] std::string wrap(std::string_view result_json,
                                 std::optional<cache_hint> hint = {}) const;

  /// The same for a value. "resultType" is kept when it is there
  /// ("input_required", "task"), and "_meta" is completed.
  [[nodiscard]] boost::json::object
  wrap(boost::json::object result, std::optional<cache_hint> hint = {}) const;

private:
  boost::json::object info_;
  std::string meta_; // ,"_meta":{...}
};

/// The whole result of server/discover, as JSON text.
[[nodiscard]] std::string discover_result(const server_info& server,
                                          const server_features& features,
                                          const cache_hint& hint);

} // namespace mcp
