#pragma once

#include "actors/wandb_client.hpp"

#include <chrono>
#include <memory>
#include <unordered_map>

namespace mcp {

struct pool_options {
  /// A client that nobody acquired for this long is let go.
  std::chrono::milliseconds linger{60'000};
  /// With this many, those that nobody holds go at once: keys cost nothing to
  /// make up.
  std::size_t crowd = 50'000;
};

struct wandb_client_pool_state {
  static inline const char* name = "wandb_pool";
  struct entry {
    wandb_client_actor strong; // null once it was idle for a while
    caf::weak_actor_ptr weak;
    clock::time_point used;
  };
  std::unordered_map<key_fingerprint, entry, array_hash> clients;
  std::size_t clear_at = 0; // this many clients
};

/// One client per key for as long as anybody holds it, and a while longer.
wandb_client_pool_actor::behavior_type wandb_client_pool(
  wandb_client_pool_actor::stateful_pointer<wandb_client_pool_state> self,
  std::shared_ptr<const upstream_options> options, upstream_gateway* gateway,
  pool_options rules);

} // namespace mcp
