#pragma once

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <string_view>

namespace mcp::wandb {

/// A filter in the trace server's own terms. Both parts are ANDed there.
struct weave_filter {
  /// For "filter": id lists and trace_roots_only. Empty: nothing to say.
  boost::json::object filter;
  /// For {"$expr": ...} in "query". Empty: nothing to say.
  boost::json::object expression;
};

/// Translates the `filters` argument of the trace tools. Pure.
///
/// Takes:  "entity/project", for what is named without it; without that, names
///         that are no references become expressions. And an object whose members are ANDed:
///   trace_roots_only              boolean
///   op_names, trace_ids, parent_ids, call_ids, thread_ids, turn_ids,
///   wb_user_ids, wb_run_ids, input_refs, output_refs
///                                 a text or a list of at most 1000
///   trace_id, parent_id, call_id, id, thread_id, turn_id, wb_user_id
///                                 one of them, a list, or a condition
///   op_name                       as op_names: whole references, or names as
///                                 people know them, with or without a version
///                                 (weave_names.hpp); also text where * stands
///                                 for anything, or a condition
///   display_name                  text, where * stands for anything, or a
///                                 condition; display_name_contains and
///                                 op_name_contains for a part
///   status                        success, error, descendant_error, running;
///                                 or a list of them
///   time_range                    {"start": T, "end": T}, the end exclusive
///   wb_run_id                     as wb_run_ids: run ids, alone or as
///                                 entity/project/run; also text with *, or a
///                                 condition
///   latency                       comparisons in milliseconds
///   attributes, inputs, output, summary
///                                 {dotted path: condition}; or
///                                 {"$contains": text} for the whole of it
///   has_exception                 boolean
///   $in                           {field: list}
///   $or, $and, $not               filters inside: lists, and one object
///   any other column or path      a condition
/// A condition is a value, null, or {operator: value, ...}, all of them to
/// hold: $eq $ne $gt $gte $lt $lte $contains $in, and $regex where it says no
/// more than a text. Null is a value in the
/// conditions of paths and other columns; as a named member it says nothing, as
/// if the member were absent.
///
/// Gives:  id lists in `filter` where the server has one for them; all else as
///         an expression. Inside $or, $and and $not everything is one.
/// Errors: `bad_argument` for whatever the server could not be asked, with the
///         place ("filters.$or[1].latency") and what was expected there.
///         Nothing is ever dropped: a query that ignores a condition would
///         answer another question.
/// Bounds: $or, $and, $not 6 deep; 500 conditions; lists of 1000; texts of
///         10000 bytes.
[[nodiscard]] result<weave_filter>
translate_filter(const boost::json::object& filters,
                 std::string_view project_id = {});

} // namespace mcp::wandb
