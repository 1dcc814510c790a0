#pragma once

#include "tools/typed_query.hpp"
#include "tools/typed_query_documents.hpp"

namespace mcp::tools {

/// Asks W&B and gives the project of the answer.
/// Throws: `tool_error` resource_not_found when there is no such project;
///         `failure_exception`.
task<json::object> ask_typed(call_context& context, const typed_query& q,
                             typed_page page);

} // namespace mcp::tools
