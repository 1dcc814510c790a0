#pragma once

#include "tools/context.hpp"

#include <string>
#include <string_view>
#include <vector>

// The fields of runs that `filters` and `order` of query_wandb_tool name.

namespace mcp::tools {

/// Whether an argument of this name is a filter: a field of runs, or a path
/// below config and summary_metrics, with one value or {operator: value}.
[[nodiscard]] bool is_run_filter(std::string_view name,
                                 const json::value& value);

/// Refuses what can only be a slip: a field that is near one there is, and a
/// metric or config key without what stands before it.
/// Throws `tool_error` invalid_request naming the field and what is meant.
void check_run_order(const std::string& order);
void check_run_filter_field(std::string_view name);

/// The fields in `filters` that are none we know of runs. W&B may know more.
[[nodiscard]] std::vector<std::string>
unknown_run_fields(const json::object& filters);

} // namespace mcp::tools
