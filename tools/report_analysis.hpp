#pragma once

// The numbers that log_analysis_to_wandb stores: what it takes, and what it
// computes of it.

#include "tools/tool.hpp"

#include <string>
#include <vector>

namespace mcp::tools {

struct analysis {
  std::string entity;
  std::string project;
  std::string name;
  json::array rows;                 // objects
  std::vector<std::string> columns; // of all rows
  json::object scalars;             // name -> number
};

/// The arguments of the tool. Throws `tool_error` log_failed for data without
/// rows, and invalid_input for more than 10,000 rows, 200 columns or scalars,
/// 5 MiB, or a name that is empty, longer than 256 bytes or has control
/// characters.
[[nodiscard]] analysis read_analysis(const arguments& args);

/// The run's summary: the scalars, _mcp_row_count, _mcp_columns, and for each
/// column with at least two numbers its _mean, _min, _max and _median (of an
/// even count the upper of the two in the middle). true and false count as 1
/// and 0. Cells that are "NaN", "Infinity" or "-Infinity" are left out of these
/// and counted in its _non_finite, when there are any.
[[nodiscard]] json::object summary_of(const analysis& a);

/// The rows as lines of a run's history: their scalar members, at step 0, 1,
/// ... Members whose names are W&B's own there (_step, _timestamp, _runtime,
/// _wandb) are left out.
/// `seconds` is the time of day.
[[nodiscard]] std::vector<std::string> history_of(const analysis& a,
                                                  std::int64_t seconds);

} // namespace mcp::tools
