#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace mcp {

/// What a look at a running server's /health found.
struct health {
  bool healthy = false;
  std::string what; ///< One line for people: its answer, or why there is none.
};

/// Asks the server that listens on `host`:`port` for /health, as a container's
/// health check does. An address that means "all interfaces" is asked on
/// loopback. Blocks, `patience` at most. Healthy is an answer with status 200.
health check_health(const std::string& host, std::uint16_t port,
                    std::chrono::milliseconds patience
                    = std::chrono::seconds(2));

} // namespace mcp
