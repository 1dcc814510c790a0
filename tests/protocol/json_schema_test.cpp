#include "protocol/json/schema.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <stdexcept>
#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

const argument_schema& schema() {
  static const argument_schema s(R"({
    "type": "object",
    "required": ["name"],
    "properties": {
      "name": {"type": "string"},
      "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
      "ratio": {"type": "number"},
      "deep": {"type": "boolean", "default": false},
      "names": {"type": "array", "items": {"type": "string"}},
      "steps": {"type": "array", "items": {"type": "integer"}},
      "rows": {"type": "array", "items": {"type": "object"}},
      "where": {"type": "object"},
      "note": {"type": "string"},
      "keys": {"anyOf": [{"type": "array", "items": {"type": "string"}},
                         {"type": "null"}], "default": null},
      "filters": {"type": ["object", "null"]},
      "order": {"enum": ["asc", "desc"], "default": "asc"},
      "step": {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    }
  })");
  return s;
}

result<json::object> accept(const std::string& text) {
  return schema().accept(json::parse(text).as_object());
}

struct taken {
  const char* given;
  const char* member;
  const char* value;
};

struct refused {
  const char* given;
  const char* says;
};

} // namespace

TEST_CASE("arguments are taken as models and clients send them", "[protocol]") {
  const auto c = GENERATE(values<taken>({
    {R"({"name":"x"})", "limit", "20"},
    {R"({"name":"x"})", "deep", "false"},
    {R"({"name":"x"})", "keys", "null"},
    {R"({"name":"x","limit":" 7 "})", "limit", "7"},
    {R"({"name":"x","limit":""})", "limit", "20"},
    {R"({"name":"x","limit":"None"})", "limit", "20"},
    {R"({"name":"x","limit":[]})", "limit", "20"},
    {R"({"name":"x","limit":{}})", "limit", "20"},
    {R"({"name":"x","deep":"True"})", "deep", "true"},
    {R"({"name":"x","deep":"False"})", "deep", "false"},
    {R"({"name":"x","names":"loss"})", "names", R"(["loss"])"},
    {R"({"name":"x","names":"5"})", "names", R"(["5"])"},
    {R"({"name":"x","names":"[\"a\"]"})", "names", R"(["a"])"},
    {R"({"name":"x","steps":"5"})", "steps", "[5]"},
    {R"({"name":"x","steps":["5",6.0]})", "steps", "[5,6]"},
    {R"({"name":"x","rows":{"a":1}})", "rows", R"([{"a":1}])"},
    {R"({"name":"x","rows":"{\"a\":1}"})", "rows", R"([{"a":1}])"},
    {R"({"name":"x","rows":["{\"a\":1}"]})", "rows", R"([{"a":1}])"},
    {R"({"name":"x","where":"{\"a\":1}"})", "where", R"({"a":1})"},
    {R"({"name":"x","order":"DESC"})", "order", "\"desc\""},
    {R"({"name":"x","limit":null})", "limit", "20"},
    {R"({"name":"x","limit":7})", "limit", "7"},
    {R"({"name":"x","limit":"7"})", "limit", "7"},
    {R"({"name":"x","limit":7.0})", "limit", "7"},
    {R"({"name":"x","ratio":3})", "ratio", "3"},
    {R"({"name":"x","ratio":"0.5"})", "ratio", "5E-1"},
    {R"({"name":"x","deep":"true"})", "deep", "true"},
    {R"({"name":"x","deep":1})", "deep", "true"},
    {R"({"name":"x","deep":0})", "deep", "false"},
    {R"({"name":"x","keys":["a"]})", "keys", R"(["a"])"},
    {R"({"name":"x","keys":"[\"a\",\"b\"]"})", "keys", R"(["a","b"])"},
    {R"({"name":"x","keys":"null"})", "keys", "null"},
    {R"({"name":"x","filters":"{\"a\":1}"})", "filters", R"({"a":1})"},
    {R"({"name":"x","step":"12"})", "step", "12"},
    {R"({"name":"7"})", "name", "\"7\""},
    {R"({"name":"{}"})", "name", "\"{}\""},
    {R"({"name":"x","order":"desc"})", "order", "\"desc\""},
  }));
  CAPTURE(c.given);
  const auto out = accept(c.given);
  REQUIRE(out.has_value());
  CHECK(json::serialize(out->at(c.member)) == c.value);
}

TEST_CASE("arguments that do not fit are named with what was expected",
          "[protocol]") {
  const auto c = GENERATE(values<refused>({
    {R"({})", "name: missing, expected a string"},
    {R"({"name":7})", "name: expected a string, got an integer"},
    {R"({"name":null})", "name: expected a string, got null"},
    {R"({"name":"x","limit":0})", "limit: expected an integer from 1 to 100"},
    {R"({"name":"x","limit":101})", "limit: expected an integer from 1 to 100"},
    {R"({"name":"x","limit":10.5})",
     "limit: expected an integer from 1 to 100"},
    {R"({"name":"x","limit":"ten"})", "got the string \"ten\""},
    {R"({"name":"x","deep":2})", "deep: expected a boolean"},
    {R"({"name":"x","deep":"yes"})", "deep: expected a boolean"},
    {R"({"name":"x","names":{"a":1}})", "names: expected an array"},
    {R"({"name":"x","order":"des"})",
     "got the string \"des\"; did you mean desc"},
    {R"({"name":"x","limits":5})",
     "limits: there is no such argument; did you mean limit?"},
    {R"({"name":"x","colour":"red"})",
     "colour: there is no such argument. The arguments there are: name, "
     "limit, "},
    {R"({"nam":"x"})", "name: missing, expected a string"},
    {R"({"name":"x","keys":[1]})", "keys"},
    {R"({"name":"x","filters":[1]})", "filters: expected an object"},
    {R"({"name":"x","filters":"[1]"})", "filters: expected an object"},
    {R"({"name":"x","order":"up"})", "one of \"asc\", \"desc\""},
    {R"({"name":"x","step":1.5})", "step: expected an integer or null"},
  }));
  CAPTURE(c.given);
  const auto out = accept(c.given);
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().code == errc::bad_argument);
  CHECK_THAT(out.error().message, Catch::Contains(c.says));
}

TEST_CASE("an optional member that is empty is one that is not there",
          "[protocol]") {
  const auto without = accept(R"({"name":"x"})");
  REQUIRE(without.has_value());
  const std::string member =
    GENERATE("limit", "ratio", "deep", "names", "steps", "rows", "where",
             "note", "keys", "filters", "order", "step");
  const std::string value = GENERATE("null", R"("")", "[]", "{}");
  CAPTURE(member, value);
  const auto out = accept(R"({"name":"x",")" + member + "\":" + value + "}");
  REQUIRE(out.has_value());
  CHECK(*out == *without);
}

TEST_CASE("what could be a secret is not repeated", "[protocol]") {
  const std::string key(40, 'k');
  const auto out = accept(R"({"name":"x","limit":")" + key + "\"}");
  REQUIRE_FALSE(out.has_value());
  CHECK_THAT(out.error().message, !Catch::Contains("kkk"));
}

TEST_CASE("many members that there are not are named to a point",
          "[protocol]") {
  json::object given{{"name", "x"}};
  for (int i = 0; i < 10'000; ++i)
    given["colour_" + std::to_string(i)] = i;
  const auto out = schema().accept(std::move(given));
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().message.size() < 1000);
  CHECK_THAT(out.error().message, Catch::Contains("and 9995 more"));
}

TEST_CASE("several wrong arguments are all named, to a point", "[protocol]") {
  const auto out =
    accept(R"({"name":1,"limit":"x","deep":"y","order":3,"ratio":"z",)"
           R"("keys":1,"filters":2})");
  REQUIRE_FALSE(out.has_value());
  CHECK_THAT(out.error().message, Catch::Contains("more"));
}

TEST_CASE("a schema that is none is a mistake of ours", "[protocol]") {
  CHECK_THROWS_AS(argument_schema("["), std::invalid_argument);
  CHECK_THROWS_AS(argument_schema("7"), std::invalid_argument);
}
