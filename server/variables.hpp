#pragma once

// Variables that are no option of ours: those of the Python server that this
// one has no use for, and those that somebody misspelt.

#include "server/settings.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// A variable of the Python server that is taken and does nothing here.
struct idle_variable {
  std::string_view name;
  /// What the log says when it is set; empty: what it asks for holds anyway,
  /// and nothing is said.
  std::string_view why;
  /// Said only when it switches something on.
  bool is_switch = false;
};

std::span<const idle_variable> idle_variables();

/// Whether the Python server reads this variable when it speaks stdio too, so
/// that a configuration made for it may hold it without meaning HTTP.
bool is_of_python_server(std::string_view name);

/// Tells of the variables that nobody hears, in `s.hints`.
/// Takes:  `value` of one that is set.
/// Errors: `bad_argument` for an unknown WANDB_MCP_* variable that is near one
///         which takes something away from users: it must not be ignored.
std::optional<failure> check_variables(settings& s,
                                       const std::vector<std::string>& names,
                                       const decltype(surroundings::value)&
                                         value);

} // namespace mcp
