#include "tools/models_history_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mcp::tools {
namespace {

constexpr std::int64_t samples = 1000;
constexpr int most_rounds = 5;
// Beyond this a double no longer tells one step from the next.
constexpr double most_step = 9e15;

/// Takes the rows nearest to the target out of `window`.
void keep_nearest(point& out, history_rows window, double target,
                  double tolerance, const std::string& axis) {
  const auto scanned = out.found.scanned + window.scanned;
  for (const auto& row : window.rows)
    if (const auto x = wandb::number_in(row, axis))
      if (!out.nearest
          || std::abs(*x - target) < std::abs(*out.nearest - target))
        out.nearest = x;
  const auto distance = out.nearest ? std::abs(*out.nearest - target) : 0;
  const bool near = out.nearest && distance <= std::max(tolerance, same_x);
  std::erase_if(window.rows, [&](const auto& row) {
    return !near || wandb::number_in(row, axis) != out.nearest;
  });
  out.exact = near && distance <= same_x;
  out.found.rows = std::move(window.rows);
  out.found.count(out.found.rows);
  out.found.matching = out.found.rows.size();
  out.found.scanned = scanned;
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
    history_rows rows;
    if (*window.max_step >= *window.min_step)
      rows = co_await fetch_window(context, std::move(window));
    keep_nearest(out, std::move(rows), target, tolerance, axis);
    co_return out;
  }

  series_wish axis_only{.run = wish.run,
                        .keys = {{axis}},
                        .x_axis = axis,
                        .samples = samples,
                        .min_step = {},
                        .max_step = {}};
  std::optional<std::int64_t> candidate;
  time_guard time(context);
  for (int round = 0; round < most_rounds && time.next_round(); ++round) {
    const auto series = co_await fetch_samples(context, axis_only);
    context.progress(wish.told + round + 1, std::nullopt,
                     "Narrowing down where " + axis + " has the value");
    const auto& rows = series.front();
    if (rows.empty())
      break;
    out.found.scanned += rows.size();
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
  auto rows = co_await fetch_window(context, std::move(window));
  keep_nearest(out, std::move(rows), target, tolerance, axis);
  co_return out;
}

} // namespace mcp::tools
