#pragma once

// What an MCP server answers to one JSON-RPC request over Streamable HTTP: the
// response alone, or a stream of events that has it among other messages.

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcp::tools {

namespace json = boost::json;

struct rpc_error {
  std::int64_t code = 0;
  std::string message; // the other server's words
};

struct rpc_reply {
  json::object result;
  std::optional<rpc_error> error;
};

/// Reads the response to request `id`. Other messages, before or after it, are
/// skipped.
/// Takes:  JSON, or a text/event-stream (HTML Living Standard, 9.2.6).
/// Errors: `upstream_garbage` when there is no such response.
[[nodiscard]] result<rpc_reply> read_rpc_reply(std::string_view body,
                                               std::int64_t id);

/// The texts of a tool result, with "---" between them; empty when it has none.
[[nodiscard]] std::string text_of_result(const json::object& result);

/// True when the result says that the tool failed.
[[nodiscard]] bool is_error_result(const json::object& result);

} // namespace mcp::tools
