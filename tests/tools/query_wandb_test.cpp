#include "protocol/json/token_size.hpp"
#include "protocol/json/write.hpp"
#include "protocol/wandb/graphql_query.hpp"
#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"

#include <boost/json.hpp>

#include <set>
#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

const std::string edges = " { edges { node { id } } "
                          "pageInfo { endCursor hasNextPage } }";

json::object input(std::string query, json::object variables = {},
                   json::object more = {}) {
  json::object out{{"query", std::move(query)},
                   {"variables", std::move(variables)},
                   {"max_items", 100},
                   {"items_per_page", 20},
                   {"paginate_path", nullptr}};
  for (const auto& [name, value] : more)
    out[name] = value;
  return out;
}

const wandb::graphql::selection*
find_field(const wandb::graphql::document& d,
           const std::vector<wandb::graphql::selection>& list,
           std::string_view name) {
  for (const auto& s : list) {
    if (s.name == name && s.what == wandb::graphql::selection::kind::field)
      return &s;
    const auto& inner =
      s.what == wandb::graphql::selection::kind::fragment_spread
        ? d.find_fragment(s.name)->selections
        : s.selections;
    if (const auto* found = find_field(d, inner, name))
      return found;
  }
  return nullptr;
}

/// A W&B with `total` runs r1, r2, ... whose cursors are c1, c2, ... It obeys
/// the document's own `first` and `after` and, as GraphQL asks, refuses a
/// document that declares a variable it does not use.
struct fake_runs {
  int total = 10;
  int id_modulus = 1'000'000; // ids repeat after so many
  bool obeys_first = true;
  std::string node_text = {}; // a long member of each node
  std::function<void(int request, json::object& answer)> change = {};
  int requests = 0;

  std::string answer(const upstream_request& r) {
    ++requests;
    const auto body = json::parse(r.body).as_object();
    const std::string text(body.at("query").as_string());
    const auto& variables = body.at("variables").as_object();
    const auto parsed = wandb::parse_graphql_query(text);
    REQUIRE(parsed.has_value());
    const auto& o = parsed->operations[0];
    for (const auto& v : o.variables) {
      const auto first = text.find("$" + v.name);
      REQUIRE(text.find("$" + v.name, first + 1) != text.npos);
    }
    const auto* field = find_field(*parsed, o.selections, "runs");
    REQUIRE(field);
    const auto given = [&](std::string_view name) -> json::value {
      for (const auto& a : field->arguments)
        if (a.name == name) {
          if (a.given.what == wandb::graphql::value::kind::variable) {
            const auto* v = variables.if_contains(a.given.text);
            return v ? *v : json::value();
          }
          if (a.given.what == wandb::graphql::value::kind::integer)
            return std::stoi(a.given.text);
          return json::value(a.given.text);
        }
      return nullptr;
    };
    const auto first = given("first");
    const auto after = given("after");
    const int size =
      obeys_first && first.is_int64() ? int(first.get_int64()) : 50;
    const int start = after.is_string()
                        ? std::stoi(std::string(after.as_string()).substr(1))
                        : 0;
    sizes.push_back(size);
    json::array list;
    int i = start;
    for (; i < std::min(total, start + size); ++i) {
      json::object node{{"id", "r" + std::to_string(i % id_modulus + 1)}};
      if (!node_text.empty())
        node["text"] = node_text;
      json::object edge{{"node", node}};
      if (text.find("cursor") != text.npos)
        edge["cursor"] = "c" + std::to_string(i + 1);
      list.push_back(std::move(edge));
    }
    json::object page{{"hasNextPage", i < total},
                      {"endCursor", "c" + std::to_string(i)}};
    json::object runs{{"edges", std::move(list)}, {"pageInfo", page}};
    json::object project{{field->response_name(), std::move(runs)}};
    json::object data{{"project", std::move(project)}};
    json::object out{{"data", std::move(data)}};
    if (change)
      change(requests, out);
    return json::serialize(out);
  }

  void serve(fake_context& c) {
    c.answer(at("/graphql"), [this](upstream_request& r) -> upstream_result {
      upstream_reply reply;
      reply.body = std::make_shared<const std::string>(answer(r));
      return reply;
    });
  }

  std::vector<int> sizes = {}; // asked for, per request
};

const json::object& runs_of(const tool_result& r) {
  return r.structured.at("project").at("runs").as_object();
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += text;
  return out;
}

std::string failure_code(fake_context& c, json::object args) {
  try {
    c.run(query_wandb, std::move(args));
  } catch (const tool_error& e) {
    return e.code;
  }
  return "none";
}

} // namespace

TEST_CASE("pages are followed by the document's own means", "[tools]") {
  struct row {
    std::string query;
    json::object variables;
    std::vector<int> sizes;
    int rows;
  };
  const std::vector<int> three_pages{3, 3, 2};
  const auto [query, variables, sizes, rows] = GENERATE_COPY(values<row>({
    // the page size comes from the caller's variable
    {"query($limit: Int) { project { runs(first: $limit)" + edges + " } }",
     {{"limit", 10}},
     three_pages,
     8},
    // a literal is a cap
    {"{ project { runs(first: 3)" + edges + " } }", {}, {3}, 3},
    // the caller's own cursor variable
    {"query($cursor: String) { project { runs(first: 50, after: $cursor)"
       + edges + " } }",
     {},
     three_pages,
     8},
    // no page size at all
    {"{ project { runs" + edges + " } }", {}, three_pages, 8},
    // a cap of one
    {"query($limit: Int) { project { runs(first: $limit)" + edges + " } }",
     {{"limit", 1}},
     {1},
     1},
    // digits
    {"query($limit: Int) { project { runs(first: $limit)" + edges + " } }",
     {{"limit", "3"}},
     {3},
     3},
    // inside a named fragment
    {"{ project { ...F } } fragment F on Project { runs" + edges + " }",
     {},
     three_pages,
     8},
  }));
  CAPTURE(query);
  fake_runs server;
  fake_context c;
  server.serve(c);
  const auto r =
    c.run(query_wandb,
          input(query, variables, {{"max_items", 8}, {"items_per_page", 3}}));
  CHECK_FALSE(r.is_error);
  CHECK(server.sizes == sizes);
  const auto& runs = runs_of(r);
  CHECK(runs.at("edges").as_array().size() == std::size_t(rows));
  // The cursor is that of the last row given, so nothing is skipped later.
  const auto cursor = json::value_from("c" + std::to_string(rows));
  CHECK(runs.at("pageInfo").at("endCursor") == cursor);
  CHECK(runs.at("pageInfo").at("hasNextPage") == true);
  const auto& report = r.structured.at("_pagination").as_object();
  CHECK(report.at("path") == "project.runs");
  CHECK(report.at("items") == rows);
  CHECK(report.at("pages") == sizes.size());
  CHECK(report.at("has_more") == true);
  CHECK(report.at("end_cursor") == cursor);
  CHECK(report.at("stopped_because") == "max_items");
}

TEST_CASE("paging ends where the list ends", "[tools]") {
  fake_runs server;
  fake_context c;
  server.serve(c);
  const auto r = c.run(query_wandb, input("{ project { runs" + edges + " } }",
                                          {}, {{"items_per_page", 4}}));
  CHECK(runs_of(r).at("edges").as_array().size() == 10);
  CHECK(runs_of(r).at("pageInfo").at("hasNextPage") == false);
  CHECK(r.structured.at("_pagination").at("stopped_because") == "complete");
  CHECK(server.requests == 3);
  REQUIRE(c.notes.size() == 2);
  CHECK(c.notes[1].done > c.notes[0].done);
}

TEST_CASE("one page is enough when it holds what was asked for", "[tools]") {
  fake_runs server;
  fake_context c;
  server.serve(c);
  const auto r = c.run(query_wandb, input("{ project { runs" + edges + " } }",
                                          {}, {{"max_items", 2}}));
  CHECK(server.sizes == std::vector<int>{2});
  CHECK(runs_of(r).at("edges").as_array().size() == 2);
}

TEST_CASE("arguments that make no sense never reach W&B", "[tools]") {
  struct row {
    std::string query;
    json::object variables, more;
    std::string code;
  };
  json::value deep = 1;
  for (int i = 0; i < 13; ++i)
    deep = json::array{deep};
  const auto [query, variables, more, code] = GENERATE_COPY(values<row>({
    {"{ a }", {}, {{"max_items", 0}}, "invalid_input"},
    {"{ a }", {}, {{"items_per_page", -1}}, "invalid_input"},
    {"", {}, {}, "invalid_input"},
    {" \n", {}, {}, "invalid_input"},
    {"query {", {}, {}, "invalid_input"},
    {"{ ...F }", {}, {}, "invalid_input"},
    {"{ a }", {}, {{"paginate_path", "a"}}, "invalid_input"},
    {"{ _pagination: a }", {}, {}, "invalid_input"},
    {"query($n: Int) { runs(first: $n)" + edges + " }",
     {{"n", "x"}},
     {},
     "invalid_input"},
    {"{ a }", {{"x", deep}}, {}, "invalid_input"},
    {"{ a }", {{"x", std::string(70000, 'x')}}, {}, "invalid_input"},
    {"{ a }", {{"x", json::array(5000)}}, {}, "invalid_input"},
    {"mutation { deleteView { success } }", {}, {}, "read_only_violation"},
    {"{ a } subscription { b }", {}, {}, "read_only_violation"},
    {"query A { a } query B { b }", {}, {}, "query_too_complex"},
    {"{" + std::string(70000, ' ') + "a }", {}, {}, "query_too_complex"},
    {repeated("{a", 13) + repeated("}", 13), {}, {}, "query_too_complex"},
    {"{" + repeated("a ", 201) + "}", {}, {}, "query_too_complex"},
  }));
  CAPTURE(query.substr(0, 80));
  fake_context c;
  CHECK(failure_code(c, input(query, variables, more)) == code);
  CHECK(c.requests.empty());
}

TEST_CASE("a syntax error names its line and column", "[tools]") {
  fake_context c;
  try {
    c.run(query_wandb, input("query {\n  a(\n}"));
    FAIL("accepted");
  } catch (const tool_error& e) {
    CHECK(e.details.at("line") == 3);
    CHECK(e.details.at("column") == 1);
    CHECK(std::string(e.what()).find("line 3, column 1") != std::string::npos);
  }
}

TEST_CASE("a document without a connection is sent as it is", "[tools]") {
  const std::string query = "query($x: Int) { runs(first: $x) { edges { node { "
                            "id } } pageInfo { hasNextPage } } }";
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"runs":{"edges":[{"node":{"id":1}}],
    "pageInfo":{"hasNextPage":true}}}})");
  const auto r = c.run(query_wandb, input(query, {{"x", 5}}));
  CHECK(c.body_of("/graphql").at("query").as_string() == query);
  CHECK(c.body_of("/graphql").at("variables") == json::object{{"x", 5}});
  CHECK(json::value(r.structured)
        == json::parse(R"({"runs":{"edges":[{"node":{"id":1}}],
             "pageInfo":{"hasNextPage":true}}})"));
}

TEST_CASE("a node that comes again is given once", "[tools]") {
  fake_runs server{.total = 9, .id_modulus = 5};
  fake_context c;
  server.serve(c);
  const auto r = c.run(query_wandb, input("{ project { runs" + edges + " } }",
                                          {}, {{"items_per_page", 3}}));
  CHECK(runs_of(r).at("edges").as_array().size() == 5);
  CHECK(r.structured.at("_pagination").at("stopped_because") == "complete");
}

TEST_CASE("rows without an id are all kept", "[tools]") {
  fake_runs server{.total = 9, .id_modulus = 2};
  fake_context c;
  server.serve(c);
  const auto r = c.run(
    query_wandb, input("{ project { runs { edges { node { name } } pageInfo { "
                       "endCursor hasNextPage } } } }"));
  CHECK(runs_of(r).at("edges").as_array().size() == 9);
}

TEST_CASE("a server that gives more than asked is cut without losing the place",
          "[tools]") {
  const bool with_cursor = GENERATE(true, false);
  CAPTURE(with_cursor);
  fake_runs server{.total = 60, .obeys_first = false};
  fake_context c;
  server.serve(c);
  const std::string query =
    with_cursor ? "{ project { runs { edges { cursor node { id } } pageInfo { "
                  "endCursor hasNextPage } } } }"
                : "{ project { runs" + edges + " } }";
  const auto r = c.run(query_wandb, input(query, {}, {{"max_items", 7}}));
  const auto& runs = runs_of(r);
  CHECK(runs.at("edges").as_array().size() == 7);
  CHECK(runs.at("pageInfo").at("hasNextPage") == true);
  const auto expected = with_cursor ? json::value("c7") : json::value(nullptr);
  CHECK(runs.at("pageInfo").at("endCursor") == expected);
}

TEST_CASE("partial data keeps its errors", "[tools]") {
  fake_runs server;
  server.change = [](int, json::object& answer) {
    answer["errors"] = json::parse(
      R"([{"message":"permission denied","path":["project","secret"],
           "extensions":{"trace":"internal"}}])");
  };
  fake_context c;
  server.serve(c);
  const auto r = c.run(query_wandb, input("{ project { runs" + edges + " } }",
                                          {}, {{"items_per_page", 3}}));
  CHECK(r.is_error);
  CHECK(runs_of(r).at("edges").as_array().size() == 3);
  CHECK(server.requests == 1);
  const auto& error = r.structured.at("errors").at(0).as_object();
  CHECK(error.at("error") == "not_permitted");
  CHECK(error.at("message").as_string().find("no access")
        != json::string::npos);
  CHECK(error.contains("path"));
  CHECK_FALSE(error.contains("extensions"));
  CHECK(r.structured.at("error") == "not_permitted");
}

TEST_CASE("a page that fails leaves the pages before it", "[tools]") {
  const bool by_http = GENERATE(true, false);
  CAPTURE(by_http);
  fake_runs server;
  server.change = [](int request, json::object& answer) {
    if (request == 2)
      answer = {{"data", nullptr},
                {"errors", {json::object{{"message", "broken"}}}}};
  };
  fake_context c;
  if (by_http) {
    c.answer(at("/graphql"),
             [&](upstream_request& r) -> upstream_result {
               upstream_reply reply;
               reply.body =
                 std::make_shared<const std::string>(server.answer(r));
               return reply;
             })
      .times(1);
    c.fail(at("/graphql"),
           {.code = errc::upstream_timeout, .message = "W&B was too slow."});
  } else {
    server.serve(c);
  }
  const auto r = c.run(query_wandb, input("{ project { runs" + edges + " } }",
                                          {}, {{"items_per_page", 3}}));
  CHECK(r.is_error);
  CHECK(runs_of(r).at("edges").as_array().size() == 3);
  const auto& report = r.structured.at("_pagination").as_object();
  CHECK(report.at("stopped_because") == "error");
  CHECK(report.at("has_more") == true);
  CHECK(report.at("end_cursor") == "c3");
  const auto* expected = by_http ? "upstream_timeout" : "upstream_error";
  CHECK(r.structured.at("errors").at(0).at("error") == expected);
}

TEST_CASE("a first page without data is the failure it names", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"),
          R"({"data":null,"errors":[{"message":"user is not logged in"}]})");
  try {
    c.run(query_wandb, input("{ viewer { id } }"));
    FAIL("accepted");
  } catch (const failure_exception& e) {
    CHECK(e.reason.code == errc::unauthorized);
  }
}

TEST_CASE("a cursor that does not move ends the paging", "[tools]") {
  struct row {
    json::value cursor;
    std::string why;
    int requests;
  };
  const auto [cursor, why, requests] = GENERATE(values<row>({
    {"c3", "cursor_not_advancing", 2},
    {nullptr, "no_cursor", 1},
    {"", "no_cursor", 1},
    {5, "no_cursor", 1},
  }));
  CAPTURE(why);
  fake_runs server;
  server.change = [cursor = cursor](int, json::object& answer) {
    answer["data"].at("project").at("runs").at("pageInfo").at("endCursor") =
      cursor;
  };
  fake_context c;
  server.serve(c);
  const auto r = c.run(query_wandb, input("{ project { runs" + edges + " } }",
                                          {}, {{"items_per_page", 3}}));
  CHECK(r.structured.at("_pagination").at("stopped_because").as_string()
        == why);
  CHECK(server.requests == requests);
}

TEST_CASE("pages without rows do not go on for ever", "[tools]") {
  fake_runs server{.total = 1'000'000'000, .id_modulus = 2};
  fake_context c;
  server.serve(c);
  const auto r = c.run(query_wandb, input("{ project { runs" + edges + " } }"));
  CHECK(r.structured.at("_pagination").at("stopped_because") == "page_limit");
  CHECK(server.requests <= 10);
}

TEST_CASE("an answer over the budget ends at a place that can be resumed",
          "[tools]") {
  const bool with_cursor = GENERATE(true, false);
  CAPTURE(with_cursor);
  fake_runs server{.total = 50, .node_text = std::string(100, 'x')};
  fake_context c;
  c.settings().max_response_tokens = 1000;
  server.serve(c);
  const std::string query =
    std::string("{ project { runs { edges { ") + (with_cursor ? "cursor " : "")
    + "node { id text } } pageInfo { endCursor hasNextPage } } } }";
  const auto r = c.run(query_wandb, input(query, {}, {{"items_per_page", 6}}));
  CHECK(token_size(r.structured) <= 4000);
  const auto rows = runs_of(r).at("edges").as_array().size();
  CHECK(rows >= 7);
  const auto& report = r.structured.at("_pagination").as_object();
  CHECK(report.at("stopped_because") == "token_budget");
  CHECK(report.at("has_more") == true);
  CHECK(report.at("end_cursor").as_string() == "c" + std::to_string(rows));
}

TEST_CASE("one row that is too long by itself is shortened, and says so",
          "[tools]") {
  fake_runs server{.total = 3, .node_text = std::string(50'000, 'x')};
  fake_context c;
  c.settings().max_response_tokens = 1000;
  server.serve(c);
  const auto r =
    c.run(query_wandb, input("{ project { runs { edges { node { id text } } "
                             "pageInfo { endCursor hasNextPage } } } }"));
  CHECK(token_size(r.structured) <= 4000);
  CHECK(runs_of(r).at("edges").as_array().size() == 1);
  CHECK(r.structured.contains("_truncation"));
  CHECK(r.structured.at("_pagination").at("end_cursor") == "c1");
}

TEST_CASE("a list that was cut has more", "[tools]") {
  json::array edges;
  for (int i = 0; i < 5000; ++i)
    edges.push_back(json::object{{"node", {{"step", i}}}});
  const json::object page{{"hasNextPage", false}, {"endCursor", "c5000"}};
  json::object files{{"edges", edges}, {"pageInfo", page}};
  const json::object node{{"id", "r1"}, {"files", files}};
  const json::object edge{{"node", node}};
  json::object runs{{"edges", json::array{edge}}, {"pageInfo", page}};
  const json::object project{{"runs", runs}};
  const json::object data{{"project", project}};
  fake_context c;
  c.settings().max_response_tokens = 1000;
  c.reply(at("/graphql"), json::serialize(json::object{{"data", data}}));
  const auto r = c.run(
    query_wandb,
    input("{ project { runs { edges { node { id files { edges { node { step } "
          "} pageInfo { endCursor hasNextPage } } } } pageInfo { endCursor "
          "hasNextPage } } } }"));
  CHECK(write_json(r.structured).size() <= 4000);
  const json::value answer(r.structured);
  const auto& cut =
    answer.at_pointer("/project/runs/edges/0/node/files").as_object();
  const auto left = 5000 - cut.at("edges").as_array().size();
  CHECK(left > 0);
  CHECK(cut.at("pageInfo")
        == json::parse(R"({"hasNextPage":true,"endCursor":null})"));
  const std::string note(r.structured.at("_truncation").as_string());
  CHECK(note.find(std::to_string(left) + " list items") != note.npos);
}

TEST_CASE("long answers without pages are cut or refused, never sent whole",
          "[tools]") {
  fake_context c;
  c.settings().max_response_tokens = 1000;
  const bool cuttable = GENERATE(true, false);
  CAPTURE(cuttable);
  json::object data;
  if (cuttable) {
    json::array rows;
    for (int i = 0; i < 5000; ++i)
      rows.push_back(json::object{{"step", i}});
    data["rows"] = std::move(rows);
  } else {
    for (int i = 0; i < 1000; ++i)
      data["member" + std::to_string(i)] = i;
  }
  const json::object answer{{"data", data}};
  c.reply(at("/graphql"), json::serialize(answer));
  if (cuttable) {
    const auto r = c.run(query_wandb, input("{ rows }"));
    CHECK(token_size(r.structured) <= 4000);
    CHECK(r.structured.contains("_truncation"));
    CHECK(r.structured.at("rows").as_array().size() > 50);
  } else {
    CHECK(failure_code(c, input("{ rows }")) == "response_too_large");
  }
}

TEST_CASE("a call that is given up lets go of its request", "[tools]") {
  fake_context c;
  c.stay_silent(at("/graphql"));
  {
    auto call =
      query_wandb.run(c, arguments(input("{ project { runs" + edges + " } }")));
    call.start();
    c.pump();
    REQUIRE(c.requests.size() == 1);
    REQUIRE_FALSE(call.done());
  }
  CHECK(c.abandoned_ids.size() == 1);
}

TEST_CASE("W&B's words reach the caller when they are about the query",
          "[tools]") {
  struct row {
    std::string said;
    bool passed_on;
  };
  const auto [said, passed_on] = GENERATE(values<row>({
    {"Cannot query field \"colour\" on type \"Run\".", true},
    {"invalid cursor: x", true},
    {"pq: connection to db-7.internal refused", false},
    {"permission denied for relation secrets", false},
  }));
  CAPTURE(said);
  fake_runs server;
  server.change = [said = said](int request, json::object& answer) {
    if (request == 2)
      answer["errors"] = {json::object{{"message", said}}};
  };
  fake_context c;
  server.serve(c);
  const auto r = c.run(query_wandb, input("{ project { runs" + edges + " } }",
                                          {}, {{"items_per_page", 3}}));
  CHECK(r.is_error);
  const auto text = write_json(r.structured);
  const auto shown = write_json(json::value(said));
  CHECK((text.find(shown) != text.npos) == passed_on);
}

TEST_CASE("an aliased list is followed under its alias", "[tools]") {
  fake_runs server{.total = 2};
  fake_context c;
  server.serve(c);
  const auto r =
    c.run(query_wandb, input("{ project { mine: runs" + edges + " } }", {},
                             {{"max_items", 2}, {"items_per_page", 1}}));
  CHECK(r.structured.at("project").at("mine").at("edges").as_array().size()
        == 2);
  CHECK(c.body_of("/graphql", 0).at("variables").at("wbAfter").is_null());
  CHECK(c.body_of("/graphql", 1).at("variables").at("wbAfter") == "c1");
  CHECK(r.structured.at("project").at("mine").at("pageInfo").at("hasNextPage")
        == false);
  const auto& paging =
    r.structured.at("extensions").at("wandb_mcp").as_object();
  CHECK(paging.at("returned_count") == 2);
  CHECK(paging.at("has_more") == false);
  CHECK(paging.at("next_cursor").is_null());
  CHECK(paging.at("truncated_by_response_budget") == false);
}

TEST_CASE("an alias named errors is the caller's data", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"errors":{"id":1},"extensions":2}})");
  const auto r =
    c.run(query_wandb, input("{ errors: viewer { id } extensions: x }"));
  CHECK_FALSE(r.is_error);
  CHECK(json::value(r.structured)
        == json::parse(R"({"errors":{"id":1},"extensions":2})"));
}

TEST_CASE("whatever would change something is refused, however it is written",
          "[tools]") {
  const auto query =
    GENERATE(as<std::string>{}, "mutation { deleteView { success } }",
             "\xEF\xBB\xBFmutation M { a }", "# query { a }\nmutation { a }",
             ",,, mutation{a}", "query Q { a } mutation Q { a }",
             "{ a }\nmutation M($x: Int) @d { b }",
             "fragment F on T { a } mutation { a }", "subscription { a }",
             "mutation\r{a}");
  CAPTURE(query);
  fake_context c;
  try {
    c.run(query_wandb, input(query));
    FAIL("accepted");
  } catch (const tool_error& e) {
    CHECK(e.code == "read_only_violation");
    CHECK_FALSE(e.details.at("operation_types").as_array().empty());
  }
  CHECK(c.requests.empty());
}

TEST_CASE("the word mutation alone changes nothing", "[tools]") {
  const auto query =
    GENERATE(as<std::string>{}, "query mutation { a }", "{ mutation }",
             "{ mutation: a }", R"({ a(x: "mutation { b }") })",
             R"({ a(x: """mutation { b }""") })", "{ a } # mutation { b }");
  CAPTURE(query);
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"a":1}})");
  CHECK_FALSE(c.run(query_wandb, input(query)).is_error);
  CHECK(c.requests.size() == 1);
}

TEST_CASE("the words about the tool that a client must read stay few",
          "[tools]") {
  const auto listed = [](const tool& t) {
    const auto schema =
      json::serialize(json::parse(std::string(t.input_schema)));
    return t.name.size() + t.description.size() + schema.size();
  };
  CHECK(listed(query_wandb) <= 3600);
  CHECK(listed(list_entities) <= 1200);
  CHECK(listed(query_wandb_entity_projects) <= 1200);
  for (const auto* t :
       {&query_wandb, &list_entities, &query_wandb_entity_projects})
    CHECK(json::parse(std::string(t->output_schema)).is_object());
}
