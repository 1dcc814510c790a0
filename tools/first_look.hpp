#pragma once

// Answers to calls that do not say how much they want. Who asks for a run's
// history with nothing but the run's name wants to see what there is, not
// to fill a context with it.

#include "tools/context.hpp"
#include "tools/tool.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <string_view>

namespace mcp::tools {

/// What such an answer may have, in tokens.
inline constexpr std::size_t first_look_tokens = 6000;

/// True when none of the arguments, as the client gave them, says how much or
/// what part is wanted ("limit", "keys", "max_files", ...).
[[nodiscard]] bool asks_for_no_size(const json::object& given);

/// Remembers that in the accepted arguments.
void mark_first_look(json::object& accepted);

/// The budget of an answer to a call with these arguments (`token_size`): that
/// of a first look when they are marked so, else `response_budget`.
[[nodiscard]] std::size_t answer_budget(const call_limits& limits,
                                        const arguments& args);

/// The same limits with that budget.
[[nodiscard]] call_limits limits_for(const call_limits& limits,
                                     const arguments& args);

/// Adds to the "truncation_note" of a first look that was cut, how to get more:
/// the arguments of `input_schema` that say how much.
void explain_first_look(json::object& answer, std::string_view input_schema);

} // namespace mcp::tools
