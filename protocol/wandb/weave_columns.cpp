#include "protocol/wandb/weave_columns.hpp"

#include "protocol/near_names.hpp"
#include "protocol/wandb/weave_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace mcp::wandb {
namespace {

constexpr std::array<std::string_view, 22> columns{
  "id",
  "project_id",
  "op_name",
  "display_name",
  "trace_id",
  "parent_id",
  "thread_id",
  "turn_id",
  "started_at",
  "ended_at",
  "attributes",
  "inputs",
  "output",
  "exception",
  "summary",
  "wb_user_id",
  "wb_run_id",
  "wb_run_step",
  "wb_run_step_end",
  "deleted_at",
  "storage_size_bytes",
  "total_storage_size_bytes",
};

constexpr std::array<std::string_view, 5> computed{
  "status", "latency_ms", "costs", "total_cost", "feedback"};

constexpr std::size_t longest_name = 512;

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_once(std::vector<std::string>& names, std::string_view name) {
  if (!holds(names, name))
    names.emplace_back(name);
}

bool is_path(std::string_view name) {
  const auto base = base_column(name);
  return base.size() + 1 < name.size() && name.size() <= longest_name
         && has_paths(base);
}

failure bad(std::string message) {
  return {.code = errc::bad_argument, .message = std::move(message)};
}

/// All names that are no path, those of the costs last.
std::vector<std::string_view> all_names(bool costs) {
  std::vector<std::string_view> out(columns.begin(), columns.end());
  out.insert(out.end(), computed.begin(), computed.end());
  if (costs)
    out.insert(out.end(), {"prompt_cost", "completion_cost"});
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string sort_advice(std::string_view name) {
  const auto known = all_names(true);
  const auto near = near_names(name, std::span<const std::string_view>(known));
  return near.empty() ? std::string() : did_you_mean(near) + " ";
}

} // namespace

std::string column_advice(std::string_view name) {
  const auto known = all_names(false);
  const auto base = base_column(name);
  auto near = near_names(base, std::span<const std::string_view>(known));
  if (base.size() < name.size())
    for (auto& one : near)
      one += name.substr(base.size());
  return did_you_mean(near);
}

std::span<const std::string_view> call_columns() {
  return columns;
}

bool is_call_column(std::string_view name) {
  return holds(columns, name);
}

std::string_view base_column(std::string_view path) {
  return path.substr(0, path.find('.'));
}

bool has_paths(std::string_view column) {
  return column == "attributes" || column == "inputs" || column == "output"
         || column == "summary";
}

bool is_computed_column(std::string_view name) {
  return holds(computed, name);
}

result<column_plan> plan_columns(std::span<const std::string> names) {
  column_plan plan;
  if (names.empty())
    return plan;
  plan.shown.emplace_back("id");
  plan.upstream.emplace_back("id");
  for (const auto& name : names) {
    if (name == "storage_size_bytes") {
      plan.storage_size = true; // a switch of its own, not a column to select
    } else if (name == "total_storage_size_bytes") {
      plan.total_storage_size = true;
    } else if (is_computed_column(name)) {
      add_once(plan.upstream, "summary");
      plan.needs_costs |= name == "costs" || name == "total_cost";
      plan.needs_feedback |= name == "feedback";
    } else if (is_call_column(name) || is_path(name)) {
      add_once(plan.upstream, name);
    } else {
      add_once(plan.unknown, name);
      continue;
    }
    add_once(plan.shown, name);
  }
  if (plan.shown.size() == 1 && !plan.unknown.empty() && !holds(names, "id"))
    return bad("columns: none of these exists, like \""
               + cut_text(plan.unknown.front(), 60) + "\". "
               + column_advice(plan.unknown.front())
               + " Use names such as id, op_name, started_at, status, "
                 "latency_ms, costs, summary, exception, or a path below "
                 "inputs, output, attributes or summary.");
  plan.has_summary = std::any_of(
    plan.upstream.begin(), plan.upstream.end(),
    [](const auto& name) { return base_column(name) == "summary"; });
  return plan;
}

result<sort_plan> plan_sort(std::string_view sort_by,
                            std::string_view direction) {
  sort_plan plan;
  const auto way = lower(direction);
  if (way != "asc" && way != "desc" && !way.empty())
    return bad("sort_direction: use \"asc\" or \"desc\".");
  plan.descending = way != "asc";
  if (sort_by.empty())
    plan.field = "started_at";
  else if (sort_by == "total_cost")
    plan.cost = cost_kind::total;
  else if (sort_by == "prompt_cost")
    plan.cost = cost_kind::prompt;
  else if (sort_by == "completion_cost")
    plan.cost = cost_kind::completion;
  else if (sort_by == "latency_ms" || sort_by == "status")
    plan.field = "summary.weave." + std::string(sort_by);
  else if (sort_by != "storage_size_bytes"
           && sort_by != "total_storage_size_bytes"
           && (is_call_column(sort_by) || is_path(sort_by)))
    plan.field = sort_by;
  else
    return bad("sort_by: can not sort by \"" + cut_text(sort_by, 100)
               + "\". " + sort_advice(sort_by)
               + "Use a column such as started_at, ended_at, op_name or "
                 "display_name, status, latency_ms, total_cost, prompt_cost, "
                 "completion_cost, or a path below inputs, output, attributes "
                 "or summary.");
  return plan;
}

} // namespace mcp::wandb
