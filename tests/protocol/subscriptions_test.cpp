#include "protocol/mcp/stateless.hpp"
#include "protocol/mcp/subscriptions.hpp"
#include "protocol/mcp/tasks.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

const json::object with_tasks{
  {"extensions",
   json::object{{"io.modelcontextprotocol/tasks", json::object{}}}}};

checked<subscription_filter> read(const char* filter,
                                  const json::object& can = {}) {
  return read_subscription_filter({{"notifications", json::parse(filter)}},
                                  can);
}

server_features everything() {
  server_features f{.tools_changed = true,
                    .prompts = true,
                    .prompts_changed = true,
                    .resources = true,
                    .resources_changed = true,
                    .resources_subscribe = true};
  f.extensions[tasks_extension] = json::object{};
  return f;
}

struct written_case {
  notification n;
  const char* text;
};

} // namespace

TEST_CASE("notifications are written as the protocol has them", "[protocol]") {
  const written_case all[] = {
    {log_notification(log_level::info, "hi"),
     R"({"level":"info","data":"hi"})"},
    {log_notification(log_level::error, {{"a", 1}}, "w"),
     R"({"level":"error","logger":"w","data":{"a":1}})"},
    {progress_notification("t", 50, 100, "half"),
     R"({"progressToken":"t","progress":50,"total":100,"message":"half"})"},
    {progress_notification(7, 0.5), R"({"progressToken":7,"progress":0.5})"},
    {cancelled_notification("7"), R"({"requestId":7})"},
    {cancelled_notification("\"7\"", "late"),
     R"({"requestId":"7","reason":"late"})"},
    {list_changed_notification(changing_list::tools), R"({})"},
    {resource_updated_notification("a://b"), R"({"uri":"a://b"})"},
    {elicitation_complete_notification("e"), R"({"elicitationId":"e"})"},
  };
  for (const auto& c : all) {
    CAPTURE(c.text);
    const auto m = json::parse(write_notification(c.n));
    CHECK(m.at("jsonrpc") == "2.0");
    CHECK(m.at("method").as_string() == c.n.method);
    CHECK_FALSE(m.as_object().contains("id"));
    CHECK(json::serialize(m.at("params"))
          == json::serialize(json::parse(c.text)));
  }
  CHECK(list_changed_notification(changing_list::prompts).method
        == "notifications/prompts/list_changed");
  CHECK(list_changed_notification(changing_list::resources).method
        == "notifications/resources/list_changed");
}

TEST_CASE("a subscription's notifications name it", "[protocol]") {
  const auto id = GENERATE(as<std::string>{}, "1", "\"1\"", "9007199254740993");
  CAPTURE(id);
  notification n = resource_updated_notification("a://b");
  n.params["_meta"] = json::object{{"x.y/z", 1}};
  const auto meta =
    json::parse(write_notification(n, id)).at("params").at("_meta");
  CHECK(json::serialize(meta.at(meta_key::subscription_id)) == id);
  CHECK(meta.at("x.y/z") == 1);
  const auto end = subscription_end(id);
  CHECK(json::serialize(end.at("_meta").at(meta_key::subscription_id)) == id);
}

TEST_CASE("a filter is read, and lists what it does not know no more",
          "[protocol]") {
  const auto f = read(R"({"toolsListChanged":true,"promptsListChanged":false,
    "resourcesListChanged":null,"resourceSubscriptions":["a://b","c://d"],
    "unheard":7})");
  REQUIRE(f.has_value());
  CHECK(f->tools);
  CHECK_FALSE(f->prompts);
  CHECK_FALSE(f->resources);
  CHECK(json::serialize(to_json(*f))
        == R"({"toolsListChanged":true,)"
           R"("resourceSubscriptions":["a://b","c://d"]})");
  CHECK(to_json(read("{}").value()).empty());
}

TEST_CASE("a filter that is none is refused", "[protocol]") {
  for (const auto* bad :
       {"null", "[]", R"({"toolsListChanged":1})",
        R"({"resourceSubscriptions":"a"})", R"({"resourceSubscriptions":[1]})",
        R"({"taskIds":{}})"}) {
    CAPTURE(bad);
    const auto f = read(bad);
    REQUIRE_FALSE(f.has_value());
    CHECK(f.error().code == -32602);
    CHECK(f.error().http_status == 400);
  }
  CHECK_FALSE(read_subscription_filter({}, {}).has_value());
  json::array many(1001, "a");
  CHECK_FALSE(
    read_subscription_filter(
      {{"notifications", json::object{{"resourceSubscriptions", many}}}}, {})
      .has_value());
  const json::array wide{std::string(2049, 'x')};
  CHECK_FALSE(
    read_subscription_filter(
      {{"notifications", json::object{{"resourceSubscriptions", wide}}}}, {})
      .has_value());
}

TEST_CASE("tasks are told to clients that know tasks", "[protocol]") {
  const auto* filter = R"({"taskIds":["t"]})";
  CHECK(read(filter, with_tasks)->tasks == std::vector<std::string>{"t"});
  const auto refused = read(filter);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == -32021);
  CHECK(read(R"({"taskIds":[]})").has_value());
}

TEST_CASE("only what the server has is honoured, and told", "[protocol]") {
  const auto wanted = read(R"({"toolsListChanged":true,
    "promptsListChanged":true,"resourcesListChanged":true,
    "resourceSubscriptions":["a://b"],"taskIds":["t"]})",
                           with_tasks)
                        .value();
  CHECK(to_json(honoured(wanted, everything())) == to_json(wanted));
  CHECK(to_json(honoured(wanted, {})).empty());
  CHECK(to_json(honoured({}, everything())).empty());
  const auto tools = honoured(wanted, {.tools_changed = true});
  const auto said = json::parse(write_acknowledgement("\"s\"", tools));
  CHECK(said.at("method") == "notifications/subscriptions/acknowledged");
  CHECK(json::serialize(said.at_pointer("/params/notifications"))
        == R"({"toolsListChanged":true})");
  CHECK(said.at("params").at("_meta").at(meta_key::subscription_id) == "s");
}

TEST_CASE("a subscription gets what it asked for", "[protocol]") {
  const auto tools = list_changed_notification(changing_list::tools);
  const auto prompts = list_changed_notification(changing_list::prompts);
  const auto resources = list_changed_notification(changing_list::resources);
  const auto updated = resource_updated_notification("a://b");
  const auto task = task_notification({.id = "t"});
  const auto log = log_notification(log_level::error, "x");
  const auto progress = progress_notification(1, 1);
  const subscription_filter all{.tools = true,
                                .prompts = true,
                                .resources = true,
                                .uris = {"x", "a://b"},
                                .tasks = {"t"}};
  for (const auto& n : {tools, prompts, resources, updated, task}) {
    CAPTURE(n.method);
    CHECK(wants(all, n));
    CHECK_FALSE(wants({}, n));
  }
  CHECK_FALSE(wants(all, log));
  CHECK_FALSE(wants(all, progress));
  CHECK_FALSE(wants({.prompts = true}, tools));
  CHECK_FALSE(wants({.tools = true}, prompts));
  CHECK_FALSE(wants({.uris = {"a://"}}, updated));
  CHECK_FALSE(wants({.tasks = {"u"}}, task));
}
