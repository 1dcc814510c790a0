#pragma once

#include "server/pages/pages.hpp"

#include <string>

namespace mcp {

/// What this is, for people: what can be asked, and the address. `state` is
/// "Running" or "Stopping".
[[nodiscard]] std::string landing_page(const tools::catalog& catalog,
                                       const page_facts& facts,
                                       const shown_address& address,
                                       const char* state);

} // namespace mcp
