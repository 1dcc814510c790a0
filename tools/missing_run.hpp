#pragma once

#include "tools/tool.hpp"

namespace mcp::tools {

/// What to say of a run that isn't there. When the text that was given for its
/// ID is the display name of runs in that project, the IDs of these are added:
/// as "did_you_mean", and in the message.
/// Takes: `error` run_not_found, as `run_not_found` throws it.
/// Gives: the error to throw instead.
/// Costs: one request; when it fails, the error is given back as it is.
task<tool_error> explain_missing_run(call_context& context, tool_error error);

} // namespace mcp::tools
