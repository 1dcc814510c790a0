#include "actors/wandb_client_pool.hpp"

#include <algorithm>

namespace mcp {
namespace {

using clients_map = decltype(wandb_client_pool_state::clients);

/// Lets go of those not acquired since `since`; forgets those nobody holds.
void let_go(clients_map& clients, clock::time_point since) {
  for (auto it = clients.begin(); it != clients.end();) {
    auto& e = it->second;
    if (e.strong && e.used <= since)
      e.strong = wandb_client_actor{};
    it = !e.strong && !e.weak.lock() ? clients.erase(it) : std::next(it);
  }
}

} // namespace

wandb_client_pool_actor::behavior_type wandb_client_pool(
  wandb_client_pool_actor::stateful_pointer<wandb_client_pool_state> self,
  std::shared_ptr<const upstream_options> options, upstream_gateway* gateway,
  pool_options rules) {
  self->state.clear_at = rules.crowd;
  self->delayed_send(self, rules.linger, sweep_atom_v);
  return {
    [=](acquire_atom, const key_fingerprint& print, secret& key) {
      auto& st = self->state;
      const auto now = self->clock().now();
      if (st.clients.size() >= st.clear_at) {
        let_go(st.clients, now);
        // Twice what is held, so that looking through all of them stays rare.
        st.clear_at = std::max(rules.crowd, 2 * st.clients.size());
      }
      auto& e = st.clients[print];
      e.used = now;
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
      let_go(self->state.clients, self->clock().now() - rules.linger);
      self->delayed_send(self, rules.linger, sweep_atom_v);
    },
  };
}

} // namespace mcp
