#pragma once

// Requests that stand alone (2026-07-28), up to the point where an actor has to
// do something: everything about them that only needs the message itself.

#include "actors/session.hpp"
#include "protocol/mcp/http_headers.hpp"
#include "protocol/mcp/request_state.hpp"
#include "protocol/mcp/stateless.hpp"
#include "protocol/mcp/subscriptions.hpp"
#include "protocol/mcp/tasks.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

namespace mcp {

/// What all stateless requests of a server share; made once, only read.
struct stateless_services {
  stateless_services(std::shared_ptr<const session_services> all,
                     const server_info& server, const seal_keys& keys,
                     std::function<std::int64_t()> clock_seconds);

  std::shared_ptr<const session_services> shared;
  result_frame frame;
  request_sealer sealer;
  std::function<std::int64_t()> unix_time; // seconds
  shared_text discovery;                   // the result of server/discover
  /// Results of the list methods' first pages.
  std::map<std::string, shared_text, std::less<>> lists;
};

/// Names a user to the seals of request states: the same on every instance.
std::string user_name(const key_fingerprint& user);

/// A request that has passed every check; its user's client can run it.
struct ready_call {
  std::uint64_t post = 0;
  std::uint64_t connection = 0; // for the log
  jsonrpc::request_id id;
  request_meta asker;
  tools::planned_call plan;
  std::string method;
  // What a request state is bound to.
  std::string user;
  std::string name;
  boost::json::object arguments;
  boost::json::object told; // answers by key
};

/// Whether the call goes to the task board: its tool and its client have to
/// allow it.
bool may_become_task(const ready_call& call);

/// What is to be done about one message.
struct stateless_answer {
  shared_text text; // null: none is due
  int status = 200;
};
struct stateless_listen {
  jsonrpc::request_id id;
  subscription_filter filter;
};
struct stateless_task {
  jsonrpc::request_id id;
  std::string method;
  task_request what;
};
using stateless_step =
  std::variant<stateless_answer, std::shared_ptr<ready_call>, stateless_listen,
               stateless_task>;

/// Reads one message for which `is_stateless` holds.
/// Takes:  its headers, null where there are none (stdio); whose key it came
///         with. The message's params are used up.
/// Gives:  the answer (2026-07-28: basic/index and transports say with which
///         code and HTTP status it is refused), or what it asks for.
stateless_step read_stateless(const stateless_services& services,
                              jsonrpc::message& m, const header_lookup* headers,
                              const key_fingerprint& user);

} // namespace mcp
