#pragma once

#include "server/settings.hpp"

#include <string>

namespace mcp {

/// What an operator wants to see when the server is up: how users show who
/// they are, which W&B and which trace server, and what is offered. Neither
/// keys nor addresses inside the network.
std::string at_a_glance(const settings& s);

} // namespace mcp
