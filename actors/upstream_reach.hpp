#pragma once

#include "net/http_client.hpp"
#include "tools/upstream.hpp"

#include <array>
#include <atomic>

namespace mcp {

/// Whether W&B could be reached when a user's request last went there: what a
/// health probe tells without asking W&B anything. Of all users together, and
/// of none in particular. Safe from any thread.
class upstream_reach {
public:
  enum class state { unknown, reachable, unreachable };

  /// A transfer to `to` ended. An answer is one, whatever it says, but for a
  /// gateway's own (502, 503, 504).
  void saw(service to, const net::http_outcome& how);
  /// `unknown` before the first transfer.
  [[nodiscard]] state of(service to) const;

private:
  std::array<std::atomic<state>, 4> last_{}; // by `service`
};

/// "unknown", "reachable", "unreachable"
[[nodiscard]] const char* to_string(upstream_reach::state s);

} // namespace mcp
