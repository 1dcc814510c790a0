#include "protocol/wandb/graphql_paging.hpp"
#include "protocol/wandb/graphql_query.hpp"
#include "tests/catch.hpp"

#include <random>
#include <string>

using namespace mcp::wandb;
namespace json = boost::json;

namespace {

const std::string rest = "{ edges { node { id } } "
                         "pageInfo { endCursor hasNextPage } }";

// "~" stands for what every list selects.
std::string filled(std::string text) {
  for (auto at = text.find('~'); at != text.npos; at = text.find('~'))
    text.replace(at, 1, rest);
  return text;
}

graphql_result<page_plan> plan(const std::string& text,
                               json::object variables = {},
                               page_request request = {}) {
  const auto parsed = parse_graphql_query(text);
  REQUIRE(parsed.has_value());
  auto out = plan_pages(text, *parsed, variables, request);
  // Whatever is planned must be a query itself.
  if (out)
    CHECK(parse_graphql_query(out->document).has_value());
  return out;
}

} // namespace

TEST_CASE("a document's own means of paging are used, else new ones added",
          "[protocol]") {
  struct row {
    std::string before, after;
  };
  const auto [before, after] = GENERATE(values<row>({
    {"{ runs ~ }", "query ($wbFirst: Int!, $wbAfter: String) "
                   "{ runs(first: $wbFirst, after: $wbAfter) ~ }"},
    {"query{ runs ~ }", "query($wbFirst: Int!, $wbAfter: String)"
                        "{ runs(first: $wbFirst, after: $wbAfter) ~ }"},
    {"query Q @d { runs(order: \"x\") ~ }",
     "query Q($wbFirst: Int!, $wbAfter: String) @d "
     "{ runs(order: \"x\", first: $wbFirst, after: $wbAfter) ~ }"},
    {"query Q($n: Int) { runs(first: $n) ~ }",
     "query Q($n: Int, $wbAfter: String) "
     "{ runs(first: $n, after: $wbAfter) ~ }"},
    {"query Q($n: Int, $c: String) { runs(after: $c first: $n) ~ }",
     "query Q($n: Int, $c: String) { runs(after: $c first: $n) ~ }"},
    {"{ runs(first: 50, after: null) ~ }",
     "query ($wbFirst: Int!, $wbAfter: String) "
     "{ runs(first: $wbFirst, after: $wbAfter) ~ }"},
    {"query($n: Int) { runs(first: $n) ~ other(first: $n) }",
     "query($n: Int, $wbFirst: Int!, $wbAfter: String) "
     "{ runs(first: $wbFirst, after: $wbAfter) ~ other(first: $n) }"},
    {"query($wbFirst: Int) { runs ~ x(y: $wbFirst) }",
     "query($wbFirst: Int, $wbFirst2: Int!, $wbAfter: String) "
     "{ runs(first: $wbFirst2, after: $wbAfter) ~ x(y: $wbFirst) }"},
    {"{ ...F } fragment F on Query { runs ~ }",
     "query ($wbFirst: Int!, $wbAfter: String) { ...F } "
     "fragment F on Query { runs(first: $wbFirst, after: $wbAfter) ~ }"},
    {"{ runs { edges { node { id } } } runs { pageInfo { endCursor "
     "hasNextPage } } }",
     "query ($wbFirst: Int!, $wbAfter: String) "
     "{ runs(first: $wbFirst, after: $wbAfter) { edges { node { id } } } "
     "runs(first: $wbFirst, after: $wbAfter) { pageInfo { endCursor "
     "hasNextPage } } }"},
  }));
  CAPTURE(before);
  const auto made = plan(filled(before), {{"n", 10}});
  REQUIRE(made.has_value());
  CHECK(made->paged);
  CHECK(made->document == filled(after));
}

TEST_CASE("the caller's first is a cap on rows", "[protocol]") {
  struct row {
    std::string text;
    json::object variables;
    std::int64_t cap;
  };
  const auto [text, variables, cap] = GENERATE(values<row>({
    {"{ runs ~ }", {}, 8},
    {"{ runs(first: 3) ~ }", {}, 3},
    {"{ runs(first: 300) ~ }", {}, 8},
    {"{ runs(first: null) ~ }", {}, 8},
    {"query($n: Int) { runs(first: $n) ~ }", {{"n", 1}}, 1},
    {"query($n: Int) { runs(first: $n) ~ }", {{"n", "3"}}, 3},
    {"query($n: Int) { runs(first: $n) ~ }", {{"n", nullptr}}, 8},
    {"query($n: Int) { runs(first: $n) ~ }", {}, 8},
    {"query($n: Int = 4) { runs(first: $n) ~ }", {}, 4},
    {"query($n: Int = 4) { runs(first: $n) ~ }", {{"n", 6}}, 6},
  }));
  CAPTURE(text);
  const auto made = plan(filled(text), variables, {.max_items = 8});
  REQUIRE(made.has_value());
  CHECK(made->max_items == cap);
}

TEST_CASE("the caller's cursor is where paging starts", "[protocol]") {
  const auto text =
    GENERATE(as<std::string>{}, "{ runs(after: \"c\\u0031\") ~ }",
             "query($x: String) { runs(after: $x) ~ }",
             "query($y: String = \"c1\") { runs(after: $y) ~ }",
             "query($x: String) { runs(after: $x) ~ other(after: $x) }");
  CAPTURE(text);
  const auto made = plan(filled(text), {{"x", "c1"}});
  REQUIRE(made.has_value());
  CHECK(made->start == "c1");
}

TEST_CASE(
  "page sizes and cursors of the wrong kind are refused, with the place",
  "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, "{ runs(first: 0) ~ }", "{ runs(first: -1) ~ }",
    "{ runs(first: 1.5) ~ }", "{ runs(first: [1]) ~ }",
    "{ runs(first: MANY) ~ }", "{ runs(first: 99999999999999999999) ~ }",
    "query($n: Int) { runs(first: $n) ~ }", "{ runs(after: 5) ~ }",
    "query($n: Int) { runs(after: $b) ~ }");
  CAPTURE(text);
  const auto made = plan(filled(text), {{"n", "three"}, {"b", true}});
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().what == graphql_problem::kind::invalid);
  CHECK(made.error().line == 1);
}

TEST_CASE("one connection is followed, the first that is not inside another",
          "[protocol]") {
  const auto text = filled("{ project { runs { edges { node { id files ~ } } "
                           "pageInfo { hasNextPage endCursor } } sweeps ~ } }");
  const auto made = plan(text);
  REQUIRE(made.has_value());
  CHECK(made->path == std::vector<std::string>{"project", "runs"});
  CHECK(made->others
        == std::vector<std::string>{"project.sweeps",
                                    "project.runs.edges.node.files"});
  const auto second = plan(text, {}, {.path = "project.sweeps"});
  REQUIRE(second.has_value());
  CHECK(second->path == std::vector<std::string>{"project", "sweeps"});
  const auto wrong = plan(text, {}, {.path = "project.nothing"});
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().message.find("project.runs, project.sweeps")
        != std::string::npos);
}

TEST_CASE("the answer's names come from the document's aliases", "[protocol]") {
  const auto made =
    plan("{ p: project { r: runs { e: edges { c: cursor n: node { i: id } } "
         "pi: pageInfo { more: hasNextPage end: endCursor } } } }");
  REQUIRE(made.has_value());
  CHECK(made->path == std::vector<std::string>{"p", "r"});
  const auto& names = made->names;
  CHECK(names.edges == "e");
  CHECK(names.page_info == "pi");
  CHECK(names.has_next_page == "more");
  CHECK(names.end_cursor == "end");
  CHECK(names.node == "n");
  CHECK(names.node_id == "i");
  CHECK(names.cursor == "c");
}

TEST_CASE("what can not be followed is left alone and says why", "[protocol]") {
  struct row {
    std::string text, why;
  };
  const auto [text, why] = GENERATE(values<row>({
    {"{ viewer { id } }", "no_connection"},
    {"{ runs { edges { node { id } } } }", "no_connection"},
    {"{ runs { edges { node { id } } pageInfo { hasNextPage } } }",
     "no_connection"},
    {"{ runs(last: 5) ~ }", "pages_backwards"},
    {"{ runs(before: \"x\") ~ }", "pages_backwards"},
    {"{ a: project { ...F } b: project { ...F } } "
     "fragment F on Project { runs ~ }",
     "shared_fragment"},
  }));
  CAPTURE(text);
  const auto made = plan(filled(text));
  REQUIRE(made.has_value());
  CHECK_FALSE(made->paged);
  CHECK(made->why_not == why);
  CHECK(made->document == filled(text));
}

TEST_CASE("a planned document is a plan of itself, whatever it came from",
          "[protocol]") {
  const std::string seeds[] = {
    filled("query Q($n: Int = 5, $c: String) @d { p: project(name: \"p\") { "
           "runs(first: $n after: $c) ~ ...F } }\n"
           "fragment F on Project { sweeps(x: {a: [$n]}) ~ runs(after: $c "
           "first: $n) { pageInfo { __typename } } }"),
    filled("{ runs ~ ... on Query { runs { edges { cursor } } other(first: 3 "
           "# c\n) ~ } viewer { runs(order: \"\"\"x\"\"\") ~ } }"),
    filled("query($wbFirst: Int) { a { ...F } x(y: $wbFirst) } "
           "fragment F on A { runs(before: null) ~ }"),
  };
  std::mt19937 random(42);
  const auto pick = [&random](std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
  };
  std::size_t planned = 0;
  for (int round = 0; round < 20000; ++round) {
    auto text = seeds[pick(std::size(seeds))];
    for (auto changes = pick(5); changes > 0; --changes) {
      const auto at = pick(text.size());
      const auto from = pick(text.size());
      if (pick(2) == 0)
        text.erase(at, 1 + pick(12));
      else
        text.insert(at, text.substr(from, pick(30)));
      if (text.empty())
        text = "{";
    }
    const auto parsed = parse_graphql_query(text);
    if (!parsed)
      continue;
    CAPTURE(text);
    const json::object variables{{"n", 7}, {"c", "c1"}};
    const auto made = plan_pages(text, *parsed, variables, {});
    if (!made || !made->paged)
      continue;
    ++planned;
    CAPTURE(made->document);
    const auto again = parse_graphql_query(made->document);
    REQUIRE(again.has_value());
    const auto same = plan_pages(made->document, *again, variables, {});
    REQUIRE(same.has_value());
    REQUIRE(same->document == made->document);
    REQUIRE(same->path == made->path);
    REQUIRE(same->first_variable == made->first_variable);
    REQUIRE(same->after_variable == made->after_variable);
  }
  CHECK(planned > 1000);
}
