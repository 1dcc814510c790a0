#include "protocol/json/lenient.hpp"
#include "protocol/json/non_finite.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

struct odd {
  const char* text;
  const char* read; // as plain JSON
};

/// Both forms of the reader, which must agree.
result<json::value> read(const std::string& text, const json_limits& limits) {
  auto padded = text;
  padded.reserve(text.size() + 64);
  auto out = read_lenient(text, limits);
  const auto same = read_padded_lenient(padded, limits);
  CHECK(out.has_value() == same.has_value());
  if (out && same)
    CHECK(*out == *same);
  return out;
}

} // namespace

TEST_CASE("an odd value costs itself, never what stands beside it",
          "[protocol]") {
  const auto c = GENERATE(values<odd>({
    {R"(18446744073709551616)", R"("18446744073709551616")"},
    {R"(-9223372036854775809)", R"("-9223372036854775809")"},
    {R"(123456789012345678901234567890)",
     R"("123456789012345678901234567890")"},
    {R"(1e400)", R"("1e400")"},
    {R"(-1.5E+999)", R"("-1.5E+999")"},
    {R"(NaN)", R"("NaN")"},
    {R"(-Infinity)", R"("-Infinity")"},
    {R"(Infinity)", R"("Infinity")"},
    {R"(inf)", R"("Infinity")"},
    {R"(-nan)", R"("NaN")"},
    {R"(+1)", R"("+1")"},
    {R"(.5)", R"(".5")"},
    {R"(007)", R"("007")"},
    {R"(1.)", R"("1.")"},
    {R"(0x1F)", R"("0x1F")"},
    {R"("\ud800")", R"("\ufffd")"},
    {R"("a\udc00b")", R"("a\ufffdb")"},
    {R"("\ud800\ud800")", R"("\ufffd\ufffd")"},
    {R"("\ud83d\ude00 \udfff")", R"("\ud83d\ude00 \ufffd")"},
    {R"("\ud83d\u0041")", R"("\ufffdA")"},
    {"\"a\xff\xfe b\"", R"("a\ufffd\ufffd b")"},
    {"\"\xed\xa0\x80\"", R"("\ufffd\ufffd\ufffd")"},
    {"\"cut \xf0\x9f\x98\"", R"("cut \ufffd\ufffd\ufffd")"},
    {"\"two\nlines\"", R"("two\nlines")"},
    {R"("C:\dir\ux")", R"("C:\\dir\\ux")"},
    {R"([NaN,1,"NaN"])", R"(["NaN",1,"NaN"])"},
    {R"({"x":{"y":1e999}})", R"({"x":{"y":"1e999"}})"},
  }));
  CAPTURE(c.text);
  const auto text = std::string(R"({"lr":0.1,"odd":)") + c.text
                    + R"(,"n":7,"u":18446744073709551615,"r":-2.5e-3,)"
                      R"("t":[true,false,null],"s":"a\"\\\/\u00e9"})";
  const auto found = read(text, {});
  REQUIRE(found.has_value());
  auto beside = json::parse(R"({"lr":0.1,"n":7,"u":18446744073709551615,
    "r":-2.5e-3,"t":[true,false,null],"s":"a\"\\/é"})")
                  .as_object();
  beside["odd"] = json::parse(c.read);
  CHECK(found->as_object() == beside);
}

TEST_CASE("what is nested too deep is told, and the rest is read",
          "[protocol]") {
  const auto nested = [](int n, const std::string& inner) {
    std::string open, shut;
    for (int i = 0; i < n; ++i) {
      open += i % 2 ? R"({"k":)" : "[";
      shut.insert(0, i % 2 ? "}" : "]");
    }
    return open + inner + shut;
  };
  for (const int depth : {126, 127, 128, 129, 1000, 300000}) {
    CAPTURE(depth);
    const auto found =
      read(R"({"lr":0.1,"deep":)" + nested(depth, R"("[[[\"{")")
             + R"(,"after":1})",
           {});
    REQUIRE(found.has_value());
    CHECK(found->at("lr") == 0.1);
    CHECK(found->at("after") == 1);
    const auto* at = &found->at("deep");
    int levels = 0;
    for (; !at->is_string(); ++levels)
      at = at->is_array() ? &at->as_array().at(0) : &at->at("k");
    CHECK(levels == std::min(depth, 127));
    CHECK(*at == (depth <= 127 ? "[[[\"{" : "[nested deeper than 128]"));
  }
  const auto shallow = read(R"([[1,[2]],NaN])", {.max_depth = 2});
  REQUIRE(shallow.has_value());
  CHECK(*shallow == json::parse(R"([[1,"[nested deeper than 2]"],"NaN"])"));
}

TEST_CASE("what is no JSON in its structure is still refused", "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, "", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "nul", "'a'",
    "{} {}", "[1] x", "[NaN", "[1 2]", "{\"a\":}", "\"open", "\"open\\",
    "<html>", "OK", "[\"\xff\"", "{\"a\":1,}", "[NaN}", "undefined",
    "[[[[1}]]]", "[[[[\"]]]]", "\"\\ud800", std::string(200, '['),
    std::string(200, '[') + "}" + std::string(199, ']'));
  CAPTURE(text);
  const auto found = read(text, {});
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().code == errc::parse_error);
}

TEST_CASE("the number of values is limited in odd JSON too", "[protocol]") {
  const std::string text = R"([NaN,[1e400],{"a":"\ud800"}])";
  CHECK(read(text, {.max_values = 6}).has_value());
  CHECK_FALSE(read(text, {.max_values = 5}).has_value());
  CHECK(read(R"({"a":1,"a":NaN})", {.unique_members = true}).value()
        == json::parse(R"({"a":"NaN"})"));
}

TEST_CASE("good JSON reads the same in both readers", "[protocol]") {
  // The hand-written half sees it because of the odd value at the end.
  std::mt19937 random(7);
  const auto number = [&] {
    switch (random() % 3) {
    case 0:
      return json::value(std::int64_t(random()) - (std::int64_t(1) << 31));
    case 1:
      return json::value(double(random()) / 977);
    default:
      return json::value(
        std::ldexp(double(random()), int(random() % 900) - 450));
    }
  };
  json::array list;
  for (int i = 0; i < 2000; ++i)
    list.push_back(
      json::object{{"i", i}, {"x", number()}, {"t", "ü\u2028\n"}});
  const auto text = json::serialize(list);
  const auto strict = parse_json(text);
  REQUIRE(strict.has_value());
  const auto odd_text = "[" + text + ",NaN]";
  const auto lenient = read(odd_text, {});
  REQUIRE(lenient.has_value());
  CHECK(lenient->at(0) == *strict);
}

TEST_CASE("numbers that JSON lacks have one spelling", "[protocol]") {
  for (const auto* word : {"NaN", "nan", "NAN", "-nan", "+NaN"})
    CHECK(non_finite_text(std::string_view(word)) == "NaN");
  for (const auto* word : {"inf", "Infinity", "+inf", "INF", "infinity"})
    CHECK(non_finite_text(std::string_view(word)) == "Infinity");
  for (const auto* word : {"-inf", "-Infinity", "-INFINITY"})
    CHECK(non_finite_text(std::string_view(word)) == "-Infinity");
  for (const auto* word : {"", "na", "info", "infinite", "--inf", "nano", "-"})
    CHECK(non_finite_text(std::string_view(word)).empty());
  CHECK(non_finite_text(std::nan("")) == "NaN");
  CHECK(non_finite_text(-std::numeric_limits<double>::infinity())
        == "-Infinity");
  CHECK(non_finite_text(1e308).empty());
}
