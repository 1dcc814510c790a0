#pragma once

#include "server/settings.hpp"

#include <optional>

namespace mcp {

/// Makes one selection of all that says which tools to offer: what any of it
/// takes away is gone. Also gives the caps of the workload profile.
/// Errors: `bad_argument` for a toolset or tool that there isn't, and when
///         nothing is left.
std::optional<failure> settle_tools(settings& s);

} // namespace mcp
