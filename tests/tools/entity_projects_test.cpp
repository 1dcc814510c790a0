#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

/// Answers EntityProjects for entities with so many projects, in pages of at
/// most `page` whatever is asked for.
void serve_projects(fake_context& c, int total, int page = 1000,
                    std::string description = "about") {
  c.answer(at("/graphql", "EntityProjects"),
           [=](upstream_request& r) -> upstream_result {
             const auto body = json::parse(r.body).as_object();
             const auto& v = body.at("variables").as_object();
             const auto& after = v.at("after");
             const int from = after.is_string()
                                ? std::stoi(std::string(after.as_string()))
                                : 0;
             const int asked = v.at("first").to_number<int>();
             const int to = std::min({total, from + asked, from + page});
             json::array edges;
             for (int i = from; i < to; ++i) {
               json::object node{{"name", "p" + std::to_string(i)},
                                 {"entityName", v.at("entity")},
                                 {"description", description},
                                 {"access", "PRIVATE"},
                                 {"createdAt", "2024-01-01T00:00:00"},
                                 {"updatedAt", nullptr}};
               json::object edge{{"node", node}};
               edges.push_back(std::move(edge));
             }
             json::object info{{"hasNextPage", to < total},
                               {"endCursor", std::to_string(to)}};
             json::object models{{"edges", edges}, {"pageInfo", info}};
             json::object data{{"models", models}};
             upstream_reply reply;
             reply.body = std::make_shared<const std::string>(
               json::serialize(json::object{{"data", data}}));
             return reply;
           });
}

void serve_viewer(fake_context& c, int teams) {
  json::array edges;
  for (int i = 0; i < teams; ++i) {
    json::object node{{"name", "team" + std::to_string(i)}};
    json::object edge{{"node", node}};
    edges.push_back(std::move(edge));
  }
  json::object list{{"edges", edges}};
  json::object viewer{
    {"username", "alice"}, {"entity", "team0"}, {"teams", list}};
  json::object data{{"viewer", viewer}};
  c.reply(at("/graphql", "Viewer"),
          json::serialize(json::object{{"data", data}}));
}

json::object input(json::value entity, int max_projects) {
  return {{"entity", std::move(entity)}, {"max_projects", max_projects}};
}

} // namespace

TEST_CASE(
  "as many projects as asked for are listed, and whether there are more",
  "[tools]") {
  struct row {
    int total, max, page;
    std::size_t listed, requests;
    bool truncated;
  };
  const auto [total, max, page, listed, requests, truncated] =
    GENERATE(values<row>({
      {100, 5, 1000, 5, 1, true},
      {300, 999, 1000, 200, 1, true}, // clamped
      {3, 50, 1000, 3, 1, false},
      {3, 0, 1000, 1, 1, true}, // clamped
      {50, 50, 1000, 50, 1, false},
      {120, 50, 20, 50, 3, true}, // a server with small pages
      {0, 50, 1000, 0, 1, false},
    }));
  CAPTURE(total, max, page);
  fake_context c;
  serve_projects(c, total, page);
  const auto r = c.run(query_wandb_entity_projects, input("alice", max));
  const auto& projects = r.structured.at("projects").at("alice").as_array();
  CHECK(projects.size() == listed);
  CHECK(c.requests.size() == requests);
  CHECK(r.structured.at("truncated") == truncated);
  CHECK(r.structured.at("has_more") == truncated);
  CHECK(r.structured.at("returned_count") == listed);
  CHECK(r.structured.at("total_count")
        == (truncated ? json::value() : json::value(total)));
  CHECK(r.structured.at("max_projects_per_entity") == std::clamp(max, 1, 200));
}

TEST_CASE("a project has its description, visibility and dates", "[tools]") {
  fake_context c;
  serve_projects(c, 1);
  const auto r = c.run(query_wandb_entity_projects, input("alice", 50));
  CHECK(r.structured.at("projects").at("alice").at(0)
        == json::parse(R"({"name":"p0","entity":"alice","description":"about",
             "visibility":"PRIVATE","created_at":"2024-01-01T00:00:00",
             "updated_at":null,"tags":[]})"));
}

TEST_CASE("without an entity the user's first five are listed", "[tools]") {
  const auto [teams, listed] =
    GENERATE(table<int, std::size_t>({{20, 5}, {2, 3}}));
  CAPTURE(teams);
  fake_context c;
  serve_viewer(c, teams);
  serve_projects(c, 2);
  const auto r = c.run(query_wandb_entity_projects, input(nullptr, 50));
  const auto& projects = r.structured.at("projects").as_object();
  CHECK(projects.size() == listed);
  CHECK(projects.begin()->key() == "team0"); // the default entity
  CHECK(projects.contains("alice"));
  CHECK(r.structured.at("truncated") == (teams == 20));
  CHECK_FALSE(r.structured.contains("errors"));
  if (teams == 20)
    CHECK(r.structured.at("entities_not_listed").as_array().size() == 16);
  else
    CHECK(r.structured.at("total_count") == 6);
}

TEST_CASE("one entity that fails does not hide the others", "[tools]") {
  fake_context c;
  serve_viewer(c, 2);
  c.fail(at("/graphql", R"("entity":"team0")"),
         {.code = errc::not_permitted, .message = "no access"});
  c.reply(at("/graphql", R"("entity":"team1")"), R"({"data":{"models":null}})");
  serve_projects(c, 2);
  const auto r = c.run(query_wandb_entity_projects, input(nullptr, 50));
  CHECK(r.structured.at("projects").as_object().size() == 1);
  CHECK(r.structured.at("errors").at("team0").at("error") == "not_permitted");
  CHECK(r.structured.at("errors").at("team1").at("error") == "not_found");
}

TEST_CASE("when every entity fails the call fails", "[tools]") {
  fake_context c;
  serve_viewer(c, 2);
  c.fail(at("/graphql", "EntityProjects"),
         {.code = errc::upstream_unavailable, .message = "down"});
  CHECK_THROWS_AS(c.run(query_wandb_entity_projects, input(nullptr, 50)),
                  failure_exception);
}

TEST_CASE("an unknown entity is told from one without projects", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"models":null}})");
  try {
    c.run(query_wandb_entity_projects, input("nobody", 50));
    FAIL("accepted");
  } catch (const tool_error& e) {
    CHECK(e.code == "entity_not_found");
  }
  CHECK_THROWS_AS(c.run(query_wandb_entity_projects, input("  ", 50)),
                  tool_error);
}

TEST_CASE("a long list is cut to the budget, and says so", "[tools]") {
  fake_context c;
  c.settings().max_response_tokens = 1000;
  serve_projects(c, 200, 1000, std::string(2000, 'd'));
  const auto r = c.run(query_wandb_entity_projects, input("alice", 200));
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.contains("truncation_note"));
  CHECK_FALSE(r.structured.at("projects").at("alice").as_array().empty());
  CHECK(r.structured.at("returned_count")
        == r.structured.at("projects").at("alice").as_array().size());
  CHECK(r.structured.at("total_count").is_null());
}

TEST_CASE("a cursor that does not move ends the list", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"),
          R"({"data":{"models":{"pageInfo":{"hasNextPage":true,"endCursor":"x"},
             "edges":[{"node":{"name":"p"}}]}}})");
  const auto r = c.run(query_wandb_entity_projects, input("alice", 50));
  CHECK(c.requests.size() == 2);
  CHECK(r.structured.at("truncated") == true);
}
