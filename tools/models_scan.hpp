#pragma once

#include "tools/models_history.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcp::tools {

/// What to read in full: metrics, the most important one first.
struct scan_wish {
  run_path run;
  struct metric {
    std::string key;
    std::int64_t rows = 0; // that may hold it, to plan with
    std::optional<std::int64_t> known = {}; // that hold it, at least
  };
  std::vector<metric> metrics;
  std::int64_t last_step = 0;
  double told = 0; // the progress that the client knows of
};

/// One entry for each metric of the wish: its rows by step, or nothing when it
/// was not read in full.
using scanned = std::vector<std::optional<rows_list>>;

/// Reads as many of the metrics as at most 12 requests of 10,000 rows hold, in
/// windows of steps, four at a time. Stops early, with what that leaves, when
/// the call's time runs out.
task<scanned> scan_metrics(call_context& context, scan_wish wish);

} // namespace mcp::tools
