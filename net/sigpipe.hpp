#pragma once

#include <csignal>

namespace mcp::net {

/// A write to a closed pipe or socket shall fail, not kill the process. For the
/// whole process; an own handler that somebody has set stays.
inline void ignore_sigpipe() {
  struct sigaction now {};
  if (sigaction(SIGPIPE, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0
      && now.sa_handler == SIG_DFL)
    std::signal(SIGPIPE, SIG_IGN);
}

} // namespace mcp::net
