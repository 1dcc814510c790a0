#include "tests/actors/front.hpp"

using namespace mcp;
using namespace mcp::testing;

namespace {

const json::object with_tasks{
  {"elicitation", json::object{}},
  {"extensions", {{tasks_extension, json::object{}}}}};

struct board : front {
  /// The answer to a call that outlasted the patience: the task's id.
  std::string make(json::object arguments) {
    const auto via = ask(lone_call("slow", std::move(arguments), with_tasks));
    CHECK_FALSE(via->response);
    advance(4s);
    REQUIRE(via->status() == 200);
    const auto made = json::parse(via->body()).at("result");
    CHECK(made.at("resultType") == "task");
    CHECK(made.at("status") == "working");
    CHECK_FALSE(made.as_object().contains("result"));
    return std::string(made.at("taskId").as_string());
  }

  json::value about(const char* method, const std::string& id,
                    json::object more = {},
                    const std::string& key = alice_key) {
    more["taskId"] = id;
    // A connection serves one request at a time, and the first may be busy.
    actor = connect();
    return json::parse(ask({.method = method,
                            .params = std::move(more),
                            .capabilities = with_tasks,
                            .key = key})
                         ->body());
  }
  json::value result(const std::string& id) {
    return about("tasks/get", id).at("result");
  }
};

} // namespace

TEST_CASE("a call that is done soon is no task", "[actors]") {
  board w;
  const auto via = w.ask(lone_call("slow", {{"seconds", 1}}, with_tasks));
  w.advance(2s);
  CHECK(json::parse(via->body()).at_pointer("/result/resultType")
        == "complete");
}

TEST_CASE("a client that knows no tasks waits for its answer", "[actors]") {
  board w;
  const auto via = w.ask(lone_call("slow", {{"seconds", 8}}));
  w.advance(9s);
  CHECK(json::parse(via->body()).at_pointer("/result/resultType")
        == "complete");
}

TEST_CASE("a task outlives its connection and is asked for its result",
          "[actors]") {
  board w;
  const auto id = w.make({{"seconds", 20}});
  caf::anon_send(w.actor, closed_atom_v);
  w.run();
  CHECK(w.result(id).at("status") == "working");
  w.advance(20s);
  const auto done = w.result(id);
  CHECK(done.at("status") == "completed");
  CHECK(done.at_pointer("/result/structuredContent/done") == true);
  CHECK(done.at("resultType") == "complete");
}

TEST_CASE("a client that leaves before the task is made ends the call",
          "[actors]") {
  board w;
  w.ask(lone_call("slow", {{"seconds", 20}}, with_tasks));
  caf::anon_send(w.actor, gone_atom_v);
  w.advance(30s);
  CHECK(w.ask(lone_call("echo", {{"say", "hi"}}))->status() == 200);
}

TEST_CASE("a task that broke tells the error", "[actors]") {
  board w;
  const auto id = w.make({{"seconds", 10}, {"fail", true}});
  w.advance(10s);
  const auto done = w.result(id);
  CHECK(done.at("status") == "failed");
  CHECK(done.at_pointer("/error/message") == "it broke");
  CHECK_FALSE(done.as_object().contains("result"));
}

TEST_CASE("a task asks, is answered, and goes on", "[actors]") {
  board w;
  const auto id = w.make({{"seconds", 10}, {"ask", true}});
  w.advance(10s);
  const auto asking = w.result(id);
  CHECK(asking.at("status") == "input_required");
  CHECK(asking.at_pointer("/inputRequests/name/method")
        == "elicitation/create");
  const auto bad = w.about("tasks/update", id,
                           {{"inputResponses", {{"name", {{"action", "x"}}}}}});
  CHECK(bad.at_pointer("/error/code") == -32602);
  const auto good = w.about(
    "tasks/update", id,
    {{"inputResponses",
      {{"name", {{"action", "accept"}, {"content", {{"name", "Ann"}}}}}}}});
  CHECK(good.at_pointer("/result/resultType") == "complete");
  CHECK(w.result(id).at_pointer(
          "/result/structuredContent/answers/name/content/name")
        == "Ann");
}

TEST_CASE("a cancelled task stays cancelled", "[actors]") {
  board w;
  const auto id = w.make({{"seconds", 10}});
  CHECK(w.about("tasks/cancel", id).at_pointer("/result/resultType")
        == "complete");
  w.advance(20s);
  CHECK(w.result(id).at("status") == "cancelled");
  CHECK(w.about("tasks/cancel", id).as_object().contains("result"));
}

TEST_CASE("another user's task looks like none", "[actors]") {
  board w;
  const auto id = w.make({{"seconds", 10}});
  for (const auto* method : {"tasks/get", "tasks/cancel"}) {
    const auto theirs = w.about(method, id, {}, bob_key);
    const auto nobodys = w.about(method, "none");
    CHECK(theirs.at("error") == nobodys.at("error"));
  }
  CHECK(w.result(id).at("status") == "working");
}

TEST_CASE("a task is forgotten when its time is over", "[actors]") {
  board w;
  const auto id = w.make({{"seconds", 10}});
  w.advance(29min);
  CHECK(w.result(id).at("status") == "completed");
  w.advance(2min);
  CHECK(w.about("tasks/get", id).at_pointer("/error/code") == -32602);
}

TEST_CASE("beyond a user's share calls go on without a task", "[actors]") {
  board w;
  for (int i = 0; i < 16; ++i) {
    w.actor = w.connect();
    w.make({{"seconds", 100}});
  }
  w.actor = w.connect();
  const auto via = w.ask(lone_call("slow", {{"seconds", 20}}, with_tasks));
  w.advance(21s);
  REQUIRE(via->streaming);
  CHECK(message_of(via->events.back()).at_pointer("/result/resultType")
        == "complete");
}

TEST_CASE("a subscription tells how its task goes", "[actors]") {
  board w;
  const auto id = w.make({{"seconds", 10}});
  w.actor = w.connect();
  const auto via = w.ask({.method = "subscriptions/listen",
                          .params = {{"notifications", {{"taskIds", {id}}}}},
                          .capabilities = with_tasks});
  w.advance(10s);
  REQUIRE(via->events.size() == 2);
  const auto said = message_of(via->events[1]);
  CHECK(said.at("method") == "notifications/tasks");
  CHECK(said.at_pointer("/params/status") == "completed");
}

TEST_CASE("finished tasks leave room for new ones, the oldest goes first",
          "[actors]") {
  board w;
  std::vector<std::string> ids;
  for (int i = 0; i < 65; ++i) {
    w.actor = w.connect();
    ids.push_back(w.make({{"seconds", 5}}));
    w.advance(2s);
  }
  CHECK(w.about("tasks/get", ids.front()).at_pointer("/error/code") == -32602);
  CHECK(w.result(ids[1]).at("status") == "completed");
  CHECK(w.result(ids.back()).at("status") == "completed");
}
