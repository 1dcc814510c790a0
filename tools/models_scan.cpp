#include "tools/models_scan.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::int64_t rows_per_request = 10000;
constexpr std::int64_t most_windows = 12;
constexpr std::int64_t windows_at_once = 4;

/// How many windows it takes when each may be a fifth fuller than the mean.
std::int64_t windows_for(std::int64_t metrics, std::int64_t rows) {
  const auto room = rows_per_request / metrics * 5 / 6;
  return (rows + room - 1) / room;
}

} // namespace

task<scanned> scan_metrics(call_context& context, scan_wish wish) {
  scanned out(wish.metrics.size());
  series_wish part{.run = wish.run,
                   .keys = {},
                   .x_axis = "_step",
                   .min_step = {},
                   .max_step = {}};
  std::vector<std::size_t> places; // of the series in `out`
  std::int64_t windows = 0, most_rows = 0;
  for (std::size_t i = 0; i < wish.metrics.size(); ++i) {
    const auto& [key, rows, known] = wish.metrics[i];
    const auto needed = windows_for(
      std::ssize(places) + 1, std::max<std::int64_t>({most_rows, rows, 1}));
    if (needed > most_windows || places.size() == series_per_request)
      continue;
    windows = needed;
    most_rows = std::max(most_rows, rows);
    places.push_back(i);
    part.keys.push_back({key});
  }
  if (places.empty())
    co_return out;
  part.samples = rows_per_request / std::ssize(places);
  std::vector<rows_list> found(places.size());
  std::vector<bool> whole(places.size(), true);
  const auto steps = wish.last_step + 1;
  const auto start_of = [&](std::int64_t i) {
    return static_cast<std::int64_t>(static_cast<double>(steps)
                                     * static_cast<double>(i)
                                     / static_cast<double>(windows));
  };
  time_guard time(context);
  for (std::int64_t next = 0; next < windows;) {
    if (!time.next_round())
      co_return out;
    std::vector<task<std::vector<rows_list>>> tasks;
    std::vector<std::int64_t> lengths;
    for (; next < windows && std::ssize(tasks) < windows_at_once; ++next) {
      auto window = part;
      window.min_step = start_of(next);
      window.max_step =
        next + 1 < windows ? start_of(next + 1) - 1 : wish.last_step;
      lengths.push_back(*window.max_step - *window.min_step + 1);
      tasks.push_back(fetch_samples(context, std::move(window)));
    }
    const auto read = co_await all(std::move(tasks));
    for (std::size_t w = 0; w < read.size(); ++w)
      for (std::size_t i = 0; i < places.size(); ++i) {
        const auto given = std::ssize(read[w][i]);
        if (given >= part.samples && given < lengths[w])
          whole[i] = false; // there may be more
        found[i].insert(found[i].end(), read[w][i].begin(), read[w][i].end());
      }
    context.progress(wish.told + static_cast<double>(next),
                     wish.told + static_cast<double>(windows),
                     "Read every value of " + std::to_string(places.size())
                       + " metrics in " + std::to_string(next) + " of "
                       + std::to_string(windows) + " parts of the run");
  }
  for (std::size_t i = 0; i < places.size(); ++i)
    if (whole[i]
        && std::ssize(found[i]) >= wish.metrics[places[i]].known.value_or(0)) {
      wandb::sort_rows(found[i], "_step");
      out[places[i]] = std::move(found[i]);
    }
  co_return out;
}

} // namespace mcp::tools
