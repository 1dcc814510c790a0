#include "tools/weave_evaluation_result.hpp"

#include "protocol/wandb/weave_text.hpp"
#include "tools/models_budget.hpp"

#include <algorithm>
#include <cmath>

namespace mcp::tools {
namespace {

// What is left of an answer; tightened until it fits.
struct cut {
  std::size_t tasks = most_evaluation_tasks;
  std::size_t scores = SIZE_MAX;
  std::size_t runs = 0;
};

constexpr std::size_t few_scores = 20;

double rate(std::int64_t part, std::int64_t whole) {
  const auto exact = double(part) / double(std::max<std::int64_t>(whole, 1));
  return std::round(exact * 1e4) / 1e4;
}

// The first `most` scorers. A scorer that is itself large is dropped as well.
std::size_t keep_scores(json::object& scores, std::size_t most) {
  if (most == SIZE_MAX)
    return 0;
  json::object kept;
  for (auto& [name, value] : scores)
    if (kept.size() < most && wandb::json_size(value) <= 500)
      kept.emplace(name, std::move(value));
  const auto dropped = scores.size() - kept.size();
  scores = std::move(kept);
  return dropped;
}

json::array first(const json::array& all, std::size_t n) {
  return json::array(all.begin(),
                     all.begin() + std::ptrdiff_t(std::min(n, all.size())));
}

json::object task_scope(const evaluation_detail& detail, std::size_t shown) {
  return {{"returned_count", shown},
          {"total_count", detail.total},
          {"limit", most_evaluation_tasks},
          {"has_more", detail.total > std::int64_t(shown)}};
}

json::object item_of(const evaluation_run& run, const evaluation_detail& detail,
                     const cut& how, bool per_task) {
  const auto& rows = detail.rows;
  const bool exhaustive = rows.observed >= detail.total;
  const auto* scope = exhaustive ? "exhaustive" : "sample";
  auto out = run.identity;
  out.emplace("total_predictions", detail.total);
  if (exhaustive) {
    out.emplace("successes", rows.successes);
    out.emplace("errors", rows.errors);
    out.emplace("error_rate", rate(rows.errors, detail.total));
  }
  out.emplace("running", rows.running);
  out.emplace("observed_predictions", rows.observed);
  out.emplace("observed_successes", rows.successes);
  out.emplace("observed_errors", rows.errors);
  out.emplace("observed_error_rate", rate(rows.errors, rows.observed));
  out.emplace("coverage",
              detail.total == 0 ? 1.0 : rate(rows.observed, detail.total));
  out.emplace("details_exhaustive", exhaustive);
  out.emplace("aggregate_scope", scope);
  out.emplace("detail_limit", most_evaluation_rows);
  auto scores = run.scores;
  const auto dropped = keep_scores(scores, how.scores);
  std::optional<scored_rows> scored;
  if (exhaustive && rows.has_output)
    scored = rows.scored;
  auto counts = score_counts(scores, scored, detail.total);
  out.emplace("scores", std::move(scores));
  if (!counts.empty())
    out.emplace("score_counts", std::move(counts));
  if (dropped > 0)
    out.emplace("scores_omitted", dropped);
  if (!run.model_latency.empty())
    out.emplace("model_latency", run.model_latency);
  if (!run.model_success.empty())
    out.emplace("model_success", run.model_success);
  auto summary = run.output_summary;
  keep_scores(summary, how.scores);
  if (!summary.empty())
    out.emplace("output_summary", std::move(summary));
  // A client adds up what was called below a call, so the run knows the tokens
  // of rows that were not read.
  const bool from_run = run.tokens.any() && (!exhaustive || !rows.tokens.any());
  out.emplace("token_usage", (from_run ? run.tokens : rows.tokens).to_json());
  out.emplace("token_usage_scope", from_run ? "exhaustive" : scope);
  if (per_task) {
    auto tasks = first(rows.tasks, how.tasks);
    out.emplace("per_task_scope", task_scope(detail, tasks.size()));
    out.emplace("per_task", std::move(tasks));
  }
  return out;
}

std::string note_of(const evaluations& found, const cut& how) {
  std::string note;
  if (found.per_task && how.tasks < most_evaluation_tasks)
    note += "per_task shows at most " + std::to_string(how.tasks)
            + " predictions of each; query_weave_traces_tool with "
              "filters.parent_ids has them all. ";
  if (how.scores != SIZE_MAX)
    note += "At most " + std::to_string(how.scores)
            + " scorers of each are shown; the run's output has them all. ";
  if (how.runs < found.runs.size())
    note += "Only the newest " + std::to_string(how.runs) + " of "
            + std::to_string(found.runs.size())
            + " evaluations read fit this answer; set max_evals and eval_name "
              "to see fewer. ";
  if (!note.empty())
    note.pop_back();
  return note;
}

void add_warnings(json::object& out, const evaluations& found, const cut& how) {
  json::array warnings;
  for (const auto& w : found.warnings)
    warnings.emplace_back(wandb::cut_text(w, 500));
  for (std::size_t i = 0; i < how.runs; ++i)
    if (const auto& why = found.details[i].cut) {
      warnings.emplace_back("W&B's answer about some predictions broke off: "
                            + wandb::cut_text(why->message, 400));
      break;
    }
  if (!warnings.empty())
    out.emplace("warnings", std::move(warnings));
}

json::object result_of(const evaluations& found, const cut& how) {
  json::array shown;
  bool sampled = false;
  for (std::size_t i = 0; i < how.runs; ++i) {
    const auto& detail = found.details[i];
    sampled |= detail.rows.observed < detail.total;
    shown.emplace_back(item_of(found.runs[i], detail, how, found.per_task));
  }
  const auto read = std::int64_t(found.runs.size());
  const auto returned = std::int64_t(how.runs);
  auto more = found.more;
  if (returned < read || (found.total && *found.total > returned))
    more = true;
  const auto note = note_of(found, how);
  json::object out;
  out.emplace("evaluations", std::move(shown));
  out.emplace("count", returned);
  out.emplace("project", found.project);
  out.emplace("returned_count", returned);
  out.emplace("total_count",
              found.total ? json::value(*found.total) : json::value());
  out.emplace("has_more", more ? json::value(*more) : json::value());
  out.emplace("limit", found.limit);
  out.emplace("project_exhaustive", more == false);
  out.emplace("truncated", !note.empty() || sampled || found.broke_off);
  if (!note.empty())
    out.emplace("truncation_note", note);
  if (found.broke_off)
    out.emplace("partial", true);
  add_warnings(out, found, how);
  return out;
}

bool tighten(cut& how, bool per_task) {
  if (per_task && how.tasks > 0)
    how.tasks -= std::max<std::size_t>(how.tasks / 8, 1);
  else if (how.scores == SIZE_MAX)
    how.scores = few_scores;
  else if (how.runs > 1)
    how.runs -= std::max<std::size_t>(how.runs / 8, 1);
  else if (how.scores > 0)
    how.scores /= 2;
  else
    return false;
  return true;
}

std::string nothing_found(const std::optional<std::string>& name) {
  std::string what = "No evaluation run was found: no root call whose op name "
                     "contains Evaluation.evaluate";
  if (name && !name->empty())
    what += " and whose names contain \"" + wandb::cut_text(*name, 100) + "\"";
  return what
         + ". Evaluations that another call started need include_nested; "
           "count_weave_traces_tool tells whether the project has traces.";
}

} // namespace

tool_result evaluation_result(evaluations found,
                              const std::optional<std::string>& name,
                              const call_limits& limits) {
  cut how;
  how.runs = found.runs.size();
  const auto allowed = response_budget(limits);
  auto out = result_of(found, how);
  while (token_size(out) > allowed && tighten(how, found.per_task))
    out = result_of(found, how);
  if (found.runs.empty())
    out.emplace("message", nothing_found(name));
  if (!found.known_names.empty()) {
    json::array names;
    for (const auto& known : found.known_names)
      names.emplace_back(wandb::cut_text(known, 60));
    out.emplace("known_names", std::move(names));
  }
  return {.structured = std::move(out)};
}

} // namespace mcp::tools
