#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/registry_upstream.hpp"
#include "tools/all.hpp"

#include <map>
#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

struct side {
  std::string digest = "d";
  std::string metadata = "{}";
  std::vector<std::string> tags = {};
  std::vector<std::string> aliases = {};
  json::value size = 1000;
  std::string run = "run1";
  std::string project = "vision";
  std::map<std::string, std::string> files = {}; // name -> digest
  bool more_files = false;
};

json::array named(const std::vector<std::string>& names, const char* member) {
  json::array out;
  for (const auto& name : names) {
    json::object one;
    one[member] = name;
    out.push_back(std::move(one));
  }
  return out;
}

json::object artifact(const side& s) {
  json::object owner{{"name", "alice"}};
  json::object project{{"name", s.project}, {"entity", owner}};
  json::object creator{{"__typename", "Run"},
                       {"name", s.run},
                       {"displayName", s.run},
                       {"project", project}};
  json::object type{{"name", "model"}};
  return {{"size", s.size},       {"fileCount", s.files.size()},
          {"digest", s.digest},   {"metadata", s.metadata},
          {"artifactType", type}, {"tags", named(s.tags, "name")},
          {"createdBy", creator}, {"state", "COMMITTED"}};
}

json::object listing(const side& s) {
  json::array edges;
  for (const auto& [name, digest] : s.files) {
    json::object node{{"name", name}, {"sizeBytes", 5}, {"digest", digest}};
    json::object edge{{"node", std::move(node)}};
    edges.push_back(std::move(edge));
  }
  // No cursor: there are more, but this is all that can be had.
  json::object info{{"hasNextPage", s.more_files}, {"endCursor", nullptr}};
  return {{"totalCount", s.files.size()}, {"pageInfo", info}, {"edges", edges}};
}

/// Versions v0 and v1 of e/p/m.
void serve(fake_context& c, const side& a, const side& b) {
  const std::vector<side> sides{a, b};
  c.answer(
    at("/graphql", "ArtifactByMembership"), [sides](upstream_request& r) {
      const auto name = variables_of(r).at("name");
      const std::size_t n = name == "m:v1" ? 1 : 0;
      auto aliases = sides[n].aliases;
      aliases.push_back("v" + std::to_string(n));
      json::object member{{"versionIndex", n},
                          {"aliases", named(aliases, "alias")},
                          {"artifact", artifact(sides[n])}};
      return answer_with(
        inside({"project", "artifactCollectionMembership"}, std::move(member)));
    });
  c.answer(
    at("/graphql", "ArtifactFilesByMembership"), [sides](upstream_request& r) {
      const std::size_t n = variables_of(r).at("alias") == "v1" ? 1 : 0;
      return answer_with(
        inside({"project", "artifactCollection", "artifactMembership", "files"},
               listing(sides[n])));
    });
}

json::object input(json::object more = {}) {
  json::object out{{"artifact_name_a", "e/p/m:v0"},
                   {"artifact_name_b", "e/p/m:v1"}};
  for (const auto& [key, value] : more)
    out[key] = value;
  return out;
}

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& text : list)
    out.emplace_back(text);
  return out;
}

json::array names_in(const json::value& rows) {
  json::array out;
  for (const auto& row : rows.as_array())
    out.push_back(row.at("name"));
  return out;
}

} // namespace

TEST_CASE("sizes, tags, aliases and metadata are compared from a to b",
          "[tools]") {
  fake_context c;
  serve(c,
        {.digest = "x",
         .metadata = R"({"accuracy":0.9,"old":1,"same":2})",
         .tags = {"staging"},
         .aliases = {"latest"},
         .size = 1000},
        {.digest = "y",
         .metadata = R"({"accuracy":0.95,"new":[1],"same":2.0})",
         .tags = {"production"},
         .aliases = {"latest", "best"},
         .size = 2000});
  const auto r = call_tool(c, compare_artifact_versions, input());
  REQUIRE_FALSE(r.is_error);
  const auto& s = r.structured;
  CHECK(s.at("artifact_a") == "e/p/m:v0");
  CHECK(s.at("version_b") == "v1");
  CHECK(s.at("size_diff") == json::parse(R"({"a":1000,"b":2000,"delta":1000,
                           "percent_change":100.0})"));
  CHECK(s.at("tags_diff")
        == json::parse(R"({"added":["production"],"removed":["staging"]})"));
  CHECK(s.at("aliases_diff")
        == json::parse(R"({"added":["best"],"removed":[]})"));
  CHECK(s.at("metadata_diff")
        == json::parse(R"({"added":{"new":[1]},"removed":{"old":1},
                           "changed":{"accuracy":{"a":0.9,"b":0.95}}})"));
  CHECK(s.at("digest_match") == false);
}

TEST_CASE("sizes that W&B does not know, or zero, have no percentage",
          "[tools]") {
  const auto [a, b, delta, percent] =
    GENERATE(table<json::value, json::value, json::value, json::value>(
      {{0, 5, 5, nullptr},
       {3, 4, 1, 33.33},
       {nullptr, 4, nullptr, nullptr},
       {"1000", 900, -100, -10.0},
       {INT64_MIN, INT64_MAX, nullptr, nullptr}}));
  fake_context c;
  serve(c, {.size = a}, {.size = b});
  const auto r = call_tool(c, compare_artifact_versions, input());
  CHECK(r.structured.at("size_diff").at("delta") == delta);
  CHECK(r.structured.at("size_diff").at("percent_change") == percent);
}

TEST_CASE("files are compared by name and digest", "[tools]") {
  fake_context c;
  serve(c, {.digest = "x", .files = {{"a", "1"}, {"b", "2"}, {"s", "3"}}},
        {.digest = "y", .files = {{"b", "9"}, {"c", "4"}, {"s", "3"}}});
  const auto r = call_tool(c, compare_artifact_versions, input());
  const auto& diff = r.structured.at("file_diff");
  CHECK(names_in(diff.at("added")) == texts({"c"}));
  CHECK(names_in(diff.at("removed")) == texts({"a"}));
  CHECK(diff.at("modified")
        == json::parse(R"([{"name":"b","size_a":5,"size_b":5}])"));
  CHECK(diff.at("unchanged_count") == 1);
  CHECK(diff.at("truncated") == false);
  CHECK(c.requests.size() == 4);
}

TEST_CASE("entries are cut in order, and counted before that", "[tools]") {
  const auto [most, added, removed, modified] =
    GENERATE(table<int, std::size_t, std::size_t, std::size_t>(
      {{1, 1, 0, 0}, {3, 2, 1, 0}, {5, 2, 2, 1}, {50, 2, 2, 2}}));
  CAPTURE(most);
  fake_context c;
  serve(
    c,
    {.digest = "x", .files = {{"a", "1"}, {"b", "1"}, {"m", "1"}, {"n", "1"}}},
    {.digest = "y", .files = {{"c", "1"}, {"d", "1"}, {"m", "2"}, {"n", "2"}}});
  const auto r = call_tool(c, compare_artifact_versions,
                           input({{"max_file_diff_entries", most}}));
  const auto& diff = r.structured.at("file_diff");
  CHECK(diff.at("added").as_array().size() == added);
  CHECK(diff.at("removed").as_array().size() == removed);
  CHECK(diff.at("modified").as_array().size() == modified);
  CHECK(diff.at("added_count") == 2);
  CHECK(diff.at("removed_count") == 2);
  CHECK(diff.at("modified_count") == 2);
  CHECK(diff.at("truncated") == (most < 6));
}

TEST_CASE("of a listing that is not whole only its range is compared",
          "[tools]") {
  fake_context c;
  serve(c,
        {.digest = "x", .files = {{"a", "1"}, {"b", "1"}}, .more_files = true},
        {.digest = "y", .files = {{"a", "1"}, {"b", "2"}, {"z", "1"}}});
  const auto r = call_tool(c, compare_artifact_versions, input());
  const auto& diff = r.structured.at("file_diff");
  CHECK(diff.at("added_count") == 0); // z may well be in a
  CHECK(diff.at("modified_count") == 1);
  CHECK(diff.at("truncated") == true);
  CHECK(diff.as_object().contains("note"));
}

TEST_CASE("the same artifact twice differs in nothing, and lists no files",
          "[tools]") {
  fake_context c;
  const side s{.digest = "x",
               .metadata = R"({"n":NaN})",
               .tags = {"t"},
               .files = {{"a", "1"}}};
  serve(c, s, s);
  const auto r = call_tool(c, compare_artifact_versions,
                           input({{"artifact_name_b", "e/p/m:v0"}}));
  const auto& out = r.structured;
  CHECK(out.at("digest_match") == true);
  CHECK(out.at("metadata_diff")
        == json::parse(R"({"added":{},"removed":{},"changed":{}})"));
  CHECK(out.at("tags_diff") == json::parse(R"({"added":[],"removed":[]})"));
  CHECK(out.at("aliases_diff") == json::parse(R"({"added":[],"removed":[]})"));
  CHECK(out.at("size_diff").at("delta") == 0);
  CHECK(out.at("lineage_diff").at("same_source_run") == true);
  CHECK(out.at("file_diff").at("unchanged_count") == 1);
  CHECK(c.count_of("/graphql") == 2);
}

TEST_CASE("a run is the same only in the same project", "[tools]") {
  const auto [run, project, same] =
    GENERATE(table<std::string, std::string, bool>({{"run1", "vision", true},
                                                    {"run1", "other", false},
                                                    {"run2", "vision", false},
                                                    {"", "vision", false}}));
  fake_context c;
  serve(c, {}, {.run = run, .project = project});
  const auto r = call_tool(c, compare_artifact_versions, input());
  CHECK(r.structured.at("lineage_diff").at("same_source_run") == same);
}

TEST_CASE("without a diff of files none are listed", "[tools]") {
  fake_context c;
  serve(c, {.digest = "x"}, {.digest = "y"});
  const auto r = call_tool(c, compare_artifact_versions,
                           input({{"include_file_diff", false}}));
  CHECK_FALSE(r.structured.contains("file_diff"));
  CHECK(c.requests.size() == 2);
}

TEST_CASE("a listing that fails is an error, not a difference", "[tools]") {
  fake_context c;
  const auto n = GENERATE(R"("alias":"v0")", R"("alias":"v1")");
  const std::string part = n;
  c.answer(
    [part](const upstream_request& r) {
      return r.body.find("ArtifactFilesByMembership") != std::string::npos
             && r.body.find(part) != std::string::npos;
    },
    [](upstream_request&) -> upstream_result {
      return failure{.code = errc::upstream_unavailable, .message = "away"};
    });
  serve(c, {.digest = "x", .files = {{"a", "1"}}}, {.digest = "y"});
  const auto r = call_tool(c, compare_artifact_versions, input());
  REQUIRE_FALSE(r.is_error);
  const auto& diff = r.structured.at("file_diff").as_object();
  CHECK(diff.size() == 1);
  CHECK(std::string(diff.at("error").as_string()).find("away")
        != std::string::npos);
  CHECK(r.structured.at("digest_match") == false);
}

TEST_CASE("artifacts without a digest are not taken for equal", "[tools]") {
  fake_context c;
  serve(c, {.digest = "", .files = {{"a", ""}}},
        {.digest = "", .files = {{"a", ""}}});
  const auto r = call_tool(c, compare_artifact_versions, input());
  CHECK(r.structured.at("digest_match") == false);
  CHECK(r.structured.at("file_diff").at("unchanged_count") == 1);
}

TEST_CASE("either side missing ends the comparison", "[tools]") {
  const auto name = GENERATE("m:v0", "m:v1");
  fake_context c;
  c.reply(at("/graphql", name),
          R"({"data":{"project":{"artifactCollectionMembership":null}}})");
  serve(c, {}, {});
  const auto r = call_tool(c, compare_artifact_versions, input());
  CHECK(error_of(r) == "artifact_not_found");
  CHECK(std::string(r.structured.at("message").as_string()).find(name)
        != std::string::npos);
}

TEST_CASE("a comparison's arguments are checked before anything is sent",
          "[tools]") {
  const auto more = GENERATE(json::object{{"artifact_name_a", ""}},
                             json::object{{"max_file_diff_entries", 0}},
                             json::object{{"artifact_name_a", "a/b/c/d"}});
  fake_context c;
  serve(c, {}, {});
  CHECK(call_tool(c, compare_artifact_versions, input(more)).is_error);
  CHECK(c.requests.empty());
}

TEST_CASE("an unknown key comparing artifacts is told so", "[tools]") {
  fake_context c;
  c.fail(at("/graphql"), {.code = errc::unauthorized, .message = "who?"});
  CHECK(error_of(call_tool(c, compare_artifact_versions, input()))
        == "unauthorized");
}

TEST_CASE("a comparison of any size fits the budget, and says so", "[tools]") {
  json::object metadata;
  for (int i = 0; i < 10'000; ++i)
    metadata["key" + std::to_string(i)] = i;
  side a{.digest = "x"}, b{.digest = "y"};
  SECTION("metadata added") {
    b.metadata = json::serialize(metadata);
  }
  SECTION("metadata of both") {
    a.metadata = json::serialize(metadata);
    for (auto& member : metadata)
      member.value() = "other";
    b.metadata = json::serialize(metadata);
  }
  SECTION("files") {
    for (int i = 0; i < 900; ++i)
      b.files["file" + std::to_string(i)] = "1";
  }
  fake_context c;
  c.settings().max_response_tokens = 1000;
  serve(c, a, b);
  const auto r = call_tool(c, compare_artifact_versions,
                           input({{"max_file_diff_entries", 1000}}));
  REQUIRE_FALSE(r.is_error);
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.contains("truncation_note"));
}

TEST_CASE("a cancelled comparison lets go of both its requests", "[tools]") {
  fake_context c;
  c.stay_silent(at("/graphql"));
  const catalog offered({&compare_artifact_versions});
  auto running =
    run(*offered.find("compare_artifact_versions_tool"), c, input());
  running.start();
  c.pump();
  REQUIRE(c.requests.size() == 2); // side by side
  running = {};
  CHECK(c.abandoned_ids.size() == 2);
}
