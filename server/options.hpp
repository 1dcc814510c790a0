#pragma once

#include "server/settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mcp {

/// One setting: its option, its variables (the first that is set counts), its
/// place in the help, and how to take a value. A setter gives what it would
/// have taken when it does not like the value.
struct option {
  std::string name;
  std::vector<const char*> variables;
  const char* value; // as the help shows it; null for a switch
  const char* help;
  std::function<std::optional<std::string>(settings&, const std::string&)> set;
};

/// Every option, in the order --help shows them.
const std::vector<option>& options();

} // namespace mcp
