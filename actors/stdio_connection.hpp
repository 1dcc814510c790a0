#pragma once

#include "actors/messages.hpp"
#include "actors/session.hpp"
#include "actors/stateless_calls.hpp"
#include "protocol/mcp/lifecycle.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace mcp {

struct stdio_services {
  server_info server;
  std::shared_ptr<const session_services> session;
  std::shared_ptr<const stateless_services> stateless;
  notice_hub_actor hub;
  task_board_actor tasks;
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
  /// Requests without a session: post -> the id, until they are answered.
  std::map<std::uint64_t, jsonrpc::request_id> open;
  std::set<std::uint64_t> listening; // those that are subscriptions
  stateless_calls calls;
  bool alarm_set = false;
  bool input_ended = false;
};

/// The one client at the other end of stdin and stdout: a line is a message,
/// its session is spawned on `initialize`; messages that need none are answered
/// beside it. Quits when the input ended and all
/// that was asked is answered.
stdio_actor::behavior_type
stdio_connection(stdio_actor::stateful_pointer<stdio_state> self,
                 wandb_client_actor client,
                 std::shared_ptr<const stdio_services> services);

} // namespace mcp
