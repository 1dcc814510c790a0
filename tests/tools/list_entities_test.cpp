#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

TEST_CASE("the user comes first, then each team once", "[tools]") {
  struct row {
    std::string viewer, entities;
  };
  const auto [viewer, entities] = GENERATE(values<row>({
    {R"({"username":"alice","entity":"alice","teams":{"edges":[
        {"node":{"name":"a"}},{"node":{"name":"b"}},{"node":{"name":"c"}}]}})",
     R"([{"name":"alice","type":"user","default":true},
         {"name":"a","type":"team"},{"name":"b","type":"team"},
         {"name":"c","type":"team"}])"},
    // The default entity is a team: it is no user, and listed once.
    {R"({"username":"alice","entity":"a","teams":{"edges":[
        {"node":{"name":"b"}},{"node":{"name":"a"}},{"node":{"name":"a"}}]}})",
     R"([{"name":"alice","type":"user"},{"name":"b","type":"team"},
         {"name":"a","type":"team","default":true}])"},
    {R"({"username":"alice","entity":"alice","teams":{"edges":[]}})",
     R"([{"name":"alice","type":"user","default":true}])"},
    {R"({"username":"alice","entity":"alice"})",
     R"([{"name":"alice","type":"user","default":true}])"},
    {R"({"username":"alice","entity":null,"teams":{"edges":[null,
        {"node":null},{"node":{"name":null}},{"node":{"name":"a"}}]}})",
     R"([{"name":"alice","type":"user"},{"name":"a","type":"team"}])"},
    {R"({"username":null,"entity":"robots","teams":null})",
     R"([{"name":"robots","type":"team","default":true}])"},
  }));
  CAPTURE(viewer);
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"viewer":)" + viewer + "}}");
  const auto r = c.run(list_entities, {});
  const auto expected = json::parse(entities);
  CHECK(r.structured.at("entities") == expected);
  CHECK(r.structured.at("count") == expected.as_array().size());
  CHECK(r.structured.at("total_count") == expected.as_array().size());
  CHECK(r.structured.at("has_more") == false);
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a list of teams that may go on is not called whole", "[tools]") {
  std::string edges;
  for (int i = 0; i < 500; ++i)
    edges += std::string(i ? "," : "") + R"({"node":{"name":"t)"
             + std::to_string(i) + R"("}})";
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"viewer":{"username":"alice",
    "entity":"alice","teams":{"edges":[)"
                            + edges + "]}}}}");
  const auto r = c.run(list_entities, {});
  CHECK(r.structured.at("returned_count") == 501);
  CHECK(r.structured.at("total_count").is_null());
  CHECK(r.structured.at("has_more") == true);
  CHECK(r.structured.at("truncated") == true);
}

TEST_CASE("no personal data is asked for", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"viewer":{"username":"a"}}})");
  c.run(list_entities, {});
  for (const auto* word : {"email", "apiKeys", "admin"})
    CHECK(c.requests[0].body.find(word) == std::string::npos);
}

TEST_CASE("a key without a viewer is refused", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"viewer":null}})");
  try {
    c.run(list_entities, {});
    FAIL("accepted");
  } catch (const failure_exception& e) {
    CHECK(e.reason.code == errc::unauthorized);
  }
}
