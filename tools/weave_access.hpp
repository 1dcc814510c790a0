#pragma once

#include "protocol/wandb/weave_filter.hpp"
#include "protocol/wandb/weave_query.hpp"
#include "tools/tool.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the trace tools share: their common arguments, counting, and the error
// code for a query that the trace server refused.

namespace mcp::tools {

/// "entity/project" of `entity_name` and `project_name`.
/// Throws `failure_exception` (`bad_argument`).
std::string weave_project(const arguments& args);

/// The argument `filters`, translated. Throws as `weave_project` does.
wandb::weave_filter weave_filters(const arguments& args);

/// Whether an argument of this name is one of the `filters`, and no object is
/// missing where it needs one.
bool is_weave_filter(std::string_view name, const json::value& value);

/// A list of texts; empty when absent or null. Throws `failure_exception` when
/// an element is no text or there are more than 100.
std::vector<std::string> weave_names(const arguments& args,
                                     std::string_view name);

/// How many calls match.
task<wandb::calls_stats> count_calls(call_context& context, std::string project,
                                     wandb::weave_filter filter,
                                     bool storage_size);

struct counted {
  std::optional<std::int64_t> count; // empty when it could not be counted
  std::optional<failure> why_not;
};

/// The same for a count that the answer can do without: never throws.
task<counted> try_count(call_context& context, std::string project,
                        wandb::weave_filter filter);

/// Throws `why`: as a `tool_error` with `code` when the trace server did not
/// like the query or answered nonsense, else as it is, since who waits, signs
/// in or tries again needs to know that and not which tool it was.
[[noreturn]] void throw_weave_failure(const failure& why, std::string code);

} // namespace mcp::tools
