#pragma once

#include "tools/context.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mcp::tools {

/// An automation of W&B's (a trigger on its wire) as the answer shows it:
/// {id, name, enabled, description, created_at, updated_at, project, scope,
/// event, action}, without anybody's credentials.
[[nodiscard]] json::object automation_row(const json::object& trigger,
                                          const std::string& project);

/// An integration: {type: "slack" | "webhook" | W&B's name of the type, id,
/// ...}.
[[nodiscard]] json::object integration_row(const json::object& node);

/// The page info of a list that W&B gives in pages.
struct list_end {
  bool more = false;
  std::string cursor;
};

/// Throws `failure_exception` upstream_garbage when more is claimed but the
/// cursor is missing, or is `before`: a short list must not pass for a whole
/// one.
[[nodiscard]] list_end list_end_of(const json::object& connection,
                                   const json::value& before);

/// A name that a caller gave to select by. Throws `tool_error` invalid_input
/// when it is blank or longer than 512 bytes.
[[nodiscard]] std::string selector_of(std::string_view argument,
                                      std::string text);

} // namespace mcp::tools
