#pragma once

#include "tools/tool.hpp"
#include "tools/weave_evaluation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The answer of summarize_evaluation_tool.

namespace mcp::tools {

/// Most rows that are read of one run.
inline constexpr std::int64_t most_evaluation_rows = 5000;
/// Most rows of one run that an answer shows.
inline constexpr std::size_t most_evaluation_tasks = 50;

/// The rows of one run: those seen, and how many there are.
struct evaluation_detail {
  evaluation_rows rows;
  std::int64_t total = 0;
  std::optional<failure> cut = {}; // why the reading broke off
};

struct evaluations {
  std::string project; // "entity/project"
  std::int64_t limit = 0;
  bool per_task = false;
  std::vector<evaluation_run> runs;
  std::vector<evaluation_detail> details; // one for each run
  std::optional<std::int64_t> total = {}; // runs that match, when known
  std::optional<bool> more = {}; // than `runs` match; empty: not known
  bool broke_off = false;        // the runs were not read to their end
  std::vector<std::string> warnings = {};
  /// When none was found by its name: names that there are.
  std::vector<std::string> known_names = {};
};

/// The result, within the response budget. What does not fit is left out in
/// this order: rows of `per_task`, scores beyond some, the oldest runs; and the
/// answer says so.
tool_result evaluation_result(evaluations found,
                              const std::optional<std::string>& name,
                              const call_limits& limits);

} // namespace mcp::tools
