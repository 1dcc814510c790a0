#pragma once

#include "tools/context.hpp"

#include <boost/json.hpp>

#include <string>

namespace mcp::tools {

/// What to say when no call matched: the values that the fields of the filters
/// have in the newest calls of the project, so that a wrong name can be told
/// from something that did not happen.
/// Takes:  "entity/project", and the filters as the caller wrote them.
/// Gives:  {"note"}, and where a field has values to show
///         "calls_looked_at"  at most 200, the newest; roots alone where the
///                            filters ask for roots
///         "known_values"     {field: the most frequent ones}; numbers as
///                            {"least", "most"}
///         "known_paths"      {column: paths}, for a path that none of the
///                            calls has
/// Costs a request, and none when the filters name ids alone. Never throws: an
/// empty answer is right without it as well, and then says only that.
task<json::object> nothing_matched(call_context& context, std::string project,
                                   json::object filters);

} // namespace mcp::tools
