#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/registry_upstream.hpp"
#include "tools/all.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

// Version i was made on day i + 1 of January.
std::string date_of(std::size_t i) {
  const auto day = std::to_string(i % 28 + 1);
  return "2025-01-" + std::string(day.size() == 1 ? "0" : "") + day
         + "T10:00:00Z";
}

json::object artifact(std::size_t i) {
  json::object type{{"name", "model"}};
  json::array tags;
  if (i % 3 == 0) {
    json::object tag{{"name", "prod"}};
    tags.push_back(std::move(tag));
  }
  return {{"versionIndex", i},
          {"state", "COMMITTED"},
          {"description", nullptr},
          {"size", 1000 + i},
          {"fileCount", 2},
          {"digest", "d" + std::to_string(i)},
          {"createdAt", date_of(i)},
          {"artifactType", type},
          {"tags", tags}};
}

json::object alias(const std::string& name, const std::string& collection = {},
                   const std::string& project = "vision") {
  json::object out{{"alias", name}};
  if (!collection.empty()) {
    json::object entity{{"name", "alice"}};
    json::object owner{{"name", project}, {"entity", entity}};
    out["artifactCollection"] =
      json::object{{"name", collection}, {"project", owner}};
  }
  return out;
}

/// Newest first, as the tool asks by default.
fake_list in_project(std::size_t total, std::size_t page = 1000) {
  return {.total = total,
          .page = page,
          .edge =
            [total](std::size_t n) {
              const auto i = total - 1 - n;
              auto node = artifact(i);
              json::array aliases;
              aliases.push_back(alias("v" + std::to_string(i), "resnet50"));
              if (n == 0)
                aliases.push_back(alias("latest", "resnet50"));
              aliases.push_back(alias("elsewhere", "resnet50", "other"));
              node["aliases"] = std::move(aliases);
              json::object edge{{"version", "v" + std::to_string(i)},
                                {"node", std::move(node)}};
              return json::value(std::move(edge));
            },
          .counts = true,
          .wrap =
            [](json::object connection, const json::object&) {
              return inside(
                {"project", "artifactType", "artifactCollection", "artifacts"},
                std::move(connection));
            }};
}

fake_list in_registry(std::size_t total, bool has_registry = true,
                      bool has_collection = true) {
  return {.total = total,
          .edge =
            [](std::size_t i) {
              // The number in the registry is not the artifact's own.
              json::array aliases;
              if (i == 0)
                aliases.push_back(alias("production"));
              json::object node{{"versionIndex", i},
                                {"aliases", std::move(aliases)},
                                {"artifact", artifact(i + 7)}};
              json::object edge{{"node", std::move(node)}};
              return json::value(std::move(edge));
            },
          .wrap =
            [=](json::object connection, const json::object& vars) {
              json::object entity{
                {"artifactMemberships", std::move(connection)},
                {"project", nullptr}};
              if (has_registry) {
                json::object project{{"artifactCollection", nullptr}};
                if (has_collection)
                  project["artifactCollection"] = json::object{{"name", "x"}};
                entity["project"] = std::move(project);
              }
              return in_northwind(std::move(entity), vars);
            }};
}

json::object with(json::object to, json::object more) {
  for (const auto& [key, value] : more)
    to[key] = value;
  return to;
}

json::object project_input(json::object more = {}) {
  return with(
    {{"collection_name", "alice/vision/resnet50"}, {"type_name", "model"}},
    std::move(more));
}

json::object registry_input(json::object more = {}) {
  return with({{"collection_name", "forecaster"},
               {"registry_name", "model"},
               {"source", "registry"},
               {"organization", "Northwind"}},
              std::move(more));
}

json::array texts(std::vector<std::string> list) {
  json::array out;
  for (auto& text : list)
    out.emplace_back(std::move(text));
  return out;
}

} // namespace

TEST_CASE("versions of a project come newest first with their aliases",
          "[tools]") {
  fake_context c;
  serve_list(c, "ArtifactVersionsPage", in_project(3));
  const auto r = call_tool(c, list_artifact_versions, project_input());
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("collection") == "alice/vision/resnet50");
  CHECK(r.structured.at("source") == "project");
  CHECK(r.structured.at("count") == 3);
  CHECK(r.structured.at("total_count") == 3);
  CHECK(r.structured.at("project_exhaustive") == true);
  CHECK(r.structured.at("versions").at(0)
        == json::parse(R"({"version":"v2","name":"resnet50:v2",
             "aliases":["latest"],"tags":[],"state":"COMMITTED","size":1002,
             "file_count":2,"description":null,
             "created_at":"2025-01-03T10:00:00Z","digest":"d2",
             "type":"model"})"));
  REQUIRE(c.requests.size() == 1);
  const auto vars = variables_of(c.requests[0]);
  CHECK(vars.at("filters") == R"({"state":"COMMITTED"})");
  CHECK(vars.at("order") == "-createdAt");
}

TEST_CASE("what each source of versions needs is asked for by name",
          "[tools]") {
  const auto [input, missing] = GENERATE(table<json::object, std::string>({
    {{{"collection_name", "a/b/c"}}, "type_name"},
    {{{"collection_name", "c"}, {"source", "registry"}}, "registry_name"},
    {{{"collection_name", "c"}, {"type_name", "model"}}, "project"},
    {{{"collection_name", "c"}, {"type_name", "m"}, {"entity_name", "a"}},
     "project"},
  }));
  CAPTURE(missing);
  fake_context c;
  const auto r = call_tool(c, list_artifact_versions, input);
  CHECK(error_of(r) == "invalid_input");
  CHECK(std::string(r.structured.at("message").as_string()).find(missing)
        != std::string::npos);
  CHECK(c.requests.empty());
}

TEST_CASE("a collection's name is completed from the other arguments",
          "[tools]") {
  struct row {
    std::string name;
    json::value entity, project;
    std::string whole;
    std::size_t requests;
  };
  const auto [name, entity, project, whole, requests] = GENERATE(
    values<row>({{"resnet50", "e", "p", "e/p/resnet50", 1},
                 {"resnet50", nullptr, "p", "alice/p/resnet50", 2},
                 {"p/resnet50", nullptr, nullptr, "alice/p/resnet50", 2},
                 {"p/resnet50", "e", nullptr, "e/p/resnet50", 1},
                 {"e/p/resnet50", "x", "y", "e/p/resnet50", 1},
                 {"e/p/resnet50:v3", nullptr, nullptr, "e/p/resnet50", 1},
                 {"Northwind/wandb-registry-model/resnet50", nullptr, nullptr,
                  "northwind-org/wandb-registry-model/resnet50", 2}}));
  CAPTURE(name, whole);
  fake_context c;
  serve_access(c, {"Northwind"});
  serve_list(c, "ArtifactVersionsPage", in_project(1));
  const auto r = call_tool(c, list_artifact_versions,
                           {{"collection_name", name},
                            {"entity_name", entity},
                            {"project_name", project},
                            {"type_name", "model"}});
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("collection") == json::value(whole));
  CHECK(c.requests.size() == requests);
  const auto vars = variables_of(c.requests.back());
  CHECK(std::string(vars.at("entity").as_string()) + "/"
          + std::string(vars.at("project").as_string()) + "/"
          + std::string(vars.at("collection").as_string())
        == whole);
}

TEST_CASE("tags and order of a project are W&B's work", "[tools]") {
  fake_context c;
  serve_list(c, "ArtifactVersionsPage", in_project(1)); // v0, tagged
  const auto r = call_tool(
    c, list_artifact_versions,
    project_input({{"tags", texts({"prod"})}, {"order", "-version"}}));
  const auto vars = variables_of(c.requests[0]);
  CHECK(vars.at("filters")
        == R"({"$and":[{"state":"COMMITTED"},{"tag":"prod"}]})");
  CHECK(vars.at("order") == "-versionIndex");
  CHECK(r.structured.at("count") == 1);
  CHECK(r.structured.at("scan")
        == json::parse(R"({"rows_examined":1,"row_cap":50,
                           "filter_exhaustive":true,"order":"-version"})"));
}

TEST_CASE("dates of versions are included, and end the scan where they can",
          "[tools]") {
  struct row {
    json::object input;
    std::size_t count, examined;
    bool exhaustive;
  };
  // 20 versions, of January 1 to 20, newest first.
  const auto [input, count, examined, exhaustive] = GENERATE(values<row>({
    {{{"created_after", "2025-01-18"}}, 3, 4, true},
    {{{"created_after", "2025-01-18T10:00:00Z"}}, 3, 4, true},
    {{{"created_after", "2025-01-18T10:00:01Z"}}, 2, 3, true},
    {{{"created_before", "2025-01-02"}}, 2, 20, true},
    {{{"created_before", "2025-01-02T09:00:00Z"}}, 1, 20, true},
    {{{"created_after", "2025-01-03"}, {"created_before", "2025-01-03"}},
     1,
     19,
     true},
    {{{"created_after", "2026-01-01"}}, 0, 1, true},
    {{{"created_before", "2025-01-19"}, {"max_items", 5}}, 5, 6, false},
    {{{"created_after", "2025-01-18"}, {"order", "-version"}}, 3, 20, true},
  }));
  CAPTURE(json::serialize(input));
  fake_context c;
  serve_list(c, "ArtifactVersionsPage", in_project(20));
  const auto r = call_tool(c, list_artifact_versions, project_input(input));
  CHECK(r.structured.at("count") == count);
  const auto& scan = r.structured.at("scan");
  CHECK(scan.at("rows_examined") == examined);
  CHECK(scan.at("filter_exhaustive") == exhaustive);
  CHECK(scan.at("row_cap") == 1000);
  CHECK(r.structured.at("total_count")
        == (exhaustive ? json::value(count) : json::value(nullptr)));
  CHECK(r.structured.at("has_more") == !exhaustive);
}

TEST_CASE("a scan by date is bounded, and says that it stopped", "[tools]") {
  fake_context c;
  serve_list(c, "ArtifactVersionsPage", in_project(5000));
  const auto r = call_tool(c, list_artifact_versions,
                           project_input({{"created_before", "2020-01-01"}}));
  CHECK(r.structured.at("count") == 0);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("project_exhaustive") == false);
  CHECK(r.structured.at("total_count") == nullptr);
  CHECK(r.structured.at("scan").at("rows_examined") == 1000);
  CHECK(r.structured.at("scan").at("filter_exhaustive") == false);
  CHECK(c.requests.size() == 6);
}

TEST_CASE("version arguments that mean nothing are refused unsent", "[tools]") {
  const auto more = GENERATE(
    json::object{{"order", "size"}}, json::object{{"order", "+"}},
    json::object{{"created_after", "2025-02-01"},
                 {"created_before", "2025-01-01"}},
    json::object{{"created_after", "yesterday"}},
    json::object{{"tags", json::array{""}}}, json::object{{"max_items", 0}},
    json::object{{"source", "somewhere"}},
    json::object{{"collection_name", "a/b/c/d"}},
    json::object{{"collection_name", "a//c"}},
    json::object{{"collection_name", "a/b/c:"}},
    json::object{{"collection_name", std::string(2000, 'x')}});
  CAPTURE(json::serialize(more).substr(0, 100));
  fake_context c;
  const auto r = call_tool(c, list_artifact_versions, project_input(more));
  CHECK(r.is_error);
  CHECK(c.requests.empty());
}

TEST_CASE("a registry's versions have the numbers of the registry", "[tools]") {
  fake_context c;
  serve_list(c, "RegistryVersionsPage", in_registry(3));
  const auto r = call_tool(c, list_artifact_versions, registry_input());
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("source") == "registry");
  CHECK(r.structured.at("count") == 3);
  const auto& first = r.structured.at("versions").at(0);
  CHECK(first.at("version") == "v0");
  CHECK(first.at("name") == "forecaster:v0");
  CHECK(first.at("aliases") == texts({"production"}));
  CHECK(first.at("digest") == "d7");
  CHECK(c.requests.size() == 1);
  const auto vars = variables_of(c.requests[0]);
  CHECK(vars.at("registryFilter") == R"({"name":"wandb-registry-model"})");
  CHECK(vars.at("collectionFilter") == R"({"name":"forecaster"})");
}

TEST_CASE("who names a registry means it", "[tools]") {
  fake_context c;
  serve_list(c, "RegistryVersionsPage", in_registry(3));
  auto asked = registry_input({{"entity_name", "alice"}});
  asked.erase("source");
  const auto r = call_tool(c, list_artifact_versions, asked);
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("source") == "registry");
  CHECK(r.structured.at("count") == 3);
  CHECK(r.structured.at("note").as_string().find("entity_name")
        != json::string::npos);
}

TEST_CASE("a registry's versions can be asked for by type", "[tools]") {
  const auto* const type = GENERATE("model", "no-such-type");
  fake_context c;
  serve_list(c, "RegistryVersionsPage", in_registry(3));
  const auto r = call_tool(c, list_artifact_versions,
                           registry_input({{"type_name", type}}));
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("count") == (std::string(type) == "model" ? 3 : 0));
}

TEST_CASE("arguments of the other source are named, not left out", "[tools]") {
  const auto [asked, named] = GENERATE(table<json::object, std::string>({
    {project_input({{"source", "project"}, {"registry_name", "model"}}),
     "registry_name"},
    {project_input({{"organization", "Northwind"}}), "organization"},
    {registry_input({{"project_name", "vision"}}), "project_name"},
  }));
  CAPTURE(named);
  fake_context c;
  const auto r = call_tool(c, list_artifact_versions, asked);
  CHECK(error_of(r) == "invalid_input");
  CHECK(r.structured.at("message").as_string().find(named)
        != json::string::npos);
  CHECK(c.requests.empty());
}

TEST_CASE("a registry's tags are looked for here, in all of them", "[tools]") {
  fake_context c;
  serve_list(c, "RegistryVersionsPage", in_registry(300));
  const auto r =
    call_tool(c, list_artifact_versions,
              registry_input({{"tags", texts({"prod"})}, {"max_items", 200}}));
  CHECK(r.structured.at("count") == 100);
  CHECK(r.structured.at("total_count") == 100);
  CHECK(r.structured.at("scan").at("rows_examined") == 300);
  CHECK(r.structured.at("scan").at("filter_exhaustive") == true);
  CHECK(c.requests.size() == 2);
}

TEST_CASE("what is missing of a registry's collection is named", "[tools]") {
  const auto [registry, collection, code] = GENERATE(
    table<bool, bool, std::string>({{false, false, "registry_not_found"},
                                    {true, false, "collection_not_found"},
                                    {true, true, ""}}));
  fake_context c;
  serve_list(c, "RegistryVersionsPage", in_registry(0, registry, collection));
  CHECK(error_of(call_tool(c, list_artifact_versions, registry_input()))
        == code);
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a wrong type of artifact is answered with the right ones",
          "[tools]") {
  const std::string missing = GENERATE(
    R"("artifactType":null)", R"("artifactType":{"artifactCollection":null})");
  fake_context c;
  c.reply(at("/graphql", "ArtifactVersionsPage"),
          R"({"data":{"project":{)" + missing + "}}}");
  c.reply(at("/graphql", "ArtifactTypesOf"),
          R"({"data":{"project":{
               "artifactCollection":{"name":"resnet50",
                 "defaultArtifactType":{"name":"weights"}},
               "artifactTypes":{"edges":[{"node":{"name":"weights"}},
                                         {"node":{"name":"dataset"}}]}}}})");
  const auto r = call_tool(c, list_artifact_versions, project_input());
  CHECK(error_of(r) == "collection_not_found");
  CHECK(r.structured.at("artifact_types") == texts({"weights", "dataset"}));
  CHECK(std::string(r.structured.at("message").as_string())
          .find("is of type \"weights\"")
        != std::string::npos);
}

TEST_CASE("a missing project is told from a missing collection", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"project":null}})");
  CHECK(error_of(call_tool(c, list_artifact_versions, project_input()))
        == "project_not_found");
}

TEST_CASE("a version without its alias is known by its number", "[tools]") {
  const auto [edge, version] = GENERATE(table<std::string, json::value>({
    {R"({"version":"v4","node":{"versionIndex":9}})", "v4"},
    {R"({"node":{"versionIndex":9}})", "v9"},
    {R"({"node":{"versionIndex":9,"aliases":[{"alias":"v1"},{"alias":"v2"}]}})",
     "v9"},
    {R"({"node":{"versionIndex":9,"aliases":[{"alias":"v1"}]}})", "v1"},
    {R"({"node":{}})", nullptr},
    {R"({"version":7,"node":{"versionIndex":"3","aliases":7,"tags":[1,{}],
         "size":"12","artifactType":[]}})",
     "v3"},
  }));
  CAPTURE(edge);
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"project":{"artifactType":
    {"artifactCollection":{"artifacts":{"edges":[)"
                            + edge + "]}}}}}}");
  const auto r = call_tool(c, list_artifact_versions, project_input());
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("versions").at(0).at("version") == version);
}

TEST_CASE("an unknown key asking for versions is told so", "[tools]") {
  const auto input = GENERATE(project_input(), registry_input());
  fake_context c;
  c.fail(at("/graphql"), {.code = errc::unauthorized, .message = "who?"});
  CHECK(error_of(call_tool(c, list_artifact_versions, input))
        == "unauthorized");
}

TEST_CASE("long lists of versions fit the budget, and say so", "[tools]") {
  fake_context c;
  c.settings().max_response_tokens = 1000;
  serve_list(c, "ArtifactVersionsPage", in_project(100));
  const auto r =
    call_tool(c, list_artifact_versions, project_input({{"max_items", 100}}));
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("count").as_uint64() > 5);
  CHECK(r.structured.at("total_count") == 100);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("project_exhaustive") == false);
  CHECK(r.structured.contains("truncation_note"));
}

TEST_CASE("a cancelled listing of versions lets go of its second page",
          "[tools]") {
  fake_context c;
  const auto list = in_project(150);
  c.answer(at("/graphql", R"("after":null)"), [list](upstream_request& r) {
    json::array edges;
    for (std::size_t i = 0; i < 100; ++i)
      edges.push_back(list.edge(i));
    json::object info{{"hasNextPage", true}, {"endCursor", "100"}};
    json::object connection{{"edges", edges}, {"pageInfo", info}};
    return answer_with(list.wrap(std::move(connection), variables_of(r)));
  });
  c.stay_silent(at("/graphql"));
  const catalog offered({&list_artifact_versions});
  auto running = run(*offered.find("list_artifact_versions_tool"), c,
                     project_input({{"max_items", 150}}));
  running.start();
  c.pump();
  REQUIRE(c.requests.size() == 2);
  running = {};
  CHECK(c.abandoned_ids.size() == 1);
}
