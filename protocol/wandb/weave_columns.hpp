#pragma once

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::wandb {

/// Every column that the trace server has for a call.
[[nodiscard]] std::span<const std::string_view> call_columns();
[[nodiscard]] bool is_call_column(std::string_view name);
/// "inputs" of "inputs.question"; the whole name without a dot.
[[nodiscard]] std::string_view base_column(std::string_view path);
/// True for attributes, inputs, output and summary: what has paths inside.
[[nodiscard]] bool has_paths(std::string_view column);

/// Columns that rows do not have on top and that are read from summary.weave:
/// status, latency_ms, costs, total_cost, feedback.
[[nodiscard]] bool is_computed_column(std::string_view name);

/// "did you mean op_name?" for a name that is no column; may be empty.
[[nodiscard]] std::string column_advice(std::string_view name);

/// What to ask for, and what to show of it.
struct column_plan {
  /// For "columns"; empty means all of them.
  std::vector<std::string> upstream;
  /// What a row shows, in this order, `id` first. Empty means everything.
  std::vector<std::string> shown;
  /// Asked for, but unknown.
  std::vector<std::string> unknown;
  bool needs_costs = false;
  bool needs_feedback = false;
  bool has_summary = true; // costs and feedback can be seen
  bool storage_size = false;
  bool total_storage_size = false;
};

/// Plans for the columns a caller named. Pure.
/// Takes:  names in any order; a name of `call_columns`, a dotted path below
///         one that has paths, or a computed column. Doubles count once.
/// Gives:  the plan; names that are none of these are in `unknown`.
/// Errors: `bad_argument` when names were given and none is known.
[[nodiscard]] result<column_plan>
plan_columns(std::span<const std::string> names);

enum class cost_kind { total, prompt, completion };

/// How to order the rows: upstream by `field`, or here by cost.
struct sort_plan {
  std::string field; // "summary.weave.latency_ms"; empty when `cost` is set
  std::optional<cost_kind> cost;
  bool descending = true;
};

/// Errors: `bad_argument` unknown field; a direction that is not asc or desc.
[[nodiscard]] result<sort_plan> plan_sort(std::string_view sort_by,
                                          std::string_view direction);

} // namespace mcp::wandb
