#include "protocol/json/token_size.hpp"
#include "protocol/json/write.hpp"
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"
#include "tools/automation_secrets.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

/// A page of projects p1, p2, ... with one automation each, t1, t2, ...
std::string projects_page(int from, int to, bool more,
                          std::string_view cursor = "c") {
  json::array edges;
  for (int i = from; i <= to; ++i) {
    const auto n = std::to_string(i);
    json::object trigger{
      {"id", "t" + n}, {"name", "alert " + n}, {"enabled", true}};
    json::object node{{"name", "p" + n}, {"triggers", {trigger}}};
    edges.push_back(json::object{{"node", std::move(node)}});
  }
  json::object info{{"hasNextPage", more}, {"endCursor", cursor}};
  json::object projects{{"edges", std::move(edges)}, {"pageInfo", info}};
  json::object scope{{"projects", std::move(projects)}};
  const json::object data{{"scope", std::move(scope)}};
  return json::serialize(json::object{{"data", data}});
}

json::value only_automation(const std::string& trigger) {
  fake_context c;
  c.reply(at("/graphql"),
          R"({"data":{"scope":{"projects":{"edges":[{"node":{"name":"p",
             "triggers":[)"
            + trigger + "]}}]}}}}");
  const auto r = call_tool(c, list_wandb_automations, {});
  REQUIRE_FALSE(r.is_error);
  return r.structured.at("automations").at(0);
}

} // namespace

TEST_CASE("automations of all projects are listed, up to a number", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "ViewerAutomations"), projects_page(1, 3, false));
  const auto two = call_tool(c, list_wandb_automations, {{"max_items", 2}});
  CHECK(two.structured.at("count") == 2);
  CHECK(two.structured.at("truncated") == true);
  CHECK(two.structured.at("has_more") == true);
  CHECK(two.structured.at("entity").is_null());
  const auto all = call_tool(c, list_wandb_automations, {{"max_items", 3}});
  CHECK(all.structured.at("count") == 3);
  CHECK(all.structured.at("truncated") == false);
  CHECK(all.structured.at("projects_scanned") == 3);
  CHECK(all.structured.at("automations").at(2).at("project") == "p3");
}

TEST_CASE("one entity's automations are asked for by its name", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "EntityAutomations"), projects_page(1, 3, false));
  const auto r = call_tool(c, list_wandb_automations,
                           {{"entity", "team"}, {"name", "alert 2"}});
  CHECK(c.body_of("/graphql").at("variables").at("entity") == "team");
  CHECK(r.structured.at("count") == 1);
  CHECK(r.structured.at("automations").at(0).at("id") == "t2");
  CHECK(r.structured.at("entity") == "team");
}

TEST_CASE("pages of projects are followed, eight at most", "[tools]") {
  fake_context c;
  c.answer(at("/graphql"), [n = 0](upstream_request&) mutable {
    upstream_reply reply;
    ++n;
    reply.body = std::make_shared<const std::string>(
      projects_page(n, n, true, "c" + std::to_string(n)));
    return upstream_result(reply);
  });
  const auto r = call_tool(c, list_wandb_automations, {});
  CHECK(c.requests.size() == 8);
  CHECK(r.structured.at("count") == 8);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.contains("truncation_note"));
  CHECK(c.body_of("/graphql", 7).at("variables").at("after") == "c7");
}

TEST_CASE("automations behind a cursor that leads nowhere are an error",
          "[tools]") {
  const auto cursor = GENERATE(as<std::string>{}, "", "same");
  fake_context c;
  c.reply(at("/graphql"), projects_page(1, 1, true, cursor));
  CHECK(error_of(call_tool(c, list_wandb_automations, {}))
        == "upstream_garbage");
}

TEST_CASE("an entity that is not there is told from an empty one", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "EntityAutomations"), R"({"data":{"scope":null}})");
  c.reply(at("/graphql", "ViewerAutomations"), projects_page(1, 0, false));
  CHECK(error_of(call_tool(c, list_wandb_automations, {{"entity", "nobody"}}))
        == "entity_not_found");
  const auto r = call_tool(c, list_wandb_automations, {});
  CHECK(r.structured.at("automations").as_array().empty());
}

TEST_CASE("names to select automations by must be names", "[tools]") {
  const auto argument = GENERATE(as<std::string>{}, "entity", "name");
  const auto text = GENERATE(as<std::string>{}, " ", std::string(513, 'x'));
  fake_context c;
  CHECK(error_of(call_tool(c, list_wandb_automations, {{argument, text}}))
        == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("an event says what must happen", "[tools]") {
  struct row {
    std::string type, filter, shown;
  };
  const auto [type, filter, shown] = GENERATE(values<row>({
    {"RUN_METRIC",
     R"({"run_filter":"{\"$and\":[]}","run_metric_filter":{"threshold_filter":
         {"name":"loss","cmp_op":"$gt","threshold":1.5}}})",
     R"({"kind":"threshold","name":"loss","cmp_op":"$gt","threshold":1.5,
         "run_filter":{"$and":[]}})"},
    {"RUN_METRIC_CHANGE",
     R"({"run_metric_filter":{"change_filter":{"name":"a","change_dir":"ANY"}}})",
     R"({"kind":"change","name":"a","change_dir":"ANY"})"},
    {"RUN_METRIC_ZSCORE",
     R"({"run_metric_filter":{"zscore_filter":{"name":"a"}}})",
     R"({"kind":"zscore","name":"a"})"},
    {"RUN_METRIC", R"({"metric_filter":"{\"name\":\"old\"}"})",
     R"({"kind":"threshold","name":"old"})"},
    {"RUN_STATE",
     R"({"run_filter":"{}","run_state_filter":{"states":["FAILED"]}})",
     R"({"states":["FAILED"],"run_filter":{}})"},
    {"ADD_ARTIFACT_ALIAS", R"({"filter":"{\"alias\":\"prod\"}"})",
     R"({"alias":"prod"})"},
    {"SOMETHING_NEW", R"({"x":1})", R"({"x":1})"},
    {"SOMETHING_NEW", "not JSON", R"("not JSON")"},
  }));
  CAPTURE(type, filter);
  const json::object event{{"eventType", type}, {"filter", filter}};
  const json::object trigger{{"event", event}};
  const auto a = only_automation(json::serialize(trigger));
  CHECK(a.at("event").at("type").as_string() == type);
  CHECK(a.at("event").at("filter") == json::parse(shown));
}

TEST_CASE("an action says what is done, and keeps secrets to itself",
          "[tools]") {
  struct row {
    std::string action, shown;
  };
  const auto [action, shown] = GENERATE(values<row>({
    {R"({"__typename":"NotificationTriggeredAction","integration":{"id":"i"},
         "title":"t","message":"m","severity":"WARN"})",
     R"({"type":"NOTIFICATION","integration_id":"i","title":"t","message":"m",
         "severity":"WARN"})"},
    {R"({"__typename":"GenericWebhookTriggeredAction","integration":{"id":"i"},
         "requestPayload":"{\"run\":\"${run}\",\"Api-Key\":\"abc\"}"})",
     R"({"type":"GENERIC_WEBHOOK","integration_id":"i",
         "request_payload":{"run":"${run}","Api-Key":"[redacted]"}})"},
    {R"({"__typename":"NoOpTriggeredAction","noOp":true})",
     R"({"type":"NO_OP"})"},
    {R"({"__typename":"QueueJobTriggeredAction","template":"{}"})",
     R"({"type":"QUEUE_JOB"})"},
    {R"({"__typename":"Brand new"})", R"({"type":"Brand new"})"},
    {R"(5)", R"({"type":null})"},
  }));
  CAPTURE(action);
  const auto a = only_automation(R"({"action":)" + action + "}");
  CHECK(a.at("action") == json::parse(shown));
}

TEST_CASE("automations of any shape are survived", "[tools]") {
  const auto trigger = GENERATE(
    as<std::string>{}, "{}", R"({"scope":[],"event":{"filter":[1]},"id":5})",
    R"({"event":{"eventType":null,"filter":{"run_metric_filter":7}},
        "action":{"__typename":7},"scope":{"__typename":"Project"}})");
  CAPTURE(trigger);
  CHECK(only_automation(trigger).is_object());
}

TEST_CASE("a long list of automations is cut to the budget", "[tools]") {
  fake_context c;
  c.settings().max_response_tokens = 1000;
  c.reply(at("/graphql"), projects_page(1, 100, false));
  const auto r = call_tool(c, list_wandb_automations, {{"max_items", 200}});
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("count")
        == r.structured.at("automations").as_array().size());
}

TEST_CASE("a wrong key and a call given up are as with all tools", "[tools]") {
  const auto* tool =
    GENERATE(&list_wandb_automations, &list_wandb_integrations);
  fake_context refused;
  refused.fail(at("/graphql"), {.code = errc::unauthorized, .message = "no"});
  CHECK(error_of(call_tool(refused, *tool, {})) == "unauthorized");
  fake_context waiting;
  waiting.stay_silent(at("/graphql"));
  {
    auto call = tool->run(waiting, arguments({{"max_items", 5}}));
    call.start();
    waiting.pump();
    REQUIRE(waiting.requests.size() == 1);
  }
  CHECK(waiting.abandoned_ids.size() == 1);
}

TEST_CASE("addresses lose what is not for everybody", "[tools]") {
  const auto [url, shown] = GENERATE(table<std::string, std::string>({
    {"https://a.example/hook", "https://a.example/hook"},
    {"https://user:pw@a.example:8443/x?token=1#f", "https://a.example:8443/x"},
    {"https://a@b@a.example", "https://a.example"},
    {"https://hooks.slack.com/services/T0/B0/abcdefgh12345678ijklmnop",
     "https://hooks.slack.com/services/T0/B0/[redacted]"},
    {"a.example/x?key=1", "a.example/x"},
    {"", ""},
    {"https://", "https://"},
    {"https://a.example//x/", "https://a.example//x/"},
  }));
  CHECK(url_without_secrets(url) == shown);
}

TEST_CASE("payloads lose credentials by name and by look", "[tools]") {
  const auto [text, shown] = GENERATE(table<std::string, std::string>({
    {R"({"a":{"password":5,"author":"x"}})",
     R"({"a":{"password":"[redacted]","author":"x"}})"},
    {R"(["Bearer abc",{"x":"https://u:p@h/?k=1"}])",
     R"(["[redacted]",{"x":"https://h/"}])"},
    {R"({"x":"0123456789abcdef0123456789abcdef01234567"})",
     R"({"x":"[redacted]"})"},
    {R"({"token":null,"n":1.5})", R"({"token":null,"n":1.5})"},
    {"plain words", R"("plain words")"},
    {"", "null"},
  }));
  CAPTURE(text);
  CHECK(payload_without_secrets(text) == json::parse(shown));
  for (const auto* hidden :
       {R"({"token": "abc", ${rest}})", "x=https://u:p@h/",
        "{${a}, \"v\":\"0123456789abcdef0123456789abcdef01234567\"}"}) {
    const auto out = write_json(payload_without_secrets(hidden));
    CHECK(out.find("abc") == out.npos);
    CHECK(out.find("redacted") != out.npos);
  }
}
