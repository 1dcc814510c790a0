#pragma once

#include "actors/session.hpp"
#include "protocol/mcp/lifecycle.hpp"
#include "server/settings.hpp"

#include <chrono>
#include <memory>

namespace mcp {

/// What a server offers, whatever the transport.
struct hosted {
  std::shared_ptr<const session_services> services;
  server_info info;
  /// A call that is done by then is never made a task.
  std::chrono::milliseconds task_patience{3000};
  /// What a call may take as a task, when its own time is less.
  std::chrono::milliseconds task_budget{std::chrono::minutes(10)};
};

/// Runs the HTTP server until SIGTERM or SIGINT; gives the exit code. Threads
/// of both functions still run when they return: end the process.
int serve_http(const settings& s, const hosted& what);

/// Serves the one client at stdin and stdout until its input ends; gives the
/// exit code.
int serve_stdio(const settings& s, const hosted& what);

} // namespace mcp
