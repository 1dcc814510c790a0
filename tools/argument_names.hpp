#pragma once

#include "protocol/json/schema.hpp"
#include "tools/tool.hpp"

#include <string>
#include <vector>

// Arguments under other names than their own. Models know a dozen servers and
// write "metrics" where this one says keys. What can only mean one thing is
// taken for it and the answer says so; the rest is refused by name. Nothing is
// dropped unsaid: a filter that is ignored makes an answer to another question.

namespace mcp::tools {

struct named_arguments {
  json::object values;
  /// What was taken for something else, a sentence each; for the answer.
  std::vector<std::string> notes;
  /// What there is no such argument for, a line each; for the error.
  std::vector<std::string> refused;
};

/// Gives each argument the name that the tool has for it.
/// - In other case or separators, without or with a final s, or under a name
///   that means the one argument of the tool: moved there.
/// - A member of `filters` beside it (`tool::is_filter`): moved into it.
/// - Empty (null, "", [], {}): left out.
/// - What agents add to every call by themselves: left out.
/// - What stands under its own name as well, with another value: refused.
/// What is left is for `argument_schema::accept` to refuse.
[[nodiscard]] named_arguments settle_names(const tool& t,
                                           const argument_schema& schema,
                                           json::object given);

} // namespace mcp::tools
