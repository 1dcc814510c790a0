#pragma once

#include "actors/call.hpp"
#include "actors/messages.hpp"
#include "actors/session_routes.hpp"
#include "protocol/mcp/capabilities.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mcp {

/// What every session of a server shares; made once, only read.
struct session_services {
  std::shared_ptr<const tools::catalog> catalog;
  std::shared_ptr<const tools::call_limits> limits;
  server_features features;
  /// A call that runs this long gets a stream, so that nobody on the way takes
  /// the silence for death.
  std::chrono::milliseconds quiet_after{10'000};
  std::size_t max_calls = 64; // of one session at a time
  std::size_t max_subscriptions = 256;
  /// Where changes are told; null: nothing here ever changes.
  notice_hub_actor hub = {};
};

/// How busy a session is, told to the directory without a message per request.
/// Written by the session, read by the directory.
struct session_activity {
  std::atomic<std::int64_t> used{0}; // clock::time_point as a count
  std::atomic<int> calls{0};
  std::atomic<int> streams{0};
};

struct session_state {
  static inline const char* name = "session";
  struct running {
    jsonrpc::request_id id;
    route_id route = 0;
    call_actor call;
    std::string_view subject; // and label: the plan's
    std::string label;
    clock::time_point started;
    std::chrono::milliseconds budget{0};
    bool quiet = false; // already told to be a stream
    bool overdue = false;
  };
  /// Questions of one call that the client has not answered yet.
  struct asking {
    std::uint64_t call = 0;
    std::uint64_t id = 0; // the call's own
    std::map<jsonrpc::request_id, std::pair<std::string, client_request>> open;
    boost::json::object answers;
  };
  session_claims claims;
  wandb_client_actor client;
  std::shared_ptr<session_activity> activity;
  std::string label; // the id's first characters, for the log
  std::uint64_t last_call = 0;
  /// By the session's own call number: a client that uses an id twice at a time
  /// still gets both answers.
  std::map<std::uint64_t, running> calls;
  std::optional<session_routes> routes;
  std::uint64_t last_question = 0;
  std::vector<asking> asks;
  std::optional<log_level> wanted_log;
  std::set<std::string> subscriptions; // URIs
  bool watching = false;               // the hub tells us
  bool retiring = false;
  bool alarm_set = false;
};

/// One client's session, versions 2025-03-26 to 2025-11-25. It answers every
/// request but `initialize`, which made it.
session_actor::behavior_type
session(session_actor::stateful_pointer<session_state> self,
        session_claims claims, wandb_client_actor client,
        std::shared_ptr<session_activity> activity, std::string label,
        std::shared_ptr<const session_services> services);

} // namespace mcp
