#include "tools/models_evidence.hpp"

#include "tools/models_config.hpp"
#include "tools/models_older.hpp"

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
  const auto take = [&out](const char* name, std::optional<json::object> found) {
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
  wish.samples = std::min(
    r.samples, most_sampled_rows / static_cast<std::int64_t>(wish.keys.size()));
  auto series = co_await fetch_samples(context, std::move(wish));
  for (auto& one : series)
    wandb::sort_rows(one, r.x_axis);
  for (std::size_t i = 0; i < out.metrics.size(); ++i)
    input.series.emplace(out.metrics[i], series_in(series[i], out.metrics[i]));
  if (paired)
    input.pairs =
      pairs_in(series.back(), *input.keys.loss, *input.keys.validation);
  out.rows = wandb::join_series(std::move(series), r.x_axis);
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
  subject seen;
  for (const auto& [name, count] : window.counts)
    if (!name.starts_with('_'))
      seen.metrics.push_back(name);
  input.run_state = s.header.state;
  input.keys = detect_loss_keys(r.given, seen.metrics);
  for (const auto& key : seen.metrics)
    if (auto one = series_in(out.rows, key);
        !one.values.empty() || one.non_finite > 0)
      input.series.emplace(key, std::move(one));
  if (input.keys.loss && input.keys.validation)
    input.pairs = pairs_in(out.rows, *input.keys.loss, *input.keys.validation);
  out.metrics = std::move(seen.metrics);
  co_return out;
}

} // namespace mcp::tools
