#pragma once

#include "net/http_client.hpp"

#include <cstdint>
#include <functional>

namespace mcp {

/// How actors reach HTTP without touching a socket. Called from the I/O
/// threads; implemented by `runtime` and, in tests, by a script.
class upstream_gateway {
public:
  virtual ~upstream_gateway() = default;
  /// Starts a transfer on the calling thread's HTTP client. `on_done` runs
  /// later on that thread, exactly once unless cancelled.
  virtual std::uint64_t
  start(net::http_transfer transfer,
        std::function<void(net::http_outcome)> on_done) = 0;
  /// Aborts, from any I/O thread. `on_done` may still run when the two cross.
  virtual void cancel(std::uint64_t transfer) = 0;
};

} // namespace mcp
