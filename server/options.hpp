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
  using setter =
    std::function<std::optional<std::string>(settings&, const std::string&)>;

  std::string name;
  std::vector<const char*> variables;
  const char* value;    // as the help shows it; null for a switch
  const char* fallback; // what holds when nothing is said; empty: nothing
  const char* help;
  setter set;
  /// Whoever says it means a server that listens.
  bool http_only = false;
  /// Takes something away from users. A value of it that got lost must not
  /// pass for none: its variables may not be set and empty.
  bool restricts = false;
};

struct option_group {
  const char* title;
  std::vector<option> options;
};

/// Every option, in the order --help shows them.
const std::vector<option_group>& option_groups();
/// The same without their groups.
const std::vector<option>& options();

/// Parts of `option_groups`.
std::vector<option_group> access_options(); // where, what W&B, who may
std::vector<option_group> offer_options();  // how much, which tools, logs

/// The text of --help.
std::string usage();

} // namespace mcp
