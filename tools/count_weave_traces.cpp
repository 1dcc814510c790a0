// count_weave_traces_tool: how many calls match, without reading any.
#include "tools/all.hpp"
#include "tools/weave_access.hpp"
#include "tools/weave_hints.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

// Older trace servers refuse the switch for the size; the count matters more.
task<wandb::calls_stats> count_with_size(call_context& context,
                                         std::string project,
                                         wandb::weave_filter filter) {
  try {
    co_return co_await count_calls(context, project, filter, true);
  } catch (const failure_exception& e) {
    if (e.reason.http_status != 422)
      throw;
  }
  co_return co_await count_calls(context, project, filter, false);
}

task<std::pair<wandb::calls_stats, std::int64_t>>
count_both(call_context& context, std::string project,
           wandb::weave_filter filter) {
  auto roots = filter;
  roots.filter["trace_roots_only"] = true;
  if (roots.filter == filter.filter) {
    // Only roots were asked for: both counts are the same.
    const auto all_calls =
      co_await count_with_size(context, project, std::move(filter));
    co_return std::pair(all_calls, all_calls.count);
  }
  auto counts =
    co_await all(count_with_size(context, project, std::move(filter)),
                 count_calls(context, project, std::move(roots), false));
  // Counted side by side, while calls may come: roots are never more than all.
  counts.first.count = std::max(counts.first.count, counts.second.count);
  co_return std::pair(counts.first, counts.second.count);
}

task<tool_result> run(call_context& context, arguments args) {
  auto project = weave_project(args);
  auto filter = weave_filters(args);
  json::object filters;
  if (const auto* given = args.object("filters"))
    filters = *given;
  std::pair<wandb::calls_stats, std::int64_t> counts;
  try {
    counts =
      co_await count_both(context, project, std::move(filter));
  } catch (const failure_exception& e) {
    throw_weave_failure(e.reason, "count_failed");
  }
  json::object out{{"total_count", counts.first.count},
                   {"root_traces_count", counts.second}};
  if (const auto size = counts.first.total_storage_size_bytes)
    out.emplace("total_storage_size_bytes", *size);
  if (counts.first.count == 0) {
    auto why = co_await nothing_matched(context, std::move(project),
                                        std::move(filters));
    out.emplace("nothing_matched", std::move(why));
  }
  co_return tool_result{.structured = std::move(out)};
}

} // namespace

const tool count_weave_traces{
  .name = "count_weave_traces_tool",
  .title = "Count Weave traces",
  .set = toolset::weave,
  .description =
    "Counts the Weave calls (LLM calls, agent spans, evaluation rows) that "
    "match, without reading them. Cheap.\n"
    "When to use: for \"how many\" questions, and before a large "
    "query_weave_traces_tool to see whether it needs narrower filters. "
    "Runs "
    "and metrics are query_wandb_tool's.\n"
    "Gives total_count (matching calls), root_traces_count (matching calls "
    "that start a trace) and, when W&B says it, total_storage_size_bytes. "
    "A "
    "name filter with trace_roots_only usually finds nothing: most ops are "
    "children.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name"],
    "properties": {
      "entity_name": {"type": "string", "minLength": 1,
        "description": "W&B team or user."},
      "project_name": {"type": "string", "minLength": 1,
        "description": "Name of the project."},
      "filters": {"type": "object",
        "description": "As in query_weave_traces_tool: status, op_name, trace_roots_only, time_range, latency (ms), thread_id, wb_run_id, attributes, inputs, output, call_ids, ... {\"latency\": {\"$gt\": 5000}}"}
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["total_count", "root_traces_count"],
    "properties": {
      "total_count": {"type": "integer"},
      "root_traces_count": {"type": "integer"},
      "total_storage_size_bytes": {"type": "integer"},
      "nothing_matched": {"type": "object", "description": "When the count is 0: known_values are what the filters' fields hold in the newest calls_looked_at calls."}
    }
  })",
  .cost = {.job = "how many calls and traces a project has", .requests = 2},
  .is_filter = is_weave_filter,
  .run = run,
};

} // namespace mcp::tools
