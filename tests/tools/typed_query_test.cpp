#include "protocol/json/token_size.hpp"
#include "protocol/json/write.hpp"
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"
#include "tools/typed_query_items.hpp"
#include "tools/typed_query_links.hpp"

#include <cmath>
#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

json::object question(std::string_view resource, json::object more = {}) {
  json::object out{
    {"entity_name", "alice"}, {"project_name", "p"}, {"resource", resource}};
  for (const auto& [name, value] : more)
    out[name] = value;
  return out;
}

upstream_result body(const json::value& v) {
  upstream_reply reply;
  reply.body = std::make_shared<const std::string>(json::serialize(v));
  return reply;
}

upstream_result project(json::value p) {
  return body({{"data", {{"project", std::move(p)}}}});
}

json::object run_node(int i) {
  const auto id = "run" + std::to_string(i);
  return {{"name", id},
          {"displayName", "Run " + std::to_string(i)},
          {"state", "finished"},
          {"createdAt", "2025-01-01T00:00:00Z"},
          {"heartbeatAt", nullptr},
          {"computeSeconds", 60},
          {"historyLineCount", 10},
          {"group", nullptr},
          {"jobType", nullptr},
          {"tags", json::array{"a"}},
          {"user", {{"username", "alice"}, {"name", "Alice"}}}};
}

/// A W&B with so many runs, whose cursors are c1, c2, ...
struct fake_list {
  int total = 3;
  int page = 1000; // most rows that it gives at once
  std::function<void(int i, json::object& node)> change = {};
  std::function<void(json::object& page)> spoil = {};

  void serve(fake_context& c) {
    c.answer(at("/graphql", "TypedRuns"),
             [this](upstream_request& r) -> upstream_result {
               const auto sent = json::parse(r.body).as_object();
               const auto& v = sent.at("variables").as_object();
               const auto& after = v.at("after");
               const int from =
                 after.is_string()
                   ? std::stoi(std::string(after.as_string()).substr(1))
                   : 0;
               const int to = std::min(
                 {total, from + v.at("first").to_number<int>(), from + page});
               return project(rows(from, to, v.at("count").as_bool()));
             });
  }

  json::object rows(int from, int to, bool count) const {
    json::array edges;
    for (int i = from; i < to; ++i) {
      auto node = run_node(i + 1);
      if (change)
        change(i + 1, node);
      json::object edge{{"cursor", "c" + std::to_string(i + 1)},
                        {"node", std::move(node)}};
      edges.push_back(std::move(edge));
    }
    json::object info{{"hasNextPage", to < total},
                      {"endCursor", "c" + std::to_string(to)}};
    json::object list{{"edges", std::move(edges)}, {"pageInfo", info}};
    if (spoil)
      spoil(list);
    json::object out{{"page", std::move(list)}};
    if (count)
      out["total"] = total;
    return out;
  }
};

std::vector<std::string> ids_of(const tool_result& r) {
  std::vector<std::string> out;
  for (const auto& item : r.structured.at("items").as_array())
    out.emplace_back(item.at("id").as_string());
  return out;
}

} // namespace

TEST_CASE("the form is told by which arguments are there", "[tools]") {
  struct row {
    json::object arguments;
    std::string word; // in the message
  };
  const auto [arguments, word] = GENERATE(values<row>({
    {{{"variables", json::object{{"a", 1}}}}, "query"},
    {{{"max_items", 100}}, "query"},
    {{{"items_per_page", 5}}, "query"},
    {{{"paginate_path", "a"}}, "query"},
    {{{"query", ""}}, "entity_name"},
    {{{"query", "  "}}, "query"},
    {{{"query", nullptr}}, "entity_name"},
    {{{"query", "{ a }"}, {"limit", 50}}, "limit"},
    {{{"query", "{ a }"}, {"response_mode", "items"}}, "response_mode"},
    {{{"query", "{ a }"}, {"entity_name", "a"}}, "entity_name"},
    {{{"query", "{ a }"}, {"resource", "runs"}}, "resource"},
    {{{"entity_name", "a"}, {"project_name", "p"}}, "resource"},
    {{{"entity_name", "a"}, {"resource", "runs"}}, "project_name"},
    {{{"project_name", "p"}, {"resource", "runs"}}, "entity_name"},
    {question("runs", {{"max_items", 100}}), "max_items"},
    {{}, "entity_name"},
  }));
  CAPTURE(arguments);
  fake_context c;
  const auto r = call_tool(c, query_wandb, arguments);
  CHECK(error_of(r) == "invalid_input");
  CHECK(write_json(r.structured.at("message")).find(word) != std::string::npos);
  CHECK(c.requests.empty());
}

TEST_CASE("the GraphQL form sends the caller's variables unchanged",
          "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"viewer":{"id":1}}})");
  const auto variables = json::parse(R"({"x":1,"y":{"z":[null]}})");
  const auto r =
    call_tool(c, query_wandb,
              {{"query", "query($x: Int) { viewer(x: $x) { id } }"},
               {"variables", variables}});
  CHECK(json::value(r.structured) == json::parse(R"({"viewer":{"id":1}})"));
  CHECK(c.requests.size() == 1);
  CHECK(c.body_of("/graphql").at("variables") == variables);
}

TEST_CASE("arguments that make no sense together are refused unasked",
          "[tools]") {
  json::value deep = 1;
  for (int i = 0; i < 12; ++i)
    deep = json::object{{"$and", json::array{deep}}};
  const auto [resource, more] =
    GENERATE_COPY(values<std::pair<std::string, json::object>>({
      {"run", {}},
      {"run", {{"run_id", " "}}},
      {"run", {{"run_id", std::string(1025, 'x')}}},
      {"runs", {{"run_id", "r"}}},
      {"runs", {{"sweep_id", "s"}}},
      {"runs", {{"report_name", "s"}}},
      {"sweep", {}},
      {"sweeps", {{"filters", json::object{{"state", "x"}}}}},
      {"sweeps", {{"order", "+name"}}},
      {"sweeps", {{"summary_keys", json::array{"loss"}}}},
      {"project", {{"include", json::array{"config"}}}},
      {"runs", {{"include", json::array{"spec"}}}},
      {"runs", {{"include", json::array(21, json::value("summary"))}}},
      {"runs", {{"config_keys", json::array{" "}}}},
      {"runs", {{"config_keys", json::array(101, json::value("a"))}}},
      {"runs", {{"filters", deep}}},
      {"runs", {{"filters", {{"a", std::nan("")}}}}},
      {"runs", {{"filters", {{"a", std::string(70'000, 'x')}}}}},
      {"runs", {{"filters", {{"$where", "1"}}}}},
      {"runs", {{"order", " "}}},
      // whole documents of many items
      {"runs", {{"include", json::array{"summary"}}, {"limit", 50}}},
      {"runs", {{"include", json::array{"config"}}, {"limit", 26}}},
      {"runs",
       {{"include", json::array{"system_metrics"}},
        {"summary_keys", json::array{"loss"}},
        {"limit", 26}}},
      {"reports", {{"include", json::array{"spec"}}, {"limit", 26}}},
      // counts
      {"sweeps", {{"response_mode", "count"}}},
      {"runs", {{"response_mode", "count"}, {"include", json::array{"sweep"}}}},
      {"runs",
       {{"response_mode", "count"}, {"summary_keys", json::array{"loss"}}}},
      {"runs", {{"response_mode", "count"}, {"cursor", "x"}}},
      {"run", {{"run_id", "r"}, {"cursor", "x"}}},
    }));
  CAPTURE(resource, write_json(more).substr(0, 100));
  fake_context c;
  const auto r = call_tool(c, query_wandb, question(resource, more));
  CHECK(error_of(r) == "invalid_request");
  CHECK(r.structured.at("resource").as_string() == resource);
  CHECK(r.structured.at("entity") == "alice");
  CHECK(c.requests.empty());
}

TEST_CASE("values of wrong types are refused by the schema", "[tools]") {
  const auto more = GENERATE(values<json::object>({
    {{"limit", 0}},
    {{"limit", true}},
    {{"filters", "no object"}},
    {{"response_mode", "all"}},
    {{"include", json::array{5}}},
    {{"resource", "artifacts"}},
    {{"entity_name", 5}},
  }));
  CAPTURE(more);
  fake_context c;
  const auto r = call_tool(c, query_wandb, question("runs", more));
  CHECK(error_of(r) == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("a list that fits is whole after one request", "[tools]") {
  fake_list server{.total = 50};
  fake_context c;
  server.serve(c);
  const auto r = call_tool(c, query_wandb, question("runs", {{"limit", 50}}));
  CHECK_FALSE(r.is_error);
  CHECK(c.requests.size() == 1);
  const auto& a = r.structured;
  CHECK(a.at("items").as_array().size() == 50);
  CHECK(a.at("returned_count") == 50);
  CHECK(a.at("total_count") == 50);
  CHECK(a.at("has_more") == false);
  CHECK(a.at("project_exhaustive") == true);
  CHECK(a.at("next_cursor").is_null());
  CHECK(a.at("truncated") == false);
  CHECK(a.at("limit_clamped") == false);
  CHECK(a.at("source") == "wandb_selective_read");
}

TEST_CASE("a run says what it is, and where its page is", "[tools]") {
  fake_list server{.total = 1};
  fake_context c;
  server.serve(c);
  const auto r = call_tool(c, query_wandb, question("runs"));
  CHECK(r.structured.at("items").at(0) == json::parse(R"({
    "id":"run1","display_name":"Run 1","state":"finished","entity":"alice",
    "project":"p","url":"https://wandb.ai/alice/p/runs/run1",
    "created_at":"2025-01-01T00:00:00Z","heartbeat_at":null,"duration":60,
    "history_line_count":10,"group":null,"job_type":null,"tags":["a"],
    "user":{"username":"alice","name":"Alice"}})"));
}

TEST_CASE("filters and order go to W&B as it wants them", "[tools]") {
  fake_list server;
  fake_context c;
  server.serve(c);
  call_tool(c, query_wandb,
            question("runs", {{"filters", R"({"state":"finished"})"},
                              {"order", "+summary_metrics.loss"}}));
  const auto sent = c.body_of("/graphql").at("variables").as_object();
  CHECK(sent.at("filters") == R"({"state":"finished"})");
  CHECK(sent.at("order") == "+summary_metrics.loss");
  call_tool(c, query_wandb, question("runs"));
  const auto plain = c.body_of("/graphql", 1).at("variables").as_object();
  CHECK(plain.at("filters") == "{}");
  CHECK(plain.at("order") == "-created_at");
}

TEST_CASE("a cursor goes on where the list ended", "[tools]") {
  fake_list server{.total = 3, .change = [](int, json::object& node) {
                     node["sweepName"] = "s1";
                   }};
  fake_context c;
  server.serve(c);
  const json::array include{"sweep"};
  const auto r = call_tool(
    c, query_wandb, question("runs", {{"limit", 2}, {"include", include}}));
  CHECK(ids_of(r) == std::vector<std::string>{"run1", "run2"});
  CHECK(r.structured.at("has_more") == true);
  CHECK(r.structured.at("truncated") == false); // two were asked for
  CHECK(r.structured.at("truncation").at("reason").is_null());
  CHECK(r.structured.at("items").at(0).at("sweep") == json::parse(R"({
    "id":"s1","name":"s1","entity":"alice","project":"p",
    "url":"https://wandb.ai/alice/p/sweeps/s1"})"));
  CHECK(c.requests.size() == 1);

  const auto rest =
    call_tool(c, query_wandb,
              question("runs", {{"limit", 1},
                                {"include", include},
                                {"cursor", r.structured.at("next_cursor")}}));
  CHECK(ids_of(rest) == std::vector<std::string>{"run3"});
  CHECK(rest.structured.at("project_exhaustive") == false);
  CHECK(rest.structured.at("has_more") == false);
}

TEST_CASE("a cursor is of no use to another question", "[tools]") {
  fake_list server;
  fake_context c;
  server.serve(c);
  const auto first = question(
    "runs", {{"limit", 2}, {"filters", json::parse(R"({"a":1,"b":2})")}});
  const auto r = call_tool(c, query_wandb, first);
  const auto cursor = r.structured.at("next_cursor");
  const auto more = GENERATE_COPY(values<json::object>({
    {{"filters", json::parse(R"({"a":1})")}},
    {{"filters", nullptr}},
    {{"project_name", "q"}},
    {{"entity_name", "bob"}},
    {{"order", "+created_at"}},
    {{"summary_keys", json::array{"loss"}}},
    {{"config_keys", json::array{"loss"}}},
    {{"include", json::array{"sweep"}}},
    {{"resource", "sweeps"}, {"filters", nullptr}},
    {{"cursor", "c2"}},
    {{"cursor", std::string(5000, 'A')}},
    {{"cursor", std::string(cursor.as_string()) + "A"}},
    {{"cursor", "\xC3\xA9"}},
  }));
  CAPTURE(more);
  auto second = first;
  second["cursor"] = cursor;
  for (const auto& [name, value] : more)
    second[name] = value;
  CHECK(error_of(call_tool(c, query_wandb, second)) == "invalid_cursor");
  CHECK(c.requests.size() == 1);

  // The same question in other words.
  second = first;
  second["cursor"] = cursor;
  second["limit"] = 1;
  second["filters"] = json::parse(R"({"b":2,"a":1})");
  CHECK(ids_of(call_tool(c, query_wandb, second))
        == std::vector<std::string>{"run3"});
}

TEST_CASE("several pages make one list", "[tools]") {
  fake_list server{.total = 450};
  fake_context c;
  c.settings().max_response_tokens = 1'000'000;
  server.serve(c);
  const auto r = call_tool(c, query_wandb, question("runs", {{"limit", 420}}));
  CHECK(r.structured.at("returned_count") == 420);
  CHECK(r.structured.at("total_count") == 450);
  CHECK(c.requests.size() == 3);
  CHECK(c.body_of("/graphql", 2).at("variables").at("first") == 20);
  CHECK(c.body_of("/graphql", 2).at("variables").at("count") == false);
  CHECK(c.notes.size() == 2);
  CHECK(ids_of(r).back() == "run420");
}

TEST_CASE("a limit beyond the server's is lowered, and it says so", "[tools]") {
  fake_list server{.total = 150};
  fake_context c;
  c.settings().lists.max_items = 100;
  server.serve(c);
  const auto r = call_tool(c, query_wandb, question("runs", {{"limit", 5000}}));
  CHECK(r.structured.at("limit") == 100);
  CHECK(r.structured.at("requested_limit") == 5000);
  CHECK(r.structured.at("limit_clamped") == true);
  CHECK(r.structured.at("has_more") == true);
}

TEST_CASE("whole documents are given for as many items as the limits allow",
          "[tools]") {
  fake_list server{.total = 60, .change = [](int, json::object& node) {
                     node["summaryMetrics"] = R"({"loss":1})";
                   }};
  fake_context c;
  server.serve(c);
  const json::array include{"summary"};
  // Without a limit, the list is simply shorter.
  const auto r =
    call_tool(c, query_wandb, question("runs", {{"include", include}}));
  CHECK(r.structured.at("returned_count") == 25);
  CHECK(r.structured.at("limit_clamped") == true);
  c.settings().lists.max_full_detail = 3;
  const auto four = question("runs", {{"include", include}, {"limit", 4}});
  CHECK(error_of(call_tool(c, query_wandb, four)) == "invalid_request");
  const auto three = question("runs", {{"include", include}, {"limit", 3}});
  CHECK(call_tool(c, query_wandb, three).structured.at("returned_count") == 3);
}

TEST_CASE("named keys are picked, and missing ones named", "[tools]") {
  fake_list server{.total = 1, .change = [](int, json::object& node) {
                     node["summaryMetrics"] =
                       R"({"loss":0.5,"val":{"acc":1},"extra":1})";
                     node["config"] =
                       R"({"lr":{"value":0.1,"desc":null},"_wandb":{}})";
                   }};
  fake_context c;
  server.serve(c);
  const auto r = call_tool(
    c, query_wandb,
    question("runs", {{"summary_keys", json::array{"loss", "nope", "val.acc"}},
                      {"config_keys", json::array{"lr"}}}));
  const auto& item = r.structured.at("items").at(0).as_object();
  CHECK(item.at("summary") == json::parse(R"({"loss":0.5,"val.acc":1})"));
  CHECK(item.at("missing_summary_keys") == json::array{"nope"});
  CHECK(item.at("config") == json::object{{"lr", 0.1}});
  CHECK_FALSE(item.contains("missing_config_keys"));
  const auto sent = c.body_of("/graphql").at("variables").as_object();
  CHECK(sent.at("summaryKeys")
        == json::array{"loss", "nope", "val", "val.acc"});
}

TEST_CASE("one run comes with its summary, and with what is asked for",
          "[tools]") {
  auto node = run_node(7);
  node["displayName"] = nullptr;
  node["summaryMetrics"] = R"({"loss":NaN,"acc":0.9,"text":"nan"})";
  node["config"] = R"({"optim":{"value":{"lr":0.1}},"_wandb":{"value":1}})";
  fake_context c;
  c.answer(at("/graphql", "TypedRun("), [&](upstream_request&) {
    return project({{"run", node}});
  });
  const auto r =
    call_tool(c, query_wandb,
              question("run", {{"run_id", "run7"},
                               {"config_keys", json::array{"optim.lr"}}}));
  REQUIRE_FALSE(r.is_error);
  const auto& item = r.structured.at("item").as_object();
  CHECK(item.at("display_name") == "run7");
  CHECK(item.at("config") == json::object{{"optim.lr", 0.1}});
  CHECK(item.at("summary") == json::parse(R"({"loss":"NaN","acc":0.9,
    "text":"nan"})"));
  CHECK(c.requests.size() == 1);

  const auto whole = call_tool(
    c, query_wandb,
    question("run", {{"run_id", "run7"}, {"include", json::array{"config"}}}));
  CHECK(whole.structured.at("item").at("config")
        == json::parse(R"({"optim":{"lr":0.1}})"));
}

TEST_CASE("a list cut by a limit that nobody asked for is truncated",
          "[tools]") {
  fake_list server{.total = 60};
  fake_context c;
  server.serve(c);
  // Who names keys wants more than a first look, which may show less than 50.
  const auto r = call_tool(
    c, query_wandb, question("runs", {{"config_keys", json::array{"lr"}}}));
  CHECK(r.structured.at("returned_count") == 50);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("truncation").at("reason") == "collection_limit");
}

TEST_CASE("an odd value of a run hides no other", "[tools]") {
  auto node = run_node(7);
  node["config"] = R"({"lr":{"value":0.1},"seed":{"value":1e400},)"
                   R"("big":{"value":18446744073709551616},)"
                   R"("name":{"value":"\udfff"}})";
  node["summaryMetrics"] = R"({"loss":0.5)"; // cut short
  fake_context c;
  c.answer(at("/graphql", "TypedRun("), [&](upstream_request&) {
    return project({{"run", node}});
  });
  const auto r = call_tool(
    c, query_wandb,
    question("run",
             {{"run_id", "run7"},
              {"config_keys", json::array{"lr", "seed", "big", "name", "no"}},
              {"summary_keys", json::array{"loss"}}}));
  REQUIRE_FALSE(r.is_error);
  const auto& item = r.structured.at("item").as_object();
  CHECK(item.at("config") == json::parse(R"({"lr":0.1,"seed":"1e400",
    "big":"18446744073709551616","name":"\ufffd"})"));
  CHECK(item.at("missing_config_keys") == json::array{"no"});
  CHECK(item.at("summary").is_null());
  CHECK(item.at("unreadable") == json::array{"summary"});
  CHECK_FALSE(item.contains("missing_summary_keys"));
}

TEST_CASE("runs are counted without being listed", "[tools]") {
  fake_context c;
  c.answer(at("/graphql", "TypedRunCount"), [](upstream_request&) {
    return project({{"runCount", 41}});
  });
  const auto r =
    call_tool(c, query_wandb, question("runs", {{"response_mode", "count"}}));
  CHECK(r.structured.at("total_count") == 41);
  CHECK(r.structured.at("response_mode") == "count");
  CHECK_FALSE(r.structured.contains("items"));
}

TEST_CASE("a project tells its run count", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "TypedProject"),
          R"({"data":{"project":{"id":"x","name":"p","description":"d",
             "entityName":"alice","runCount":3,"access":"PRIVATE"}}})");
  const auto r = call_tool(c, query_wandb, question("project"));
  CHECK(r.structured.at("item").at("run_count") == 3);
  CHECK(r.structured.at("item").at("url") == "https://wandb.ai/alice/p");
}

TEST_CASE("sweeps and one sweep are told apart by their resource", "[tools]") {
  const std::string node =
    R"({"name":"s1","displayName":null,"state":"FINISHED","method":"grid",
        "runCount":4,"runCountExpected":null,"config":"method: grid\n"})";
  fake_context c;
  c.reply(at("/graphql", "TypedSweeps"),
          R"({"data":{"project":{"total":1,"page":{"pageInfo":
             {"hasNextPage":false,"endCursor":null},"edges":[{"cursor":"a",
             "node":)"
            + node + "}]}}}}");
  c.reply(at("/graphql", "TypedSweep("),
          R"({"data":{"project":{"sweep":)" + node + "}}}");
  const json::array include{"config"};
  const auto list =
    call_tool(c, query_wandb, question("sweeps", {{"include", include}}));
  const auto one =
    call_tool(c, query_wandb,
              question("sweep", {{"sweep_id", "s1"}, {"include", include}}));
  REQUIRE_FALSE(list.is_error);
  REQUIRE_FALSE(one.is_error);
  CHECK(list.structured.at("items").at(0) == one.structured.at("item"));
  CHECK(one.structured.at("item").at("name") == "s1");
  CHECK(one.structured.at("item").at("config") == "method: grid\n");
  CHECK(list.structured.at("total_count") == 1);
}

namespace {

std::string reports_page(const std::string& titles, bool more = false) {
  std::string edges;
  for (const char t : titles)
    edges += std::string(edges.empty() ? "" : ",") + R"({"cursor":")" + t
             + R"(","node":{"id":"Vmlldzox==","name":"n","displayName":"Week )"
             + t + R"("}})";
  return R"({"data":{"project":{"page":{"edges":[)" + edges
         + R"(],"pageInfo":{"endCursor":"z","hasNextPage":)"
         + (more ? "true" : "false") + "}}}}}";
}

} // namespace

TEST_CASE("a report is found by its name, else by its title", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", R"("view":"Week 2")"), reports_page(""));
  c.reply(at("/graphql", R"("after":null)"), reports_page("123", true));
  c.reply(at("/graphql", R"("after":"z")"), reports_page("45"));
  const auto asked = question("reports", {{"report_name", "Week 2"}});
  const auto r = call_tool(c, query_wandb, asked);
  CHECK(c.requests.size() == 2);
  REQUIRE(r.structured.at("items").as_array().size() == 1);
  CHECK(r.structured.at("items").at(0).at("url")
        == "https://wandb.ai/alice/p/reports/Week-2--Vmlldzox");
  CHECK(r.structured.at("has_more") == true);
  CHECK(r.structured.at("total_count").is_null());

  // A page without a match is one, too.
  auto next = asked;
  next["cursor"] = r.structured.at("next_cursor");
  const auto rest = call_tool(c, query_wandb, next);
  CHECK(c.requests.size() == 3);
  CHECK(rest.structured.at("items").as_array().empty());
  CHECK(rest.structured.at("has_more") == false);
}

TEST_CASE("all reports of a project are counted when all are given",
          "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), reports_page("12"));
  const auto r = call_tool(c, query_wandb, question("reports"));
  CHECK(r.structured.at("total_count") == 2);
  CHECK(r.structured.at("project_exhaustive") == true);
}

TEST_CASE("pages that lead nowhere are no short list", "[tools]") {
  const auto end = GENERATE(values<json::value>({"c200", "", nullptr, 5}));
  CAPTURE(end);
  fake_list server{.total = 1000, .spoil = [end](json::object& page) {
                     page["pageInfo"].at("endCursor") = end;
                   }};
  fake_context c;
  server.serve(c);
  const auto r = call_tool(c, query_wandb, question("runs", {{"limit", 900}}));
  CHECK(error_of(r) == "selective_read_unavailable");
  CHECK(c.requests.size() <= 2);
}

TEST_CASE("small pages do not make a call endless", "[tools]") {
  fake_list server{.total = 1000, .page = 1};
  fake_context c;
  server.serve(c);
  const auto r = call_tool(c, query_wandb, question("runs", {{"limit", 900}}));
  CHECK_FALSE(r.is_error);
  CHECK(c.requests.size() <= 10);
  CHECK(r.structured.at("has_more") == true);
  CHECK(r.structured.at("next_cursor").is_string());
}

TEST_CASE("more rows than asked for are cut without losing the place",
          "[tools]") {
  fake_list server{.total = 10};
  fake_context c;
  c.answer(at("/graphql"), [&](upstream_request&) {
    return project(server.rows(0, 10, true));
  });
  const auto r = call_tool(c, query_wandb, question("runs", {{"limit", 4}}));
  CHECK(r.structured.at("returned_count") == 4);
  CHECK(r.structured.at("has_more") == true);
  auto next = question("runs", {{"cursor", r.structured.at("next_cursor")}});
  call_tool(c, query_wandb, next);
  CHECK(c.body_of("/graphql", 1).at("variables").at("after") == "c4");
}

TEST_CASE("W&B's refusals have codes of their own",
          "[tools]") {
  const auto [kind, status, code] = GENERATE(table<errc, int, std::string>({
    {errc::unauthorized, 401, "authentication_failed"},
    {errc::not_permitted, 403, "permission_denied"},
    {errc::not_found, 404, "resource_not_found"},
    {errc::rate_limited, 429, "server_busy"},
    {errc::upstream_unavailable, 503, "server_busy"},
    {errc::upstream_timeout, 0, "upstream_timeout"},
    {errc::upstream_error, 400, "selective_read_unavailable"},
    {errc::upstream_garbage, 0, "selective_read_unavailable"},
    {errc::response_too_large, 0, "response_too_large"},
  }));
  failure why{.code = kind, .message = "private words", .http_status = status};
  if (kind == errc::rate_limited)
    why.retry_after = std::chrono::seconds(7);
  CAPTURE(code);
  fake_context c;
  c.fail(at("/graphql"), why);
  const auto r = call_tool(c, query_wandb, question("project"));
  CHECK(error_of(r) == code);
  // Only of a refused query its words help.
  CHECK((write_json(r.structured).find("private") != std::string::npos)
        == (kind == errc::upstream_error));
  CHECK(r.structured.at("source") == "wandb_selective_read");
  CHECK(r.structured.at("resource") == "project");
  if (why.retry_after)
    CHECK(r.structured.at("retry_after_ms") == 7000);
}

TEST_CASE("what W&B says of a query reaches the caller, but not its insides",
          "[tools]") {
  const std::string key(40, 'k');
  const auto [said, shown] =
    GENERATE_COPY(table<std::string, std::string>({
      {"unknown filter operator $foo", "unknown filter operator $foo"},
      {"two\nlines \xC2\x9B", "two lines"},
      {"bad cursor " + key, "bad cursor ***"},
      {"local-" + key + " is wrong", "local-*** is wrong"},
      {"pq: connection to db-7.internal refused", "does not say what"},
    }));
  CAPTURE(said);
  fake_context c;
  c.reply(at("/graphql"), write_json(json::object{
                            {"data", nullptr},
                            {"errors", {json::object{{"message", said}}}}}));
  const auto r = call_tool(
    c, query_wandb, question("runs", {{"filters", json::object{{"a", 1}}}}));
  CHECK(error_of(r) == "selective_read_unavailable");
  const auto text = write_json(r.structured);
  CHECK_THAT(text, Catch::Matchers::Contains(shown));
  CHECK(text.find(key) == text.npos);
  CHECK(text.find("db-7") == text.npos);
}

TEST_CASE("what only the operator can cure is said as such", "[tools]") {
  const auto why = GENERATE(cause::dns, cause::refused, cause::tls,
                            cause::connect_timeout, cause::not_http);
  CAPTURE(to_string(why));
  fake_context c;
  c.fail(at("/graphql"), {.code = errc::upstream_unavailable,
                          .message = "the operator: check WANDB_BASE_URL",
                          .why = why});
  const auto asked = GENERATE_COPY(question("project"), question("runs"));
  const auto r = call_tool(c, query_wandb, asked);
  CHECK(error_of(r) == "upstream_unavailable");
  CHECK(r.structured.at("cause").as_string() == to_string(why));
  CHECK(r.structured.at("retryable") == false);
  CHECK_THAT(std::string(r.structured.at("message").as_string()),
             Catch::Matchers::Contains("check WANDB_BASE_URL"));
}

TEST_CASE("a display name in place of a run ID is recognized", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "RunsOfThatName"),
          R"({"data":{"project":{"runs":{"edges":[{"node":{"name":"abc12345",
             "displayName":"brave-run-7","state":"finished",
             "createdAt":"2025-01-01"}}]}}}})");
  c.reply(at("/graphql"), R"({"data":{"project":{"run":null}}})");
  const auto r = call_tool(c, query_wandb,
                           question("run", {{"run_id", "brave-run-7"}}));
  CHECK(error_of(r) == "resource_not_found");
  CHECK(r.structured.at("did_you_mean").at(0).at("run_id") == "abc12345");
  CHECK_THAT(std::string(r.structured.at("message").as_string()),
             Catch::Matchers::Contains("display name")
               && Catch::Matchers::Contains("abc12345"));
}

TEST_CASE("how long to wait is said within a second and a minute", "[tools]") {
  const auto [given, said] = GENERATE(table<int, int>(
    {{0, 1000}, {7000, 7000}, {60'000, 60'000}, {999'000, 60'000}}));
  fake_context c;
  c.fail(at("/graphql"), {.code = errc::rate_limited,
                          .message = "later",
                          .retry_after = std::chrono::milliseconds(given),
                          .http_status = 429});
  const auto r = call_tool(c, query_wandb, question("project"));
  CHECK(r.structured.at("retry_after_ms") == said);
  CHECK(r.structured.at("retryable") == true);
}

TEST_CASE("what is not there is said to be missing", "[tools]") {
  const auto [resource, selector, answer] =
    GENERATE(table<std::string, std::string, std::string>({
      {"project", "", R"({"project":null})"},
      {"runs", "", R"({"project":null})"},
      {"runs", "", R"({})"},
      {"run", "run_id", R"({"project":{"run":null}})"},
      {"run", "run_id", R"({"project":{"run":"text"}})"},
      {"sweep", "sweep_id", R"({"project":{}})"},
    }));
  CAPTURE(resource, answer);
  fake_context c;
  c.reply(at("/graphql"), R"({"data":)" + answer + "}");
  auto asked = question(resource);
  if (!selector.empty())
    asked[selector] = "gone";
  CHECK(error_of(call_tool(c, query_wandb, asked)) == "resource_not_found");
}

TEST_CASE("answers of any shape are survived", "[tools]") {
  const auto page = GENERATE(
    as<std::string>{}, R"({"edges":[null,5,{"node":null},{"node":[]}]})",
    R"({"edges":[{"node":{}},{"node":{"name":7,"user":1,"summaryMetrics":3}}],
        "pageInfo":null})",
    R"({"edges":[{"cursor":5,"node":{"summaryMetrics":"{{{"}}],
        "pageInfo":{"hasNextPage":"yes"}})",
    R"({"edges":5})", R"([])");
  CAPTURE(page);
  fake_context c;
  c.reply(at("/graphql"), R"({"data":{"project":{"page":)" + page + "}}}");
  const auto r = call_tool(
    c, query_wandb,
    question("runs", {{"limit", 5}, {"include", json::array{"summary"}}}));
  if (r.is_error)
    CHECK(error_of(r) == "selective_read_unavailable");
  else
    CHECK(r.structured.at("returned_count").is_uint64());
}

TEST_CASE("an empty project is an empty list", "[tools]") {
  fake_list server{.total = 0};
  fake_context c;
  server.serve(c);
  const auto r = call_tool(c, query_wandb, question("runs"));
  CHECK(r.structured.at("items").as_array().empty());
  CHECK(r.structured.at("project_exhaustive") == true);
}

TEST_CASE("over the budget documents go before rows, in a known order",
          "[tools]") {
  fake_list server{.total = 20, .change = [](int, json::object& node) {
                     const std::string text(400, 'x');
                     node["config"] = R"({"a":")" + text + "\"}";
                     node["summaryMetrics"] = R"({"a":1})";
                   }};
  fake_context c;
  c.settings().max_response_tokens = 3200;
  server.serve(c);
  const auto r =
    call_tool(c, query_wandb,
              question("runs", {{"limit", 20},
                                {"summary_keys", json::array{"a"}},
                                {"include", json::array{"config"}}}));
  REQUIRE_FALSE(r.is_error);
  CHECK(token_size(r.structured) <= 12'800);
  const auto& a = r.structured;
  CHECK(a.at("returned_count") == 20);
  CHECK(a.at("truncation").at("omitted_fields") == json::array{"config"});
  CHECK(a.at("truncation").at("reason") == "response_token_budget");
  CHECK(a.at("items").at(0).as_object().contains("summary"));
  CHECK_FALSE(a.at("items").at(0).as_object().contains("config"));
}

TEST_CASE("rows that do not fit are left for the cursor", "[tools]") {
  fake_list server{.total = 400};
  fake_context c;
  c.settings().max_response_tokens = 2000;
  server.serve(c);
  const auto r = call_tool(c, query_wandb, question("runs", {{"limit", 300}}));
  CHECK(token_size(r.structured) <= 8000);
  CHECK(c.requests.size() == 1); // the rest would not fit either
  const auto ids = ids_of(r);
  REQUIRE(ids.size() > 5);
  CHECK(r.structured.at("has_more") == true);
  CHECK(r.structured.at("truncation").at("dropped_items") == 200 - ids.size());
  call_tool(c, query_wandb,
            question("runs", {{"cursor", r.structured.at("next_cursor")}}));
  CHECK(c.body_of("/graphql", 1).at("variables").at("after").as_string()
        == "c" + std::to_string(ids.size()));
}

TEST_CASE("one item too long loses its documents, then all but its name",
          "[tools]") {
  const bool long_tags = GENERATE(false, true);
  CAPTURE(long_tags);
  auto node = run_node(1);
  node["summaryMetrics"] = R"({"a":")" + std::string(9000, 'x') + R"(","b":1})";
  if (long_tags)
    node["tags"] = json::array(2000, json::value("a tag"));
  fake_context c;
  c.settings().max_response_tokens = 1000;
  c.answer(at("/graphql"), [&](upstream_request&) {
    return project({{"run", node}});
  });
  const auto r =
    call_tool(c, query_wandb, question("run", {{"run_id", "run1"}}));
  REQUIRE_FALSE(r.is_error);
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("item").at("id") == "run1");
  CHECK_FALSE(r.structured.at("item").as_object().contains("summary"));
  CHECK(r.structured.at("item").as_object().contains("state") == !long_tags);
  CHECK(r.structured.at("truncated") == true);
}

TEST_CASE("a typed call that is given up lets go of its request", "[tools]") {
  fake_context c;
  c.stay_silent(at("/graphql"));
  {
    auto call = query_wandb.run(c, arguments(question("runs")));
    call.start();
    c.pump();
    REQUIRE(c.requests.size() == 1);
  }
  CHECK(c.abandoned_ids.size() == 1);
}

TEST_CASE("documents of W&B's are bounded before they are shown", "[tools]") {
  json::object wide;
  for (int i = 0; i < 600; ++i)
    wide["k" + std::to_string(i)] = i;
  const auto narrow = normalized(wide).as_object();
  CHECK(narrow.size() == 501);
  CHECK(narrow.at("_truncated_keys") == 100);
  const auto list = normalized(json::array(600)).as_array();
  CHECK(list.size() == 501);
  CHECK(list.back() == json::object{{"_truncated_items", 100}});
  CHECK(normalized(json::string(20'000, 'x')).as_string().size() == 16'000);
  json::value deep = 1;
  for (int i = 0; i < 40; ++i)
    deep = json::array{deep};
  CHECK(write_json(normalized(deep)).size() < 60);
  CHECK(read_document(std::string(1000, '[')).is_null());
}

TEST_CASE("names are escaped in links", "[tools]") {
  CHECK(url_segment("a b/c?d#e\xC3\xA9~") == "a%20b%2Fc%3Fd%23e%C3%A9~");
  CHECK(report_page("u", "  What's new? (v2) ", "Vmlldzox=")
        == "u/reports/What-s-new-v2--Vmlldzox");
}

TEST_CASE("filters that match no run say which values there are", "[tools]") {
  const bool known = GENERATE(true, false);
  const bool counted = GENERATE(true, false);
  CAPTURE(known, counted);
  fake_context c;
  if (known)
    c.answer(at("/graphql", "TypedRunValues"), [](upstream_request&) {
      json::array edges;
      for (int i = 1; i <= 3; ++i) {
        auto node = run_node(i);
        node["state"] = i == 1 ? "crashed" : "finished";
        node["tags"] = json::array{"a", "b" + std::to_string(i)};
        json::object edge;
        edge["node"] = std::move(node);
        edges.push_back(std::move(edge));
      }
      json::object list;
      list["edges"] = std::move(edges);
      json::object out;
      out["runs"] = std::move(list);
      return project(std::move(out));
    });
  else
    c.fail(at("/graphql", "TypedRunValues"),
           {.code = errc::rate_limited, .message = "wait"});
  fake_list none{.total = 0};
  none.serve(c);
  c.answer(at("/graphql", "TypedRunCount"),
           [](upstream_request&) { return project({{"runCount", 0}}); });
  json::object more{{"filters", {{"state", "done"}, {"tags", "x"}}}};
  if (counted)
    more["response_mode"] = "count";
  const auto r = call_tool(c, query_wandb, question("runs", more));
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("total_count") == 0);
  const auto& said = r.structured.at("nothing_matched").as_object();
  if (known)
    CHECK(said.at("known_values") == json::parse(R"({
      "state":["finished","crashed"],"tags":["a","b1","b2","b3"]})"));
  else
    CHECK(json::value(said)
          == json::parse(R"({"note":"No run matches all of the filters."})"));
}
