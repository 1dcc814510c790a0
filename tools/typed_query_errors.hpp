#pragma once

#include "protocol/errors.hpp"
#include "tools/tool.hpp"

namespace mcp::tools {

/// What the caller asked about, for the details of an error: arguments as they
/// came, cut, before anything is known to be valid.
[[nodiscard]] json::object scope_given(const arguments& args);

/// Throws `error` again, with `scope` beside its own details.
[[noreturn]] void throw_with_scope(const tool_error& error, json::object scope);

/// Throws the `tool_error` that a failure of W&B's is in the typed form. Of a
/// refused query W&B's own words are passed on (wandb_words.hpp): what it
/// refuses are the caller's filters and order, for the documents are ours.
/// Failures without a code there, like a call that was given up, are thrown as
/// they are.
[[noreturn]] void throw_typed_failure(const failure& why, json::object scope);

} // namespace mcp::tools
