#include "protocol/wandb/graphql_query.hpp"
#include "tests/catch.hpp"

#include <random>
#include <string>

using namespace mcp::wandb;
using problem_kind = graphql_problem::kind;

namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += text;
  return out;
}

const graphql::value& only_value(const graphql::document& d) {
  return d.operations.at(0).selections.at(0).arguments.at(0).given;
}

} // namespace

TEST_CASE("documents that the grammar allows are parsed", "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, "{a}", "query{a}", "query Q{a}", "\xEF\xBB\xBF{a}",
    "{,,a,,b,,}", "# comment\r\n{a # more\r}", "{query mutation subscription}",
    "query query{fragment on type}", "query mutation{a}", "{on}",
    "{true null false}", "{a:b}", "{a(x:1)}", "{a(x:1 y:-0 z:0.5e-3 w:1E9)}",
    "{a(x:[] y:{} z:[[1],[2 3]] o:{a:{b:$v}})}", "{a(x:ENUM y:null z:true)}",
    "{a(type:1 on:2 query:3)}", "query($a:Int=1$b:[String!]!@d(x:1)){a}",
    "query Q($a: Int = 1, $b: T! = {x: [1]}) @d { a }",
    "{...F} fragment F on T{a}", "fragment F on T @d{a} {...F}", "{...on T{a}}",
    "{...{a}}", "{...@skip(if:$x){a}}", "{... on T @d {a}}",
    "{...F@d} fragment F on T{a}", "{a@d@e(x:1)}",
    "{a(x:\"\\u00e9\\\"\\\\\\/\\b\\f\\n\\r\\t\")}", "{a(x:\"\")}",
    "{a(x:\"\"\"\"\"\")}", "{a(x:\"\"\"a \"b\" \\\"\"\" {\n}\"\"\")}",
    "{a(x:\"mutation { b }\")}", "{a(x:\"\xC3\xA9 \xF0\x9F\x98\x80\")}",
    "{__typename __schema{types{name}}}", "{a1_B:_c}");
  CAPTURE(text);
  const auto parsed = parse_graphql_query(text);
  if (!parsed)
    FAIL(to_string(parsed.error()));
  CHECK(parsed->operations.size() == 1);
}

TEST_CASE("what is no document is refused, with the place", "[protocol]") {
  struct row {
    std::string text;
    std::size_t line, column;
  };
  const auto [text, line, column] = GENERATE(values<row>({
    {"", 1, 1},
    {" \n,# x", 2, 5},
    {"query {", 1, 8},
    {"{}", 1, 2},
    {"{a", 1, 3},
    {"{a}}", 1, 4},
    {"a", 1, 1},
    {"{a(}", 1, 4},
    {"{a()}", 1, 4},
    {"{a(x)}", 1, 5},
    {"{a(x:)}", 1, 6},
    {"{a(x:1}", 1, 7},
    {"{a(x:[1)}", 1, 8},
    {"{a(x:{b})}", 1, 8},
    {"{a:}", 1, 4},
    {"{a{}}", 1, 4},
    {"query(){a}", 1, 7},
    {"query($a){a}", 1, 9},
    {"query($a:){a}", 1, 10},
    {"query($a:[Int){a}", 1, 14},
    {"query($a:Int!!){a}", 1, 14},
    {"query($a:Int=$b){a}", 1, 14},
    {"query($a:Int=[$b]){a}", 1, 15},
    {"query Q R {a}", 1, 9},
    {"{...}", 1, 5},
    {"{...on{a}}", 1, 7},
    {"{..a}", 1, 2},
    {"{.a}", 1, 2},
    {"fragment on on T{a}", 1, 10},
    {"fragment F{a}", 1, 11},
    {"fragment F($x:Int) on T{a}", 1, 11},
    {"{a @}", 1, 5},
    {"{a(x:01)}", 1, 7},
    {"{a(x:-)}", 1, 7},
    {"{a(x:1.)}", 1, 8},
    {"{a(x:1.e1)}", 1, 8},
    {"{a(x:.5)}", 1, 6},
    {"{a(x:1e)}", 1, 8},
    {"{a(x:1a)}", 1, 7},
    {"{a(x:0xF)}", 1, 7},
    {"{a(x:1.2.3)}", 1, 9},
    {"{a(x:+1)}", 1, 6},
    {"{a(x:\"abc)}", 1, 6},
    {"{a(x:\"abc\n\")}", 1, 6},
    {"{a(x:\"\\q\")}", 1, 7},
    {"{a(x:\"\\u12g4\")}", 1, 7},
    {"{a(x:\"\\u{1F600}\")}", 1, 7},
    {"{a(x:\"\\", 1, 7},
    {"{a(x:\"\x01\")}", 1, 7},
    {"{a(x:\"\"\"abc\"\")}", 1, 6},
    {"{a(x:'b')}", 1, 6},
    {"{a(x:$)}", 1, 7},
    {"{a;b}", 1, 3},
    {"{a}\n{\n  b(\n}", 4, 1},
    {"{a}\r\n\r{a(}", 3, 4},
    {"{\xC3}", 1, 2},
    {"{a # \xFF\n}", 1, 6},
    {"{a(x:\"\xED\xA0\x80\")}", 1, 7},
    {"{a(x:\"\xC0\xAF\")}", 1, 7},
    {std::string("{a\0}", 4), 1, 3},
  }));
  CAPTURE(text);
  const auto parsed = parse_graphql(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().what == problem_kind::syntax);
  CHECK(parsed.error().line == line);
  CHECK(parsed.error().column == column);
}

TEST_CASE("whatever changes something is refused, however it is dressed",
          "[protocol]") {
  const auto text =
    GENERATE(as<std::string>{}, "mutation{a}", "mutation M($x:Int){a(x:$x){b}}",
             "\xEF\xBB\xBF,,# query {a}\nmutation{a}", "#\rmutation{a}",
             "query A{a} mutation B{b}", "mutation B{b} query A{a}",
             "fragment F on T{a} mutation{...F}", "{a}mutation{b}",
             "{a}{b}mutation{c}", "query Q{a(x:\"\"\"}\"\"\")}\nmutation{b}",
             "mutation query{a}", "subscription{a}", "subscription query{a}",
             "{a} subscription{b}", "mutation @skip(if:true){a}");
  CAPTURE(text);
  const auto parsed = parse_graphql_query(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().what == problem_kind::not_read_only);
}

TEST_CASE("schema definitions are refused", "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, "type A{b:C}", "schema{query:Q}", "scalar S",
    "extend type A{b:C}", "enum E{A}", "input I{a:Int}", "union U=A|B",
    "interface I{a:B}", "directive @d on FIELD", "\"text\" type A{b:C}",
    "\"\"\"text\"\"\" type A{b:C}", "{a} type A{b:C}");
  CAPTURE(text);
  const auto parsed = parse_graphql_query(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().message.find("schema") != std::string::npos);
}

TEST_CASE("documents that no server could run are refused", "[protocol]") {
  struct row {
    std::string text;
    problem_kind what;
  };
  const auto [text, what] = GENERATE(values<row>({
    {"{a}{b}", problem_kind::too_complex},
    {"query A{a} query B{b}", problem_kind::too_complex},
    {"fragment F on T{a}", problem_kind::invalid},
    {"{...F}", problem_kind::invalid},
    {"{...F} fragment F on T{...F}", problem_kind::invalid},
    {"{...F} fragment F on T{a{...G}} fragment G on T{...on T{...F}}",
     problem_kind::invalid},
    {"{...F} fragment F on T{a} fragment F on T{b}", problem_kind::invalid},
  }));
  CAPTURE(text);
  const auto parsed = parse_graphql_query(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().what == what);
}

TEST_CASE("size, tokens, depth and expansion are limited", "[protocol]") {
  std::string doubling = "{...F0}";
  for (int i = 0; i < 20; ++i) {
    const auto next = "...F" + std::to_string(i + 1);
    doubling += "fragment F" + std::to_string(i) + " on T{" + next + next + "}";
  }
  doubling += "fragment F20 on T{a}";
  std::string chain = "{...F0}";
  for (int i = 0; i < 20; ++i)
    chain += "fragment F" + std::to_string(i) + " on T{a{a{...F"
             + std::to_string(i + 1) + "}}}";
  chain += "fragment F20 on T{a}";
  const auto text = GENERATE_REF(
    as<std::string>{}, "{a#" + std::string(70000, 'x') + "\n}",
    "{" + repeated("a ", 20000) + "}", "{" + repeated("a ", 201) + "}",
    repeated("{a", 65) + repeated("}", 65),
    repeated("{a", 13) + repeated("}", 13), "{a(x:" + repeated("[", 30000),
    "{a(x:" + repeated("[", 64) + repeated("]", 64) + ")}",
    "query($x:" + repeated("[", 70) + "T" + repeated("]", 70) + "){a}",
    repeated("{...", 20000), doubling, chain,
    "{a}" + repeated("fragment F on T{a}", 100));
  CAPTURE(text.substr(0, 100));
  const auto parsed = parse_graphql_query(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().what == problem_kind::too_complex);
  CHECK(
    parse_graphql_query(repeated("{a", 12) + repeated("}", 12)).has_value());
  CHECK(parse_graphql_query("{" + repeated("a ", 200) + "}").has_value());
}

TEST_CASE("a string has the value its escapes and indentation say",
          "[protocol]") {
  struct row {
    std::string source, value;
  };
  const auto [source, value] = GENERATE(values<row>({
    {R"("")", ""},
    {R"("a\"b\\c\/d")", "a\"b\\c/d"},
    {R"("\b\f\n\r\t")", "\b\f\n\r\t"},
    {R"("\u0041\u00e9\u20AC")", "A\xC3\xA9\xE2\x82\xAC"},
    {R"("\uD83D\uDE00")", "\xF0\x9F\x98\x80"},
    {R"("\uD83D")", "\xEF\xBF\xBD"},
    {"\"\"\"\"\"\"", ""},
    {"\"\"\"a\"\"\"", "a"},
    {"\"\"\"\n    a\n      b\n    c\n  \"\"\"", "a\n  b\nc"},
    {"\"\"\"  a\r\n    b\r    c\"\"\"", "  a\nb\nc"},
    {"\"\"\"\\n \\\"\"\" \"x\"\"\"\"", "\\n \"\"\" \"x\""},
  }));
  CAPTURE(source);
  if (source.ends_with("\"\"\"\"") && source.size() > 8) {
    // Four quotes at the end: the block ends at the first three.
    CHECK_FALSE(parse_graphql_query("{a(x:" + source + ")}").has_value());
    return;
  }
  const auto parsed = parse_graphql_query("{a(x:" + source + ")}");
  REQUIRE(parsed.has_value());
  CHECK(only_value(*parsed).text == value);
}

TEST_CASE("a parsed document knows its parts and their places", "[protocol]") {
  const std::string text =
    "query Q($n: Int = 5) { top: project(name: \"p\") { run } ...F }\n"
    "fragment F on Query { viewer { id } }";
  const auto parsed = parse_graphql_query(text);
  REQUIRE(parsed.has_value());
  const auto& o = parsed->operations.at(0);
  CHECK(o.name == "Q");
  CHECK(o.variables.at(0).name == "n");
  CHECK(o.variables.at(0).type == "Int");
  CHECK(o.variables.at(0).fallback->text == "5");
  CHECK(text[o.variables_at] == ')');
  const auto& field = o.selections.at(0);
  CHECK(field.response_name() == "top");
  CHECK(field.name == "project");
  const auto at = field.arguments_at;
  CHECK(text.substr(at.begin, at.end - at.begin) == "(name: \"p\")");
  CHECK(parsed->find_fragment("F")->on == "Query");
  CHECK(parsed->find_fragment("G") == nullptr);
}

TEST_CASE("no bytes crash the parser, and none cost much", "[protocol]") {
  const std::string seeds[] = {
    "query Q($n: Int = 5, $s: [String!]! = [\"a\"]) @d(x: {a: [1, 2.5e3]}) "
    "{\n"
    "  p: project(name: \"p\\u00e9\", e: $n) { runs(first: $n) { edges { "
    "node "
    "{ id ...F } } pageInfo { endCursor hasNextPage } } ... on T @skip(if: "
    "true) { a } }\n}\nfragment F on Run { name # c\n config(keys: [\"a\"]) "
    "}",
    "{a(x:\"\"\"block\n  text\"\"\" y:null z:ENUM){...{b}}}",
  };
  const std::string bits[] = {"{", "}",   "(",    ")", "\"", "\"\"\"",
                              "$", "...", "\\u",  ":", "#",  "\xEF\xBB\xBF",
                              "@", "[",   "\xFF", "-", "0",  "fragment F on T"};
  std::mt19937 random(20211001);
  const auto pick = [&random](std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
  };
  std::size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    auto text = seeds[pick(std::size(seeds))];
    for (auto changes = pick(6); changes > 0; --changes) {
      const auto at = pick(text.size());
      switch (pick(4)) {
      case 0:
        text.erase(at, 1 + pick(8));
        break;
      case 1:
        text.insert(at, bits[pick(std::size(bits))]);
        break;
      case 2:
        text[at] = static_cast<char>(pick(256));
        break;
      default:
        text.insert(at, text.substr(pick(text.size()), pick(40)));
      }
      if (text.empty())
        text = "{";
    }
    const auto parsed = parse_graphql_query(text);
    accepted += parsed.has_value();
    if (parsed) {
      REQUIRE(parsed->operations.size() == 1);
      REQUIRE(parsed->operations[0].type == "query");
      // What was understood must be understood from its own text again.
      const auto at = parsed->operations[0].where;
      REQUIRE(at.end <= text.size());
      REQUIRE(
        parse_graphql(text.substr(at.begin, at.end - at.begin)).has_value());
    } else {
      REQUIRE_FALSE(parsed.error().message.empty());
    }
  }
  CHECK(accepted > 100); // the mutations are not all nonsense
  CHECK(accepted < 19900);
}
