#pragma once

#include "actors/connection.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <memory>

namespace mcp {

/// What net's server calls for each accepted connection: makes handlers that
/// spawn a connection actor at their first request.
std::function<std::unique_ptr<net::connection_handler>()>
connection_factory(caf::actor_system& system,
                   std::shared_ptr<const connection_services> services);

} // namespace mcp
