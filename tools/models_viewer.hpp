#pragma once

#include "tools/context.hpp"

#include <string>
#include <vector>

namespace mcp::tools {

/// Who the call's user is, as W&B sees it.
struct viewer_info {
  std::string username;       // empty for a key that belongs to no person
  std::string default_entity; // empty when W&B names none
  std::vector<std::string> teams;
  bool more_teams = false; // than W&B gives at once
};

/// Asks W&B, with one request and without personal data.
/// Throws `failure_exception`: `unauthorized` when the key has no viewer.
task<viewer_info> read_viewer(call_context& context);

} // namespace mcp::tools
