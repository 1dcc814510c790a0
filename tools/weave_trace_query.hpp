#pragma once

#include "protocol/wandb/weave_columns.hpp"
#include "protocol/wandb/weave_filter.hpp"
#include "protocol/wandb/weave_query.hpp"
#include "tools/tool.hpp"
#include "tools/weave_rows.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

// The arguments of query_weave_traces_tool, and the requests they mean.

namespace mcp::tools {

enum class detail_level { schema, summary, full };

struct trace_query {
  std::string project; // "entity/project"
  wandb::weave_filter filter;
  json::object filters; // as the caller wrote them
  wandb::sort_plan sort;
  wandb::column_plan columns;
  std::vector<std::string> expand_columns;
  std::int64_t limit = 1000;
  detail_level level = detail_level::summary;
  std::optional<std::size_t> cut; // characters of a text; empty: uncut
  bool metadata_only = false;
  bool costs = false;    // ask for summary.weave.costs
  bool feedback = false; // ask for summary.weave.feedback
};

/// Throws `failure_exception` (`bad_argument`) for what can not be asked.
trace_query read_trace_query(const arguments& args);

/// The rows, in an order the trace server can make, and one more of them than
/// the limit: whether it comes tells whether there are more.
wandb::calls_query upstream_query(const trace_query& q);

/// Id and cost of the newest `most` matching calls, and of one more.
wandb::calls_query ranking_query(const trace_query& q, std::int64_t most);

/// The calls with these ids, at most 1000.
wandb::calls_query ranked_query(const trace_query& q,
                                std::span<const std::string> ids);

/// How the rows are to be read.
trace_reader::options reader_options(const trace_query& q,
                                     const call_limits& limits);

} // namespace mcp::tools
