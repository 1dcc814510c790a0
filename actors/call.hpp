#pragma once

#include "actors/messages.hpp"
#include "tools/catalog.hpp"

#include <boost/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcp {

/// What the owner of a call hands to it.
struct call_order {
  std::uint64_t number = 0; // the owner's own
  call_owner_actor owner;
  wandb_client_actor client;
  tools::planned_call plan;
  std::optional<boost::json::value> progress_token;
  boost::json::object client_capabilities = {};
  version spoken = newest_version;
  /// Answers to the call's questions that came with its request, by key.
  boost::json::object told = {};
};

class running_call; // the tool's context and its coroutine

struct call_state {
  static inline const char* name = "call";
  std::shared_ptr<running_call> running;
  call_state();
  ~call_state();
};

/// How far a call came at once.
struct begun_call {
  /// What it told, in order. The last is its end (`done` or `failed`), unless
  /// an actor carries it on.
  std::vector<call_news> told;
  call_actor actor; // null when it is over
};

/// Runs a planned call's coroutine until it has to wait. A call that ends
/// before that needs no actor. Another goes on in one of its own, which `owner`
/// monitors: it tells `order->owner`, which must be `owner`, `progress` and
/// `log`, and once `done` or `failed`, then quits. When it dies before that,
/// its coroutine is destroyed and its upstream requests are abandoned. The
/// catalog that planned it must outlive it.
[[nodiscard]] begun_call
begin_call(caf::local_actor* owner, std::shared_ptr<call_order> order,
           std::shared_ptr<const tools::call_limits> limits);

} // namespace mcp
