#include "protocol/mcp/stateless.hpp"
#include "protocol/mcp/tasks.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

const json::object with_tasks{
  {"extensions",
   json::object{{"io.modelcontextprotocol/tasks", json::object{}}}}};

task_state some_task(task_status status) {
  return {.id = "t1",
          .status = status,
          .created = 1'785'231'000'250,
          .updated = 1'785'231'001'000,
          .ttl = std::chrono::minutes{10},
          .poll_interval = std::chrono::milliseconds{500},
          .questions = {{"confirm", list_roots()}},
          .result = {{"content", json::array{}}},
          .error = {{"code", -32603}, {"message", "no"}}};
}

} // namespace

TEST_CASE("times are ISO 8601 to the millisecond", "[protocol]") {
  CHECK(iso_time(0) == "1970-01-01T00:00:00.000Z");
  CHECK(iso_time(1'785'231'000'250) == "2026-07-28T09:30:00.250Z");
  CHECK(iso_time(951'782'399'999) == "2000-02-28T23:59:59.999Z");
  CHECK(iso_time(-1) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("a created task is flat and without an outcome", "[protocol]") {
  const auto status =
    GENERATE(task_status::working, task_status::input_required,
             task_status::completed, task_status::failed);
  const auto made =
    result_frame({"s", "", "1", ""}).wrap(created_task(some_task(status)));
  CHECK(made.at("resultType") == "task");
  CHECK(made.at("taskId") == "t1");
  CHECK(made.at("status").as_string() == to_string(status));
  CHECK(made.at("createdAt") == "2026-07-28T09:30:00.250Z");
  CHECK(made.at("lastUpdatedAt") == "2026-07-28T09:30:01.000Z");
  CHECK(made.at("ttlMs") == 600'000);
  CHECK(made.at("pollIntervalMs") == 500);
  for (const auto* other : {"task", "ttl", "pollInterval", "result", "error",
                            "inputRequests", "requestState", "cacheScope"})
    CHECK_FALSE(made.contains(other));
}

TEST_CASE("a task without limits says so, and hides what is not there",
          "[protocol]") {
  const auto made = created_task({.id = "t"});
  CHECK(made.at("ttlMs").is_null());
  CHECK_FALSE(made.contains("pollIntervalMs"));
  CHECK_FALSE(made.contains("statusMessage"));
  CHECK(created_task({.id = "t", .message = "m"}).at("statusMessage") == "m");
}

TEST_CASE("a task's details are those of its status", "[protocol]") {
  struct detail_case {
    task_status status;
    const char* name;
    const char* member; // null: none
    bool over;
  };
  const auto c = GENERATE(values<detail_case>({
    {task_status::working, "working", nullptr, false},
    {task_status::input_required, "input_required", "inputRequests", false},
    {task_status::completed, "completed", "result", true},
    {task_status::failed, "failed", "error", true},
    {task_status::cancelled, "cancelled", nullptr, true},
  }));
  CAPTURE(c.name);
  const auto details = task_details(some_task(c.status));
  CHECK(to_string(c.status) == c.name);
  CHECK(is_over(c.status) == c.over);
  CHECK(details.at("status") == c.name);
  CHECK_FALSE(details.contains("resultType"));
  for (const std::string member : {"inputRequests", "result", "error"})
    CHECK(details.contains(member)
          == (c.member != nullptr && member == c.member));
  const auto n = task_notification(some_task(c.status));
  CHECK(n.method == "notifications/tasks");
  CHECK(n.params == details);
}

TEST_CASE("requests of tasks name one", "[protocol]") {
  const auto method =
    GENERATE(as<std::string>{}, "tasks/get", "tasks/update", "tasks/cancel");
  CAPTURE(method);
  json::object params{{"taskId", "t"}, {"inputResponses", json::object{}}};
  const auto read = read_task_request(method, params, with_tasks);
  REQUIRE(read.has_value());
  CHECK(read->id == "t");
  const auto undeclared = read_task_request(method, params, {});
  REQUIRE_FALSE(undeclared.has_value());
  CHECK(undeclared.error().code == -32021);
  CHECK(undeclared.error()
          .data.at("requiredCapabilities")
          .at("extensions")
          .at("io.modelcontextprotocol/tasks")
          .is_object());
  const std::string too_long(257, 'x');
  for (const auto& bad : {json::value(nullptr), json::value(7), json::value(""),
                          json::value(too_long)}) {
    params["taskId"] = bad;
    const auto refused = read_task_request(method, params, with_tasks);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == -32602);
  }
}

TEST_CASE("an update brings answers", "[protocol]") {
  const auto update = [](const char* answers) {
    json::object params{{"taskId", "t"}};
    if (*answers)
      params["inputResponses"] = json::parse(answers);
    return read_task_request("tasks/update", params, with_tasks);
  };
  CHECK(update(R"({"a":{"action":"accept"}})")->answers.contains("a"));
  for (const auto* bad : {"", "null", "[]", R"({"a":1})"}) {
    CAPTURE(bad);
    CHECK_FALSE(update(bad).has_value());
  }
  CHECK(unknown_task().code == -32602);
}
