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

bool is_at(const wandb::history_row& row, const std::string& axis, double x) {
  const auto found = wandb::number_in(row, axis);
  return found && std::abs(*found - x) <= same_x;
}

std::optional<double> nearest_in(const rows_list& rows, double target,
                                 const std::string& axis) {
  std::optional<double> best;
  for (const auto& row : rows)
    if (const auto x = wandb::number_in(row, axis))
      if (!best || std::abs(*x - target) < std::abs(*best - target))
        best = x;
  return best;
}

/// Keeps the rows at `out.nearest`, if it is near enough.
void keep_nearest(point& out, history_rows window, double target,
                  const std::string& axis) {
  const auto distance = out.nearest ? std::abs(*out.nearest - target) : 0;
  const bool near = out.nearest && distance <= std::max(out.reach, same_x);
  const auto scanned = out.found.scanned + window.scanned;
  const auto others = std::erase_if(window.rows, [&](const auto& row) {
    return !near || !is_at(row, axis, *out.nearest);
  });
  if (others > 0) {
    window.counts.clear();
    window.count(window.rows);
    window.matching = window.rows.size();
  }
  window.scanned = scanned;
  out.exact = near && distance <= same_x;
  out.found = std::move(window);
}

/// Where on the run the rows with the value that is nearest lie.
struct stretch {
  std::int64_t from = 0, to = 0;
  bool all_seen = false; // the axis has no other rows with the value
};

/// Steps between which the nearest value lies: of the rows that hold it when
/// `rows` are all of the axis, else of their neighbours.
stretch around(const rows_list& rows, double nearest, const std::string& axis,
               bool all) {
  std::size_t first = rows.size(), last = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (is_at(rows[i], axis, nearest)) {
      first = std::min(first, i);
      last = i;
    }
  if (!all) {
    first -= first > 0 ? 1 : 0;
    last += last + 1 < rows.size() ? 1 : 0;
  }
  const auto step_at = [&rows](std::size_t i) {
    return wandb::step_of(rows[i]).value_or(0);
  };
  return {step_at(first), step_at(last), all};
}

task<history_rows> read_stretch(call_context& context, history_wish wish,
                                stretch where, double x) {
  const auto asked = wish.samples;
  wish.only_x = x;
  wish.min_step = std::max<std::int64_t>(0, where.from);
  wish.max_step = where.to;
  wish.samples = samples;
  auto out = co_await fetch_window(context, wish);
  if (!out.sampled)
    co_return out;
  wish.samples = asked; // of more rows than one request gives
  co_return co_await scan_windows(context, std::move(wish));
}

task<point> find_step(call_context& context, history_wish wish, double target,
                      double tolerance) {
  point out{.found = {}, .nearest = {}, .reach = tolerance};
  if (std::abs(target) > most_step)
    co_return out;
  out.reach = std::min(tolerance, samples / 2.0);
  wish.samples = samples;
  wish.min_step =
    static_cast<std::int64_t>(std::max(0.0, std::ceil(target - out.reach)));
  wish.max_step = static_cast<std::int64_t>(std::floor(target + out.reach));
  history_rows rows;
  if (*wish.max_step >= *wish.min_step)
    rows = co_await fetch_window(context, wish);
  out.nearest = nearest_in(rows.rows, target, "_step");
  keep_nearest(out, std::move(rows), target, "_step");
  co_return out;
}

} // namespace

task<point> find_point(call_context& context, history_wish wish, run_header run,
                       double target, double tolerance) {
  const auto axis = wish.members.x_axis;
  if (axis == "_step")
    co_return co_await find_step(context, std::move(wish), target, tolerance);

  point out{.found = {}, .nearest = {}, .reach = tolerance};
  series_wish axis_only{.run = wish.run,
                        .keys = {{axis}},
                        .x_axis = axis,
                        .samples = samples,
                        .min_step = {},
                        .max_step = {}};
  const bool grows = run.is_over() && run.growing.contains(axis);
  std::optional<stretch> where;
  time_guard time(context);
  for (int round = 0; round < most_rounds && time.next_round(); ++round) {
    const auto series = co_await fetch_samples(context, axis_only);
    context.progress(wish.told + round + 1, std::nullopt,
                     "Narrowing down where " + axis + " has the value");
    const auto& rows = series.front();
    const auto found = nearest_in(rows, target, axis);
    if (!found)
      break;
    out.found.scanned += rows.size();
    if (!out.nearest
        || std::abs(*found - target) < std::abs(*out.nearest - target))
      out.nearest = found;
    const auto given = static_cast<std::int64_t>(rows.size());
    const auto known = round == 0 ? run.rows_with(axis) : std::nullopt;
    const bool all = known ? given >= *known : given < samples;
    where = around(rows, *found, axis, all);
    // Later rounds see a part of the run, which is enough of a growing axis.
    where->all_seen = all && (round == 0 || grows);
    // Once the value itself is found its rows lie between the neighbours.
    const bool met = std::abs(*found - target) <= same_x;
    if (all || met || where->to - where->from <= 2)
      break;
    axis_only.min_step = where->from;
    axis_only.max_step = where->to;
  }
  if (!where)
    co_return out;
  wish.told += most_rounds;
  auto rows =
    co_await read_stretch(context, std::move(wish), *where, *out.nearest);
  rows.sampled = rows.sampled || !(where->all_seen || grows);
  keep_nearest(out, std::move(rows), target, axis);
  co_return out;
}

} // namespace mcp::tools
