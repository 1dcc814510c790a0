#pragma once

#include "actors/messages.hpp"
#include "tools/catalog.hpp"

#include <boost/json.hpp>

#include <memory>
#include <optional>
#include <string>

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
  std::unique_ptr<running_call> running;
  call_state();
  ~call_state();
};

/// Runs one planned call's coroutine to its end: tells its owner `progress` and
/// `log`, and once `done` or `failed`, then quits. When it dies before that,
/// its coroutine is destroyed and its upstream requests are abandoned. The
/// catalog that planned it must outlive the actor.
call_actor::behavior_type
call(call_actor::stateful_pointer<call_state> self,
     std::shared_ptr<call_order> order,
     std::shared_ptr<const tools::call_limits> limits);

} // namespace mcp
