#include "tools/models_history_pair.hpp"

#include "protocol/wandb/history_thinning.hpp"
#include "tools/models_config.hpp"
#include "tools/models_diff.hpp"
#include "tools/models_json.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace mcp::tools {
namespace {

constexpr std::size_t shown_rows = 10;
constexpr std::size_t shown_keys = 5;

using two_runs = std::pair<std::vector<rows_list>, std::vector<rows_list>>;

task<two_runs> fetch_both(call_context& context, pair_wish wish) {
  static constexpr std::string_view document =
    R"(query ComparedHistories(
  $entityA: String!, $projectA: String!, $runA: String!
  $entityB: String!, $projectB: String!, $runB: String!
  $specs: [JSONString!]!
) {
  a: project(name: $projectA, entityName: $entityA) {
    run(name: $runA) { sampledHistory(specs: $specs) }
  }
  b: project(name: $projectB, entityName: $entityB) {
    run(name: $runB) { sampledHistory(specs: $specs) }
  }
})";
  series_wish series{.run = {},
                     .keys = {},
                     .x_axis = wish.x_axis,
                     .samples = wish.samples,
                     .min_step = {},
                     .max_step = {}};
  for (const auto& key : wish.keys)
    series.keys.push_back({key});
  json::object variables{
    {"entityA", wish.a.entity},   {"projectA", wish.a.project},
    {"runA", wish.a.run},         {"entityB", wish.b.entity},
    {"projectB", wish.b.project}, {"runB", wish.b.run},
    {"specs", spec_texts(series)}};
  const auto data = co_await context.graphql(document, std::move(variables));
  const auto read = [&](const char* which) {
    const auto* run = object_at(data, {which, "run"});
    return run ? read_series(*run, series)
               : std::vector<rows_list>(series.keys.size());
  };
  two_runs out(read("a"), read("b"));
  co_return out;
}

struct curve {
  json::object shown;
  std::map<double, double> values; // by x
  std::optional<double> last;
};

curve sum_up(const rows_list& rows, const std::string& key,
             const pair_wish& wish) {
  curve out;
  json::value newest = nullptr;
  std::size_t points = 0, non_finite = 0;
  std::optional<double> first, low, high;
  for (const auto& row : rows) {
    const auto* v = row.if_contains(key);
    if (!v)
      continue;
    ++points;
    if (wandb::is_non_finite(*v)) {
      ++non_finite;
      newest = *v;
      out.last.reset(); // to be compared with nothing
    }
    const auto number = wandb::number_in(row, key);
    if (!number)
      continue;
    newest = six_decimals(*number);
    if (!first)
      first = number;
    out.last = number;
    low = std::min(low.value_or(*number), *number);
    high = std::max(high.value_or(*number), *number);
    if (const auto x = wandb::number_in(row, wish.x_axis))
      out.values[*x] = *number;
  }
  const auto or_null = [](const std::optional<double>& v) -> json::value {
    return v ? json::value(six_decimals(*v)) : json::value(nullptr);
  };
  out.shown = {{"points", points},
               {"first", or_null(first)},
               {"last", std::move(newest)},
               {"min", or_null(low)},
               {"max", or_null(high)},
               {"non_finite", non_finite},
               {"sampled", std::cmp_greater_equal(rows.size(), wish.samples)}};
  return out;
}

json::object compare(curve a, curve b) {
  double sum = 0;
  std::size_t aligned = 0;
  for (const auto& [x, v] : a.values)
    if (const auto other = b.values.find(x); other != b.values.end()) {
      sum += other->second - v;
      ++aligned;
    }
  json::object out{{"run_a", std::move(a.shown)},
                   {"run_b", std::move(b.shown)},
                   {"aligned_points", aligned}};
  if (a.last && b.last)
    out.emplace("last_delta", six_decimals(*b.last - *a.last));
  if (aligned > 0)
    out.emplace("mean_delta", six_decimals(sum / static_cast<double>(aligned)));
  return out;
}

/// A few rows of the first few metrics, spread over all.
json::array sample_of(std::vector<rows_list> series, const std::string& axis) {
  series.resize(std::min(series.size(), shown_keys));
  auto rows = wandb::join_series(std::move(series), axis);
  json::array out;
  for (auto& row : wandb::thin_rows(std::move(rows), shown_rows, axis)) {
    row.erase("_timestamp");
    row.erase("_runtime");
    out.emplace_back(std::move(row));
  }
  return out;
}

/// Names of what can be drawn as a curve.
std::vector<std::string> metric_names(const run_header& run,
                                      const json::object& summary) {
  std::vector<std::string> out;
  if (run.metrics) {
    for (const auto& name : *run.metrics)
      if (!name.starts_with('_'))
        out.push_back(name);
    return out;
  }
  each_leaf(summary, [&out](const std::string& path, const json::value& v) {
    if (v.is_number() || wandb::is_non_finite(v))
      out.push_back(path);
  });
  std::sort(out.begin(), out.end());
  return out;
}

} // namespace

shared_metrics metrics_of_both(const run_header& a,
                               const json::object& summary_a,
                               const run_header& b,
                               const json::object& summary_b,
                               std::size_t most) {
  const auto of_a = metric_names(a, summary_a);
  const auto of_b = metric_names(b, summary_b);
  shared_metrics out;
  std::set_intersection(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                        std::back_inserter(out.keys));
  std::stable_partition(out.keys.begin(), out.keys.end(),
                        [](const auto& key) { return is_quality_name(key); });
  out.omitted = out.keys.size() - std::min(out.keys.size(), most);
  out.keys.resize(out.keys.size() - out.omitted);
  return out;
}

task<json::object> compare_histories(call_context& context, pair_wish wish) {
  std::vector<task<two_runs>> tasks;
  for (std::size_t i = 0; i < wish.keys.size(); i += series_per_request) {
    auto part = wish;
    const auto end = std::min(wish.keys.size(), i + series_per_request);
    part.keys.assign(wish.keys.begin() + static_cast<std::ptrdiff_t>(i),
                     wish.keys.begin() + static_cast<std::ptrdiff_t>(end));
    tasks.push_back(fetch_both(context, std::move(part)));
  }
  std::vector<rows_list> a, b;
  for (auto& [of_a, of_b] : co_await all(std::move(tasks))) {
    std::move(of_a.begin(), of_a.end(), std::back_inserter(a));
    std::move(of_b.begin(), of_b.end(), std::back_inserter(b));
  }
  const auto& axis = wish.x_axis;
  json::object metrics;
  for (std::size_t i = 0; i < wish.keys.size(); ++i) {
    const auto& key = wish.keys[i];
    metrics.emplace(key,
                    compare(sum_up(a[i], key, wish), sum_up(b[i], key, wish)));
  }
  json::object out{{"keys", json::value_from(wish.keys)},
                   {"x_axis", axis},
                   {"join", "outer"},
                   {"run_a_rows", wandb::join_series(a, axis).size()},
                   {"run_b_rows", wandb::join_series(b, axis).size()},
                   {"run_a_sample", sample_of(std::move(a), axis)},
                   {"run_b_sample", sample_of(std::move(b), axis)},
                   {"metrics", std::move(metrics)}};
  co_return out;
}

} // namespace mcp::tools
