#pragma once

#include "actors/wandb_client.hpp"

#include <chrono>
#include <memory>
#include <unordered_map>

namespace mcp {

struct wandb_client_pool_state {
  static inline const char* name = "wandb_pool";
  struct entry {
    wandb_client_actor strong; // null once it was idle for a while
    caf::weak_actor_ptr weak;
    clock::time_point used;
  };
  std::unordered_map<key_fingerprint, entry, array_hash> clients;
};

/// One client per key for as long as anybody holds it, and `linger` longer.
wandb_client_pool_actor::behavior_type wandb_client_pool(
  wandb_client_pool_actor::stateful_pointer<wandb_client_pool_state> self,
  std::shared_ptr<const upstream_options> options, upstream_gateway* gateway,
  std::chrono::milliseconds linger);

} // namespace mcp
