#include "server/shared_actors.hpp"

#include "protocol/json/write.hpp"

namespace mcp {

std::int64_t unix_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

shared_actors::shared_actors(caf::actor_system& system, const hosted& what,
                             const seal_keys& keys) {
  auto notices = std::make_shared<notice_hub_options>();
  notices->end_text = [frame = result_frame(what.info)](
                        const jsonrpc::request_id& id) {
    return jsonrpc::write_result(id,
                                 write_json(frame.wrap(subscription_end(id))));
  };
  hub_ = system.spawn(notice_hub, std::move(notices));
  auto services = std::make_shared<session_services>(*what.services);
  services->hub = hub_;
  services_ = services;
  stateless_ = std::make_shared<const stateless_services>(services_, what.info,
                                                          keys, unix_seconds);
  auto tasks = std::make_shared<task_board_options>();
  tasks->services = stateless_;
  tasks->hub = hub_;
  tasks->patience = what.task_patience;
  tasks->budget = what.task_budget;
  tasks_ = system.spawn(task_board, std::move(tasks));
}

shared_actors::~shared_actors() {
  caf::anon_send_exit(tasks_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(hub_, caf::exit_reason::user_shutdown);
}

} // namespace mcp
