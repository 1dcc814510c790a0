#pragma once

#include "actors/stateless_calls.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace mcp {

struct task_board_options {
  std::shared_ptr<const stateless_services> services;
  notice_hub_actor hub;
  /// A call that is done by then is answered as any other.
  std::chrono::milliseconds patience{3000};
  /// What a call may take as a task, when its own budget is less.
  std::chrono::milliseconds budget{std::chrono::minutes(10)};
  /// How long a task can be asked for, from its making.
  std::chrono::milliseconds ttl{std::chrono::minutes(30)};
  std::chrono::milliseconds poll_interval{1000};
  std::size_t max_running_per_user = 16; // more go on as plain calls
  std::size_t max_kept_per_user = 64;    // then the oldest finished one goes
  std::size_t max_tasks = 10'000;        // of all users
};

struct task_board_state {
  static inline const char* name = "tasks";
  struct entry {
    task_state shown;
    wandb_client_actor user;
    std::shared_ptr<ready_call> request;
    call_actor call;
    std::uint64_t number = 0; // the call's
    clock::time_point started;
    bool overdue = false;
    /// The call's question that is open: its id, and what is answered of it.
    std::uint64_t question = 0;
    boost::json::object answers;
  };
  task_board_state() = default;
  std::optional<stateless_calls> calls; // that are no tasks (yet)
  std::map<std::string, entry> tasks;   // by task id
  std::map<std::uint64_t, std::string> by_call;
  bool alarm_set = false;
};

/// Runs calls that may go on as tasks (extension
/// io.modelcontextprotocol/tasks): one that is not done soon is answered with a
/// task, which its user polls, answers and cancels from any connection until it
/// expires.
task_board_actor::behavior_type
task_board(task_board_actor::stateful_pointer<task_board_state> self,
           std::shared_ptr<const task_board_options> options);

} // namespace mcp
