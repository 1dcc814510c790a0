// query_weave_traces_tool: matching calls as rows, and statistics about them.
//
// One streamed request brings the rows; a count beside it says how many match
// in all. Rows are made small while they arrive (weave_rows.hpp), so a call
// holds about as much as it answers, not what the trace server sends.
#include "tools/all.hpp"
#include "tools/first_look.hpp"
#include "tools/weave_access.hpp"
#include "tools/weave_hints.hpp"
#include "tools/weave_trace_query.hpp"
#include "tools/weave_trace_result.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

// Beyond this many rows of content, an answer is sampled beyond use.
constexpr std::int64_t most_content_rows = 500;
// How many calls a sort by cost looks at: the trace server can not do it.
constexpr std::int64_t most_ranked = 10'000;

// A count that failed because of the query alone leaves the rows to be tried;
// who is limited or not let in would only be refused once more.
bool is_final(const failure& why) {
  return why.code != errc::upstream_error && why.code != errc::upstream_garbage
         && why.code != errc::upstream_timeout;
}

bool is_gated(const trace_query& q) {
  return q.level != detail_level::schema && !q.metadata_only;
}

void refuse_if_too_many(const trace_query& q, std::int64_t count) {
  if (!is_gated(q) || std::min(q.limit, count) <= most_content_rows)
    return;
  json::array suggestions{
    "Set detail_level to \"schema\": ids, names, times and status of all of "
    "them.",
    json::string("Set limit to "
                 + std::to_string(std::min<std::int64_t>(100, count)) + "."),
    "Set metadata_only to true for counts and statistics without rows.",
    "Add filters: time_range, op_name_contains, status or trace_roots_only.",
  };
  throw tool_error(
    "query_too_large",
    std::to_string(count)
      + " calls match; more than 500 rows with their content "
        "do not fit one answer.",
    {{"trace_count", count}, {"suggestions", std::move(suggestions)}});
}

// True when the ids asked for already say that `limit` can not cut anything
// off, so that the rows are the count.
bool is_bounded_by_ids(const trace_query& q) {
  const auto* ids = q.filter.filter.if_contains("call_ids");
  return ids && static_cast<std::int64_t>(ids->as_array().size()) <= q.limit;
}

task<tool_result> in_upstream_order(call_context& context, trace_query q,
                                    const call_limits& limits) {
  counted total;
  const bool ask_first =
    is_gated(q) && q.limit > most_content_rows && !is_bounded_by_ids(q);
  if (ask_first) {
    total = co_await try_count(context, q.project, q.filter);
    if (total.why_not && is_final(*total.why_not))
      throw failure_exception(*total.why_not);
    if (total.count)
      refuse_if_too_many(q, *total.count);
  }
  auto reader =
    std::make_shared<trace_reader>(reader_options(q, limits));
  std::optional<failure> cut;
  if (ask_first || is_bounded_by_ids(q)) {
    if (ask_first)
      context.progress(
        1, 2,
        total.count ? std::to_string(*total.count) + " calls match; reading "
                        + std::to_string(std::min(q.limit, *total.count))
                    : "W&B did not count the calls in time; reading them");
    cut = co_await read_calls(context, upstream_query(q), reader);
  } else {
    auto both = co_await all(read_calls(context, upstream_query(q), reader),
                             try_count(context, q.project, q.filter));
    cut = std::move(both.first);
    total = std::move(both.second);
  }
  trace_outcome outcome{.total = total.count, .cut = std::move(cut)};
  if (reader->came() == 0 && !reader->stopped())
    outcome.nothing_matched =
      co_await nothing_matched(context, q.project, q.filters);
  co_return trace_result(q, *reader, std::move(outcome), limits);
}

// The trace server can not sort by cost, so this ranks the newest calls by what
// it says each one cost, and then fetches the first of them by id.
task<tool_result> in_cost_order(call_context& context, trace_query q,
                                const call_limits& limits) {
  auto ranking = std::make_shared<cost_reader>(
    *q.sort.cost, static_cast<std::size_t>(most_ranked),
    context.limits().max_accumulated_bytes);
  trace_outcome outcome;
  outcome.cut =
    co_await read_calls(context, ranking_query(q, most_ranked), ranking);

  const auto seen = static_cast<std::int64_t>(ranking->seen());
  const auto came = static_cast<std::int64_t>(ranking->came());
  if (ranking->came() == 0 && !ranking->stopped())
    outcome.nothing_matched =
      co_await nothing_matched(context, q.project, q.filters);
  outcome.at_least = came + (ranking->more() ? 1 : 0);
  const bool all_ranked = !outcome.cut && !ranking->more();
  if (all_ranked) {
    outcome.total = came;
  } else {
    outcome.warnings.push_back("Only the newest " + std::to_string(seen)
                               + " matching calls were ranked by cost; narrow "
                                 "the filters to rank all.");
    const auto total = co_await try_count(context, q.project, q.filter);
    if (total.count && *total.count >= outcome.at_least)
      outcome.total = total.count;
  }
  refuse_if_too_many(q, outcome.total.value_or(came));
  // The rows are fetched by their ids, and so never meet these lines again.
  if (auto note = unreadable_note(*ranking); !note.empty())
    outcome.warnings.push_back(std::move(note));

  const auto ids =
    ranking->ranked(static_cast<std::size_t>(q.limit), q.sort.descending);
  ranking.reset();
  auto options = reader_options(q, limits);
  for (std::size_t i = 0; i < ids.size(); ++i)
    options.ranks.emplace(ids[i], i);
  auto reader = std::make_shared<trace_reader>(std::move(options));
  // One after the other, because they share the reader.
  for (std::size_t at = 0; at < ids.size() && !reader->stopped();
       at += wandb::most_ids) {
    const auto end = std::min(at + wandb::most_ids, ids.size());
    context.progress(double(seen) + double(at),
                     double(seen) + double(ids.size()),
                     std::to_string(seen) + " calls ranked by cost; fetching "
                       + std::to_string(at + 1) + " to " + std::to_string(end));
    auto next = ranked_query(q, std::span(ids).subspan(at, end - at));
    auto cut = co_await read_calls(context, std::move(next), reader);
    if (cut) {
      outcome.cut = std::move(cut);
      break;
    }
  }
  co_return trace_result(q, *reader, std::move(outcome), limits);
}

task<tool_result> run(call_context& context, arguments args) {
  auto q = read_trace_query(args);
  const auto limits = limits_for(context.limits(), args);
  std::optional<failure> why;
  try {
    if (q.sort.cost)
      co_return co_await in_cost_order(context, std::move(q), limits);
    co_return co_await in_upstream_order(context, std::move(q), limits);
  } catch (const failure_exception& e) {
    why = e.reason;
  }
  throw_weave_failure(*why, "query_failed");
}

} // namespace

const tool query_weave_traces{
  .name = "query_weave_traces_tool",
  .title = "Query Weave traces",
  .set = toolset::weave,
  .description =
    "Reads Weave data: LLM calls, agent spans, evaluation calls (traces, "
    "spans, ops). Runs and metrics are query_wandb_tool's.\n"
    "When to use: to look at calls. In an unknown project use "
    "infer_trace_schema_tool first; for \"how many\" "
    "count_weave_traces_tool; for pass rates and scores "
    "summarize_evaluation_tool. Fetch the least that answers: detail_level "
    "\"schema\" with trace_roots_only to browse, \"summary\" with few "
    "columns to analyse, \"full\" only for a few call_ids.\n"
    "Gives {metadata, traces}. total_matching_count is what matches the "
    "filters; the other statistics (tokens, costs, times, status, ops) are "
    "about the rows read. A call's usage and costs hold those of the calls "
    "below it: take sums from metadata. truncation_note says how rows were "
    "reduced to fit. More than 500 rows are refused (query_too_large) unless "
    "\"schema\" or metadata_only. The id in a Weave URL is a call id; if "
    "call_ids finds nothing, try trace_id. An evaluation's calls have its id "
    "in parent_ids. \"Failed\" or \"wrong\" means status error or "
    "has_exception.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name"],
    "properties": {
      "entity_name": {"type": "string", "minLength": 1,
        "description": "W&B team or user."},
      "project_name": {"type": "string", "minLength": 1,
        "description": "Name of the project."},
      "filters": {"type": "object",
        "description": "ANDed; unknown keys are errors. call_ids, trace_id, parent_ids, thread_id (a conversation), turn_id, wb_run_id: text or list. trace_roots_only: no child calls. op_name: name as in op_distribution, URI, pattern with *, or list; op_name_contains: part of it; display_name. status: success, error, descendant_error (a child failed), running. has_exception: boolean. time_range: {start, end}, ISO 8601. latency: {\"$gt\": 5000}, ms. attributes, inputs, output: {\"dotted.path\": value or {operator: value}}; {\"$contains\": text} searches all of it. Operators: $eq $ne $gt $gte $lt $lte $in $contains (substring, any case). $or, $and: lists of filters; $not: a filter. Beyond 10000 calls join a text search with time_range or op_name. {\"status\": \"error\", \"inputs\": {\"question\": {\"$contains\": \"refund\"}}}"},
      "sort_by": {"type": "string", "default": "started_at",
        "description": "A column, a path, latency_ms, status, total_cost, prompt_cost or completion_cost."},
      "sort_direction": {"type": "string", "enum": ["asc", "desc"], "default": "desc",
        "description": "Order of sort_by."},
      "limit": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 1000,
        "description": "Most rows to read."},
      "include_costs": {"type": "boolean", "default": true,
        "description": "In summary.weave.costs and metadata; not at \"schema\"."},
      "include_feedback": {"type": "boolean", "default": true,
        "description": "Reactions, notes and scores, in summary.weave.feedback."},
      "columns": {"type": "array", "items": {"type": "string"}, "maxItems": 100,
        "description": "Default: all. id, trace_id, parent_id, op_name, display_name, started_at, ended_at, attributes, inputs, output, exception, summary, thread_id, turn_id, wb_user_id, wb_run_id, wb_run_step, wb_run_step_end, project_id, deleted_at, storage_size_bytes, total_storage_size_bytes; computed: status, latency_ms, costs, total_cost, feedback; paths such as inputs.question. inputs and output are the large ones."},
      "expand_columns": {"type": "array", "items": {"type": "string"}, "maxItems": 100,
        "description": "Columns whose object references W&B resolves."},
      "truncate_length": {"type": "integer", "minimum": 0, "default": 1000,
        "description": "Characters a text may have; 0 shows keys only. Ids are never cut."},
      "return_full_data": {"type": "boolean", "default": false,
        "description": "No cutting of texts, as at \"full\"."},
      "metadata_only": {"type": "boolean", "default": false,
        "description": "Statistics without rows."},
      "detail_level": {"type": "string", "enum": ["schema", "summary", "full"], "default": "summary",
        "description": "How much of each call."}
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["metadata", "traces"],
    "properties": {
      "metadata": {
        "type": "object",
        "required": ["total_traces", "returned_count", "has_more", "truncated"],
        "properties": {
          "total_traces": {"type": "integer", "description": "Rows read."},
          "total_matching_count": {"type": ["integer", "null"], "description": "Calls that match the filters; null when unknown."},
          "total_count": {"type": ["integer", "null"]},
          "returned_count": {"type": "integer", "description": "Rows in traces."},
          "has_more": {"type": ["boolean", "null"], "description": "More calls match than are in traces; null when unknown. Of statistics alone: than were read."},
          "truncated": {"type": "boolean", "description": "To fit, rows were reduced or dropped, or W&B's answer was not read to its end. Rows beyond limit are has_more."},
          "texts_cut": {"type": "integer", "description": "Texts in the rows cut to truncate_length."},
          "token_counts": {"type": "object", "description": "What the calls report, summary.usage; each token once, though a call's usage holds that of calls below it.", "properties": {
            "total_tokens": {"type": ["integer", "null"], "description": "Null: no call reports any."},
            "input_tokens": {"type": ["integer", "null"]},
            "output_tokens": {"type": ["integer", "null"]},
            "average_tokens_per_trace": {"type": ["number", "null"]},
            "calls_with_usage": {"type": "integer"},
            "by_model": {"type": "object", "description": "The ten with the most tokens."},
            "models_omitted": {"type": "integer"},
            "may_overlap": {"type": "boolean", "description": "Calls between these were not read, so that some tokens may count twice."}}},
          "costs": {"type": "object", "description": "US dollars, each once; do not add up total_cost of rows.", "properties": {
            "total_cost": {"type": ["number", "null"]},
            "prompt_cost": {"type": ["number", "null"]},
            "completion_cost": {"type": ["number", "null"]},
            "calls_with_costs": {"type": "integer"}}},
          "time_range": {"type": "object"},
          "status_summary": {"type": "object", "additionalProperties": {"type": "integer"}, "description": "other: W&B gave no status."},
          "op_distribution": {"type": "object", "additionalProperties": {"type": "integer"}},
          "op_distribution_omitted": {"type": "integer"},
          "truncation_applied": {"type": "boolean"},
          "truncation_dropped_count": {"type": "integer"},
          "truncation_note": {"type": ["string", "null"]},
          "nothing_matched": {"type": "object", "description": "Of an answer without rows: known_values are what the filters' fields hold in the newest calls_looked_at calls.", "properties": {
            "note": {"type": "string"},
            "calls_looked_at": {"type": "integer"},
            "known_values": {"type": "object"},
            "known_paths": {"type": "object", "description": "Paths of a column that has not the one asked for."}}},
          "partial": {"type": "boolean", "description": "What W&B sent was not read to its end."},
          "warnings": {"type": "array", "items": {"type": "string"}}
        }
      },
      "traces": {"type": ["array", "null"], "items": {"type": "object"}}
    }
  })",
  .budget = std::chrono::seconds(60),
  .cost = {.job = "the 20 newest traces of a project", .requests = 2},
  .tasks = task_support::optional,
  .is_filter = is_weave_filter,
  .run = run,
};

} // namespace mcp::tools
