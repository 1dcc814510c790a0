#pragma once

#include "server/settings.hpp"

namespace mcp {

/// Runs the HTTP server until SIGTERM or SIGINT; gives the exit code. Threads
/// of both functions still run when they return: end the process.
int serve_http(const settings& s);

/// Serves the one client at stdin and stdout until its input ends; gives the
/// exit code.
int serve_stdio(const settings& s);

} // namespace mcp
