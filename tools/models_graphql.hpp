#pragma once

#include "tools/tool.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace mcp::tools {

struct graphql_call {
  std::string query;
  json::object variables;
  std::int64_t max_items = 100;
  std::int64_t items_per_page = 20;
  std::optional<std::string> paginate_path = {};
};

/// Runs one read-only GraphQL document and follows the pages of one of its
/// connections (spec: protocol/wandb/graphql_paging.hpp).
/// Gives:  the content of "data" with that connection's edges joined, and
///         "_pagination" beside it. W&B's errors stay beside the data that came
///         with them, in "errors", and make the result an error.
/// Throws: `tool_error`: invalid_input, read_only_violation, query_too_complex,
///         response_too_large; `failure_exception` when page one has no data.
task<tool_result> run_graphql(call_context& context, graphql_call call);

} // namespace mcp::tools
