#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/registry_upstream.hpp"
#include "tools/all.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

json::object registry(std::size_t i, json::value access = "PRIVATE") {
  json::object type{{"name", "model"}};
  json::object edge{{"node", type}};
  json::object types{{"edges", json::array{edge}}};
  json::object entity{{"name", "northwind-org"}};
  json::object node{{"name", "wandb-registry-r" + std::to_string(i)},
                    {"description", "about"},
                    {"access", std::move(access)},
                    {"createdAt", "2025-01-01T00:00:00Z"},
                    {"updatedAt", nullptr},
                    {"allowAllArtifactTypes", false},
                    {"entity", entity},
                    {"artifactTypes", types}};
  return {{"node", std::move(node)}};
}

fake_list registries(std::size_t total, std::size_t page = 1000) {
  return {.total = total,
          .page = page,
          .edge = [](std::size_t i) { return registry(i); },
          .wrap =
            [](json::object connection, const json::object& vars) {
              json::object entity{{"projects", std::move(connection)}};
              return in_northwind(std::move(entity), vars);
            }};
}

json::object named(json::object more = {}) {
  json::object out{{"organization", "Northwind"}};
  for (const auto& [key, value] : more)
    out[key] = value;
  return out;
}

} // namespace

TEST_CASE("registries come in W&B's order, without their prefix", "[tools]") {
  fake_context c;
  serve_list(c, "RegistriesPage", registries(2));
  const auto r = call_tool(c, list_registries, named());
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("count") == 2);
  CHECK(r.structured.at("total_count") == 2);
  CHECK(r.structured.at("truncated") == false);
  CHECK(r.structured.at("registries").at(0)
        == json::parse(R"({"name":"r0","full_name":"wandb-registry-r0",
             "organization":"Northwind","entity":"northwind-org",
             "description":"about","visibility":"organization",
             "artifact_types":["model"],"created_at":"2025-01-01T00:00:00Z",
             "updated_at":null,"allows_any_type":false})"));
  CHECK(r.structured.at("registries").at(1).at("name") == "r1");
  CHECK(c.requests.size() == 1); // a name that is given needs no look-up
}

TEST_CASE("as many registries as asked for are listed, and no page too many",
          "[tools]") {
  struct row {
    std::size_t total;
    int max;
    std::size_t page, listed, requests;
    bool truncated;
  };
  const auto [total, max, page, listed, requests, truncated] =
    GENERATE(values<row>({{250, 999, 1000, 200, 2, true},
                          {250, 50, 1000, 50, 1, true},
                          {50, 50, 1000, 50, 1, false},
                          {51, 50, 1000, 50, 1, true},
                          {120, 150, 1000, 120, 2, false},
                          {40, 30, 10, 30, 3, true},
                          {0, 50, 1000, 0, 1, false}}));
  CAPTURE(total, max, page);
  fake_context c;
  serve_list(c, "RegistriesPage", registries(total, page));
  const auto r = call_tool(c, list_registries, named({{"max_items", max}}));
  CHECK(r.structured.at("registries").as_array().size() == listed);
  CHECK(r.structured.at("truncated") == truncated);
  CHECK(r.structured.at("has_more") == truncated);
  CHECK(r.structured.at("limit") == std::min(max, 200));
  CHECK(c.requests.size() == requests);
  CHECK(c.notes.size() == requests - 1);
}

TEST_CASE("names in a filter get the prefix, patterns do not", "[tools]") {
  const auto [given, sent] = GENERATE(table<std::string, std::string>({
    {R"({"name":{"$regex":"model.*"}})", R"({"name":{"$regex":"model.*"}})"},
    {R"({"name":"model"})", R"({"name":"wandb-registry-model"})"},
    {R"({"name":"wandb-registry-model"})",
     R"({"name":"wandb-registry-model"})"},
    {R"({"name":{"$in":["a","b"]}})",
     R"({"name":{"$in":["wandb-registry-a","wandb-registry-b"]}})"},
    {R"({"$or":[{"name":{"$ne":"a"}},{"description":"b"}]})",
     R"({"$or":[{"name":{"$ne":"wandb-registry-a"}},{"description":"b"}]})"},
    {R"({"description":"name"})", R"({"description":"name"})"},
  }));
  CAPTURE(given);
  fake_context c;
  serve_list(c, "RegistriesPage", registries(1));
  // As text, as some clients send objects.
  call_tool(c, list_registries, named({{"filter", given}}));
  CHECK(c.body_of("/graphql").at("variables").at("filters")
        == json::value(sent));
}

TEST_CASE("a registry's visibility is W&B's word in ours", "[tools]") {
  const auto [access, shown] =
    GENERATE(table<json::value, json::value>({{"PRIVATE", "organization"},
                                              {"RESTRICTED", "restricted"},
                                              {"USER_READ", "user_read"},
                                              {nullptr, nullptr},
                                              {7, nullptr}}));
  fake_context c;
  auto list = registries(1);
  list.edge = [access = access](std::size_t i) { return registry(i, access); };
  serve_list(c, "RegistriesPage", list);
  const auto r = call_tool(c, list_registries, named());
  CHECK(r.structured.at("registries").at(0).at("visibility") == shown);
}

TEST_CASE("an empty page with a successor is not the end", "[tools]") {
  fake_context c;
  auto list = registries(4, 1);
  list.edge = [](std::size_t i) {
    return i == 3 ? json::value(registry(3)) : json::value(nullptr);
  };
  serve_list(c, "RegistriesPage", list);
  const auto r = call_tool(c, list_registries, named());
  CHECK(r.structured.at("count") == 1);
  CHECK(r.structured.at("registries").at(0).at("name") == "r3");
  CHECK(r.structured.at("truncated") == false);
}

TEST_CASE("the list ends after eight pages, or where it stands still",
          "[tools]") {
  fake_context c;
  auto list = registries(1000, 1);
  std::size_t requests = 8;
  SECTION("short pages") {}
  SECTION("the same cursor again") {
    requests = 2;
    list.wrap = [](json::object connection, const json::object& vars) {
      connection["pageInfo"].as_object()["endCursor"] = "0";
      json::object entity{{"projects", std::move(connection)}};
      return in_northwind(std::move(entity), vars);
    };
  }
  serve_list(c, "RegistriesPage", list);
  const auto r = call_tool(c, list_registries, named());
  CHECK(c.requests.size() == requests);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("total_count") == nullptr);
}

TEST_CASE("without an organization the user's only one is taken", "[tools]") {
  fake_context c;
  serve_access(c, {"Northwind"});
  serve_list(c, "RegistriesPage", registries(1));
  const auto r = call_tool(c, list_registries, {});
  CHECK(r.structured.at("organization") == "Northwind");
  CHECK(r.structured.at("count") == 1);
  REQUIRE(c.requests.size() == 2);
  // Asked once per user and a while, not once per call.
  CHECK(c.requests[0].reuse_for >= std::chrono::minutes(1));
  CHECK(c.requests[1].reuse_for == std::chrono::milliseconds(0));
}

TEST_CASE("of several organizations one has to be named", "[tools]") {
  fake_context c;
  std::vector<std::string> names{"Northwind", "Bluefin"};
  std::size_t shown = 2;
  SECTION("two") {}
  SECTION("more than are shown") {
    for (int i = 0; i < 30; ++i)
      names.push_back("Org" + std::to_string(i));
    shown = 20;
  }
  serve_access(c, names);
  serve_entity(c);
  const auto r = call_tool(c, list_registries, {});
  CHECK(error_of(r) == "organization_required");
  CHECK(r.structured.at("organization_candidates").as_array().size() == shown);
  CHECK(r.structured.at("candidates_truncated") == (shown == 20));
}

TEST_CASE("of several organizations the default entity's counts", "[tools]") {
  fake_context c;
  serve_access(c, {"Bluefin", "Northwind"});
  serve_entity(c, "Northwind");
  serve_list(c, "RegistriesPage", registries(1));
  const auto r = call_tool(c, list_registries, {});
  CHECK(r.structured.at("organization") == "Northwind");
}

TEST_CASE("a user without an organization is told so", "[tools]") {
  fake_context c;
  serve_access(c, {});
  serve_entity(c);
  CHECK(error_of(call_tool(c, list_registries, {}))
        == "organization_resolution_failed");
}

TEST_CASE("an organization is found by its entity's name and in any case",
          "[tools]") {
  const std::string written = GENERATE("northwind-org", "NORTHWIND");
  fake_context c;
  serve_access(c, {"Bluefin", "Northwind"});
  serve_list(c, "RegistriesPage", registries(1));
  const auto r = call_tool(c, list_registries, {{"organization", written}});
  CHECK(r.structured.at("organization") == "Northwind");
  CHECK(c.requests.size() == 3);
}

TEST_CASE("an unknown organization is answered with those that there are",
          "[tools]") {
  fake_context c;
  serve_access(c, {"Bluefin"});
  serve_entity(c);
  serve_list(c, "RegistriesPage", registries(1));
  const auto r = call_tool(c, list_registries, {{"organization", "Acme"}});
  CHECK(error_of(r) == "organization_not_found");
  CHECK(r.structured.at("organization_candidates")
        == json::array{json::value("Bluefin")});
}

TEST_CASE("an organization without an entity has no registries", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "RegistriesPage"),
          R"({"data":{"organization":{"name":"Northwind","orgEntity":null}}})");
  CHECK(error_of(call_tool(c, list_registries, named()))
        == "organization_not_found");
}

TEST_CASE("a server without registries is named as such", "[tools]") {
  fake_context c;
  json::object input;
  SECTION("it says so") {
    serve_access(c, {"Northwind"}, false);
  }
  SECTION("it does not know organizations") {
    c.fail(at("/graphql", "query RegistryAccess"),
           unknown_field("organizations"));
    c.reply(at("/graphql", "query ViewerEntity"),
            R"({"data":{"viewer":{"username":"alice","entity":"alice"}}})");
  }
  SECTION("it does not know the fields of a registry") {
    input = named();
    c.fail(at("/graphql", "RegistriesPage"), unknown_field("orgEntity"));
  }
  CHECK(error_of(call_tool(c, list_registries, input)) == "unsupported_server");
}

TEST_CASE("a field that a server lacks is done without", "[tools]") {
  fake_context c;
  c.fail(at("/graphql", "allowAllArtifactTypesInRegistry"),
         unknown_field("allowAllArtifactTypesInRegistry"));
  serve_list(c, "RegistriesPage", registries(3, 2));
  const auto r = call_tool(c, list_registries, named());
  CHECK(r.structured.at("count") == 3);
  // The second page is asked for in the way that worked.
  CHECK(c.requests.size() == 3);
}

TEST_CASE("registry arguments that mean nothing are refused unsent",
          "[tools]") {
  json::object deep{{"name", "x"}};
  for (int i = 0; i < 13; ++i) {
    json::object outer{{"$not", std::move(deep)}};
    deep = std::move(outer);
  }
  const json::object long_one{{"name", std::string(70'000, 'x')}};
  const auto more = GENERATE_COPY(
    json::object{{"max_items", 0}}, json::object{{"max_items", -3}},
    json::object{{"filter", deep}}, json::object{{"filter", long_one}},
    json::object{{"organization", std::string(600, 'x')}});
  CAPTURE(json::serialize(more).substr(0, 80));
  fake_context c;
  const auto r = call_tool(c, list_registries, named(more));
  CHECK(r.is_error);
  CHECK(c.requests.empty());
}

TEST_CASE("what W&B says of a failure reaches the reader", "[tools]") {
  const auto code = GENERATE(errc::unauthorized, errc::not_permitted,
                             errc::rate_limited, errc::upstream_unavailable);
  fake_context c;
  c.fail(at("/graphql"), {.code = code, .message = "the mill is closed"});
  const auto input = GENERATE(json::object{}, named());
  const auto r = call_tool(c, list_registries, input);
  CHECK(error_of(r) == to_string(code));
  CHECK(json::serialize(r.structured).find("the mill is closed")
        != std::string::npos);
}

TEST_CASE("registries that are not what W&B sends do not break the list",
          "[tools]") {
  const std::string edge =
    GENERATE("null", "7", "{}", R"({"node":null})", R"({"node":{"name":7}})",
             R"({"node":{"name":"wandb-registry-x","artifactTypes":
               {"edges":[null,{"node":{"name":null}}]},"entity":[]}})");
  CAPTURE(edge);
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"organization":{"name":"Northwind",
    "orgEntity":{"name":"o","projects":{"pageInfo":null,"edges":[)"
                            + edge + "]}}}}}");
  const auto r = call_tool(c, list_registries, named());
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("count").as_uint64() <= 1);
}

TEST_CASE("an answer without the list is the upstream's fault", "[tools]") {
  const std::string projects = GENERATE("null", "[]", R"({"edges":7})");
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"organization":{"name":"Northwind",
    "orgEntity":{"name":"o","projects":)"
                            + projects + "}}}}");
  CHECK(error_of(call_tool(c, list_registries, named())) == "upstream_garbage");
}

TEST_CASE("long registry lists and texts fit the budget, and say so",
          "[tools]") {
  const std::size_t length = GENERATE(2000, 50'000);
  fake_context c;
  c.settings().max_response_tokens = 1000;
  auto list = registries(200);
  list.edge = [length](std::size_t i) {
    auto out = registry(i);
    out["node"].as_object()["description"] = std::string(length, 'd');
    return json::value(out);
  };
  serve_list(c, "RegistriesPage", list);
  const auto r = call_tool(c, list_registries, named({{"max_items", 200}}));
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("count").as_uint64() >= 1);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.contains("truncation_note"));
}

TEST_CASE("a cancelled listing of registries lets go of its request",
          "[tools]") {
  fake_context c;
  c.stay_silent(at("/graphql"));
  {
    auto running = list_registries.run(c, arguments(named({{"max_items", 5}})));
    running.start();
    c.pump();
    REQUIRE(c.requests.size() == 1);
    CHECK(c.abandoned_ids.empty());
  }
  CHECK(c.abandoned_ids.size() == 1);
}
