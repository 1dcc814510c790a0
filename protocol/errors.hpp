#pragma once

#include <boost/json/object.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mcp {

/// What went wrong, sorted by who can act on it.
enum class errc {
  // The client's author.
  parse_error,     // not JSON, or not UTF-8
  invalid_request, // JSON, but not a JSON-RPC message
  unknown_method,
  invalid_params, // also an unknown tool
  // The model, by repairing its call.
  bad_argument,
  not_found, // entity, project, run, ... (W&B: 404 or null)
  // The user.
  unauthorized,  // W&B rejected the key (401)
  not_permitted, // W&B says no (403)
  // Whoever tries again later.
  rate_limited,         // W&B or we limit (429)
  upstream_timeout,     // the deadline passed while waiting for W&B
  upstream_unavailable, // W&B unreachable, 5xx, or its circuit is open
  server_busy,          // our own limits
  // W&B, or a query it does not like.
  upstream_error,     // GraphQL errors, 400, 422
  upstream_garbage,   // an answer that is not what W&B answers
  response_too_large, // more bytes than one call may hold
  // The user, by looking into W&B.
  outcome_unknown, // a write that may have been carried out, or not
  // The person at the client, who declined, or a client that can not ask.
  client_refused,
  // Nobody; they left.
  cancelled,
  // Us.
  internal,
};

/// How the way to a service broke, as far as the network can tell.
enum class cause {
  none, // it did not: the answer says what is wrong, or nothing was sent
  // The operator of this server, by putting its settings or network right.
  dns,             // the name can't be resolved
  refused,         // nobody listens there
  unreachable,     // no way there, or a proxy's refusal
  connect_timeout, // no connection in time
  tls,             // certificate or handshake
  not_http,        // something else than HTTP answered
  // Nobody; it may go better the next time.
  timeout, // the answer did not come in time
  cut,     // the connection broke before the answer's end
  paused,  // it failed several times in a row, and is left alone
  // The caller, by asking for less.
  too_large,
};

/// One failure as a value. `message` is for a person or a model to read: it
/// says what is wrong and what would work, and never holds a key, a URL with
/// credentials or another tenant's data.
struct failure {
  errc code = errc::internal;
  std::string message = {};
  /// How long to wait before trying again makes sense; empty when unknown.
  std::optional<std::chrono::milliseconds> retry_after = {};
  /// The HTTP status W&B answered, 0 when there was none.
  int http_status = 0;
  cause why = cause::none;
};

/// A value or a failure. Outside of tools, whatever can fail returns this.
template <class T>
using result = boost::system::result<T, failure>;

/// How a failure travels through a coroutine; caught by the dispatcher alone.
class failure_exception : public std::runtime_error {
public:
  explicit failure_exception(failure f)
      : std::runtime_error(f.message), reason(std::move(f)) {}
  failure reason;
};

/// What `result::value()` throws; found by argument dependent lookup.
[[noreturn]] void throw_exception_from_error(const failure& f,
                                             const boost::source_location&);

/// The machine-readable name of a code, as tool results carry it in "error":
/// "rate_limited", "upstream_timeout", ...
[[nodiscard]] std::string_view to_string(errc code);

/// "dns", "refused", "connect_timeout", ...; empty for `none`.
[[nodiscard]] std::string_view to_string(cause why);

/// Whether only the operator of this server can cure it.
[[nodiscard]] bool is_for_operator(cause why);

/// What failed in one word for the log, without anybody's data: the cause,
/// else "status_503", else the code's name.
[[nodiscard]] std::string trouble_word(const failure& f);

/// The JSON-RPC error code (JSON-RPC 2.0, 5.1): -32700, -32600, -32601, -32602,
/// and -32603 for everything that has none of its own.
[[nodiscard]] int jsonrpc_code(errc code);

} // namespace mcp
