#pragma once

#include "tools/models_history.hpp"

#include <optional>

namespace mcp::tools {

/// The rows whose x axis value is nearest to a target, if it is near enough.
struct point {
  /// No rows: not near enough. `sampled` unless these are proven to be all rows
  /// with that value.
  history_rows found;
  std::optional<double> nearest; // of all that were looked at
  bool exact = false;            // the nearest is the target itself
  double reach = 0;              // how far from the target was looked
};

/// Looks a value of the x axis up: by step directly; on another axis by
/// narrowing a sampled series down to the steps between which the value lies,
/// and reading these. That finds all rows of an axis that grows with the steps,
/// and of one that W&B gave whole. With keys only rows that hold one of them
/// count. Usually at most 6 requests; a value that holds for more than 1,000
/// steps is read in windows (`scan_windows`).
task<point> find_point(call_context& context, history_wish wish, run_header run,
                       double target, double tolerance);

} // namespace mcp::tools
