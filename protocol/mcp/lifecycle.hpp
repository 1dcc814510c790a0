#pragma once

#include "protocol/errors.hpp"
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

/// The result of `initialize`, as JSON text.
[[nodiscard]] std::string initialize_result(version negotiated,
                                            const server_info& server);

} // namespace mcp
