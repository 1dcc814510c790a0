#pragma once

#include "actors/messages.hpp"
#include "protocol/mcp/version.hpp"
#include "tools/catalog.hpp"

#include <boost/json.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mcp {

/// What a session hands to a call.
struct call_order {
  std::uint64_t number = 0; // the session's own
  session_actor session;
  wandb_client_actor client;
  const tools::entry* tool = nullptr;
  boost::json::object arguments; // as the client sent them
  std::optional<boost::json::value> progress_token;
  version negotiated = newest_version;
};

class running_call; // the tool's context and its coroutine

struct call_state {
  static inline const char* name = "call";
  std::unique_ptr<running_call> running;
  call_state();
  ~call_state();
};

/// Runs one tool's coroutine to its end: tells the session `progress`, and once
/// `done` or `failed`, then quits. When it dies before that, its coroutine is
/// destroyed and its upstream requests are abandoned. What `order.tool` points
/// to must outlive the actor.
call_actor::behavior_type
call(call_actor::stateful_pointer<call_state> self,
     std::shared_ptr<call_order> order,
     std::shared_ptr<const tools::call_limits> limits);

} // namespace mcp
