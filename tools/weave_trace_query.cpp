#include "tools/weave_trace_query.hpp"

#include "tools/models_budget.hpp"
#include "protocol/wandb/weave_text.hpp"
#include "tools/weave_access.hpp"

#include <algorithm>
#include <array>

namespace mcp::tools {
namespace {

constexpr std::int64_t default_limit = 1000;
constexpr std::int64_t most_rows = 10'000;

[[noreturn]] void reject(std::string message) {
  throw failure_exception(
    {.code = errc::bad_argument, .message = std::move(message)});
}

bool flag_or(const arguments& args, std::string_view name, bool otherwise) {
  const auto* v = args.all().if_contains(name);
  return v && !v->is_null() ? args.flag(name) : otherwise;
}

detail_level level_of(const std::string& text) {
  if (text == "schema")
    return detail_level::schema;
  if (text == "summary" || text.empty())
    return detail_level::summary;
  if (text == "full")
    return detail_level::full;
  reject("detail_level: use \"schema\", \"summary\" or \"full\".");
}

// What browsing needs. The summary is asked for because status and latency are
// in it, and is not shown.
wandb::column_plan schema_columns() {
  wandb::column_plan plan;
  plan.upstream = {"id",       "trace_id",     "op_name",   "started_at",
                   "ended_at", "display_name", "parent_id", "summary"};
  plan.shown = {"id",           "trace_id",   "op_name",
                "display_name", "started_at", "ended_at",
                "parent_id",    "status",     "latency_ms"};
  return plan;
}

// What the statistics are made of, whatever the rows show.
constexpr std::array<std::string_view, 7> statistics_columns{
  "id", "trace_id", "parent_id", "op_name", "started_at", "ended_at",
  "summary"};

void add_statistics(std::vector<std::string>& columns) {
  std::erase_if(columns, [](const auto& name) {
    return name != "summary" && wandb::base_column(name) == "summary";
  });
  for (const auto name : statistics_columns)
    if (std::find(columns.begin(), columns.end(), name) == columns.end())
      columns.emplace_back(name);
}

wandb::column_plan columns_of(const arguments& args, detail_level level,
                              bool metadata_only) {
  const auto names = weave_names(args, "columns");
  if (names.empty() && metadata_only) {
    wandb::column_plan plan;
    add_statistics(plan.upstream);
    return plan;
  }
  if (names.empty() && level == detail_level::schema)
    return schema_columns();
  auto plan = wandb::plan_columns(names);
  if (!plan)
    throw failure_exception(plan.error());
  if (!plan->upstream.empty())
    add_statistics(plan->upstream);
  return std::move(*plan);
}

} // namespace

/// What may be asked to be resolved: columns, and paths below them.
std::vector<std::string> expanded_columns(const arguments& args) {
  auto names = weave_names(args, "expand_columns");
  for (const auto& name : names)
    if (!wandb::is_call_column(name)
        && !(wandb::has_paths(wandb::base_column(name))
             && name.find('.') != name.npos))
      reject("expand_columns: there is no column \""
             + wandb::cut_text(name, 60) + "\". "
             + wandb::column_advice(name)
             + " Give columns or paths below inputs, output, attributes or "
               "summary.");
  return names;
}

trace_query read_trace_query(const arguments& args) {
  trace_query q;
  q.project = weave_project(args);
  q.filter = weave_filters(args);
  if (const auto* filters = args.object("filters"))
    q.filters = *filters;
  q.level = level_of(args.text_or_null("detail_level").value_or(""));
  q.metadata_only = flag_or(args, "metadata_only", false);
  q.columns = columns_of(args, q.level, q.metadata_only);
  q.expand_columns = expanded_columns(args);

  auto sort =
    wandb::plan_sort(args.text_or_null("sort_by").value_or("started_at"),
                     args.text_or_null("sort_direction").value_or("desc"));
  if (!sort)
    throw failure_exception(sort.error());
  q.sort = std::move(*sort);

  q.limit = args.integer_or_null("limit").value_or(default_limit);
  if (q.limit < 1 || q.limit > most_rows)
    reject("limit: expected 1 to 10000.");

  const auto cut = args.integer_or_null("truncate_length").value_or(1000);
  if (cut < 0)
    reject("truncate_length: expected 0 or more.");
  const bool full =
    q.level == detail_level::full || flag_or(args, "return_full_data", false);
  if (!full)
    q.cut = static_cast<std::size_t>(cut);

  // Both cost the trace server a join, so only what can be seen is asked for;
  // statistics alone show what the calls cost.
  const bool visible = q.columns.has_summary;
  const bool schema = q.level == detail_level::schema;
  q.costs = visible
            && (q.columns.needs_costs
                || ((!schema || q.metadata_only)
                    && flag_or(args, "include_costs", true)));
  q.feedback = visible && !q.metadata_only
               && (q.columns.needs_feedback
                   || (!schema && flag_or(args, "include_feedback", true)));
  return q;
}

wandb::calls_query upstream_query(const trace_query& q) {
  wandb::calls_query out;
  out.project_id = q.project;
  out.filter = q.filter;
  out.columns = q.columns.upstream;
  out.expand_columns = q.expand_columns;
  out.sort_field = q.sort.field;
  out.descending = q.sort.descending;
  out.limit = q.limit + 1; // one more tells whether there are more
  out.include_costs = q.costs;
  out.include_feedback = q.feedback;
  out.include_storage_size = q.columns.storage_size;
  out.include_total_storage_size = q.columns.total_storage_size;
  return out;
}

wandb::calls_query ranking_query(const trace_query& q, std::int64_t most) {
  wandb::calls_query out;
  out.project_id = q.project;
  out.filter = q.filter;
  out.columns = {"id", "summary"};
  out.sort_field = "started_at";
  out.limit = most + 1;
  out.include_costs = true;
  return out;
}

wandb::calls_query ranked_query(const trace_query& q,
                                std::span<const std::string> ids) {
  auto out = upstream_query(q);
  json::array list;
  for (const auto& id : ids)
    list.emplace_back(id);
  out.filter = {};
  out.filter.filter.emplace("call_ids", std::move(list));
  out.sort_field.clear();
  out.limit.reset();
  return out;
}

trace_reader::options reader_options(const trace_query& q,
                                     const call_limits& limits) {
  trace_reader::options out;
  out.shape.shown = q.columns.shown;
  out.shape.cut = q.cut;
  out.keep_rows = !q.metadata_only;
  out.max_rows = static_cast<std::size_t>(q.limit);
  out.max_rows_size = response_budget(limits);
  out.max_received_bytes = limits.max_accumulated_bytes;
  return out;
}

} // namespace mcp::tools
