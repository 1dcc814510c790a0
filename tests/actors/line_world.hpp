#pragma once

#include "actors/notice_hub.hpp"
#include "actors/stdio_connection.hpp"
#include "actors/task_board.hpp"
#include "protocol/json/write.hpp"
#include "tests/actors/world.hpp"

#include <boost/json.hpp>

namespace mcp::testing {

namespace json = boost::json;

/// A server whose one client writes lines.
struct line_world : world {
  std::shared_ptr<stdio_services> services = std::make_shared<stdio_services>();
  std::vector<json::value> said;
  wandb_client_actor client;
  stdio_actor actor;

  line_world() {
    auto notices = std::make_shared<notice_hub_options>();
    notices->end_text = [](const jsonrpc::request_id& id) {
      return jsonrpc::write_result(id, write_json(subscription_end(id)));
    };
    auto offered = services_for_tests();
    services->hub = offered->hub = spawn(notice_hub, notices);
    services->server = {"test", "Test", "1", ""};
    services->session = offered;
    services->stateless = std::make_shared<const stateless_services>(
      offered, services->server, seal_keys::random(),
      [] { return std::int64_t{1'760'000'000}; });
    auto tasks = std::make_shared<task_board_options>();
    tasks->services = services->stateless;
    tasks->hub = services->hub;
    services->tasks = spawn(task_board, tasks);
    services->write = [this](std::string text) {
      said.push_back(json::parse(text));
    };
    client = spawn(wandb_client, secret(alice_key),
                   std::make_shared<upstream_options>(), &gateway);
    actor = spawn(stdio_connection, client, services);
    spawn(
      [over = over, actor = actor](caf::event_based_actor* self, int) {
        self->monitor(actor);
        self->set_down_handler([over](const caf::down_msg&) { *over = true; });
        return caf::behavior{[](int) {}};
      },
      nothing);
    run();
  }
  ~line_world() { services->hub = notice_hub_actor{}; }

  void line(std::string text) {
    caf::anon_send(actor, line_atom_v, std::move(text));
    run();
  }
  void ask(int id, const char* method, json::object params = {}) {
    params["_meta"] = {{meta_key::protocol_version, "2026-07-28"},
                       {meta_key::client_capabilities,
                        {{"extensions", {{tasks_extension, json::object{}}}}}}};
    line(json::serialize(json::object{{"jsonrpc", "2.0"},
                                      {"id", id},
                                      {"method", method},
                                      {"params", std::move(params)}}));
  }
  void initialize() {
    line(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":)"
         R"({"protocolVersion":"2025-11-25","capabilities":{},)"
         R"("clientInfo":{"name":"c","version":"1"}}})");
  }
  std::shared_ptr<bool> over = std::make_shared<bool>(false);
};

} // namespace mcp::testing
