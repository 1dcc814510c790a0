#include "protocol/wandb/graphql_reply.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;
using namespace mcp::wandb;
namespace json = boost::json;

TEST_CASE("data and errors of an answer are both kept", "[protocol]") {
  const auto plain = read_graphql_reply(R"({"data":{"a":1}})");
  REQUIRE(plain.has_value());
  CHECK(plain->data.at("a") == 1);
  CHECK(plain->errors.empty());
  const auto partial = read_graphql_reply(
    R"({"errors":[{"message":"no b"}],"data":{"a":NaN,"b":null}})");
  REQUIRE(partial.has_value());
  CHECK(partial->data.at("a") == "NaN");
  CHECK(partial->errors.size() == 1);
}

TEST_CASE("what is no GraphQL answer is garbage", "[protocol]") {
  const auto body =
    GENERATE(as<std::string>{}, "", "<html>", "[]", "{}", R"({"data":null})",
             R"({"data":[]})", R"({"data":"x","errors":[{"message":"m"}]})",
             R"({"data":null,"errors":[]})", R"({"data":{},"errors":"x"})");
  CAPTURE(body);
  const auto read = read_graphql_reply(body);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == errc::upstream_garbage);
}

TEST_CASE("errors without data become the failure that they name",
          "[protocol]") {
  struct row {
    std::string error;
    errc code;
  };
  const auto [error, code] = GENERATE(values<row>({
    {R"({"message":"Cannot query field \"x\" on type \"Run\"."})",
     errc::upstream_error},
    {R"({"message":"permission denied"})", errc::not_permitted},
    {R"({"message":"user is not logged in"})", errc::unauthorized},
    {R"({"message":"could not find project a/b"})", errc::not_found},
    {R"({"message":"x","extensions":{"code":"FORBIDDEN"}})",
     errc::not_permitted},
    {R"({"message":"x","extensions":{"code":"UNAUTHENTICATED"}})",
     errc::unauthorized},
    {R"({"message":"x","extensions":{"statusCode":404}})", errc::not_found},
    {R"({"message":5})", errc::upstream_error},
    {R"("Project not found")", errc::not_found},
    {"null", errc::upstream_error},
  }));
  CAPTURE(error);
  const auto read =
    read_graphql_reply(R"({"data":null,"errors":[)" + error + "]}");
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == code);
  CHECK_FALSE(read.error().message.empty());
}

TEST_CASE("all messages are told, in one line of at most 500 characters",
          "[protocol]") {
  json::array errors;
  errors.push_back(json::object{{"message", "first\nline"}});
  errors.push_back(json::object{{"message", "second"}});
  CHECK(graphql_failure(errors).message == "first line; second");
  std::string accents;
  for (int i = 0; i < 400; ++i)
    accents += "\xC3\xA9";
  errors.push_back(json::object{{"message", accents}});
  const auto message = graphql_failure(errors).message;
  CHECK(message.size() <= 500);
  CHECK(message.ends_with("\xC3\xA9..."));
}

TEST_CASE("an HTTP failure says who answered what", "[protocol]") {
  struct row {
    int status;
    std::string body, message;
    errc code;
  };
  const auto [status, body, message, code] = GENERATE(values<row>({
    {401, R"({"errors":[{"message":"bad key"}]})",
     "W&B answered with HTTP status 401: bad key", errc::unauthorized},
    {403, "", "W&B answered with HTTP status 403.", errc::not_permitted},
    {404, "<html>nope</html>", "W&B answered with HTTP status 404.",
     errc::not_found},
    {400, R"({"errors":[{"message":"Syntax Error"}]})",
     "W&B answered with HTTP status 400: Syntax Error", errc::upstream_error},
    {400, R"({"errors":[{"message":"permission denied"}]})",
     "W&B answered with HTTP status 400: permission denied",
     errc::not_permitted},
    {422, R"({"detail":[{"loc":["a"],"msg":"field required"}]})",
     "W&B answered with HTTP status 422: field required", errc::upstream_error},
    {429, R"({"error":"rate limit exceeded"})",
     "W&B answered with HTTP status 429: rate limit exceeded",
     errc::rate_limited},
    {500, R"({"detail":"oops"})", "W&B answered with HTTP status 500: oops",
     errc::upstream_unavailable},
    {503, "try\r\n\tlater", "W&B answered with HTTP status 503: try later",
     errc::upstream_unavailable},
    {504, "", "W&B answered with HTTP status 504.", errc::upstream_timeout},
    {302, "", "W&B answered with HTTP status 302.", errc::upstream_error},
  }));
  CAPTURE(status, body);
  const auto f = http_failure(status, body, "", "W&B");
  CHECK(f.code == code);
  CHECK(f.message == message);
  CHECK(f.http_status == status);
  CHECK_FALSE(f.retry_after.has_value());
}

TEST_CASE("a failure's text is short however long the body is", "[protocol]") {
  const auto f = http_failure(500, std::string(1'000'000, 'x'), "", "W&B");
  CHECK(f.message.size() < 560);
}

TEST_CASE("Retry-After is read as seconds or as a date", "[protocol]") {
  using namespace std::chrono_literals;
  struct row {
    std::string header;
    std::optional<std::chrono::milliseconds> wait;
  };
  const auto [header, wait] = GENERATE(values<row>({
    {"7", 7000ms},
    {" 0 ", 0ms},
    {"99999999999999999999", 86'400'000ms},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 37'000ms},
    {"Sun, 06 Nov 1994 08:48:37 GMT", 0ms},
    {"Sun, 31 Feb 1994 08:48:37 GMT", std::nullopt},
    {"Sun, 06 Xyz 1994 08:48:37 GMT", std::nullopt},
    {"soon", std::nullopt},
    {"-5", std::nullopt},
    {"", std::nullopt},
  }));
  CAPTURE(header);
  const auto now =
    std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + 8h + 49min;
  CHECK(http_failure(429, "", header, "W&B", now).retry_after == wait);
}
