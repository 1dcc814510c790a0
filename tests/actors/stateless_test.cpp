#include "tests/actors/front.hpp"

using namespace mcp;
using namespace mcp::testing;

namespace {

const json::object can_elicit{{"elicitation", json::object{}}};

json::value body_of(const recorded_exchange& via) {
  return json::parse(via.body());
}

} // namespace

TEST_CASE("a request that stands alone is answered without a session",
          "[actors]") {
  front w;
  const auto via = w.ask(lone_call("echo", {{"say", "hi"}}));
  CHECK(via->status() == 200);
  const auto said = body_of(*via);
  CHECK(said.at("id") == 1);
  CHECK(said.at_pointer("/result/resultType") == "complete");
  CHECK(said.at_pointer("/result/structuredContent/said") == "hi");
  CHECK(
    said.at_pointer("/result/_meta/io.modelcontextprotocol~1serverInfo/name")
    == "test");
  CHECK(via->header("Mcp-Session-Id").empty());
}

TEST_CASE("discovery and lists say how long they may be kept", "[actors]") {
  front w;
  const auto* method = GENERATE("server/discover", "tools/list", "prompts/list",
                                "resources/list", "resources/templates/list");
  CAPTURE(method);
  const auto via = w.ask({.method = method});
  REQUIRE(via->status() == 200);
  const auto result = body_of(*via).at("result");
  CHECK(result.at("resultType") == "complete");
  CHECK(result.at("ttlMs").as_int64() > 0);
  CHECK(result.at("cacheScope") == "public");
}

TEST_CASE("what a user's key read is nobody else's", "[actors]") {
  front w;
  const auto via =
    w.ask({.method = "resources/read", .params = {{"uri", "wandb://guide"}}});
  CHECK(body_of(*via).at_pointer("/result/cacheScope") == "private");
}

TEST_CASE("sessions and lone requests share a connection", "[actors]") {
  front w;
  const auto id = w.open();
  CHECK(w.ask(lone_call("echo", {{"say", "hi"}}))->status() == 200);
  CHECK(w.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})", id)->status()
        == 200);
  CHECK(w.ask({.method = "tools/list"})->status() == 200);
}

namespace {

struct refused_case {
  const char* what;
  lone_request request;
  int status;
  int code;
};

} // namespace

TEST_CASE("a lone request that is not welcome says why", "[actors]") {
  front w;
  const auto c = GENERATE(values<refused_case>({
    {"no such method", {.method = "tools/make"}, 404, -32601},
    {"a method of sessions", {.method = "ping"}, 404, -32601},
    {"opening a session", {.method = "initialize"}, 404, -32601},
    {"another method in the header",
     {.method = "tools/list", .headers = {{"Mcp-Method", "tools/call"}}},
     400,
     -32020},
    {"no method in the header",
     {.method = "tools/list", .headers = {{"Mcp-Method", ""}}},
     400,
     -32020},
    {"another version in the header",
     {.method = "tools/list", .headers = {{"MCP-Protocol-Version", "x"}}},
     400,
     -32020},
    {"no such tool", lone_call("none"), 200, -32602},
    {"a marked argument without its header",
     lone_call("marked", {{"say", "hi"}}), 400, -32020},
    {"a tool that needs the client's model", lone_call("needy"), 400, -32021},
    {"a tool that runs as a task only", lone_call("job"), 400, -32021},
    {"no such resource",
     {.method = "resources/read", .params = {{"uri", "wandb://nothing"}}},
     200,
     -32602},
    {"a cursor of nowhere",
     {.method = "tools/list", .params = {{"cursor", "x"}}},
     200,
     -32602},
    {"a state of nowhere",
     {.method = "tools/call",
      .params = {{"name", "ask"}, {"requestState", "x"}}},
     200,
     -32602},
  }));
  CAPTURE(c.what);
  const auto via = w.ask(c.request);
  CHECK(via->status() == c.status);
  const auto said = body_of(*via);
  CHECK(said.at_pointer("/error/code") == c.code);
  CHECK(said.at("id") == 1);
}

TEST_CASE("an unknown version is told the known ones", "[actors]") {
  front w;
  const auto via = w.post(
    R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{)"
    R"("io.modelcontextprotocol/protocolVersion":"2199-01-01"}}})",
    "", {{"MCP-Protocol-Version", "2199-01-01"}});
  CHECK(via->status() == 400);
  const auto error = body_of(*via).at("error");
  CHECK(error.at("code") == -32022);
  CHECK(error.at_pointer("/data/supported/0") == "2026-07-28");
  CHECK(error.at_pointer("/data/requested") == "2199-01-01");
}

TEST_CASE("a marked argument is held against its header", "[actors]") {
  front w;
  auto call = lone_call("marked", {{"say", "hi"}});
  call.headers = {{"Mcp-Param-Say", "hi"}};
  CHECK(w.ask(call)->status() == 200);
  call.headers = {{"Mcp-Param-Say", "ho"}};
  CHECK(w.ask(call)->status() == 400);
}

TEST_CASE("lone notifications and answers are taken without a word",
          "[actors]") {
  front w;
  const auto via = w.ask({.method = "notifications/cancelled",
                          .params = {{"requestId", 1}},
                          .id = 0});
  CHECK(via->status() == 202);
  CHECK(via->body().empty());
}

TEST_CASE("the version without sessions has no streams to GET", "[actors]") {
  front w;
  const auto method = GENERATE(http::verb::get, http::verb::delete_);
  const auto via =
    w.send(w.actor, {.method = method,
                     .headers = {{"Authorization", "Bearer " + alice_key},
                                 {"Accept", "text/event-stream"},
                                 {"MCP-Protocol-Version", "2026-07-28"}}});
  CHECK(via->status() == 405);
  CHECK(via->header("Allow") == "POST, OPTIONS");
}

TEST_CASE("a lone call tells its progress on its own answer", "[actors]") {
  front w;
  auto call = lone_call("fetch");
  call.params["_meta"] = {{"progressToken", "p"}};
  const auto via = w.ask(call);
  REQUIRE(via->streaming);
  REQUIRE(via->events.size() == 1);
  CHECK(message_of(via->events[0]).at_pointer("/params/progressToken") == "p");
  w.gateway.answer(0, R"({"x":1})");
  w.run();
  REQUIRE(via->events.size() == 2);
  CHECK(message_of(via->events[1]).at_pointer("/result/resultType")
        == "complete");
  CHECK(via->closed);
  CHECK(via->events[1].find("id:") == std::string::npos);
}

TEST_CASE("a lone call logs only at the level its request names", "[actors]") {
  front w;
  auto call = lone_call("ask", {}, can_elicit);
  CHECK_FALSE(w.ask(call)->streaming);
  call.params["_meta"] = {{meta_key::log_level, "error"}};
  CHECK_FALSE(w.ask(call)->streaming);
  call.params["_meta"] = {{meta_key::log_level, "info"}};
  const auto via = w.ask(call);
  REQUIRE(via->events.size() == 2);
  CHECK(message_of(via->events[0]).at("method") == "notifications/message");
}

TEST_CASE("who closes the stream ends the call", "[actors]") {
  front w;
  w.ask(lone_call("fetch"));
  REQUIRE(w.gateway.sent.size() == 1);
  caf::anon_send(w.actor, gone_atom_v);
  w.run();
  CHECK(w.gateway.sent[0].cancelled);
  CHECK(w.ask(lone_call("echo", {{"say", "hi"}}))->status() == 200);
}

TEST_CASE("a lone call that takes long gets a stream, then a timeout",
          "[actors]") {
  front w;
  const auto via = w.ask(lone_call("fetch"));
  w.advance(9s);
  CHECK_FALSE(via->streaming);
  w.advance(2s);
  CHECK(via->streaming);
  w.advance(10s);
  REQUIRE(via->events.size() == 1);
  CHECK(message_of(via->events[0]).at_pointer("/result/isError") == true);
  CHECK(via->events[0].find("upstream_timeout") != std::string::npos);
}

TEST_CASE("a failure of ours is an internal error", "[actors]") {
  front w;
  const auto said = body_of(*w.ask(lone_call("bug")));
  CHECK(said.at_pointer("/error/code") == -32603);
  CHECK(json::serialize(said).find("secrets") == std::string::npos);
}

TEST_CASE("users of one connection each have their own client", "[actors]") {
  front w;
  auto call = lone_call("fetch");
  w.ask(call);
  w.gateway.answer(0, "{}");
  w.run();
  call.key = bob_key;
  w.ask(call);
  w.gateway.answer(1, "{}");
  w.run();
  REQUIRE(w.gateway.sent.size() == 2);
  CHECK(w.gateway.sent[0].transfer.headers
        != w.gateway.sent[1].transfer.headers);
}

namespace {

/// A request that goes on after `said`, an answer that asked for input.
lone_request next_round(lone_request r, const json::value& said,
                        json::object answers) {
  r.params.erase("_meta");
  r.params["requestState"] = said.at_pointer("/result/requestState");
  r.params["inputResponses"] = std::move(answers);
  return r;
}

const json::object good_answer{
  {"name", {{"action", "accept"}, {"content", {{"name", "Ann"}}}}}};

} // namespace

TEST_CASE("a lone call asks by its result, and goes on with the answer",
          "[actors]") {
  front w;
  const auto call = lone_call("ask", {}, can_elicit);
  const auto first = body_of(*w.ask(call));
  CHECK(first.at_pointer("/result/resultType") == "input_required");
  CHECK(first.at_pointer("/result/inputRequests/name/method")
        == "elicitation/create");
  const auto second = body_of(*w.ask(next_round(call, first, good_answer)));
  CHECK(second.at_pointer("/result/resultType") == "complete");
  CHECK(second.at_pointer("/result/structuredContent/answers/name/content/name")
        == "Ann");
}

TEST_CASE("an answer that does not fit is asked for again", "[actors]") {
  front w;
  const auto call = lone_call("ask", {}, can_elicit);
  const auto first = body_of(*w.ask(call));
  const auto answers = GENERATE(values<json::object>({
    {},
    {{"other", {{"action", "accept"}}}},
    {{"name", {{"action", "nod"}}}},
  }));
  const auto second = body_of(*w.ask(next_round(call, first, answers)));
  CHECK(second.at_pointer("/result/resultType") == "input_required");
}

TEST_CASE("a request state is good for its user and request alone",
          "[actors]") {
  front w;
  const auto call = lone_call("ask", {}, can_elicit);
  auto next = next_round(call, body_of(*w.ask(call)), good_answer);
  SECTION("another user") {
    next.key = bob_key;
  }
  SECTION("other arguments") {
    next.params["arguments"] = {{"x", 1}};
  }
  SECTION("another tool") {
    next.params["name"] = "later";
  }
  SECTION("changed") {
    next.params["requestState"] =
      std::string(next.params["requestState"].as_string()) + "x";
  }
  SECTION("too old") {
    w.unix_now += 3600;
  }
  CHECK(body_of(*w.ask(next)).at_pointer("/error/code") == -32602);
}

TEST_CASE("a client that can not be asked is told so in the result",
          "[actors]") {
  front w;
  const auto said = body_of(*w.ask(lone_call("ask")));
  CHECK(said.at_pointer("/result/isError") == true);
}
