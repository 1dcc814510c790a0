#pragma once

#include "actors/messages.hpp"
#include "actors/session.hpp"
#include "protocol/mcp/lifecycle.hpp"

#include <functional>
#include <memory>
#include <string>

namespace mcp {

struct stdio_services {
  server_info server;
  std::shared_ptr<const session_services> session;
  /// Writes one message to the output; safe from any thread.
  std::function<void(std::string)> write;
};

struct stdio_state {
  static inline const char* name = "stdio";
  // Not an aggregate: CAF would try to make one from the actor's pointer.
  stdio_state() = default;
  session_actor session; // null before initialize
  version negotiated = newest_version;
  std::uint64_t posts = 0;
  std::size_t awaited = 0; // answers still to come
  bool input_ended = false;
};

/// The one client at the other end of stdin and stdout: a line is a message,
/// its session is spawned on `initialize`. Quits when the input ended and all
/// that was asked is answered.
stdio_actor::behavior_type
stdio_connection(stdio_actor::stateful_pointer<stdio_state> self,
                 wandb_client_actor client,
                 std::shared_ptr<const stdio_services> services);

} // namespace mcp
