#include "actors/notice_hub.hpp"
#include "actors/stdio_connection.hpp"
#include "actors/task_board.hpp"
#include "protocol/json/write.hpp"
#include "tests/actors/world.hpp"

#include <boost/json.hpp>

using namespace mcp;
using namespace mcp::testing;
namespace json = boost::json;

namespace {

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

} // namespace

TEST_CASE("a line without a session is answered beside one", "[actors]") {
  line_world w;
  w.ask(1, "server/discover");
  w.initialize();
  w.ask(2, "tools/call", {{"name", "echo"}, {"arguments", {{"say", "hi"}}}});
  w.line(R"({"jsonrpc":"2.0","id":3,"method":"ping"})");
  REQUIRE(w.said.size() == 4);
  CHECK(w.said[0].at_pointer("/result/resultType") == "complete");
  CHECK(w.said[1].at_pointer("/result/protocolVersion") == "2025-11-25");
  CHECK(w.said[2].at_pointer("/result/structuredContent/said") == "hi");
  CHECK(w.said[3].at("result") == json::object{});
}

TEST_CASE("an unknown version on a line is told the known ones", "[actors]") {
  line_world w;
  w.line(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{)"
         R"("io.modelcontextprotocol/protocolVersion":"2199-01-01"}}})");
  REQUIRE(w.said.size() == 1);
  CHECK(w.said[0].at_pointer("/error/code") == -32022);
}

TEST_CASE("a lone call on a line is cancelled by its id", "[actors]") {
  line_world w;
  w.ask(5, "tools/call", {{"name", "fetch"}});
  REQUIRE(w.gateway.sent.size() == 1);
  w.line(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
         R"("params":{"requestId":5}})");
  CHECK(w.gateway.sent[0].cancelled);
  CHECK(w.said.empty());
}

TEST_CASE("a subscription on a line tells changes until it is cancelled",
          "[actors]") {
  line_world w;
  w.ask(7, "subscriptions/listen",
        {{"notifications", {{"toolsListChanged", true}}}});
  w.ask(8, "tools/call",
        {{"name", "change"}, {"arguments", {{"what", "tools"}}}});
  REQUIRE(w.said.size() == 3);
  CHECK(w.said[0].at("method") == "notifications/subscriptions/acknowledged");
  CHECK((w.said[1].as_object().contains("method")
         || w.said[2].as_object().contains("method")));
  w.line(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
         R"("params":{"requestId":7}})");
  w.ask(9, "tools/call",
        {{"name", "change"}, {"arguments", {{"what", "tools"}}}});
  REQUIRE(w.said.size() == 4);
  CHECK(w.said[3].at("id") == 9);
}

TEST_CASE("a task made on a line is asked for on another", "[actors]") {
  line_world w;
  w.ask(1, "tools/call", {{"name", "slow"}, {"arguments", {{"seconds", 5}}}});
  w.advance(4s);
  REQUIRE(w.said.size() == 1);
  const auto id = w.said[0].at_pointer("/result/taskId");
  w.advance(5s);
  w.ask(2, "tasks/get", {{"taskId", id}});
  CHECK(w.said[1].at_pointer("/result/status") == "completed");
}

TEST_CASE("the end of input waits for calls, but not for subscriptions",
          "[actors]") {
  line_world w;
  w.ask(7, "subscriptions/listen",
        {{"notifications", {{"toolsListChanged", true}}}});
  w.ask(8, "tools/call", {{"name", "fetch"}});
  caf::anon_send(w.actor, gone_atom_v);
  w.run();
  CHECK_FALSE(*w.over);
  w.gateway.answer(0, "{}");
  w.run();
  CHECK(w.said.back().at("id") == 8);
  CHECK(*w.over);
}
