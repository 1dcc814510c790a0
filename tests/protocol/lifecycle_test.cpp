#include "protocol/mcp/lifecycle.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

json::object params(const char* requested) {
  return {{"protocolVersion", requested},
          {"capabilities", json::object{{"roots", json::object{}}}},
          {"clientInfo", json::object{{"name", "c"}, {"version", "1"}}}};
}

struct version_case {
  const char* requested;
  const char* answered;
};

} // namespace

TEST_CASE("the version asked for is spoken, or the newest offered",
          "[protocol]") {
  const auto c = GENERATE(values<version_case>({
    {"2025-03-26", "2025-03-26"},
    {"2025-06-18", "2025-06-18"},
    {"2025-11-25", "2025-11-25"},
    {"2024-11-05", "2025-11-25"},
    {"2099-01-01", "2025-11-25"},
    {"1.0", "2025-11-25"},
    {"", "2025-11-25"},
    {" 2025-03-26", "2025-11-25"},
  }));
  CAPTURE(c.requested);
  const auto claims = read_initialize(params(c.requested));
  REQUIRE(claims.has_value());
  CHECK(to_string(claims->negotiated) == c.answered);
  const auto answer = json::parse(
    initialize_result(claims->negotiated, {"n", "t", "v", "use it"}));
  CHECK(answer.at("protocolVersion").as_string() == c.answered);
  CHECK(answer.at_pointer("/serverInfo/name") == "n");
  CHECK(answer.at_pointer("/capabilities/tools").is_object());
}

TEST_CASE("a client's capabilities are kept", "[protocol]") {
  auto p = params("2025-11-25");
  p["capabilities"] = {{"sampling", json::object{}},
                       {"elicitation", json::object{}}};
  const auto claims = read_initialize(p);
  REQUIRE(claims.has_value());
  CHECK_FALSE(claims->capabilities.roots);
  CHECK(claims->capabilities.sampling);
  CHECK(claims->capabilities.elicitation);
}

TEST_CASE("what initialize lacks is named", "[protocol]") {
  const auto path = GENERATE(as<std::string>{}, "protocolVersion",
                             "capabilities", "clientInfo");
  const auto broken =
    GENERATE(as<std::string>{}, "absent", "null", "7", "[]", "true");
  CAPTURE(path, broken);
  auto p = params("2025-11-25");
  if (broken == "absent")
    p.erase(path);
  else
    p[path] = json::parse(broken);
  const auto claims = read_initialize(p);
  REQUIRE_FALSE(claims.has_value());
  CHECK(claims.error().code == errc::invalid_params);
  CHECK(claims.error().message.find(path) != std::string::npos);
}

TEST_CASE("clientInfo needs a name and a version", "[protocol]") {
  const auto info = GENERATE(
    as<std::string>{}, R"({})", R"({"name":"c"})", R"({"version":"1"})",
    R"({"name":1,"version":"1"})", R"({"name":"c","version":2})");
  CAPTURE(info);
  auto p = params("2025-11-25");
  p["clientInfo"] = json::parse(info);
  CHECK_FALSE(read_initialize(p).has_value());
}
