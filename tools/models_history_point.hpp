#pragma once

#include "tools/models_history.hpp"

#include <optional>

namespace mcp::tools {

/// The rows whose x axis value is nearest to a target, if it is near enough.
struct point {
  history_rows found;            // no rows: not near enough
  std::optional<double> nearest; // of all that were looked at
  bool exact = false;
};

/// Two values this near to each other are the same value of an axis.
inline constexpr double same_x = 1e-9;

/// Looks a value of the x axis up: by step directly; on another axis by
/// narrowing a sampled series down, which finds the row when the axis grows
/// with the steps. With keys only rows that hold one of them count.
/// At most 6 requests.
task<point> find_point(call_context& context, history_wish wish, double target,
                       double tolerance);

} // namespace mcp::tools
