// summarize_evaluation_tool: how the newest evaluations of a project went.
//
// One request finds the runs, whose output holds what the scorers found. One
// more brings the rows of several runs together, without their content where
// their status says enough. Only rows beyond what one request may bring cost
// more: then each run is read, and counted, by itself.
#include "tools/all.hpp"
#include "tools/first_look.hpp"
#include "tools/models_json.hpp"
#include "tools/weave_access.hpp"
#include "tools/weave_evaluation.hpp"
#include "tools/weave_evaluation_result.hpp"

#include <algorithm>
#include <map>

namespace mcp::tools {
namespace {

constexpr std::int64_t most_evaluations = 100;
constexpr std::size_t runs_per_request = 10;
constexpr std::size_t requests_at_once = 4;

struct reading {
  std::string project;
  bool outputs = false;  // the rows' output is needed
  std::size_t tasks = 0; // rows of each run to show
};

wandb::calls_query runs_query(const std::string& project,
                              wandb::weave_filter filter, std::int64_t limit) {
  wandb::calls_query q;
  q.project_id = project;
  q.filter = std::move(filter);
  q.columns = {"id",     "op_name", "display_name", "started_at", "ended_at",
               "inputs", "output",  "summary",      "attributes", "exception"};
  q.sort_field = "started_at";
  q.limit = limit + 1; // is there more?
  return q;
}

wandb::calls_query rows_query(const reading& how,
                              const std::vector<std::string>& run_ids) {
  wandb::calls_query q;
  q.project_id = how.project;
  q.filter = prediction_filter(run_ids);
  q.columns = {"id", "parent_id", "exception", "summary"};
  if (how.outputs)
    q.columns.emplace_back("output");
  q.sort_field = "started_at";
  q.limit = most_evaluation_rows + 1; // is there more?
  return q;
}

using details = std::map<std::string, evaluation_detail>;

// The rows of these runs, as many as one request may bring.
struct rows_read {
  std::shared_ptr<predictions_reader> reader;
  std::optional<failure> cut;
  bool all = false;  // there are no more of them
  bool more = false; // there are
};

task<rows_read> read_rows(call_context& context, reading how,
                          std::vector<std::string> run_ids) {
  call_reader::bounds bounds{std::size_t(most_evaluation_rows),
                             context.limits().max_accumulated_bytes};
  rows_read out;
  out.reader = std::make_shared<predictions_reader>(bounds, how.tasks);
  out.cut = co_await read_calls(context, rows_query(how, run_ids), out.reader);
  out.more = out.reader->more();
  out.all = !out.cut && !out.more && out.reader->unreadable() == 0;
  co_return out;
}

task<evaluation_detail> counted_detail(call_context& context, reading how,
                                       std::string run_id, rows_read read) {
  evaluation_detail out{.rows = read.reader->of(run_id)};
  if (read.all) {
    out.total = out.rows.observed;
    co_return out;
  }
  const std::vector<std::string> one{run_id};
  auto filter = prediction_filter(one);
  const auto stats =
    co_await count_calls(context, how.project, std::move(filter), false);
  // Rows may have come since they were read. Of a run that was read alone, it
  // is known whether there are more.
  out.total = std::max(stats.count, out.rows.observed + (read.more ? 1 : 0));
  out.cut = std::move(read.cut);
  co_return out;
}

task<evaluation_detail> read_one(call_context& context, reading how,
                                 std::string run_id) {
  std::vector<std::string> one{run_id};
  auto read = co_await read_rows(context, how, std::move(one));
  co_return co_await counted_detail(context, std::move(how), std::move(run_id),
                                    std::move(read));
}

// The rows of several runs with one request, where it can bring them all.
task<std::vector<evaluation_detail>>
read_together(call_context& context, reading how,
              std::vector<std::string> run_ids) {
  auto read = co_await read_rows(context, how, run_ids);
  std::vector<evaluation_detail> out;
  const bool alone = !read.all && !read.cut && run_ids.size() > 1;
  read.more = read.more && run_ids.size() == 1;
  for (std::size_t at = 0; at < run_ids.size(); at += requests_at_once) {
    const auto end = std::min(at + requests_at_once, run_ids.size());
    std::vector<task<evaluation_detail>> some;
    for (auto i = at; i < end; ++i)
      some.push_back(alone ? read_one(context, how, run_ids[i])
                           : counted_detail(context, how, run_ids[i], read));
    auto more = co_await all(std::move(some));
    std::move(more.begin(), more.end(), std::back_inserter(out));
  }
  co_return out;
}

task<std::vector<evaluation_detail>>
read_details(call_context& context, reading how,
             std::vector<std::string> run_ids) {
  std::vector<evaluation_detail> out;
  const auto total = double(run_ids.size());
  const auto at_once = runs_per_request * requests_at_once;
  for (std::size_t at = 0; at < run_ids.size(); at += at_once) {
    context.progress(double(at), total,
                     "reading the rows of " + std::to_string(run_ids.size())
                       + " evaluations");
    std::vector<task<std::vector<evaluation_detail>>> groups;
    const auto end = std::min(at + at_once, run_ids.size());
    for (auto from = at; from < end; from += runs_per_request) {
      const auto to = std::min(from + runs_per_request, end);
      std::vector<std::string> group(run_ids.begin() + std::ptrdiff_t(from),
                                     run_ids.begin() + std::ptrdiff_t(to));
      groups.push_back(read_together(context, how, std::move(group)));
    }
    auto read = co_await all(std::move(groups));
    for (auto& group : read)
      std::move(group.begin(), group.end(), std::back_inserter(out));
  }
  co_return out;
}

task<evaluations> find_runs(call_context& context, std::string project,
                            wandb::weave_filter filter, std::int64_t limit) {
  call_reader::bounds bounds{std::size_t(limit),
                             context.limits().max_accumulated_bytes};
  auto reader = std::make_shared<runs_reader>(bounds);
  auto both = co_await all(
    read_calls(context, runs_query(project, filter, limit), reader),
    try_count(context, project, filter));
  evaluations out;
  out.project = std::move(project);
  out.limit = limit;
  out.runs = std::move(reader->runs);
  out.broke_off = both.first.has_value() || reader->stopped();
  const auto came = std::int64_t(reader->came());
  out.total = both.second.count;
  if (!out.broke_off) {
    out.more = reader->more();
    if (!*out.more)
      out.total = came;
    else if (out.total && *out.total <= came)
      out.total.reset(); // a count of another moment
  } else if (reader->stopped()) {
    out.more = true;
  }
  if (out.total && *out.total < came)
    out.total.reset();
  if (both.first)
    out.warnings.push_back("W&B's list of evaluations broke off: "
                           + both.first->message);
  else if (reader->stopped())
    out.warnings.push_back(
      "Reading stopped at " + std::to_string(bounds.max_received_bytes)
      + " bytes of evaluations; ask for fewer with max_evals.");
  if (auto note = unreadable_note(*reader); !note.empty())
    out.warnings.push_back(std::move(note));
  if (!out.total)
    out.warnings.push_back("How many evaluations match could not be counted.");
  co_return out;
}

// Names that eval_name could have been, of the newest evaluations. Nothing when
// they can not be read: that none was found is right without them.
task<std::vector<std::string>> names_there_are(call_context& context,
                                               std::string project,
                                               bool nested) {
  constexpr std::int64_t looked_at = 100;
  constexpr std::size_t most_names = 30;
  std::vector<std::string> out;
  call_reader::bounds bounds{std::size_t(looked_at), 4u << 20};
  auto reader = std::make_shared<runs_reader>(bounds);
  auto q = runs_query(project, evaluation_filter(std::nullopt, nested),
                      looked_at - 1);
  q.columns = {"id", "op_name", "display_name", "started_at", "inputs"};
  try {
    co_await read_calls(context, std::move(q), reader);
  } catch (const failure_exception&) {
    co_return out;
  }
  for (const auto* member : {"evaluation", "display_name"})
    for (const auto& run : reader->runs)
      if (auto name = text_at(run.identity, member);
          !name.empty() && out.size() < most_names
          && std::find(out.begin(), out.end(), name) == out.end())
        out.push_back(std::move(name));
  co_return out;
}

task<evaluations> summarize(call_context& context, arguments args) {
  const auto limit = std::min(args.integer("max_evals"), most_evaluations);
  auto filter = evaluation_filter(args.text_or_null("eval_name"),
                                  args.flag("include_nested"));
  const bool per_task = args.flag("include_per_task");
  auto found =
    co_await find_runs(context, weave_project(args), std::move(filter), limit);
  found.per_task = per_task;
  if (found.runs.empty() && args.text_or_null("eval_name").value_or("") != "")
    found.known_names = co_await names_there_are(
      context, found.project, args.flag("include_nested"));
  reading how{.project = found.project,
              .outputs = per_task,
              .tasks = per_task ? most_evaluation_tasks : 0};
  std::vector<std::string> ids;
  for (const auto& run : found.runs) {
    ids.push_back(run.id);
    how.outputs |= !run.status_is_enough;
  }
  found.details =
    co_await read_details(context, std::move(how), std::move(ids));
  co_return found;
}

task<tool_result> run(call_context& context, arguments args) {
  const auto name = args.text_or_null("eval_name");
  if (args.integer("max_evals") < 1)
    invalid_input("max_evals: expected 1 or more.");
  const auto limits = limits_for(context.limits(), args);
  std::optional<failure> why;
  try {
    auto found = co_await summarize(context, std::move(args));
    co_return evaluation_result(std::move(found), name, limits);
  } catch (const failure_exception& e) {
    why = e.reason;
  }
  throw_weave_failure(*why, "evaluation_query_failed");
}

} // namespace

const tool summarize_evaluation{
  .name = "summarize_evaluation_tool",
  .title = "Summarize evaluations",
  .set = toolset::weave,
  .description =
    "Sums up the newest Weave evaluations of a project: predictions, failures, "
    "scores per scorer, latency, tokens.\n"
    "When to use: for pass rates, scores or a comparison of evaluations. For "
    "the rows themselves use query_weave_traces_tool with filters.parent_ids "
    "= eval_id; for training runs query_wandb_tool.\n"
    "scores is what the scorers reported over the whole run; a rate is of the "
    "scored predictions in score_counts, not of all: say both. A prediction "
    "counts as an error when it, its model or a scorer failed. successes, "
    "errors and error_rate are there when all predictions were read; else "
    "observed_* and coverage speak of a sample. One evaluation may have "
    "several runs: tell them apart by eval_id.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name"],
    "properties": {
      "entity_name": {"type": "string", "minLength": 1,
        "description": "W&B team or user."},
      "project_name": {"type": "string", "minLength": 1,
        "description": "Name of the project."},
      "eval_name": {"type": "string",
        "description": "Part of the run's, evaluation's or op's name, like nightly. Default: all."},
      "max_evals": {"type": "integer", "minimum": 1, "default": 5,
        "description": "Newest first, at most 100."},
      "include_per_task": {"type": "boolean", "default": false,
        "description": "Status and scores of the newest 50 predictions of each."},
      "include_nested": {"type": "boolean", "default": false,
        "description": "Also evaluations that another call started."}
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["evaluations", "count", "project", "returned_count", "total_count", "has_more", "limit", "project_exhaustive", "truncated"],
    "properties": {
      "evaluations": {"type": "array", "items": {
        "type": "object",
        "required": ["eval_id", "total_predictions", "observed_predictions", "coverage", "details_exhaustive", "aggregate_scope", "scores", "token_usage"],
        "properties": {
          "eval_id": {"type": "string", "description": "Id of the run's call; parent of its predictions."},
          "op_name": {"type": ["string", "null"]},
          "display_name": {"type": ["string", "null"]},
          "evaluation": {"type": ["string", "null"], "description": "Name of the evaluation object."},
          "model": {"type": ["string", "null"]},
          "started_at": {"type": ["string", "null"]},
          "ended_at": {"type": ["string", "null"]},
          "status": {"type": "string"},
          "latency_ms": {"type": ["number", "null"]},
          "exception": {"type": ["string", "null"]},
          "total_predictions": {"type": "integer", "description": "Exact, also when not all were read."},
          "successes": {"type": "integer"},
          "errors": {"type": "integer"},
          "error_rate": {"type": "number", "description": "errors / total_predictions"},
          "running": {"type": "integer", "description": "Observed predictions that have not ended."},
          "observed_predictions": {"type": "integer"},
          "observed_successes": {"type": "integer"},
          "observed_errors": {"type": "integer"},
          "observed_error_rate": {"type": "number"},
          "coverage": {"type": "number", "description": "observed_predictions / total_predictions"},
          "details_exhaustive": {"type": "boolean"},
          "aggregate_scope": {"type": "string", "enum": ["exhaustive", "sample"]},
          "detail_limit": {"type": "integer", "description": "Most predictions read of one evaluation."},
          "scores": {"type": "object", "description": "By scorer, as the run reports them: mean, true_count, true_fraction, or what a scorer's own summary holds."},
          "score_counts": {"type": "object", "description": "By path in scores: what a rate or mean is of. not_scored predictions failed, run or have no value; they are in no rate and no mean.", "additionalProperties": {
            "type": "object", "properties": {
              "true_count": {"type": "number"},
              "scored": {"type": ["integer", "null"], "description": "Null: not known without reading the rows' output; include_per_task reads it."},
              "not_scored": {"type": "integer"}}}},
          "scores_omitted": {"type": "integer"},
          "model_latency": {"type": "object", "description": "mean in seconds"},
          "model_success": {"type": "object"},
          "output_summary": {"type": "object", "description": "Numbers about the model's output, and logged by hand."},
          "token_usage": {"type": "object", "properties": {
            "prompt_tokens": {"type": "integer"},
            "completion_tokens": {"type": "integer"},
            "total_tokens": {"type": "integer"}}},
          "token_usage_scope": {"type": "string", "enum": ["exhaustive", "sample"]},
          "per_task": {"type": "array", "items": {"type": "object", "properties": {
            "id": {"type": ["string", "null"]},
            "status": {"type": "string"},
            "has_exception": {"type": "boolean", "description": "Of the prediction itself, not of what it called."},
            "failed": {"type": "boolean"},
            "latency_ms": {"type": "number"},
            "scores": {"type": "object"}}}},
          "per_task_scope": {"type": "object", "properties": {
            "returned_count": {"type": "integer"},
            "total_count": {"type": "integer"},
            "limit": {"type": "integer"},
            "has_more": {"type": "boolean"}}}
        }
      }},
      "count": {"type": "integer"},
      "project": {"type": "string"},
      "returned_count": {"type": "integer"},
      "total_count": {"type": ["integer", "null"], "description": "Evaluations that match; null when unknown."},
      "has_more": {"type": ["boolean", "null"], "description": "Null when unknown."},
      "limit": {"type": "integer"},
      "project_exhaustive": {"type": "boolean", "description": "All matching evaluations are here."},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"},
      "partial": {"type": "boolean", "description": "What W&B sent was not read to its end."},
      "warnings": {"type": "array", "items": {"type": "string"}},
      "message": {"type": "string"},
      "known_names": {"type": "array", "items": {"type": "string"}, "description": "When nothing has eval_name: names that there are."}
    }
  })",
  .budget = std::chrono::seconds(60),
  .cost = {.job = "the five newest evaluations of a project", .requests = 3},
  .tasks = task_support::optional,
  .run = run,
};

} // namespace mcp::tools
