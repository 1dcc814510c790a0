#pragma once

#include "tools/typed_query.hpp"

namespace mcp::tools {

/// What to say when no run matched: the values that the fields of the filters
/// have in the project's newest runs, so that a wrong name can be told from
/// something that is not there.
/// Gives:  {"note", "runs_looked_at", "known_values": {field: the most frequent
///         of state, tags, displayName, group, jobType, username}}; the note
///         alone when the filters name none of these.
/// Costs a request, or none. Never throws for what goes wrong there: the empty
/// answer is right without it.
task<json::object> no_run_matched(call_context& context, const typed_query& q);

} // namespace mcp::tools
