#include "tools/models_evidence.hpp"

#include "tools/models_config.hpp"
#include "tools/models_older.hpp"
#include "tools/models_scan.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

// One budget for all series.
constexpr std::int64_t most_sampled_rows = 10000;

/// The metrics to read: the losses, then those that were asked for, else those
/// whose names tell the most, as many as fit one request.
std::vector<std::string> chosen_metrics(const diagnosis_request& r,
                                        const subject& s,
                                        const loss_keys& keys) {
  std::vector<std::string> out;
  const auto add = [&out](const std::string& key) {
    if (std::find(out.begin(), out.end(), key) == out.end())
      out.push_back(key);
  };
  for (const auto& key : {keys.loss, keys.validation})
    if (key)
      add(*key);
  for (const auto& key : r.summary_keys)
    add(key);
  if (!r.summary_keys.empty())
    return out;
  auto others = s.metrics;
  const auto rank = [](const std::string& name) {
    if (is_quality_name(name))
      return 0;
    return name.find("grad") != name.npos ? 1 : 2;
  };
  std::stable_sort(
    others.begin(), others.end(),
    [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  // Both losses have a series more: the rows that hold both.
  const std::size_t room =
    series_per_request - (keys.loss && keys.validation ? 1 : 0);
  for (const auto& key : others)
    if (out.size() < room)
      add(key);
  return out;
}

/// Reads in full what its samples may not hold all of. Gives an entry for each
/// metric of `series`, whose rows are in the order of the wish's keys.
task<scanned> read_rest(call_context& context, series_wish wish, run_header run,
                        std::vector<rows_list> series, double told) {
  scanned out(series.size());
  scan_wish scan{.run = wish.run, .metrics = {}, .told = told};
  std::vector<std::size_t> places;
  std::int64_t last = run.last_step.value_or(-1);
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto& key = wish.keys[i].front();
    const auto given = std::ssize(series[i]);
    const auto known = run.row_counts.find(key);
    const bool counted = known != run.row_counts.end();
    // Samples over another axis lack the rows without it.
    const bool all = given < wish.samples
                     && (counted ? given >= known->second
                                 : wish.x_axis == "_step" || given == 0);
    for (const auto& row : series[i])
      last = std::max(last, wandb::step_of(row).value_or(-1));
    if (all) {
      wandb::sort_rows(series[i], "_step");
      out[i] = std::move(series[i]);
      continue;
    }
    places.push_back(i);
    scan.metrics.push_back(
      {.key = key,
       .rows = counted ? known->second : run.line_count.value_or(last + 1)});
    if (counted)
      scan.metrics.back().known = known->second;
  }
  scan.last_step = last;
  if (places.empty() || last < 0)
    co_return out;
  auto found = co_await scan_metrics(context, std::move(scan));
  for (std::size_t i = 0; i < places.size(); ++i)
    out[places[i]] = std::move(found[i]);
  co_return out;
}

} // namespace

task<subject> read_subject(call_context& context, diagnosis_request r) {
  static constexpr std::string_view document =
    R"(query RunDiagnosis(
  $entity: String!, $project: String!, $run: String!
  $configKeys: [String!], $withConfig: Boolean!
) {
  project(name: $project, entityName: $entity) {
    run(name: $run) {
      name
      displayName
      state
      config(keys: $configKeys) @include(if: $withConfig)
      summaryMetrics
      historyLineCount
      historyKeys
      historyTail
    }
  }
})";
  static constexpr std::string_view older =
    R"(query RunDiagnosis(
  $entity: String!, $project: String!, $run: String!, $withConfig: Boolean!
) {
  project(name: $project, entityName: $entity) {
    run(name: $run) {
      name
      displayName
      state
      config @include(if: $withConfig)
      summaryMetrics
    }
  }
})";
  auto variables = r.path.variables();
  variables.emplace("withConfig", !r.config_keys.empty());
  if (auto keys = members_for(r.config_keys); !keys.is_null())
    variables.emplace("configKeys", std::move(keys));
  const query_texts texts{document, older};
  const auto data =
    co_await graphql_or_reduced(context, texts, std::move(variables));
  const auto& run = run_in(data, r.path);
  subject out;
  out.header = header_in(run, r.path);
  // The verdict needs neither.
  const auto take = [&out](const char* name,
                           std::optional<json::object> found) {
    if (!found)
      out.unreadable.emplace_back(name);
    return std::move(found).value_or(json::object{});
  };
  out.config = take("config", config_in(run));
  out.summary = take("summary", summary_in(run));
  if (out.header.metrics) {
    out.indexed = true;
    for (const auto& name : *out.header.metrics)
      if (!name.starts_with('_'))
        out.metrics.push_back(name);
  } else {
    each_leaf(out.summary, [&out](const std::string& path, const auto& v) {
      if (v.is_number() || wandb::is_non_finite(v))
        out.metrics.push_back(path);
    });
    std::sort(out.metrics.begin(), out.metrics.end());
  }
  co_return out;
}

task<evidence> evidence_by_metric(call_context& context, diagnosis_request r,
                                  subject s) {
  evidence out;
  auto& input = out.input;
  input.run_state = s.header.state;
  input.is_over = s.header.is_over();
  input.last_step = s.header.last_step.value_or(-1);
  input.keys = detect_loss_keys(r.given, s.metrics);
  out.metrics = chosen_metrics(r, s, input.keys);
  if (out.metrics.empty())
    co_return out;
  series_wish wish{.run = r.path,
                   .keys = {},
                   .x_axis = r.x_axis,
                   .samples = r.samples,
                   .min_step = {},
                   .max_step = {},
                   .told = told_of_run};
  for (const auto& key : out.metrics)
    wish.keys.push_back({key});
  const bool paired = input.keys.loss && input.keys.validation;
  if (paired)
    wish.keys.push_back({*input.keys.loss, *input.keys.validation});
  // Most runs are short enough to be read whole at once.
  const auto wanted =
    std::max(r.samples, s.header.line_count.value_or(0) + 1);
  wish.samples = std::min(wanted, most_sampled_rows / std::ssize(wish.keys));
  auto series = co_await fetch_samples(context, wish);
  const auto told = wish.told + static_cast<double>(series.size()) + 1;
  std::vector<rows_list> single(
    series.begin(),
    series.begin() + static_cast<std::ptrdiff_t>(out.metrics.size()));
  const auto full = co_await read_rest(context, wish, s.header,
                                       std::move(single), told);
  for (auto& one : series)
    wandb::sort_rows(one, r.x_axis);
  for (std::size_t i = 0; i < out.metrics.size(); ++i) {
    const auto& key = out.metrics[i];
    const bool by_step = r.x_axis == "_step";
    input.series.emplace(
      key, series_in(full[i] && by_step ? *full[i] : series[i], key));
    out.covered = std::max(out.covered, full[i] ? full[i]->size() : 0);
    auto in_order = full[i] ? rows_list{} : series[i];
    wandb::sort_rows(in_order, "_step");
    input.examined.emplace(
      key, examined_metric{oddities_in(full[i] ? *full[i] : in_order, key),
                           full[i].has_value()});
  }
  if (paired)
    input.pairs =
      pairs_in(series.back(), *input.keys.loss, *input.keys.validation);
  out.rows = wandb::join_series(std::move(series), r.x_axis);
  out.covered = std::max(out.covered, out.rows.size());
  co_return out;
}

task<evidence> evidence_by_row(call_context& context, diagnosis_request r,
                               subject s) {
  history_wish wish{.run = r.path,
                    .members = {.keys = {}, .x_axis = r.x_axis},
                    .samples = r.samples,
                    .min_step = {},
                    .max_step = {}};
  auto window = co_await fetch_window(context, std::move(wish));
  evidence out;
  auto& input = out.input;
  out.rows = std::move(window.rows);
  out.covered = out.rows.size();
  auto in_order = out.rows;
  wandb::sort_rows(in_order, "_step");
  subject seen;
  for (const auto& [name, count] : window.counts)
    if (!name.starts_with('_'))
      seen.metrics.push_back(name);
  input.run_state = s.header.state;
  input.is_over = s.header.is_over();
  input.last_step = s.header.last_step.value_or(-1);
  input.keys = detect_loss_keys(r.given, seen.metrics);
  for (const auto& key : seen.metrics)
    if (auto one = series_in(out.rows, key);
        !one.values.empty() || one.non_finite > 0) {
      input.series.emplace(key, std::move(one));
      input.examined.emplace(key, examined_metric{oddities_in(in_order, key),
                                                  !window.sampled});
    }
  if (input.keys.loss && input.keys.validation)
    input.pairs = pairs_in(out.rows, *input.keys.loss, *input.keys.validation);
  out.metrics = std::move(seen.metrics);
  co_return out;
}

} // namespace mcp::tools
