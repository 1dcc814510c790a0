#pragma once

#include "actors/notice_hub.hpp"
#include "actors/task_board.hpp"
#include "server/serve.hpp"

#include <cstdint>
#include <memory>

namespace mcp {

/// Unix time in seconds.
std::int64_t unix_seconds();

/// What all connections of a server share, whatever the transport: the actors
/// beside sessions, and the offer that knows them.
class shared_actors {
public:
  shared_actors(caf::actor_system& system, const hosted& what,
                const seal_keys& keys);
  /// Ends the actors.
  ~shared_actors();
  shared_actors(const shared_actors&) = delete;
  shared_actors& operator=(const shared_actors&) = delete;

  const std::shared_ptr<const session_services>& services() const {
    return services_;
  }
  const std::shared_ptr<const stateless_services>& stateless() const {
    return stateless_;
  }
  const notice_hub_actor& hub() const { return hub_; }
  const task_board_actor& tasks() const { return tasks_; }

private:
  notice_hub_actor hub_;
  std::shared_ptr<const session_services> services_;
  std::shared_ptr<const stateless_services> stateless_;
  task_board_actor tasks_;
};

} // namespace mcp
