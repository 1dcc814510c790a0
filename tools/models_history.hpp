#pragma once

// Fetching rows of a run's history. What W&B offers:
// - sampledHistory(specs): evenly sampled rows that hold ALL keys of a spec, so
//   one spec per metric, joined here, is the only way not to lose rows of
//   metrics that are logged rarely. `maxStep` of a spec is inclusive.
// - history(minStep, maxStep, samples): whole rows; `maxStep` is exclusive.
// - events(samples): system metrics.

#include "protocol/wandb/history_rows.hpp"
#include "tools/models_run.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcp::tools {

struct history_wish {
  run_path run;
  wandb::row_members members; // keys without "_step" and the x axis
  std::int64_t samples = 500;
  std::optional<std::int64_t> min_step; // inclusive
  std::optional<std::int64_t> max_step; // inclusive
};

struct history_rows {
  std::vector<wandb::history_row> rows; // ascending; may exceed `samples`
  /// Parts of the range were not read.
  bool partial = false;
};

/// One request, one series per key, joined. `members.keys` must not be empty.
task<std::vector<wandb::history_row>> fetch_series(call_context& context,
                                                   history_wish wish);

/// One request for whole rows in the wish's range.
task<std::vector<wandb::history_row>> fetch_window(call_context& context,
                                                   history_wish wish);

/// Reads a range in windows of 1,000 steps, four at a time, at most 50: of a
/// longer range the windows are spread evenly, and the answer is `partial`.
/// Needs both bounds.
task<history_rows> scan_windows(call_context& context, history_wish wish);

/// System metrics, in the order W&B gives.
task<std::vector<wandb::history_row>> fetch_events(call_context& context,
                                                   history_wish wish);

/// The rows whose x axis value is nearest to a target, if it is near enough.
struct point {
  std::vector<wandb::history_row> rows; // empty: not near enough
  std::optional<double> nearest;        // of all that were looked at
  std::size_t rows_looked_at = 0;
};

/// Looks a value of the x axis up: by step directly; on another axis by
/// narrowing a sampled series down, which finds the row when the axis grows
/// with the steps. With keys only rows that hold one of them count.
task<point> find_point(call_context& context, history_wish wish, double target,
                       double tolerance);

} // namespace mcp::tools
