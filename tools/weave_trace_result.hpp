#pragma once

#include "tools/tool.hpp"
#include "tools/weave_rows.hpp"
#include "tools/weave_trace_query.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcp::tools {

/// What is known of an answer beside its rows.
struct trace_outcome {
  /// How many calls match; empty when that was not found out.
  std::optional<std::int64_t> total = {};
  /// Of a ranking: how many calls there are at least.
  std::int64_t at_least = 0;
  /// Why the stream broke off before its end.
  std::optional<failure> cut = {};
  std::vector<std::string> warnings = {};
  /// Of an answer without rows: what nothing_matched says; else empty.
  json::object nothing_matched = {};
};

/// The result {metadata, traces}, within `response_budget`. Reduces the reader's
/// rows as far as needed; when nothing helps any more (a budget of a few
/// tokens), the smallest result there is.
/// Throws `failure_exception` (`response_too_large`) when the very first row
/// was more than may be received.
tool_result trace_result(const trace_query& q, trace_reader& reader,
                         trace_outcome outcome, const call_limits& limits);

} // namespace mcp::tools
