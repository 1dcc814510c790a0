#include "tools/models_history.hpp"

#include "protocol/json/write.hpp"
#include "tools/models_json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mcp::tools {
namespace {

using rows_list = std::vector<wandb::history_row>;

constexpr std::int64_t window_steps = 1000;
constexpr std::int64_t most_windows = 50;
constexpr std::size_t windows_at_once = 4;
// One budget for all series of a request.
constexpr std::int64_t most_sampled_rows = 10000;
// Beyond this a double no longer tells one step from the next.
constexpr double most_step = 9e15;
// "The same value" on an axis of floating point numbers.
constexpr double same = 1e-9;

rows_list read_rows(const json::array* rows,
                    const wandb::row_members& members) {
  if (!rows)
    return {};
  auto out = wandb::read_history_rows(*rows, members);
  if (!out)
    throw failure_exception(out.error());
  return std::move(*out);
}

std::string spec_text(const json::array& keys, std::int64_t samples,
                      const history_wish& wish) {
  json::object spec{{"keys", keys}, {"samples", samples}};
  if (wish.min_step)
    spec.emplace("minStep", *wish.min_step);
  if (wish.max_step)
    spec.emplace("maxStep", *wish.max_step);
  return write_json(spec);
}

/// One series per spec.
task<std::vector<rows_list>> sampled(call_context& context, run_path run,
                                     json::array specs,
                                     wandb::row_members members) {
  static constexpr std::string_view document =
    R"(query RunSampledHistory(
  $entity: String!, $project: String!, $run: String!, $specs: [JSONString!]!
) {
  project(name: $project, entityName: $entity) {
    run(name: $run) { sampledHistory(specs: $specs) }
  }
})";
  auto variables = run.variables();
  variables.emplace("specs", std::move(specs));
  const auto data = co_await context.graphql(document, std::move(variables));
  std::vector<rows_list> out;
  if (const auto* series = array_at(run_in(data, run), {"sampledHistory"}))
    for (const auto& one : *series)
      out.push_back(read_rows(one.if_array(), members));
  co_return out;
}

} // namespace

task<rows_list> fetch_series(call_context& context, history_wish wish) {
  const auto& axis = wish.members.x_axis;
  const auto keys_count = static_cast<std::int64_t>(wish.members.keys.size());
  const auto samples = std::max<std::int64_t>(
    std::min(wish.samples, most_sampled_rows / keys_count), 2);
  json::array specs;
  for (const auto& key : wish.members.keys) {
    json::array keys{"_step"};
    if (axis != "_step")
      keys.emplace_back(axis);
    keys.emplace_back(key);
    specs.emplace_back(spec_text(keys, samples, wish));
  }
  auto series =
    co_await sampled(context, wish.run, std::move(specs), wish.members);
  co_return wandb::join_series(std::move(series), axis);
}

task<rows_list> fetch_window(call_context& context, history_wish wish) {
  static constexpr std::string_view document =
    R"(query RunHistory(
  $entity: String!, $project: String!, $run: String!
  $samples: Int!, $minStep: Int64, $maxStep: Int64
) {
  project(name: $project, entityName: $entity) {
    run(name: $run) {
      history(minStep: $minStep, maxStep: $maxStep, samples: $samples)
    }
  }
})";
  auto variables = wish.run.variables();
  variables.emplace("samples", wish.samples);
  // A bound that is not asked for is left out, which is not the same as null.
  if (wish.min_step)
    variables.emplace("minStep", *wish.min_step);
  if (wish.max_step)
    variables.emplace("maxStep", *wish.max_step + 1);
  const auto data = co_await context.graphql(document, std::move(variables));
  auto rows =
    read_rows(array_at(run_in(data, wish.run), {"history"}), wish.members);
  wandb::sort_rows(rows, wish.members.x_axis);
  co_return rows;
}

task<history_rows> scan_windows(call_context& context, history_wish wish) {
  const auto from = *wish.min_step;
  const auto length = *wish.max_step - from + 1;
  const auto all_windows = (length + window_steps - 1) / window_steps;
  const auto count = std::min(all_windows, most_windows);
  history_rows out{.rows = {}, .partial = count < all_windows};
  std::int64_t next = 0;
  while (next < count) {
    std::vector<task<rows_list>> tasks;
    for (; next < count && tasks.size() < windows_at_once; ++next) {
      // Spread from the first window to the last; without gaps when all fit.
      const auto index =
        count > 1 ? next * (all_windows - 1) / (count - 1) : next;
      auto window = wish;
      window.samples = window_steps;
      window.min_step = from + index * window_steps;
      window.max_step =
        std::min(*window.min_step + window_steps - 1, *wish.max_step);
      tasks.push_back(fetch_window(context, std::move(window)));
    }
    for (auto& rows : co_await all(std::move(tasks)))
      std::move(rows.begin(), rows.end(), std::back_inserter(out.rows));
    context.progress(static_cast<double>(next), static_cast<double>(count),
                     "Read " + std::to_string(next) + " of "
                       + std::to_string(count) + " step windows");
    // Windows may hold 50,000 rows; what is kept is thinned on the way.
    const auto most = static_cast<std::size_t>(wish.samples) * 4;
    out.rows = wandb::thin_rows(std::move(out.rows), most, wish.members.x_axis);
  }
  wandb::sort_rows(out.rows, wish.members.x_axis);
  co_return out;
}

task<rows_list> fetch_events(call_context& context, history_wish wish) {
  static constexpr std::string_view document =
    R"(query RunEvents(
  $entity: String!, $project: String!, $run: String!, $samples: Int!
) {
  project(name: $project, entityName: $entity) {
    run(name: $run) { events(samples: $samples) }
  }
})";
  auto variables = wish.run.variables();
  variables.emplace("samples", wish.samples);
  const auto data = co_await context.graphql(document, std::move(variables));
  co_return read_rows(array_at(run_in(data, wish.run), {"events"}),
                      wish.members);
}

namespace {

/// Keeps the rows nearest to the target; tells how near they are.
void keep_nearest(point& out, double target, double tolerance,
                  const std::string& axis) {
  out.rows_looked_at += out.rows.size();
  out.nearest.reset();
  for (const auto& row : out.rows)
    if (const auto x = wandb::number_in(row, axis))
      if (!out.nearest
          || std::abs(*x - target) < std::abs(*out.nearest - target))
        out.nearest = x;
  const bool near =
    out.nearest && std::abs(*out.nearest - target) <= std::max(tolerance, same);
  std::erase_if(out.rows, [&](const auto& row) {
    return !near || wandb::number_in(row, axis) != out.nearest;
  });
}

std::size_t index_of_nearest(const rows_list& rows, double target,
                             const std::string& axis) {
  std::size_t best = 0;
  auto distance = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const auto x = wandb::number_in(rows[i], axis))
      if (std::abs(*x - target) < distance) {
        distance = std::abs(*x - target);
        best = i;
      }
  return best;
}

} // namespace

task<point> find_point(call_context& context, history_wish wish, double target,
                       double tolerance) {
  constexpr std::int64_t samples = 1000;
  constexpr int most_rounds = 5;
  const auto axis = wish.members.x_axis;
  point out;
  auto window = wish;
  window.samples = samples;
  if (axis == "_step") {
    if (std::abs(target) > most_step)
      co_return out;
    const auto reach = std::min(tolerance, samples / 2.0);
    window.min_step =
      static_cast<std::int64_t>(std::max(0.0, std::ceil(target - reach)));
    window.max_step = static_cast<std::int64_t>(std::floor(target + reach));
    if (*window.max_step >= *window.min_step)
      out.rows = co_await fetch_window(context, std::move(window));
    keep_nearest(out, target, tolerance, axis);
    co_return out;
  }

  auto axis_only = wish;
  axis_only.samples = samples;
  axis_only.members.keys = {axis};
  std::optional<std::int64_t> candidate;
  for (int round = 0; round < most_rounds; ++round) {
    const json::array keys{"_step", axis};
    json::array specs;
    specs.emplace_back(spec_text(keys, samples, axis_only));
    const auto series =
      co_await sampled(context, wish.run, std::move(specs), axis_only.members);
    const auto rows = series.empty() ? rows_list{} : series.front();
    if (rows.empty())
      break;
    out.rows_looked_at += rows.size();
    const auto best = index_of_nearest(rows, target, axis);
    const auto step_at = [&rows](std::size_t i) {
      return wandb::step_of(rows[i]).value_or(0);
    };
    candidate = step_at(best);
    // Between the neighbours of the nearest sample there may be nearer rows.
    const auto low = step_at(best > 0 ? best - 1 : best);
    const auto high = step_at(best + 1 < rows.size() ? best + 1 : best);
    const bool was_all = static_cast<std::int64_t>(rows.size()) < samples;
    if (was_all || high - low <= 2)
      break;
    axis_only.min_step = low;
    axis_only.max_step = high;
  }
  if (!candidate)
    co_return out;
  window.min_step = std::max<std::int64_t>(0, *candidate - 2);
  window.max_step = *candidate + 2;
  out.rows = co_await fetch_window(context, std::move(window));
  keep_nearest(out, target, tolerance, axis);
  co_return out;
}

} // namespace mcp::tools
