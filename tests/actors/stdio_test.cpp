#include "tests/actors/line_world.hpp"

using namespace mcp;
using namespace mcp::testing;
namespace json = boost::json;

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
