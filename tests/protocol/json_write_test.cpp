#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <limits>
#include <string>

using namespace mcp;
namespace json = boost::json;

TEST_CASE("doubles are written the way people write them", "[protocol]") {
  CHECK(write_json(json::value(2.26668)) == "2.26668");
  CHECK(write_json(json::value(0.0)) == "0");
  CHECK(write_json(json::value(-0.5)) == "-0.5");
  CHECK(write_json(json::value(1e-05)) == "1e-05");
  CHECK(write_json(json::value(1e300)) == "1e+300");
  CHECK(write_json(json::value(0.1 + 0.2)) == "0.30000000000000004");
}

TEST_CASE("a double that JSON has no number for becomes a string",
          "[protocol]") {
  using limits = std::numeric_limits<double>;
  CHECK(write_json(json::value(limits::quiet_NaN())) == "\"NaN\"");
  CHECK(write_json(json::value(limits::infinity())) == "\"Infinity\"");
  CHECK(write_json(json::value(-limits::infinity())) == "\"-Infinity\"");
}

TEST_CASE("what is written reads back as the same value", "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, "null", "true", "[]", "{}", "-9223372036854775808",
    "18446744073709551615", R"(["a\"b\\c\n\u0001\u007fé\ud83d\ude00"])",
    R"({"a":[1,2.5,{"b":null}],"":{"c":[[]]},"d":"/"})");
  CAPTURE(text);
  const auto value = json::parse(text);
  const auto again = parse_json(write_json(value));
  REQUIRE(again.has_value());
  CHECK(*again == value);
}
