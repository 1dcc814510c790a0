#pragma once

#include "actors/messages.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp {

struct notice_hub_options {
  /// Subscriptions of one user at a time; more are refused.
  std::size_t max_per_user = 100;
  /// Ends a subscription's result: gives the answer's text for a request id.
  std::function<std::string(const jsonrpc::request_id&)> end_text;
};

struct notice_hub_state {
  static inline const char* name = "notices";
  notice_hub_state() = default;
  /// By who listens: its connection and post.
  std::map<std::pair<caf::actor_addr, std::uint64_t>, listen_order> listeners;
  std::map<caf::actor_addr, std::size_t> per_user;
  struct watching {
    watcher_actor watcher;
    wandb_client_actor user;
  };
  std::map<caf::actor_addr, watching> watchers;
  bool draining = false;
};

/// What a call reported as changed: "tools", "prompts" and "resources" are the
/// lists, which are everybody's; else the URI of a resource of that user.
notice change_notice(std::string_view what, const wandb_client_actor& user);

/// Brings what changed to those who subscribed: to stateless clients on their
/// open listen streams, to sessions as `notice`. A notice of a user reaches
/// that user's subscriptions alone.
notice_hub_actor::behavior_type
notice_hub(notice_hub_actor::stateful_pointer<notice_hub_state> self,
           std::shared_ptr<const notice_hub_options> options);

} // namespace mcp
