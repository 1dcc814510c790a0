#pragma once

// The typed form of query_wandb_tool: the caller names what it wants, and the
// GraphQL is ours.

#include "protocol/wandb/graphql_cursor.hpp"
#include "tools/tool.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcp::tools {

enum class typed_resource { project, run, runs, sweep, sweeps, reports };

/// One typed query after validation.
struct typed_query {
  typed_resource what = typed_resource::runs;
  std::string resource; // its name: "runs"
  std::string entity;
  std::string project;
  std::string selector; // run_id, sweep_id or report_name; may be empty
  json::object filters;
  std::string order;
  std::int64_t requested_limit = 0;
  bool limit_given = false; // false: the default is in the line above
  std::int64_t limit = 0; // what it comes to
  bool count_only = false;

  // What is asked for beside the fields that every item has.
  bool summary = false;
  bool config = false;
  bool system_metrics = false;
  bool sweep = false;
  bool spec = false;
  std::vector<std::string> summary_keys; // empty: all of it
  std::vector<std::string> config_keys;

  /// Where an earlier answer ended.
  std::optional<wandb::list_place> place;

  bool is_list() const {
    return what == typed_resource::runs || what == typed_resource::sweeps
           || what == typed_resource::reports;
  }
  /// All that must be the same when a caller comes back with a cursor.
  std::string question() const;
};

/// Takes:  the arguments of the tool; those of the GraphQL form are not looked
///         at.
/// Throws: `tool_error` invalid_request, or invalid_cursor for a cursor that
///         belongs to another question.
[[nodiscard]] typed_query read_typed_query(const arguments& args,
                                           const call_limits& limits);

/// Runs a query of the typed form.
/// Gives:  {source, resource, entity, project, items, returned_count, ...} for
///         lists, {.., item} for one thing, {.., total_count} for a count.
/// Throws: `tool_error`: invalid_request, invalid_cursor,
///         authentication_failed, permission_denied, resource_not_found,
///         server_busy, upstream_timeout, selective_read_unavailable,
///         response_too_large; each with source, resource, entity and project.
///         `failure_exception` for what has no code of its own there.
task<tool_result> run_typed_query(call_context& context, arguments args);

} // namespace mcp::tools
