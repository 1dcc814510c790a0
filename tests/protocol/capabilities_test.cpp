#include "protocol/mcp/capabilities.hpp"
#include "protocol/mcp/lifecycle.hpp"
#include "tests/catch.hpp"

#include <set>
#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

server_features everything() {
  server_features f{.tools = true,
                    .tools_changed = true,
                    .prompts = true,
                    .prompts_changed = true,
                    .resources = true,
                    .resources_changed = true,
                    .resources_subscribe = true,
                    .logging = true,
                    .completions = true};
  f.extensions[tasks_extension] = json::object{};
  return f;
}

const std::set<std::string> session_only{
  "initialize", "ping", "logging/setLevel", "resources/subscribe",
  "resources/unsubscribe"};
const std::set<std::string> stateless_only{"server/discover",
                                           "subscriptions/listen", "tasks/get",
                                           "tasks/update", "tasks/cancel"};
const std::set<std::string> both{"tools/list",     "tools/call",
                                 "prompts/list",   "prompts/get",
                                 "resources/list", "resources/templates/list",
                                 "resources/read", "completion/complete"};

struct declared_case {
  const char* capabilities;
  bool roots, sampling, tools, context, form, url;
};

} // namespace

TEST_CASE("each era has its methods", "[protocol]") {
  const auto v = GENERATE(version::v2025_03_26, version::v2025_06_18,
                          version::v2025_11_25, version::v2026_07_28);
  const bool stateless = era_of(v) == era::stateless;
  const auto f = everything();
  CAPTURE(to_string(v));
  for (const auto& m : session_only)
    CHECK(offers_method(m, v, f) == !stateless);
  for (const auto& m : stateless_only)
    CHECK(offers_method(m, v, f) == stateless);
  for (const auto& m : both)
    CHECK(offers_method(m, v, f));
  for (const auto* m : {"", "unknown/method", "TOOLS/LIST", "tasks/list",
                        "tasks/result", "notifications/initialized"})
    CHECK_FALSE(offers_method(m, v, f));
}

TEST_CASE("what is not offered is an unknown method", "[protocol]") {
  const server_features tools_alone;
  CHECK(offers_method("tools/call", version::v2026_07_28, tools_alone));
  for (const auto* m :
       {"prompts/list", "prompts/get", "resources/list", "resources/read",
        "resources/templates/list", "completion/complete", "tasks/get",
        "tasks/update", "tasks/cancel"}) {
    CAPTURE(m);
    CHECK_FALSE(offers_method(m, version::v2026_07_28, tools_alone));
  }
  CHECK_FALSE(
    offers_method("logging/setLevel", version::v2025_11_25, tools_alone));
  const server_features unwatched{.resources = true};
  CHECK_FALSE(
    offers_method("resources/subscribe", version::v2025_11_25, unwatched));
  const server_features no_tools{.tools = false};
  CHECK_FALSE(offers_method("tools/list", version::v2025_11_25, no_tools));
}

TEST_CASE("only three methods may ask for input", "[protocol]") {
  for (const auto& m : both)
    CHECK(
      may_ask_for_input(m)
      == (m == "tools/call" || m == "prompts/get" || m == "resources/read"));
}

TEST_CASE("capabilities say what is offered, and extensions come late",
          "[protocol]") {
  const auto f = everything();
  const auto old = server_capabilities(f, version::v2025_11_25);
  CHECK(json::serialize(old)
        == R"({"tools":{"listChanged":true},"prompts":{"listChanged":true},)"
           R"("resources":{"subscribe":true,"listChanged":true},)"
           R"("logging":{},"completions":{}})");
  auto now = server_capabilities(f, version::v2026_07_28);
  CHECK(now.at("extensions").at(tasks_extension).is_object());
  now.erase("extensions");
  CHECK(now == old);
  CHECK(json::serialize(server_capabilities({}, version::v2026_07_28))
        == R"({"tools":{}})");
  CHECK(server_capabilities({.tools = false}, version::v2025_03_26).empty());
}

TEST_CASE("initialize says the features and keeps to its version",
          "[protocol]") {
  const server_info who{"n", "t", "v", "use it"};
  const auto answer =
    json::parse(initialize_result(version::v2025_03_26, who, everything()));
  CHECK(answer.at_pointer("/capabilities/resources/subscribe").as_bool());
  CHECK_FALSE(answer.at("capabilities").as_object().contains("extensions"));
  CHECK_FALSE(answer.at("serverInfo").as_object().contains("title"));
  const auto plain = json::parse(initialize_result(version::v2025_11_25, who));
  CHECK(json::serialize(plain.at("capabilities"))
        == R"({"tools":{},"prompts":{},"resources":{}})");
  CHECK(plain.at_pointer("/serverInfo/title") == "t");
}

TEST_CASE("a client's capabilities are read with their parts", "[protocol]") {
  const auto c = GENERATE(values<declared_case>({
    {R"({})", false, false, false, false, false, false},
    {R"({"roots":{"listChanged":true}})", true, false, false, false, false,
     false},
    {R"({"sampling":{}})", false, true, false, false, false, false},
    {R"({"sampling":{"tools":{},"context":{}}})", false, true, true, true,
     false, false},
    {R"({"elicitation":{}})", false, false, false, false, true, false},
    {R"({"elicitation":{"form":{}}})", false, false, false, false, true, false},
    {R"({"elicitation":{"url":{}}})", false, false, false, false, false, true},
    {R"({"elicitation":{"form":{},"url":{}}})", false, false, false, false,
     true, true},
    {R"({"roots":null,"sampling":false,"elicitation":true})", false, false,
     false, false, true, false},
    {R"({"sampling":{"tools":null}})", false, true, false, false, false, false},
  }));
  CAPTURE(c.capabilities);
  const auto check = [&](const client_capabilities& can) {
    CHECK(can.roots == c.roots);
    CHECK(can.sampling == c.sampling);
    CHECK(can.sampling_tools == c.tools);
    CHECK(can.sampling_context == c.context);
    CHECK(can.elicitation == c.form);
    CHECK(can.elicitation_url == c.url);
  };
  const auto can =
    read_client_capabilities(json::parse(c.capabilities).as_object());
  check(can);
  check(read_client_capabilities(to_json(can)));
  // A session id keeps them all.
  const session_sealer sealer(seal_keys::random());
  session_claims claims;
  claims.capabilities = can;
  const auto opened = sealer.open(sealer.seal(claims, "key"), "key");
  REQUIRE(opened.has_value());
  check(opened->capabilities);
}

TEST_CASE("an extension is declared under its name", "[protocol]") {
  const auto declares = [](const char* text) {
    return declares_extension(json::parse(text).as_object(), tasks_extension);
  };
  CHECK(declares(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})"));
  CHECK_FALSE(declares(R"({})"));
  CHECK_FALSE(declares(R"({"extensions":{}})"));
  CHECK_FALSE(declares(R"({"extensions":[]})"));
  CHECK_FALSE(declares(R"({"io.modelcontextprotocol/tasks":{}})"));
  CHECK_FALSE(
    declares(R"({"extensions":{"io.modelcontextprotocol/tasks":null}})"));
}

TEST_CASE("an unknown method is named, with what is near", "[protocol]") {
  server_features all{.prompts = true, .resources = true};
  const auto said = [&](std::string_view method, version v) {
    const auto why = refuse_method(method, v, all);
    CHECK(why.code == -32601);
    return why.message;
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(said("tool/list", version::v2025_11_25),
             Contains("\"tool/list\"; did you mean tools/list"));
  CHECK_THAT(said("zzz", version::v2025_11_25), Contains("there are: "));
  CHECK_THAT(said("ping", version::v2026_07_28),
             Contains("older protocol versions, not of 2026-07-28"));
  CHECK_THAT(said("server/discover", version::v2025_11_25),
             Contains("newer protocol versions, not of 2025-11-25"));
  CHECK_THAT(said("logging/setLevel", version::v2025_11_25),
             Contains("not offered by this server"));
}
