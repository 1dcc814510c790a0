#include "protocol/wandb/weave_query.hpp"
#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"

#include <string>

namespace json = boost::json;
using namespace mcp;
using namespace mcp::tools;

namespace {

const std::string stats(wandb::query_stats_path);

json::object args(json::value filters = nullptr) {
  return {{"entity_name", "acme"},
          {"project_name", "bot"},
          {"filters", std::move(filters)}};
}

} // namespace

TEST_CASE("a count asks for all calls and for roots, side by side", "[tools]") {
  fake_context c;
  c.reply(at(stats, "trace_roots_only"), R"({"count":25})");
  c.reply(at(stats), R"({"count":100,"total_storage_size_bytes":4096})");
  auto running = count_weave_traces.run(c, arguments(args()));
  running.start();
  CHECK(c.requests.size() == 2); // before either was answered
  c.pump();
  REQUIRE(running.done());
  CHECK(json::value(running.take().structured) == json::parse(R"({
    "total_count":100,"root_traces_count":25,
    "total_storage_size_bytes":4096})"));
  CHECK(json::value(c.body_of(stats, 0)) == json::parse(R"({
    "project_id":"acme/bot","include_total_storage_size":true})"));
  CHECK(json::value(c.body_of(stats, 1)) == json::parse(R"({
    "project_id":"acme/bot","filter":{"trace_roots_only":true}})"));
  CHECK(c.requests[0].to == service::trace);
  CHECK(c.requests[0].read);
}

TEST_CASE("roots that came between the counts are among all calls",
          "[tools]") {
  fake_context c;
  c.reply(at(stats, "trace_roots_only"), R"({"count":5})");
  c.reply(at(stats), R"({"count":4})");
  const auto out = c.run(count_weave_traces, args());
  CHECK(out.structured.at("total_count") == 5);
  CHECK(out.structured.at("root_traces_count") == 5);
}

TEST_CASE("a size that W&B does not say is left out", "[tools]") {
  fake_context c;
  c.reply(at(stats), R"({"count":3})");
  const auto out = c.run(count_weave_traces, args());
  CHECK_FALSE(out.structured.contains("total_storage_size_bytes"));
}

TEST_CASE("a trace server that refuses the size still counts", "[tools]") {
  fake_context c;
  c.fail(at(stats, "include_total_storage_size"),
         {.code = errc::upstream_error,
          .message = "extra fields not permitted",
          .http_status = 422});
  c.reply(at(stats, "trace_roots_only"), R"({"count":1})");
  c.reply(at(stats), R"({"count":3})");
  const auto out = c.run(count_weave_traces, args());
  CHECK(out.structured.at("total_count") == 3);
  CHECK(out.structured.at("root_traces_count") == 1);
}

TEST_CASE("a count of roots alone is one request", "[tools]") {
  fake_context c;
  c.reply(at(stats), R"({"count":25})");
  const auto out =
    c.run(count_weave_traces, args({{"trace_roots_only", true}}));
  CHECK(c.requests.size() == 1);
  CHECK(out.structured.at("total_count") == 25);
  CHECK(out.structured.at("root_traces_count") == 25);
}

TEST_CASE("null literals reach the trace server", "[tools]") {
  fake_context c;
  c.reply(at(stats), R"({"count":1})");
  c.run(count_weave_traces,
        args({{"has_exception", true}, {"trace_roots_only", false}}));
  const auto expected = json::parse(R"({"$expr":{"$not":[{"$eq":[
    {"$getField":"exception"},{"$literal":null}]}]}})");
  CHECK(c.body_of(stats, 0).at("query") == expected);
  CHECK(c.body_of(stats, 0).at("filter").at("trace_roots_only") == false);
  CHECK(c.body_of(stats, 1).at("query") == expected);
  CHECK(c.body_of(stats, 1).at("filter").at("trace_roots_only") == true);
}

TEST_CASE("a filter that can not be counted is refused without a request",
          "[tools]") {
  fake_context c;
  try {
    c.run(count_weave_traces, args({{"latency", 500}}));
    FAIL("accepted");
  } catch (const failure_exception& e) {
    CHECK(e.reason.code == errc::bad_argument);
    CHECK(e.reason.message.starts_with("filters.latency:"));
  }
  CHECK(c.requests.empty());
}

TEST_CASE("one failing count fails both and lets go of the other", "[tools]") {
  fake_context c;
  c.fail(at(stats, "trace_roots_only"),
         {.code = errc::rate_limited,
          .message = "slow down",
          .retry_after = std::chrono::seconds(2)});
  c.stay_silent(at(stats));
  try {
    c.run(count_weave_traces, args());
    FAIL("succeeded");
  } catch (const failure_exception& e) {
    CHECK(e.reason.code == errc::rate_limited);
    CHECK(e.reason.retry_after == std::chrono::milliseconds(2000));
  }
  CHECK(c.abandoned_ids.size() == 1);
}

TEST_CASE("a count that W&B refuses has a code of its own", "[tools]") {
  fake_context c;
  c.fail(at(stats), {.code = errc::upstream_error,
                     .message = "W&B answered 400: bad query",
                     .http_status = 400});
  try {
    c.run(count_weave_traces, args());
    FAIL("succeeded");
  } catch (const tool_error& e) {
    CHECK(e.code == "count_failed");
    CHECK(std::string(e.what()).find("bad query") != std::string::npos);
    CHECK(e.details.at("http_status") == 400);
  }
}

TEST_CASE("an answer that is no count is not taken for zero", "[tools]") {
  fake_context c;
  c.reply(at(stats), R"({"detail":"hm"})");
  CHECK_THROWS_AS(c.run(count_weave_traces, args()), tool_error);
}

TEST_CASE("the count tool describes itself in few words", "[tools]") {
  const auto& t = count_weave_traces;
  CHECK(t.name.size() + t.description.size() + t.input_schema.size() < 1800);
  CHECK(t.hints.read_only);
  json::parse(t.input_schema);
  json::parse(t.output_schema);
}
