#pragma once

// How a request is refused before or instead of being carried out: an HTTP
// status, a JSON-RPC code and what the client's author needs to repair it.

#include "protocol/errors.hpp"
#include "protocol/jsonrpc/message.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mcp {

/// MCP's own JSON-RPC codes, from 2026-07-28 on (basic/index, "Error Codes").
inline constexpr int header_mismatch_code = -32020;
inline constexpr int missing_capability_code = -32021;
inline constexpr int unsupported_version_code = -32022;

/// One refusal. `message` is a sentence for a person and holds no credential.
struct protocol_refusal {
  /// For the answer to a stateless POST. The session era answers JSON-RPC
  /// errors with 200, and stdio has no status.
  int http_status = 400;
  int code = -32602;
  std::string message;
  boost::json::value data = nullptr; // null: none
};

/// A value, or why there is none.
template <class T>
using checked = boost::system::result<T, protocol_refusal>;

/// What `checked::value()` throws, a std::runtime_error; found by argument
/// dependent lookup.
[[noreturn]] void throw_exception_from_error(const protocol_refusal& why,
                                             const boost::source_location&);

/// Empty when there is nothing to object to.
using objection = std::optional<protocol_refusal>;

/// -32602 of a request that is malformed as a whole: HTTP 400.
[[nodiscard]] protocol_refusal refuse_malformed(std::string message);
/// -32602 of a well-formed request that asks for what is not there (a cursor,
/// a tool, a resource): HTTP 200.
[[nodiscard]] protocol_refusal refuse_params(std::string message,
                                             boost::json::value data = nullptr);
/// -32601, HTTP 404. The method is quoted, cut at 64 bytes.
[[nodiscard]] protocol_refusal refuse_method(std::string_view method);
/// -32020, HTTP 400.
[[nodiscard]] protocol_refusal refuse_headers(std::string message);
/// -32021, HTTP 400. `required` is shaped as a client's capabilities, for
/// example {"sampling":{}}.
[[nodiscard]] protocol_refusal
refuse_capability(const boost::json::object& required);
/// -32022, HTTP 400, with data {"supported":[...],"requested":...}; what was
/// requested is cut at 64 bytes.
[[nodiscard]] protocol_refusal refuse_version(std::string_view requested);

/// The refusal as an answer to `id`.
[[nodiscard]] std::string
write_refusal(const std::optional<jsonrpc::request_id>& id,
              const protocol_refusal& why);

} // namespace mcp
