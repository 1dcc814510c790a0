#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

const std::string some =
  R"({"node":{"__typename":"SlackIntegration","id":"s","teamName":"T",
      "channelName":"#c"}},
     {"node":{"__typename":"GenericWebhookIntegration","id":"w","name":"n",
      "urlEndpoint":"https://u:p@h.example/x?token=1"}},
     {"node":{"__typename":"GitHubOAuthIntegration","id":"g"}},
     {"node":null})";

std::string page(const std::string& edges, bool more = false) {
  return R"({"data":{"entity":{"integrations":{"edges":[)" + edges
         + R"(],"pageInfo":{"endCursor":"c","hasNextPage":)"
         + (more ? "true" : "false") + "}}}}}";
}

} // namespace

TEST_CASE("integrations are shown by kind, without secrets", "[tools]") {
  const auto [kind, shown] = GENERATE(table<json::value, std::string>({
    {nullptr,
     R"([{"type":"slack","id":"s","team_name":"T","channel_name":"#c"},
         {"type":"webhook","id":"w","name":"n",
          "url_endpoint":"https://h.example/x"},
         {"type":"GitHubOAuthIntegration","id":"g"}])"},
    {"slack",
     R"([{"type":"slack","id":"s","team_name":"T","channel_name":"#c"}])"},
    {"webhook",
     R"([{"type":"webhook","id":"w","name":"n",
          "url_endpoint":"https://h.example/x"}])"},
  }));
  CAPTURE(kind);
  fake_context c;
  c.reply(at("/graphql", "Integrations"), page(some));
  const auto r =
    call_tool(c, list_wandb_integrations, {{"entity", "team"}, {"kind", kind}});
  CHECK(r.structured.at("integrations") == json::parse(shown));
  CHECK(r.structured.at("count")
        == r.structured.at("integrations").as_array().size());
  CHECK(r.structured.at("entity") == "team");
  CHECK(r.structured.at("kind") == kind);
  CHECK(r.structured.at("truncated") == false);
  CHECK(c.requests.size() == 1);
}

TEST_CASE("without an entity the user's default one is meant", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "Viewer"),
          R"({"data":{"viewer":{"username":"alice","entity":"team"}}})");
  c.reply(at("/graphql", R"("entity":"team")"), page(""));
  const auto r = call_tool(c, list_wandb_integrations, {});
  CHECK(r.structured.at("entity") == "team");
  CHECK(r.structured.at("integrations").as_array().empty());
  CHECK(c.requests.size() == 2);
}

TEST_CASE("what can not select integrations is refused unasked", "[tools]") {
  const auto arguments = GENERATE(values<json::object>({
    {{"kind", "email"}},
    {{"entity", " "}},
    {{"entity", std::string(513, 'x')}},
    {{"max_items", 0}},
  }));
  CAPTURE(arguments);
  fake_context c;
  CHECK(error_of(call_tool(c, list_wandb_integrations, arguments))
        == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("integrations are listed up to a number, and eight pages",
          "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), page(some, true));
  const auto two = call_tool(c, list_wandb_integrations,
                             {{"entity", "team"}, {"max_items", 2}});
  CHECK(two.structured.at("count") == 2);
  CHECK(two.structured.at("has_more") == true);
  CHECK(two.structured.at("truncated") == true);
  CHECK(c.requests.size() == 1);

  fake_context many;
  many.answer(at("/graphql"), [n = 0](upstream_request&) mutable {
    const auto cursor = "\"c" + std::to_string(++n) + "\"";
    auto text = page("", true);
    text.replace(text.find("\"c\""), 3, cursor);
    upstream_reply reply;
    reply.body = std::make_shared<const std::string>(text);
    return upstream_result(reply);
  });
  const auto r = call_tool(many, list_wandb_integrations, {{"entity", "team"}});
  CHECK(many.requests.size() == 8);
  CHECK(r.structured.at("truncated") == true);
}

TEST_CASE("integrations that can not be had are an error", "[tools]") {
  const auto [answer, code] = GENERATE(table<std::string, std::string>({
    {R"({"data":{"entity":null}})", "entity_not_found"},
    {R"({"data":{"entity":{"integrations":null}}})", "entity_not_found"},
    {R"({"data":{"entity":{"integrations":{"edges":[],
         "pageInfo":{"hasNextPage":true,"endCursor":null}}}}})",
     "upstream_garbage"},
    {"[]", "upstream_garbage"},
  }));
  CAPTURE(answer);
  fake_context c;
  c.reply(at("/graphql"), answer);
  CHECK(error_of(call_tool(c, list_wandb_integrations, {{"entity", "team"}}))
        == code);
}

TEST_CASE("a long list of integrations is cut to the budget", "[tools]") {
  std::string edges;
  for (int i = 0; i < 100; ++i)
    edges += std::string(i ? "," : "")
             + R"({"node":{"__typename":"SlackIntegration","id":")"
             + std::to_string(i) + R"(","teamName":")" + std::string(100, 't')
             + R"("}})";
  fake_context c;
  c.settings().max_response_tokens = 1000;
  c.reply(at("/graphql"), page(edges));
  const auto r = call_tool(c, list_wandb_integrations,
                           {{"entity", "team"}, {"max_items", 200}});
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("count")
        == r.structured.at("integrations").as_array().size());
}

TEST_CASE("the words about automations stay few", "[tools]") {
  for (const auto* t : {&list_wandb_automations, &list_wandb_integrations}) {
    CAPTURE(t->name);
    const auto schema =
      json::serialize(json::parse(std::string(t->input_schema)));
    CHECK(t->name.size() + t->description.size() + schema.size() <= 1200);
  }
}
