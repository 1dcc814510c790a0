#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/registry_upstream.hpp"
#include "tools/all.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

json::object place(const std::string& name, const std::string& project,
                   const std::string& entity, const char* type) {
  json::object owner{{"name", entity}};
  json::object in{{"name", project}, {"entity", owner}};
  return {{"__typename", type}, {"name", name}, {"project", in}};
}

json::object run_node(std::size_t i) {
  json::object owner{{"name", "alice"}};
  json::object project{{"name", "vision"}, {"entity", owner}};
  return {{"name", "run" + std::to_string(i)},
          {"displayName", "Run " + std::to_string(i)},
          {"project", project}};
}

json::array named(std::vector<std::string> names, const char* member) {
  json::array out;
  for (auto& name : names) {
    json::object one;
    one[member] = std::move(name);
    out.push_back(std::move(one));
  }
  return out;
}

json::object links() {
  // The collection that it was logged to, and one that it is linked into.
  json::object own{{"versionIndex", 3},
                   {"aliases", named({"v3"}, "alias")},
                   {"artifactCollection",
                    place("resnet50", "vision", "alice", "ArtifactSequence")}};
  json::object link{
    {"versionIndex", 0},
    {"aliases", named({"v0", "production"}, "alias")},
    {"artifactCollection", place("approved", "wandb-registry-model",
                                 "northwind-org", "ArtifactPortfolio")}};
  json::object a{{"node", std::move(own)}};
  json::object b{{"node", std::move(link)}};
  json::array edges;
  edges.push_back(std::move(a));
  edges.push_back(std::move(b));
  return {{"edges", std::move(edges)}};
}

json::object users(std::size_t total, std::size_t sent) {
  json::array edges;
  for (std::size_t i = 0; i < std::min(total, sent); ++i) {
    json::object edge{{"node", run_node(100 + i)}};
    edges.push_back(std::move(edge));
  }
  return {{"totalCount", total}, {"edges", std::move(edges)}};
}

json::object artifact() {
  json::object type{{"name", "model"}};
  auto creator = run_node(1);
  creator["__typename"] = "Run";
  return {{"id", "QXJ0aWZhY3Q6MQ=="},
          {"versionIndex", 3},
          {"state", "COMMITTED"},
          {"description", nullptr},
          {"metadata", R"({"accuracy":0.9,"loss":NaN})"},
          {"size", 1000},
          {"fileCount", 2},
          {"digest", "d3"},
          {"commitHash", nullptr},
          {"createdAt", "2025-01-01T00:00:00Z"},
          {"updatedAt", nullptr},
          {"artifactType", type},
          {"tags", named({"b", "a"}, "name")},
          {"artifactSequence",
           place("resnet50", "vision", "alice", "ArtifactSequence")},
          {"createdBy", std::move(creator)},
          {"usedBy", users(1, 21)},
          {"artifactMemberships", links()}};
}

json::object files(std::size_t total, std::size_t from, std::size_t sent) {
  json::array edges;
  const auto to = std::min(total, from + sent);
  for (auto i = from; i < to; ++i) {
    json::object node{{"name", "f" + std::to_string(i)},
                      {"sizeBytes", 10},
                      {"digest", "x"},
                      {"md5", nullptr}};
    json::object edge{{"node", std::move(node)}};
    edges.push_back(std::move(edge));
  }
  json::object info{{"hasNextPage", to < total},
                    {"endCursor", std::to_string(to)}};
  return {{"totalCount", total}, {"pageInfo", info}, {"edges", edges}};
}

json::object membership(json::object of = artifact()) {
  return {{"versionIndex", 3},
          {"aliases", named({"latest", "v3", "best"}, "alias")},
          {"artifactCollection",
           place("resnet50", "vision", "alice", "ArtifactSequence")},
          {"artifact", std::move(of)}};
}

json::object project_with(json::object member) {
  return inside({"project", "artifactCollectionMembership"}, std::move(member));
}

void serve(fake_context& c, json::object member) {
  c.answer(at("/graphql", "ArtifactByMembership"), [member](upstream_request&) {
    return answer_with(project_with(member));
  });
}

const json::object latest{{"artifact_name", "alice/vision/resnet50"}};

json::object asking(json::object more) {
  auto out = latest;
  for (const auto& [key, value] : more)
    out[key] = value;
  return out;
}

} // namespace

TEST_CASE("an artifact comes with its lineage in one request", "[tools]") {
  fake_context c;
  serve(c, membership());
  const auto r = call_tool(c, get_artifact_details, latest);
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("artifact")
        == json::parse(R"({"id":"QXJ0aWZhY3Q6MQ==","name":"resnet50:latest",
             "full_name":"alice/vision/resnet50:v3","type":"model",
             "version":"v3","state":"COMMITTED","description":null,"size":1000,
             "file_count":2,"tags":["a","b"],"aliases":["best","latest"],
             "metadata":{"accuracy":0.9,"loss":"NaN"},
             "created_at":"2025-01-01T00:00:00Z","updated_at":null,
             "digest":"d3","commit_hash":null})"));
  CHECK(r.structured.at("lineage") == json::parse(R"({
    "logged_by":{"run_id":"run1","run_name":"Run 1","project":"vision",
                 "entity":"alice"},
    "used_by":[{"run_id":"run100","run_name":"Run 100","project":"vision",
                "entity":"alice"}],
    "used_by_total":1,"source_artifact":null,
    "linked_artifacts":["northwind-org/wandb-registry-model/approved:v0"]})"));
  CHECK_FALSE(r.structured.contains("files"));
  CHECK_FALSE(r.structured.contains("warnings"));
  REQUIRE(c.requests.size() == 1);
  const auto vars = variables_of(c.requests[0]);
  CHECK(vars.at("entity") == "alice");
  CHECK(vars.at("project") == "vision");
  CHECK(vars.at("name") == "resnet50:latest");
  CHECK(vars.at("users") == 21);
  CHECK(vars.at("withFiles") == false);
}

TEST_CASE("of many users the first twenty are shown", "[tools]") {
  const auto [total, shown, cut] = GENERATE(table<int, std::size_t, bool>(
    {{30, 20, true}, {20, 20, false}, {21, 20, true}, {0, 0, false}}));
  fake_context c;
  auto one = artifact();
  one["usedBy"] = users(static_cast<std::size_t>(total), 21);
  serve(c, membership(one));
  const auto r = call_tool(c, get_artifact_details, latest);
  const auto& lineage = r.structured.at("lineage").as_object();
  CHECK(lineage.at("used_by").as_array().size() == shown);
  CHECK(lineage.at("used_by_total") == total);
  CHECK(lineage.contains("used_by_truncated") == cut);
}

TEST_CASE("files come with the artifact when they are asked for", "[tools]") {
  fake_context c;
  auto with_files = membership();
  with_files["files"] = files(2, 0, 50);
  serve(c, with_files);
  const auto r =
    call_tool(c, get_artifact_details, asking({{"include_files", true}}));
  CHECK(r.structured.at("files")
        == json::parse(R"([{"name":"f0","size":10,"digest":"x"},
                           {"name":"f1","size":10,"digest":"x"}])"));
  CHECK(r.structured.at("files_total") == 2);
  CHECK(r.structured.at("files_truncated") == false);
  CHECK(c.requests.size() == 1);
  CHECK(variables_of(c.requests[0]).at("files") == 50);
}

TEST_CASE("files are paged to what was asked for, a thousand at most",
          "[tools]") {
  const auto [wanted, page, listed, requests] =
    GENERATE(table<int, std::size_t, std::size_t, std::size_t>(
      {{120, 50, 120, 3}, {5000, 1000, 1000, 1}, {50, 1000, 50, 1}}));
  CAPTURE(wanted, page);
  fake_context c;
  c.settings().max_response_tokens = 100'000;
  const auto answer = [page = page](upstream_request& r) {
    const auto vars = variables_of(r);
    const auto* after = vars.if_contains("after");
    const auto from = after && after->is_string()
                        ? std::stoul(std::string(after->as_string()))
                        : 0ul;
    const auto first =
      vars.at(vars.contains("files") ? "files" : "first").to_number<unsigned>();
    auto list = files(2500, from, std::min<std::size_t>(first, page));
    if (vars.contains("first"))
      return answer_with(
        inside({"project", "artifactCollection", "artifactMembership", "files"},
               std::move(list)));
    auto all = membership();
    all["files"] = std::move(list);
    return answer_with(project_with(std::move(all)));
  };
  c.answer(at("/graphql"), answer);
  const auto r =
    call_tool(c, get_artifact_details,
              asking({{"include_files", true}, {"max_files", wanted}}));
  CHECK(r.structured.at("files").as_array().size() == listed);
  CHECK(r.structured.at("files_total") == 2500);
  CHECK(r.structured.at("files_truncated") == true);
  REQUIRE(c.requests.size() == requests);
  if (requests > 1) // an alias may move between two pages
    CHECK(variables_of(c.requests[1]).at("alias") == "v3");
}

TEST_CASE("a listing of files that fails is not an empty one", "[tools]") {
  fake_context c;
  auto member = membership();
  member["files"] = nullptr;
  auto body = json::object{{"data", project_with(member)}};
  body["errors"] = json::array{json::object{{"message", "storage is away"}}};
  c.reply(at("/graphql"), json::serialize(body));
  const auto r =
    call_tool(c, get_artifact_details, asking({{"include_files", true}}));
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("files") == nullptr);
  CHECK(r.structured.at("files_error") == "storage is away");
  CHECK(r.structured.at("artifact").at("digest") == "d3");
}

TEST_CASE("lineage that W&B can not give is null, and the rest is there",
          "[tools]") {
  fake_context c;
  auto bare = artifact();
  SECTION("members are null") {
    bare["createdBy"] = nullptr;
    bare["usedBy"] = nullptr;
    bare["artifactMemberships"] = nullptr;
    json::object body{{"data", project_with(membership(bare))}};
    body["errors"] = json::array{json::object{{"message", "no lineage"}}};
    c.reply(at("/graphql"), json::serialize(body));
  }
  SECTION("the artifact went with them") {
    for (const auto* name : {"createdBy", "usedBy", "artifactMemberships"})
      bare.erase(name);
    c.reply(at("/graphql", R"("withUse":true)"),
            R"({"data":{"project":{"artifactCollectionMembership":null}},
                "errors":[{"message":"no lineage"}]})");
    c.answer(at("/graphql", R"("withUse":false)"), [bare](upstream_request&) {
      return answer_with(project_with(membership(bare)));
    });
  }
  const auto r = call_tool(c, get_artifact_details, latest);
  REQUIRE_FALSE(r.is_error);
  const auto& lineage = r.structured.at("lineage");
  CHECK(lineage.at("logged_by") == nullptr);
  CHECK(lineage.at("used_by") == nullptr);
  CHECK(lineage.at("used_by_total") == nullptr);
  CHECK(lineage.at("linked_artifacts") == nullptr);
  CHECK(r.structured.at("artifact").at("version") == "v3");
  CHECK(json::serialize(r.structured.at("warnings")).find("no lineage")
        != std::string::npos);
}

TEST_CASE("W&B having too much to do is not lineage without runs", "[tools]") {
  fake_context c;
  c.fail(at("/graphql"), {.code = errc::rate_limited, .message = "slow down"});
  CHECK(error_of(call_tool(c, get_artifact_details, latest)) == "rate_limited");
}

TEST_CASE("an artifact that a user uploaded names the user", "[tools]") {
  fake_context c;
  auto one = artifact();
  one["createdBy"] = json::object{{"__typename", "User"}, {"username", "bob"}};
  serve(c, membership(one));
  const auto r = call_tool(c, get_artifact_details, latest);
  CHECK(r.structured.at("lineage").at("logged_by") == nullptr);
  CHECK(r.structured.at("lineage").at("created_by_user") == "bob");
}

TEST_CASE("a link in a registry names its source", "[tools]") {
  const std::string owner = GENERATE("Northwind", "northwind-org", "");
  fake_context c;
  serve_access(c, {"Northwind"});
  auto member = membership();
  member["versionIndex"] = 0;
  member["aliases"] = named({"production"}, "alias");
  member["artifactCollection"] = place("approved", "wandb-registry-model",
                                       "northwind-org", "ArtifactPortfolio");
  serve(c, member);
  const auto path = (owner.empty() ? "" : owner + "/")
                    + "wandb-registry-model/approved:production";
  const auto r = call_tool(c, get_artifact_details, {{"artifact_name", path}});
  REQUIRE_FALSE(r.is_error);
  CHECK(variables_of(c.requests.back()).at("entity") == "northwind-org");
  const auto& shown = r.structured.at("artifact");
  CHECK(shown.at("name") == "approved:production");
  CHECK(shown.at("version") == "v0");
  CHECK(shown.at("full_name")
        == "northwind-org/wandb-registry-model/approved:v0");
  const auto& lineage = r.structured.at("lineage");
  CHECK(lineage.at("source_artifact") == "alice/vision/resnet50:v3");
  CHECK(lineage.at("linked_artifacts") == json::array{});
}

TEST_CASE("a registry of another organization is not looked for", "[tools]") {
  fake_context c;
  serve_access(c, {"Northwind"});
  serve_entity(c);
  const auto r =
    call_tool(c, get_artifact_details,
              {{"artifact_name", "Acme/wandb-registry-model/x:v1"}});
  CHECK(error_of(r) == "organization_not_found");
  CHECK(c.requests.size() == 2);
}

TEST_CASE("artifact paths that mean nothing are refused unsent", "[tools]") {
  const std::string name = GENERATE(
    as<std::string>{}, "", " ", "a/b/c/d:v1", "a/b/", "/b/c",
    "a/b/c:", "a/b/c:v1:v2", "c", "c:v1", "a/b/c:v1/x", std::string(3000, 'x'));
  CAPTURE(name);
  fake_context c;
  const auto r = call_tool(c, get_artifact_details, {{"artifact_name", name}});
  CHECK(error_of(r) == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("what is missing of an artifact is named", "[tools]") {
  const auto [body, code] = GENERATE(table<std::string, std::string>(
    {{R"({"data":{"project":null}})", "project_not_found"},
     {R"({"data":{"project":{"artifactCollectionMembership":null}}})",
      "artifact_not_found"},
     {R"({"data":{"project":{"artifactCollectionMembership":
          {"artifact":null}}}})",
      "artifact_not_found"},
     {R"({"data":{"project":null},"errors":[{"message":"permission denied"}]})",
      "not_permitted"},
     {R"({"data":null,"errors":[{"message":"it broke"}]})", "upstream_error"},
     {"<html>", "upstream_garbage"}}));
  CAPTURE(body);
  fake_context c;
  c.reply(at("/graphql"), body);
  CHECK(error_of(call_tool(c, get_artifact_details, latest)) == code);
}

TEST_CASE("an artifact of another type is refused", "[tools]") {
  fake_context c;
  serve(c, membership());
  auto r = call_tool(c, get_artifact_details, asking({{"type_name", "model"}}));
  CHECK_FALSE(r.is_error);
  r = call_tool(c, get_artifact_details, asking({{"type_name", "dataset"}}));
  CHECK(error_of(r) == "type_mismatch");
  CHECK(r.structured.at("type") == "model");
}

TEST_CASE("an older server is asked in its own way", "[tools]") {
  fake_context c;
  c.fail(at("/graphql", "artifactCollectionMembership"),
         unknown_field("artifactCollectionMembership"));
  c.fail(at("/graphql", "ArtifactFilesByMembership"),
         unknown_field("artifactMembership"));
  auto old = artifact();
  auto aliases = named({"latest", "v3"}, "alias");
  for (auto& a : aliases)
    a.get_object()["artifactCollection"] =
      place("resnet50", "vision", "alice", "ArtifactSequence");
  auto elsewhere = json::object{{"alias", "production"}};
  elsewhere["artifactCollection"] =
    place("approved", "wandb-registry-model", "o", "ArtifactPortfolio");
  aliases.push_back(std::move(elsewhere));
  old["aliases"] = std::move(aliases);
  old["files"] = files(3, 0, 2);
  old["files"].as_object().erase("totalCount");
  c.answer(at("/graphql", "ArtifactByName"), [old](upstream_request&) {
    return answer_with(inside({"project", "artifact"}, old));
  });
  c.answer(at("/graphql", "ArtifactFiles("), [](upstream_request&) {
    return answer_with(
      inside({"project", "artifactType", "artifact", "files"}, files(3, 2, 2)));
  });
  const auto r =
    call_tool(c, get_artifact_details, asking({{"include_files", true}}));
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("artifact").at("version") == "v3");
  CHECK(r.structured.at("artifact").at("aliases")
        == json::array{json::value("latest")});
  CHECK(r.structured.at("files").as_array().size() == 3);
  CHECK(c.requests.size() == 4);
}

TEST_CASE("a page of files that fails leaves those before it", "[tools]") {
  fake_context c;
  auto member = membership();
  member["files"] = files(100, 0, 10);
  serve(c, member);
  c.fail(at("/graphql", "ArtifactFilesByMembership"),
         {.code = errc::upstream_unavailable, .message = "away"});
  const auto r =
    call_tool(c, get_artifact_details, asking({{"include_files", true}}));
  CHECK(r.structured.at("files").as_array().size() == 10);
  CHECK(r.structured.at("files_truncated") == true);
  CHECK(r.structured.contains("warnings"));
}

TEST_CASE("metadata that is no object does not break the artifact", "[tools]") {
  const auto [metadata, warned] =
    GENERATE(table<json::value, bool>({{nullptr, false},
                                       {"null", false},
                                       {"[1]", true},
                                       {"{", true},
                                       {7, true},
                                       {"", true}}));
  fake_context c;
  auto one = artifact();
  one["metadata"] = metadata;
  serve(c, membership(one));
  const auto r = call_tool(c, get_artifact_details, latest);
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("artifact").at("metadata") == json::object{});
  CHECK(r.structured.contains("warnings") == warned);
}

TEST_CASE("mistyped members of an artifact are null, not a failure",
          "[tools]") {
  fake_context c;
  json::object odd;
  for (const auto& member : artifact())
    odd[member.key()] = json::array{nullptr, 7};
  json::object member{{"versionIndex", "x"},
                      {"aliases", 7},
                      {"artifactCollection", nullptr},
                      {"artifact", odd},
                      {"files", json::array{}}};
  serve(c, member);
  const auto r =
    call_tool(c, get_artifact_details, asking({{"include_files", true}}));
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("artifact").at("size") == nullptr);
  CHECK(r.structured.at("artifact").at("version") == nullptr);
  CHECK(r.structured.at("lineage").at("logged_by") == nullptr);
}

TEST_CASE("metadata of any size fits the budget, and what is gone is named",
          "[tools]") {
  json::object metadata{{"small", 1}};
  SECTION("many small members") {
    for (int i = 0; i < 20'000; ++i)
      metadata["key" + std::to_string(i)] = i;
  }
  SECTION("a nest of small members") {
    json::object deep;
    for (int i = 0; i < 20'000; ++i)
      deep["key" + std::to_string(i)] = i;
    metadata["deep"] = std::move(deep);
  }
  SECTION("names that are long") {
    for (int i = 0; i < 30; ++i)
      metadata[std::string(2000, 'k') + std::to_string(i)] = i;
  }
  SECTION("a name that can not be shortened") {
    metadata["name"] = std::string(50'000, 'n');
  }
  fake_context c;
  c.settings().max_response_tokens = 1000;
  auto one = artifact();
  one["metadata"] = json::serialize(metadata);
  serve(c, membership(one));
  const auto r = call_tool(c, get_artifact_details, latest);
  REQUIRE_FALSE(r.is_error);
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("artifact").at("metadata").at("small") == 1);
  CHECK(r.structured.at("artifact").at("digest") == "d3");
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("metadata_omitted_count").as_uint64() >= 1);
  CHECK_FALSE(r.structured.at("metadata_omitted_keys").as_array().empty());
}

TEST_CASE("long lists and texts of an artifact are cut, and it says so",
          "[tools]") {
  json::object metadata{{"text", std::string(20'000, 't')}};
  json::array list(5000, json::value(1));
  metadata["list"] = std::move(list);
  fake_context c;
  c.settings().max_response_tokens = 1000;
  auto one = artifact();
  one["metadata"] = json::serialize(metadata);
  auto member = membership(one);
  member["files"] = files(900, 0, 900);
  serve(c, member);
  const auto r =
    call_tool(c, get_artifact_details,
              asking({{"include_files", true}, {"max_files", 1000}}));
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("files_total") == 900);
}

TEST_CASE("a cancelled look at an artifact lets go of its request", "[tools]") {
  fake_context c;
  c.stay_silent(at("/graphql"));
  const catalog offered({&get_artifact_details});
  auto running = run(*offered.find("get_artifact_details_tool"), c, latest);
  running.start();
  c.pump();
  REQUIRE(c.requests.size() == 1);
  running = {};
  CHECK(c.abandoned_ids.size() == 1);
}
