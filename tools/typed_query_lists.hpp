#pragma once

#include "tools/typed_query_answer.hpp"

namespace mcp::tools {

/// Reads the list that `q` asks for, page by page, until its limit is reached
/// or the answer is sure to be full. `q` must outlive the task.
/// Throws: `tool_error` selective_read_unavailable when W&B claims more pages
///         and gives no cursor that leads to them: a short list must not pass
///         for a whole one; `failure_exception`.
task<typed_list> read_typed_list(call_context& context, const typed_query& q);

} // namespace mcp::tools
