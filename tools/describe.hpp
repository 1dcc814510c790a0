#pragma once

// The tools as documentation, from what the tools say of themselves.

#include "tools/tool.hpp"

#include <string>
#include <vector>

namespace mcp::tools {

/// A page for people: a table of all tools, then each tool with its arguments
/// and the members of its answer. Without a line feed at its end.
std::string tools_markdown(const std::vector<const tool*>& tools);

/// The same for programs: {"tools": [{"name", "title", "toolset",
/// "description", "inputSchema", "outputSchema", "annotations",
/// "upstream": {"job", "requests"}}]}, a tool a line.
std::string tools_json(const std::vector<const tool*>& tools);

} // namespace mcp::tools
