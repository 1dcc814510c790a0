#include "protocol/json/parse.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>

using namespace mcp;
namespace json = boost::json;

TEST_CASE("a JSON text becomes the value it says", "[protocol]") {
  const auto text = GENERATE(as<std::string>{}, R"({"a":[1,-2,3.5,"x",null]})",
                             R"("plain")", "true", "18446744073709551615",
                             "-9223372036854775808", R"({"e":"\u00e9\n"})");
  CAPTURE(text);
  const auto value = parse_json(text);
  REQUIRE(value.has_value());
  CHECK(*value == json::parse(text));
}

TEST_CASE("what is not JSON is refused", "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, "", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "nul", "01",
    "1e999", "18446744073709551616", "\"\xff\"", "\"\xed\xa0\x80\"",
    "{} {}", "[1] x", "\"a\nb\"", "NaN", "'a'");
  CAPTURE(text);
  const auto value = parse_json(text);
  REQUIRE_FALSE(value.has_value());
  CHECK(value.error().code == errc::parse_error);
}

TEST_CASE("half a character is the replacement character", "[protocol]") {
  struct row {
    const char* text;
    const char* means; // as JSON that nobody refuses
  };
  const auto c = GENERATE(values<row>({
    {R"("\ud800")", R"("\ufffd")"},
    {R"("\uDFFF!")", R"("\ufffd!")"},
    {R"("a\ud83dz")", R"("a\ufffdz")"},
    {R"("\ud83d\ud83d\ude00")", R"("\ufffd\ud83d\ude00")"},
    {R"("\ude00\ud83d")", R"("\ufffd\ufffd")"},
    {R"("\ud83d\n\\ud83d")", R"("\ufffd\n\\ud83d")"},
    {R"({"\ud800":["\ud83d\ude00","\udc00"]})",
     R"({"\ufffd":["\ud83d\ude00","\ufffd"]})"},
  }));
  CAPTURE(c.text);
  const auto value = parse_json(c.text);
  REQUIRE(value.has_value());
  CHECK(*value == json::parse(c.means));
  std::string padded = c.text;
  padded.reserve(padded.size() + 64);
  CHECK(parse_padded_json(padded).value() == *value);
}

TEST_CASE("a byte order mark before a text is no part of it", "[protocol]") {
  CHECK(parse_json("\xef\xbb\xbf{\"a\":1}").value().at("a") == 1);
  CHECK_FALSE(parse_json("\xef\xbb\xbf").has_value());
  CHECK_FALSE(parse_json("\xef\xbb\xbf\xef\xbb\xbf{}").has_value());
}

TEST_CASE("nesting is limited, and says so", "[protocol]") {
  const auto nested = [](int n) {
    return std::string(std::size_t(n), '[') + std::string(std::size_t(n), ']');
  };
  CHECK(parse_json(nested(30), {.max_depth = 32}).has_value());
  const auto deep = parse_json(nested(100000), {.max_depth = 32});
  REQUIRE_FALSE(deep.has_value());
  CHECK(deep.error().message == "the JSON is nested too deep");
}

TEST_CASE("the number of values is limited when asked", "[protocol]") {
  const auto text = GENERATE(as<std::string>{}, "[1,2,3]", R"({"a":{"b":[]}})",
                             "[[[1]]]", R"([{"a":1},2])");
  CAPTURE(text);
  CHECK(parse_json(text, {.max_values = 4}).has_value());
  const auto many = parse_json(text, {.max_values = 2});
  REQUIRE_FALSE(many.has_value());
  CHECK(many.error().message == "the JSON holds too many values");
}

TEST_CASE("a member named twice is refused only when asked", "[protocol]") {
  const std::string text = R"({"x":{"a":1,"b":2,"a":3}})";
  CHECK_FALSE(parse_json(text, {.unique_members = true}).has_value());
  const auto last = parse_json(text);
  REQUIRE(last.has_value());
  CHECK(last->at_pointer("/x/a") == 3);
}

TEST_CASE("escaped spellings of one member name are the same name",
          "[protocol]") {
  CHECK_FALSE(
    parse_json(R"({"a":1,"\u0061":2})", {.unique_members = true}).has_value());
}

TEST_CASE("a large document parses, and a small one after it", "[protocol]") {
  std::string text = "[0";
  for (int i = 1; i < 200000; ++i)
    text += "," + std::to_string(i);
  text += "]";
  const auto value = parse_json(text);
  REQUIRE(value.has_value());
  CHECK(value->as_array().size() == 200000);
  CHECK(parse_json("[1]").has_value());
}

TEST_CASE("padded text is parsed without reading past its end", "[protocol]") {
  std::string text = "{\"a\":1}";
  text.reserve(text.size() + 64);
  const auto value = parse_padded_json(text);
  REQUIRE(value.has_value());
  CHECK(value->at("a") == 1);
}
