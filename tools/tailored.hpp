#pragma once

// What an operator changes in tools before they are offered. A cap stands in
// the tool's schema, so that a model sees it before it asks for more.

#include "tools/tool.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace mcp::tools {

/// The most that calls may ask for; empty: what the tools allow by themselves.
/// None of them raises a tool's own limit.
struct caps {
  std::optional<std::int64_t> traces;          // of query_weave_traces_tool
  std::optional<std::int64_t> history_samples; // of every tool with histories
  std::optional<std::int64_t> history_keys;    // metrics; names of entries
  std::optional<std::int64_t> query_items;     // of a typed query_wandb_tool
  std::optional<std::int64_t> query_items_per_page;
  std::optional<std::int64_t> full_detail_items;
  std::optional<std::int64_t> gql_items; // of a GraphQL query_wandb_tool
  std::optional<std::int64_t> gql_items_per_page;
  std::optional<std::int64_t> probe_runs;
  std::optional<std::int64_t> schema_sample_rows;
};

struct tailoring {
  caps most = {};
  /// Without it query_wandb_tool has its typed form alone.
  bool raw_graphql = true;
  /// Instead of each tool's own.
  std::optional<std::chrono::milliseconds> budget = {};
};

struct tailored_tools {
  std::vector<const tool*> tools;
  /// What some of them live in; null when none was changed.
  std::shared_ptr<const void> owner;
};

/// The tools of `from`, in the same order, as `how` wants them.
tailored_tools tailored(const std::vector<const tool*>& from,
                        const tailoring& how);

/// The same caps on what tools fetch by themselves.
void apply(const caps& most, list_limits& limits);

} // namespace mcp::tools
