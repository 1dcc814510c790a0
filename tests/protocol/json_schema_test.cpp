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
    {R"({"name":"x","filters":null})", "filters", "null"},
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
    {R"({"name":"x","limit":"ten"})", "got a string"},
    {R"({"name":"x","deep":2})", "deep: expected a boolean"},
    {R"({"name":"x","deep":"yes"})", "deep: expected a boolean"},
    {R"({"name":"x","keys":"loss"})", "keys: expected an array"},
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

TEST_CASE("members that the schema does not name are dropped", "[protocol]") {
  const auto out = accept(R"({"name":"x","unknown":{"a":[1]}})");
  REQUIRE(out.has_value());
  CHECK_FALSE(out->contains("unknown"));
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
