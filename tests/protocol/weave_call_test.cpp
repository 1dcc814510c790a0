#include "protocol/wandb/weave_call.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>

namespace json = boost::json;
using namespace mcp;

namespace {

result<json::object> read(std::string line) {
  const auto size = line.size();
  line.append(64, '\0');
  return wandb::read_call(std::string_view(line).substr(0, size));
}

json::object call_with(const std::string& summary) {
  return read(R"({"id":"c1","summary":)" + summary + "}").value();
}

} // namespace

TEST_CASE("a line with an id is a call", "[protocol]") {
  CHECK(read(R"({"id":"c1","inputs":{}})").value().at("id") == "c1");
  CHECK(read("{\"id\":\"c1\"}\r").has_value());
}

TEST_CASE("an error object inside a stream is an upstream error",
          "[protocol]") {
  const std::string line = GENERATE(
    R"({"error":"memory limit"})", R"({"detail":"memory limit"})",
    R"({"reason":"memory limit"})", R"({"error":{"message":"memory limit"}})");
  CAPTURE(line);
  const auto out = read(line);
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().code == errc::upstream_error);
  CHECK(out.error().message.find("memory limit") != std::string::npos);
}

TEST_CASE("a long upstream error is shortened", "[protocol]") {
  const auto out = read(R"({"error":")" + std::string(100'000, 'x') + R"("})");
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().message.size() < 700);
}

TEST_CASE("a line that is no call is garbage", "[protocol]") {
  const std::string line =
    GENERATE("[]", "7", "null", "{", "<html>", R"({"count":3})", R"({"id":7})",
             "\xff\xfe", "   ");
  CAPTURE(line);
  const auto out = read(line);
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().code == errc::upstream_garbage);
}

TEST_CASE("status, latency and feedback come from summary.weave",
          "[protocol]") {
  const auto call = call_with(R"({"weave":{"status":"descendant_error",
    "latency_ms":812,"feedback":[{"id":"f1"}]}})");
  CHECK(wandb::call_status(call) == "descendant_error");
  CHECK(wandb::call_latency(call) == 812);
  REQUIRE(wandb::call_feedback(call));
  CHECK(wandb::call_feedback(call)->as_array().size() == 1);
}

TEST_CASE("a latency that is no number is shown as what it is", "[protocol]") {
  CHECK(wandb::call_latency(call_with(R"({"weave":{"latency_ms":NaN}})"))
        == "NaN");
}

TEST_CASE("a call without a summary has no status, latency or costs",
          "[protocol]") {
  const std::string line =
    GENERATE(R"({"id":"c"})", R"({"id":"c","summary":null})",
             R"({"id":"c","summary":{"weave":5}})",
             R"({"id":"c","summary":{"weave":{"status":null,"costs":{}}}})");
  CAPTURE(line);
  const auto call = read(line).value();
  CHECK(wandb::call_status(call).empty());
  CHECK(wandb::call_latency(call).is_null());
  CHECK_FALSE(wandb::cost_of(call).has_value());
  CHECK(wandb::call_feedback(call) == nullptr);
}

TEST_CASE("the cost of a call is that of all its models", "[protocol]") {
  const auto call = call_with(R"({"weave":{"costs":{
    "gpt-4":{"prompt_tokens_total_cost":0.5,"completion_tokens_total_cost":1.0},
    "gpt-3.5-turbo":{"prompt_tokens_total_cost":"0.1",
                     "completion_tokens_total_cost":0.2},
    "odd":{"prompt_tokens_total_cost":null},
    "odder":7}}})");
  const auto cost = wandb::cost_of(call);
  REQUIRE(cost.has_value());
  CHECK(cost->prompt == Approx(0.6));
  CHECK(cost->completion == Approx(1.2));
  CHECK(cost->total() == Approx(1.8));
}

TEST_CASE("the short name of an op stands between /op/ and its version",
          "[protocol]") {
  CHECK(wandb::short_op_name("weave:///acme/bot/op/predict:9f") == "predict");
  CHECK(wandb::short_op_name("weave:///a/b/op/Evaluation.evaluate")
        == "Evaluation.evaluate");
  CHECK(wandb::short_op_name("predict").empty());
}
