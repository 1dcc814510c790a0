#include "protocol/wandb/weave_text.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>

namespace json = boost::json;
using namespace mcp::wandb;

TEST_CASE("a value is cut in its texts alone", "[protocol]") {
  struct example {
    const char* value;
    std::size_t n;
    const char* cut;
  };
  const auto e = GENERATE(values<example>({
    {R"("abcdef")", 3, R"("abc...")"},
    {R"("abc")", 3, R"("abc")"},
    {R"("ééé")", 2, R"("éé...")"},
    {R"("ééé")", 3, R"("ééé")"},
    {R"("abc")", 0, R"("")"},
    {"null", 5, "null"},
    {"null", 0, "null"},
    {R"({"a":"abcdef","b":[1,"abcdef"],"c":{"d":"abcdef"}})", 2,
     R"({"a":"ab...","b":[1,"ab..."],"c":{"d":"ab..."}})"},
    {R"({"a":1})", 0, "{}"},
    {"[1,2]", 0, "[]"},
    {"12345", 2, "12345"},
    {"12345", 0, "0"},
    {"true", 0, "0"},
    {"true", 1, "true"},
    {R"({"__type__":"ComplexObject","x":1})", 50,
     R"({"type":"ComplexObject"})"},
    {R"({"_type":"Thing","x":1})", 1000, R"({"type":"Thing"})"},
    {R"({"__type__":"","_type":"Thing"})", 50, R"({"type":"Thing"})"},
    {R"({"__type__":"ComplexObject","x":1})", 49, "{}"},
    {R"([{"_type":"T"}])", 60, R"([{"type":"T"}])"},
  }));
  CAPTURE(e.value, e.n);
  auto v = json::parse(e.value);
  cut_value(v, e.n);
  CHECK(json::serialize(v) == json::serialize(json::parse(e.cut)));
}

TEST_CASE("a text of 300 characters cut to 100 has 103", "[protocol]") {
  json::value v{{"long", std::string(300, 'a')}, {"short", "short"}};
  cut_value(v, 100);
  CHECK(v.at("long").as_string().size() == 103);
  CHECK(v.at("long").as_string().ends_with("..."));
  CHECK(v.at("short") == "short");
}

TEST_CASE("the size of a value is that of its JSON text", "[protocol]") {
  const std::string text =
    GENERATE(R"(null)", R"(true)", R"(false)", R"(0)", R"(-7)", R"(1234567890)",
             R"(18446744073709551615)", R"(-9223372036854775808)", R"("")",
             R"("a\"b\\c\n\u0001é")", R"([])", R"({})", R"([1,2,3])",
             R"({"a":{"b":[null,"x"]},"c":"d"})");
  CAPTURE(text);
  const auto v = json::parse(text);
  CHECK(json_size(v) == json::serialize(v).size());
}
