#pragma once

// Settings from a command line and an environment that a test makes up.

#include "server/settings.hpp"
#include "tests/catch.hpp"

#include <map>
#include <string>
#include <vector>

namespace mcp::testing {

inline const std::string some_key(40, 'k');

inline result<settings> read(const std::vector<std::string>& arguments,
                             std::map<std::string, std::string> variables = {},
                             input_kind input = input_kind::nothing) {
  surroundings around{.value = {}, .input = input};
  for (const auto& [name, value] : variables)
    around.names.push_back(name);
  around.value = [variables = std::move(variables)](
                   const char* name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    return it == variables.end() ? std::nullopt
                                 : std::optional<std::string>(it->second);
  };
  return read_settings(arguments, around);
}

/// Whether one of the lines says it.
inline bool say(const std::vector<std::string>& lines,
                const std::string& what) {
  for (const auto& line : lines)
    if (line.find(what) != line.npos)
      return true;
  return false;
}

} // namespace mcp::testing
