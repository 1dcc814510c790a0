#include "actors/wandb_client_pool.hpp"

namespace mcp {

wandb_client_pool_actor::behavior_type wandb_client_pool(
  wandb_client_pool_actor::stateful_pointer<wandb_client_pool_state> self,
  std::shared_ptr<const upstream_options> options, upstream_gateway* gateway,
  std::chrono::milliseconds linger) {
  self->delayed_send(self, linger, sweep_atom_v);
  return {
    [=](acquire_atom, const key_fingerprint& print, secret& key) {
      auto& e = self->state.clients[print];
      e.used = self->clock().now();
      if (!e.strong)
        if (auto alive = e.weak.lock())
          e.strong = caf::actor_cast<wandb_client_actor>(alive);
      if (!e.strong) {
        // Lazy: a client without requests costs no trip through the
        // scheduler.
        e.strong = self->spawn<caf::lazy_init>(wandb_client, std::move(key),
                                               options, gateway);
        e.weak = caf::actor_cast<caf::weak_actor_ptr>(e.strong);
      }
      return e.strong;
    },
    [=](sweep_atom) {
      const auto now = self->clock().now();
      auto& clients = self->state.clients;
      for (auto it = clients.begin(); it != clients.end();) {
        auto& e = it->second;
        if (e.strong && now - e.used >= linger)
          e.strong = wandb_client_actor{};
        it = !e.strong && !e.weak.lock() ? clients.erase(it) : std::next(it);
      }
      self->delayed_send(self, linger, sweep_atom_v);
    },
  };
}

} // namespace mcp
