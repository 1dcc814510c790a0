#pragma once

// Values of the extension io.modelcontextprotocol/tasks (2026-07-28): a
// tools/call may be answered with a task, which the client then polls. Not to
// be mixed up with the tasks of 2025-11-25, which we do not have.

#include "protocol/mcp/client_requests.hpp"
#include "protocol/mcp/notifications.hpp"
#include "protocol/mcp/refusal.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

enum class task_status {
  working,
  input_required,
  completed, // also when the tool's result says isError
  failed,    // ended by a JSON-RPC error
  cancelled,
};

[[nodiscard]] std::string_view to_string(task_status status);
[[nodiscard]] constexpr bool is_over(task_status s) {
  return s != task_status::working && s != task_status::input_required;
}

/// One task as its client sees it.
struct task_state {
  std::string id;
  task_status status = task_status::working;
  std::string message = {}; // for a person; empty: none
  /// Unix time, milliseconds.
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::optional<std::chrono::milliseconds> ttl = {}; // from `created`
  std::optional<std::chrono::milliseconds> poll_interval = {};
  // What its status calls for.
  input_requests questions = {};   // input_required: those not answered
  boost::json::object result = {}; // completed: the tool's
  boost::json::object error = {};  // failed: {"code":..., "message":...}
};

/// "2026-07-28T09:30:00.250Z"
[[nodiscard]] std::string iso_time(std::int64_t unix_milliseconds);

/// The answer to the tools/call that became a task: flat, "resultType" is
/// "task"; never with the task's outcome. It still needs a result_frame.
[[nodiscard]] boost::json::object created_task(const task_state& t);

/// The result of tasks/get: flat, with what the status calls for inlined. It
/// still needs a result_frame, as has the empty object that answers
/// tasks/update and tasks/cancel.
[[nodiscard]] boost::json::object task_details(const task_state& t);

/// notifications/tasks, with the same content.
[[nodiscard]] notification task_notification(const task_state& t);

/// The params of tasks/get, tasks/update and tasks/cancel.
struct task_request {
  std::string id;
  boost::json::object answers = {}; // tasks/update: inputResponses
};

/// Takes:  the method, its params and what the request declares.
/// Errors: -32021 when the client did not declare the extension;
///         -32602 no task id, or one longer than 256 bytes; tasks/update
///         without answers, or with malformed ones.
[[nodiscard]] checked<task_request>
read_task_request(std::string_view method, const boost::json::object& params,
                  const boost::json::object& client_capabilities);

/// For a tool that can only run as a task, and for the methods above.
/// Errors: -32021 naming the extension.
[[nodiscard]] objection
check_tasks_declared(const boost::json::object& client_capabilities);

/// -32602: no such task, which is also what another user's task looks like.
[[nodiscard]] protocol_refusal unknown_task();

} // namespace mcp
