#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/registry_upstream.hpp"
#include "tools/all.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

json::object names_as_edges(const std::string& member,
                            const std::vector<std::string>& names, bool more) {
  json::array edges;
  for (const auto& name : names) {
    json::object node;
    node[member] = name;
    json::object edge{{"node", std::move(node)}};
    edges.push_back(std::move(edge));
  }
  json::object info{{"hasNextPage", more}};
  return {{"pageInfo", info}, {"edges", edges}};
}

json::object collection(std::size_t i, std::vector<std::string> aliases,
                        bool more = false) {
  json::object type{{"name", "model"}};
  json::object node{
    {"__typename", "ArtifactPortfolio"},
    {"name", "c" + std::to_string(i)},
    {"description", nullptr},
    {"createdAt", "2025-01-01T00:00:00Z"},
    {"updatedAt", nullptr},
    {"type", type},
    {"tags", names_as_edges("name", {"production", "v2"}, false)},
    {"aliases", names_as_edges("alias", aliases, more)}};
  return {{"node", std::move(node)}};
}

fake_list collections(std::size_t total, std::vector<std::string> aliases = {},
                      bool more_aliases = false, bool exists = true) {
  return {
    .total = total,
    .edge = [=](std::size_t i) { return collection(i, aliases, more_aliases); },
    .counts = true,
    .wrap =
      [=](json::object connection, const json::object& vars) {
        json::object entity{{"artifactCollections", std::move(connection)},
                            {"project", nullptr}};
        if (exists)
          entity["project"] = json::object{{"name", "x"}};
        return in_northwind(std::move(entity), vars);
      }};
}

json::object input(json::object more = {}) {
  json::object out{{"registry_name", "model"}, {"organization", "Northwind"}};
  for (const auto& [key, value] : more)
    out[key] = value;
  return out;
}

} // namespace

TEST_CASE("a collection comes with its tags and aliases in one request",
          "[tools]") {
  fake_context c;
  serve_list(c, "RegistryCollectionsPage",
             collections(40, {"v0", "latest", "v1", "production", "latest"}));
  const auto r = call_tool(c, list_registry_collections, input());
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("registry") == "model");
  CHECK(r.structured.at("count") == 40);
  CHECK(r.structured.at("total_count") == 40);
  CHECK(r.structured.at("truncated") == false);
  CHECK(r.structured.at("collections").at(0)
        == json::parse(R"({"name":"c0","type":"model","description":null,
             "tags":["production","v2"],
             "aliases":["latest","production","v0","v1"],
             "aliases_loaded":true,"created_at":"2025-01-01T00:00:00Z",
             "updated_at":null,"is_sequence":false})"));
  REQUIRE(c.requests.size() == 1);
  const auto vars = variables_of(c.requests[0]);
  CHECK(vars.at("registryFilter") == R"({"name":"wandb-registry-model"})");
  CHECK(vars.at("collectionFilter") == "{}");
}

TEST_CASE("the registry's long name means the same", "[tools]") {
  fake_context c;
  serve_list(c, "RegistryCollectionsPage", collections(1));
  const auto r =
    call_tool(c, list_registry_collections,
              input({{"registry_name", " wandb-registry-model "}}));
  CHECK(r.structured.at("registry") == "wandb-registry-model");
  CHECK(variables_of(c.requests[0]).at("registry") == "wandb-registry-model");
}

TEST_CASE("a filter of collections is passed on as it is", "[tools]") {
  fake_context c;
  serve_list(c, "RegistryCollectionsPage", collections(1));
  json::object filter{{"name", "c0"}};
  call_tool(c, list_registry_collections, input({{"filter", filter}}));
  CHECK(variables_of(c.requests[0]).at("collectionFilter")
        == R"({"name":"c0"})");
}

TEST_CASE("more aliases than a page holds are told of", "[tools]") {
  fake_context c;
  serve_list(c, "RegistryCollectionsPage", collections(1, {"latest"}, true));
  const auto r = call_tool(c, list_registry_collections, input());
  CHECK(r.structured.at("collections").at(0).at("aliases_truncated") == true);
}

TEST_CASE("an empty registry is told from a missing one", "[tools]") {
  const bool exists = GENERATE(true, false);
  fake_context c;
  serve_list(c, "RegistryCollectionsPage", collections(0, {}, false, exists));
  const auto r = call_tool(c, list_registry_collections, input());
  CHECK(error_of(r) == (exists ? "" : "registry_not_found"));
  if (exists)
    CHECK(r.structured.at("count") == 0);
  CHECK(c.requests.size() == 1);
}

TEST_CASE("collections are counted out to the limit", "[tools]") {
  fake_context c;
  serve_list(c, "RegistryCollectionsPage", collections(250));
  const auto r =
    call_tool(c, list_registry_collections, input({{"max_items", 500}}));
  CHECK(r.structured.at("count") == 200);
  CHECK(r.structured.at("total_count") == 250);
  CHECK(r.structured.at("truncated") == true);
  CHECK(c.requests.size() == 2);
}

TEST_CASE("many aliases make way for collections", "[tools]") {
  std::vector<std::string> aliases{"production"};
  for (int i = 0; i < 199; ++i)
    aliases.push_back("v" + std::to_string(i));
  fake_context c;
  c.settings().max_response_tokens = 3000;
  serve_list(c, "RegistryCollectionsPage", collections(30, aliases));
  const auto r = call_tool(c, list_registry_collections, input());
  CHECK(token_size(r.structured) <= 12'000);
  CHECK(r.structured.at("count") == 30);
  const auto& first = r.structured.at("collections").at(0);
  CHECK(first.at("aliases") == json::array{json::value("production")});
  CHECK(first.at("aliases_truncated") == true);
}

TEST_CASE("an empty registry name is refused unsent", "[tools]") {
  const auto name = GENERATE("", "  ");
  fake_context c;
  const auto r =
    call_tool(c, list_registry_collections, input({{"registry_name", name}}));
  CHECK(error_of(r) == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("collections that are not what W&B sends do not break the list",
          "[tools]") {
  const std::string node =
    GENERATE("null", "{}", R"({"name":1,"tags":3,"aliases":[],"type":""})",
             R"({"tags":{"edges":[1]},"aliases":{"edges":[{"node":null}]}})");
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"organization":{"name":"Northwind",
    "orgEntity":{"project":{},"artifactCollections":{"edges":[{"node":)"
                            + node + "}]}}}}}");
  const auto r = call_tool(c, list_registry_collections, input());
  CHECK_FALSE(r.is_error);
}

TEST_CASE("errors of a page of collections are passed on", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"),
          R"({"data":{"organization":null},
              "errors":[{"message":"permission denied"}]})");
  CHECK(error_of(call_tool(c, list_registry_collections, input()))
        == "not_permitted");
}
