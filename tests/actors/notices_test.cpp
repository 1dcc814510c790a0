#include "tests/actors/front.hpp"

using namespace mcp;
using namespace mcp::testing;

namespace {

lone_request subscribing(json::object what, int id) {
  return {.method = "subscriptions/listen",
          .params = {{"notifications", std::move(what)}},
          .id = id};
}

lone_request change(const char* what, const std::string& key = alice_key) {
  auto call = lone_call("change", {{"what", what}});
  call.key = key;
  return call;
}

} // namespace

TEST_CASE("a subscription tells first what it will tell", "[actors]") {
  front w;
  const auto via = w.ask(
    subscribing({{"toolsListChanged", true}, {"promptsListChanged", true}}, 7));
  REQUIRE(via->events.size() == 1);
  const auto said = message_of(via->events[0]);
  CHECK(said.at("method") == "notifications/subscriptions/acknowledged");
  CHECK(said.at_pointer("/params/notifications")
        == json::value{{"toolsListChanged", true}});
  CHECK_FALSE(via->closed);
}

TEST_CASE("a change reaches those who asked for it", "[actors]") {
  front w;
  const auto tools = w.ask(subscribing({{"toolsListChanged", true}}, 7));
  w.actor = w.connect();
  const auto other =
    w.ask(subscribing({{"resourceSubscriptions", {"test://a"}}}, 8));
  w.actor = w.connect();
  w.ask(change("tools", bob_key));
  REQUIRE(tools->events.size() == 2);
  const auto said = message_of(tools->events[1]);
  CHECK(said.at("method") == "notifications/tools/list_changed");
  CHECK(said.at_pointer("/params/_meta/io.modelcontextprotocol~1subscriptionId")
        == 7);
  CHECK(other->events.size() == 1);
}

TEST_CASE("a changed resource is told to its user alone", "[actors]") {
  front w;
  auto mine = subscribing({{"resourceSubscriptions", {"test://a"}}}, 7);
  const auto alice = w.ask(mine);
  mine.key = bob_key;
  w.actor = w.connect();
  const auto bob = w.ask(mine);
  w.actor = w.connect();
  w.ask(change("test://a"));
  w.ask(change("test://b"));
  CHECK(alice->events.size() == 2);
  CHECK(bob->events.size() == 1);
}

TEST_CASE("who left a subscription hears no more of it", "[actors]") {
  front w;
  const auto via = w.ask(subscribing({{"toolsListChanged", true}}, 7));
  caf::anon_send(w.actor, gone_atom_v);
  w.run();
  w.ask(change("tools"));
  CHECK(via->events.size() == 1);
}

TEST_CASE("subscriptions end with a result when the server stops", "[actors]") {
  front w;
  const auto via = w.ask(subscribing({{"toolsListChanged", true}}, 7));
  caf::anon_send(w.services->hub, drain_atom_v);
  w.run();
  REQUIRE(via->events.size() == 2);
  CHECK(message_of(via->events[1]).at("id") == 7);
  CHECK(via->closed);
}

TEST_CASE("one user has only so many subscriptions", "[actors]") {
  front w;
  for (int i = 0; i < 100; ++i) {
    w.actor = w.connect();
    REQUIRE(w.ask(subscribing({}, 7))->streaming);
  }
  w.actor = w.connect();
  const auto refused = w.ask(subscribing({}, 7));
  CHECK_FALSE(refused->streaming);
  CHECK(refused->body().find("too many") != std::string::npos);
  auto bobs = subscribing({}, 7);
  bobs.key = bob_key;
  CHECK(w.ask(bobs)->streaming);
}

TEST_CASE("a session hears of changes on its own stream", "[actors]") {
  front w;
  const auto session = w.open();
  w.post(R"({"jsonrpc":"2.0","id":1,"method":"resources/subscribe",)"
         R"("params":{"uri":"test://a"}})",
         session);
  const auto stream =
    w.send(w.connect(), {.method = http::verb::get,
                         .headers = {{"Authorization", "Bearer " + alice_key},
                                     {"Accept", "text/event-stream"},
                                     {"Mcp-Session-Id", session}}});
  REQUIRE(stream->streaming);
  const auto before = stream->events.size();
  w.ask(change("tools", bob_key));
  w.ask(change("test://a", bob_key));
  w.ask(change("test://b"));
  REQUIRE(stream->events.size() == before + 1);
  CHECK(message_of(stream->events.back()).at("method")
        == "notifications/tools/list_changed");
  w.ask(change("test://a"));
  REQUIRE(stream->events.size() == before + 2);
  CHECK(message_of(stream->events.back()).at_pointer("/params/uri")
        == "test://a");
}
