#pragma once

#include "protocol/errors.hpp"
#include "protocol/mcp/capabilities.hpp"
#include "protocol/mcp/session_token.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace mcp {

/// Reads the params of `initialize` (MCP, basic/lifecycle): negotiates the
/// version and keeps what a session needs of the client. `created` stays 0.
/// Errors: `invalid_params` naming the member that is missing or mistyped.
[[nodiscard]] result<session_claims>
read_initialize(const boost::json::object& params);

struct server_info {
  std::string name;
  std::string title;
  std::string version;
  std::string instructions;
};

/// A version's "serverInfo": the title came with 2025-06-18.
[[nodiscard]] boost::json::object implementation_json(const server_info& server,
                                                      version v);

/// The result of `initialize`, as JSON text.
[[nodiscard]] std::string initialize_result(version negotiated,
                                            const server_info& server,
                                            const server_features& features);

/// The same for a server with tools, prompts and resources that never change.
[[nodiscard]] std::string initialize_result(version negotiated,
                                            const server_info& server);

} // namespace mcp
