#pragma once

#include "tests/tools/fake_context.hpp"
#include "tools/catalog.hpp"

#include <vector>

namespace mcp::tools {

/// Calls a tool as a client does: its schema checks the arguments, and what it
/// throws becomes a result.
inline tool_result call_tool(fake_context& c, const tool& t,
                             json::object arguments) {
  const std::vector<const tool*> only{&t};
  const catalog offered(only);
  return c.drive(run(*offered.find(t.name), c, std::move(arguments)));
}

/// The "error" of a result; empty when it is none.
inline std::string error_of(const tool_result& r) {
  if (!r.is_error)
    return {};
  return std::string(r.structured.at("error").as_string());
}

} // namespace mcp::tools
