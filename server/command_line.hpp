#pragma once

#include "server/settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace mcp {

/// Where each option that was given came from: "port" -> "--port",
/// "MCP_PORT" or "MCP_PORT in .env".
using option_sources = std::map<std::string, std::string>;

/// Takes the command line; gives the options that were on it.
/// Errors: `bad_argument` naming the word that is wrong, and what is near it.
result<option_sources>
read_command_line(const std::vector<std::string>& arguments, settings& s);

} // namespace mcp
