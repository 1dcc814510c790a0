#include "protocol/json/token_size.hpp"
#include "protocol/wandb/weave_query.hpp"
#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace json = boost::json;
using namespace mcp;
using namespace mcp::tools;

namespace {

const std::string stream(wandb::stream_query_path);
const std::string stats(wandb::query_stats_path);

json::object args(const std::string& more = "{}") {
  json::object out{{"entity_name", "acme"}, {"project_name", "bot"}};
  const auto given = json::parse(more);
  for (const auto& [key, v] : given.as_object())
    out[key] = v;
  return out;
}

std::string row(std::size_t n, std::size_t payload = 10) {
  const auto id = std::to_string(n);
  return R"({"id":"call-)" + id + R"(","project_id":"acme/bot","trace_id":"t)"
         + id + R"(","op_name":"weave:///acme/bot/op/predict:9f",)"
         + R"("started_at":"2025-02-01T10:00:00Z",)"
         + R"("ended_at":"2025-02-01T10:00:02Z","parent_id":null,)"
         + R"("display_name":null,"exception":null,"attributes":{"env":"x"},)"
         + R"("inputs":{"q":")" + std::string(payload, 'i') + R"("},"output":")"
         + std::string(payload, 'o')
         + R"(","summary":{"weave":{"status":"success","latency_ms":2000}}})";
}

line_source rows(std::size_t count, std::size_t payload = 10) {
  return [=](std::size_t n) -> std::optional<std::string> {
    if (n >= count)
      return std::nullopt;
    return row(n, payload);
  };
}

std::string count_of(std::int64_t n) {
  return R"({"count":)" + std::to_string(n) + "}";
}

const json::object& metadata(const tool_result& r) {
  return r.structured.at("metadata").as_object();
}

const json::array& traces(const tool_result& r) {
  return r.structured.at("traces").as_array();
}

template <class Exception, class Action>
Exception thrown_by(Action&& action) {
  try {
    action();
  } catch (const Exception& e) {
    return e;
  }
  throw std::logic_error("nothing of that kind was thrown");
}

} // namespace

TEST_CASE("a plain query is one stream and one count, side by side",
          "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(3)); // one more than asked for
  c.reply(at(stats), count_of(7));
  auto running = query_weave_traces.run(c, arguments(args(R"({"limit":2})")));
  running.start();
  CHECK(c.requests.size() == 2);
  c.pump();
  REQUIRE(running.done());
  const auto out = running.take();

  CHECK(json::value(c.body_of(stream)) == json::parse(R"({
    "project_id":"acme/bot","include_costs":true,"include_feedback":true,
    "sort_by":[{"field":"started_at","direction":"desc"}],
    "limit":3,"offset":0})"));
  CHECK(json::value(c.body_of(stats))
        == json::parse(R"({"project_id":"acme/bot"})"));
  CHECK(c.requests[0].accept == "application/jsonl");
  CHECK(c.requests[0].to == service::trace);

  CHECK(metadata(out).at("total_traces") == 2);
  CHECK(metadata(out).at("total_matching_count") == 7);
  CHECK(metadata(out).at("total_count") == 7);
  CHECK(metadata(out).at("returned_count") == 2);
  CHECK(metadata(out).at("has_more") == true);
  CHECK(metadata(out).at("truncated") == false);
  CHECK(metadata(out).at("truncation_applied") == false);
  CHECK(metadata(out).at("truncation_dropped_count") == 0);
  CHECK(metadata(out).at("truncation_note").is_null());
  CHECK(metadata(out).at("status_summary").at("success") == 2);
  CHECK(json::serialize(metadata(out).at("op_distribution"))
        == R"({"predict":2})");
  REQUIRE(traces(out).size() == 2);
  CHECK(json::value(traces(out)[0]) == json::parse(row(0)));
}

TEST_CASE("null and absent arguments mean the defaults", "[tools]") {
  fake_context c;
  c.reply(at(stats), count_of(1));
  c.reply_lines(at(stream), rows(1));
  c.run(query_weave_traces, args(R"({"limit":null,"filters":null,"columns":null,
                 "expand_columns":null,"detail_level":""})"));
  CHECK(c.body_of(stream).at("limit") == 1001);
  CHECK_FALSE(c.body_of(stream).contains("columns"));
  CHECK_FALSE(c.body_of(stream).contains("filter"));
}

TEST_CASE("rows fewer than the limit are all there are", "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(3));
  c.fail(at(stats), {.code = errc::upstream_timeout, .message = "slow"});
  const auto out = c.run(query_weave_traces, args(R"({"limit":10})"));
  CHECK(metadata(out).at("total_matching_count") == 3);
  CHECK(metadata(out).at("has_more") == false);
  CHECK_FALSE(metadata(out).contains("warnings"));
}

TEST_CASE("a count that fails leaves the total unknown, not zero", "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(4));
  c.fail(at(stats), {.code = errc::rate_limited, .message = "slow down"});
  const auto out = c.run(query_weave_traces, args(R"({"limit":3})"));
  CHECK(metadata(out).at("total_matching_count").is_null());
  CHECK(metadata(out).at("has_more") == true);
  CHECK(metadata(out).at("warnings").as_array().size() == 1);
}

TEST_CASE("ids within the limit need no count", "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(2));
  const auto out = c.run(query_weave_traces, args(R"({
    "filters":{"call_ids":["call-0","call-1"]},"limit":2,
    "detail_level":"full"})"));
  CHECK(c.count_of(stats) == 0);
  CHECK(c.body_of(stream).at("filter").at("call_ids").as_array().size() == 2);
  CHECK(traces(out).size() == 2);
}

TEST_CASE("an empty match is an empty list", "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(0));
  c.reply(at(stats), count_of(0));
  const auto out = c.run(query_weave_traces, args(R"({"limit":5})"));
  CHECK(traces(out).empty());
  CHECK(metadata(out).at("total_matching_count") == 0);
  CHECK(metadata(out).at("time_range").at("earliest").is_null());
}

TEST_CASE("whether there is more is what the rows themselves show",
          "[tools]") {
  struct example {
    std::size_t rows;   // that W&B has; 3 are asked for
    std::int64_t count; // what W&B counts beside it; -1: it fails
    const char* more;
    const char* total;
  };
  const auto e = GENERATE(values<example>({
    {3, -1, "false", "3"}, // exactly as many as asked for are all
    {3, 9, "false", "3"},  // the count is about another moment
    {4, -1, "true", "null"},
    {4, 9, "true", "9"},
    {4, 3, "true", "null"}, // a count that the rows contradict
    {0, 9, "false", "0"},
  }));
  CAPTURE(e.rows, e.count);
  fake_context c;
  c.reply_lines(at(stream), rows(e.rows));
  if (e.count < 0)
    c.fail(at(stats), {.code = errc::upstream_timeout, .message = "slow"});
  else
    c.reply(at(stats), count_of(e.count));
  const auto out = c.run(query_weave_traces, args(R"({"limit":3})"));
  CHECK(json::serialize(metadata(out).at("has_more")) == e.more);
  CHECK(json::serialize(metadata(out).at("total_matching_count")) == e.total);
  CHECK(metadata(out).at("truncated") == false);
  CHECK(traces(out).size() == std::min<std::size_t>(e.rows, 3));
}

TEST_CASE("of a stream that broke off without a count nothing is claimed",
          "[tools]") {
  fake_context c;
  c.reply_rows(at(stream), {row(0), row(1)},
               failure{.code = errc::upstream_unavailable,
                       .message = "The connection broke."});
  c.fail(at(stats), {.code = errc::upstream_timeout, .message = "slow"});
  const auto out = c.run(query_weave_traces, args(R"({"limit":5})"));
  CHECK(metadata(out).at("has_more").is_null());
  CHECK(metadata(out).at("total_matching_count").is_null());
  CHECK(metadata(out).at("partial") == true);
}

TEST_CASE("statistics do not depend on the columns asked for", "[tools]") {
  const auto* columns =
    GENERATE(R"(["id"])", R"(["op_name","inputs"])", R"(["status"])",
             R"(["summary.weave.status"])", R"(["storage_size_bytes"])");
  CAPTURE(columns);
  fake_context c;
  c.reply_lines(at(stream), rows(3));
  c.reply(at(stats), count_of(3));
  const auto out = c.run(query_weave_traces,
                         args(R"({"columns":)" + std::string(columns) + "}"));
  std::vector<std::string> sent;
  const auto body = c.body_of(stream);
  for (const auto& name : body.at("columns").as_array())
    sent.emplace_back(std::string_view(name.as_string()));
  for (const auto* needed : {"id", "trace_id", "parent_id", "op_name",
                             "started_at", "ended_at", "summary"})
    CHECK(std::count(sent.begin(), sent.end(), needed) == 1);
  CHECK(metadata(out).at("status_summary").at("success") == 3);
  CHECK(metadata(out).at("status_summary").at("other") == 0);
  CHECK(metadata(out).at("time_range").at("latest") == "2025-02-01T10:00:02Z");
  CHECK(traces(out)[0].as_object().size() <= 3);
}

TEST_CASE("an empty answer is right without knowing what there is",
          "[tools]") {
  fake_context c;
  c.reply_lines(at(stream, "predict"), rows(0));
  c.reply(at(stats), count_of(0));
  c.fail(at(stream, R"("limit":200)"),
         {.code = errc::rate_limited, .message = "wait"});
  const auto out =
    c.run(query_weave_traces, args(R"({"filters":{"op_name":"predict"}})"));
  CHECK(traces(out).empty());
  CHECK(metadata(out).at("total_matching_count") == 0);
  CHECK(metadata(out).at("nothing_matched") == json::parse(R"({
    "note":"No call matches all of the filters."})"));
}

TEST_CASE("the schema level shows identity, times, status and latency",
          "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(3));
  c.reply(at(stats), count_of(3));
  const auto out =
    c.run(query_weave_traces, args(R"({"detail_level":"schema"})"));
  const auto body = c.body_of(stream);
  CHECK(body.at("columns") == json::parse(R"(["id","trace_id","op_name",
    "started_at","ended_at","display_name","parent_id","summary"])"));
  CHECK(body.at("include_costs") == false);
  CHECK(body.at("include_feedback") == false);
  CHECK(c.requests.size() == 2); // no gate: stream and count side by side
  CHECK(traces(out)[0] == json::parse(R"({"id":"call-0","trace_id":"t0",
    "op_name":"weave:///acme/bot/op/predict:9f","display_name":null,
    "started_at":"2025-02-01T10:00:00Z","ended_at":"2025-02-01T10:00:02Z",
    "parent_id":null,"status":"success","latency_ms":2000})"));
}

TEST_CASE("columns the caller names win over the schema level", "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(1));
  c.reply(at(stats), count_of(1));
  const auto out = c.run(query_weave_traces, args(R"({
    "detail_level":"schema","columns":["id","op_name","inputs"]})"));
  CHECK(c.body_of(stream).at("columns")
        == json::parse(R"(["id","op_name","inputs","trace_id","parent_id",
                           "started_at","ended_at","summary"])"));
  CHECK(traces(out)[0].as_object().size() == 3);
  CHECK(traces(out)[0].as_object().contains("inputs"));
}

TEST_CASE("costs and feedback are asked for only where they can be seen",
          "[tools]") {
  struct example {
    const char* arguments;
    bool costs;
    bool feedback;
  };
  const auto e = GENERATE(values<example>({
    {R"({})", true, true},
    {R"({"include_costs":false})", false, true},
    {R"({"include_feedback":false})", true, false},
    {R"({"columns":["id","inputs"]})", false, false},
    {R"({"columns":["id","summary"]})", true, true},
    {R"({"columns":["id","costs"],"include_costs":false,
         "include_feedback":false})",
     true, false},
    {R"({"columns":["id","total_cost"],"detail_level":"schema"})", true, false},
    {R"({"metadata_only":true})", true, false},
    {R"({"metadata_only":true,"include_costs":false})", false, false},
  }));
  CAPTURE(e.arguments);
  fake_context c;
  c.reply_lines(at(stream), rows(1));
  c.reply(at(stats), count_of(1));
  c.run(query_weave_traces, args(e.arguments));
  CHECK(c.body_of(stream).at("include_costs") == e.costs);
  CHECK(c.body_of(stream).at("include_feedback") == e.feedback);
}

TEST_CASE("unknown columns are left out with a warning", "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(1));
  c.reply(at(stats), count_of(1));
  const auto out = c.run(query_weave_traces, args(R"({
    "limit":5,"columns":["op_name","bogus","status","latency_ms","inputs.q"]})"));
  CHECK(c.body_of(stream).at("columns")
        == json::parse(R"(["id","op_name","summary","inputs.q","trace_id",
                           "parent_id","started_at","ended_at"])"));
  CHECK(traces(out)[0] == json::parse(R"({"id":"call-0",
    "op_name":"weave:///acme/bot/op/predict:9f","status":"success",
    "latency_ms":2000,"inputs":{"q":"iiiiiiiiii"}})"));
  const auto warning =
    std::string(metadata(out).at("warnings").as_array().at(0).as_string());
  CHECK(warning.find("bogus") != std::string::npos);
}

TEST_CASE("texts are cut to truncate_length unless all is wanted", "[tools]") {
  struct example {
    const char* arguments;
    std::size_t length;
    std::int64_t cut;
  };
  const auto e = GENERATE(values<example>({
    {R"({})", 1003, 2},
    {R"({"truncate_length":20})", 23, 2},
    {R"({"return_full_data":true})", 3000, 0},
    {R"({"detail_level":"full"})", 3000, 0},
    {R"({"detail_level":"full","truncate_length":20})", 3000, 0},
  }));
  CAPTURE(e.arguments);
  fake_context c;
  c.reply_lines(at(stream), rows(1, 3000));
  c.reply(at(stats), count_of(1));
  const auto out = c.run(query_weave_traces, args(e.arguments));
  const auto& trace = traces(out)[0].as_object();
  CHECK(trace.at("output").as_string().size() == e.length);
  CHECK(trace.at("id") == "call-0");
  CHECK(metadata(out).at("truncation_applied") == false);
  CHECK(metadata(out).contains("texts_cut") == (e.cut > 0));
  if (e.cut > 0)
    CHECK(metadata(out).at("texts_cut") == e.cut); // inputs.q and output
}

TEST_CASE("metadata alone reads what statistics need and shows no rows",
          "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(600));
  c.reply(at(stats), count_of(600));
  const auto out = c.run(query_weave_traces, args(R"({"metadata_only":true})"));
  CHECK(c.body_of(stream).at("columns")
        == json::parse(R"(["id","trace_id","parent_id","op_name","started_at",
                           "ended_at","summary"])"));
  CHECK(out.structured.at("traces").is_null());
  CHECK(metadata(out).at("total_traces") == 600);
  CHECK(metadata(out).at("returned_count") == 0);
  CHECK(metadata(out).at("status_summary").at("success") == 600);
}

TEST_CASE("more rows with content than an answer can hold are refused",
          "[tools]") {
  fake_context c;
  c.reply(at(stats), count_of(501));
  const auto e = thrown_by<tool_error>(
    [&] { c.run(query_weave_traces, args(R"({"limit":1000})")); });
  CHECK(e.code == "query_too_large");
  CHECK(e.details.at("trace_count") == 501);
  CHECK(e.details.at("suggestions").as_array().size() == 4);
  CHECK(std::string(e.what()).find("501") != std::string::npos);
  CHECK(c.count_of(stream) == 0);
}

TEST_CASE("the gate looks at the rows that can come, not at all matches",
          "[tools]") {
  struct example {
    const char* arguments;
    std::int64_t matches;
  };
  const auto e = GENERATE(values<example>({
    {R"({"limit":1000})", 500},
    {R"({"limit":500})", 100'000},
    {R"({"limit":101})", 501},
    {R"({"limit":1000,"detail_level":"schema"})", 100'000},
    {R"({"limit":1000,"metadata_only":true})", 100'000},
  }));
  CAPTURE(e.arguments, e.matches);
  fake_context c;
  c.reply(at(stats), count_of(e.matches));
  c.reply_lines(at(stream), rows(10));
  c.run(query_weave_traces, args(e.arguments));
  CHECK(c.count_of(stream) == 1);
  CHECK(c.count_of(stats) == 1);
}

TEST_CASE("a query that counted first tells how many calls it reads",
          "[tools]") {
  fake_context c;
  c.reply(at(stats), count_of(400));
  c.reply_lines(at(stream), rows(400));
  c.run(query_weave_traces, args(R"({"limit":1000})"));
  REQUIRE(c.notes.size() == 1);
  CHECK(c.notes[0].done == 1);
  CHECK(c.notes[0].total == 2);
  CHECK(c.notes[0].message == "400 calls match; reading 400");
}

TEST_CASE("a gate whose count was refused fails, one that was slow does not",
          "[tools]") {
  fake_context limited;
  limited.fail(at(stats), {.code = errc::rate_limited, .message = "wait"});
  const auto e = thrown_by<failure_exception>(
    [&] { limited.run(query_weave_traces, args()); });
  CHECK(e.reason.code == errc::rate_limited);
  CHECK(limited.count_of(stream) == 0);

  fake_context slow;
  slow.fail(at(stats), {.code = errc::upstream_timeout, .message = "slow"});
  slow.reply_lines(at(stream), rows(4));
  const auto out = slow.run(query_weave_traces, args());
  CHECK(traces(out).size() == 4);
}

TEST_CASE("an answer fits MAX_RESPONSE_TOKENS, whatever the rows hold",
          "[tools]") {
  const std::size_t tokens = GENERATE(400, 2000, 22500);
  const std::size_t payload = GENERATE(10, 900, 100'000);
  CAPTURE(tokens, payload);
  fake_context c;
  c.settings().max_response_tokens = tokens;
  c.settings().max_accumulated_bytes = std::size_t{1} << 30;
  c.reply_lines(at(stream), rows(300, payload));
  c.reply(at(stats), count_of(300));
  const auto out =
    c.run(query_weave_traces, args(R"({"limit":300,"return_full_data":true})"));
  CHECK(token_size(out.structured) <= tokens * 4);
  REQUIRE_FALSE(traces(out).empty());
  CHECK(traces(out)[0].at("id") == "call-0");
  CHECK(metadata(out).at("total_traces") == 300);
  CHECK(metadata(out).at("returned_count") == traces(out).size());
  CHECK(metadata(out).at("truncated") == true);
  CHECK(metadata(out).at("truncation_applied") == true);
  CHECK(metadata(out).at("truncation_dropped_count")
        == 300 - traces(out).size());
  CHECK(metadata(out).at("truncation_note").as_string().starts_with("L"));
  CHECK(traces(out)[0].at("status") == "success");
}

TEST_CASE("a budget of no use still gives the smallest result", "[tools]") {
  fake_context c;
  c.settings().max_response_tokens = 5;
  c.reply_lines(at(stream), rows(50, 1000));
  c.reply(at(stats), count_of(50));
  const auto out = c.run(query_weave_traces, args(R"({"limit":50})"));
  CHECK(traces(out).size() == 1);
  CHECK(json::serialize(out.structured).size() < 1500);
}

TEST_CASE("a large answer is left at the byte limit and marked", "[tools]") {
  fake_context c;
  c.settings().max_accumulated_bytes = 100'000;
  c.reply_lines(at(stream), rows(400, 5000));
  c.reply(at(stats), count_of(400));
  const auto out = c.run(query_weave_traces, args(R"({"limit":400})"));
  CHECK(c.lines_fed < 15);
  CHECK(metadata(out).at("total_traces").as_int64() < 12);
  CHECK(metadata(out).at("total_matching_count") == 400);
  CHECK(metadata(out).at("has_more") == true);
  CHECK(metadata(out).at("truncated") == true);
  CHECK(metadata(out).at("partial") == true);
  CHECK(metadata(out).at("truncation_note").as_string().starts_with("Reading"));
}

TEST_CASE("one call beyond the byte limit is an error", "[tools]") {
  fake_context c;
  c.settings().max_accumulated_bytes = 1000;
  c.reply_lines(at(stream), rows(4, 5000));
  c.reply(at(stats), count_of(4));
  const auto e = thrown_by<failure_exception>(
    [&] { c.run(query_weave_traces, args(R"({"limit":4})")); });
  CHECK(e.reason.code == errc::response_too_large);
}

TEST_CASE("a stream that breaks off gives the rows before, marked", "[tools]") {
  fake_context c;
  c.reply_rows(at(stream), {row(0), row(1)},
               failure{.code = errc::upstream_unavailable,
                       .message = "The connection broke."});
  c.reply(at(stats), count_of(9));
  const auto out = c.run(query_weave_traces, args(R"({"limit":5})"));
  CHECK(traces(out).size() == 2);
  CHECK(metadata(out).at("partial") == true);
  CHECK(metadata(out).at("total_matching_count") == 9);
  CHECK(metadata(out).at("has_more") == true);
  CHECK(metadata(out).at("warnings").as_array().size() == 1);
}

TEST_CASE("a stream that fails before its first row fails", "[tools]") {
  fake_context c;
  c.reply_rows(at(stream), {},
               failure{.code = errc::upstream_unavailable, .message = "down"});
  c.stay_silent(at(stats));
  const auto e = thrown_by<failure_exception>(
    [&] { c.run(query_weave_traces, args(R"({"limit":5})")); });
  CHECK(e.reason.code == errc::upstream_unavailable);
  CHECK(c.abandoned_ids.size() == 1); // the count is not waited for
}

TEST_CASE("an error object in the stream, or garbage alone, fails the query",
          "[tools]") {
  const auto lines = GENERATE(values<std::vector<std::string>>(
    {{row(0), R"({"error":"memory limit exceeded"})"},
     {"[]"},
     {"<html>", "not JSON"}}));
  fake_context c;
  c.reply_rows(at(stream), lines);
  c.reply(at(stats), count_of(2));
  const auto e = thrown_by<tool_error>(
    [&] { c.run(query_weave_traces, args(R"({"limit":5})")); });
  CHECK(e.code == "query_failed");
}

TEST_CASE("an odd value costs itself alone", "[tools]") {
  struct example {
    const char* written;
    const char* shown;
  };
  const std::string deep =
    std::string(200, '[') + "1" + std::string(200, ']');
  const auto e = GENERATE(values<example>({
    {"123456789012345678901234567890", "123456789012345678901234567890"},
    {"1e400", "1e400"},
    {"-Infinity", "-Infinity"},
    {"Infinity", "Infinity"},
    {"NaN", "NaN"},
    {R"("a\ud800b")", "a\xEF\xBF\xBD" "b"},
    {"\"a\xff\"", "a\xEF\xBF\xBD"},
    {"deep", ""},
  }));
  CAPTURE(e.written);
  const bool is_deep = std::string(e.written) == "deep";
  auto odd = row(1);
  odd.replace(odd.find(R"("output":)"), 9,
              R"("attributes":{"x":)" + (is_deep ? deep : e.written)
                + R"(,"y":7},"output":)");
  fake_context c;
  c.reply_rows(at(stream), {row(0), odd, row(2)});
  c.reply(at(stats), count_of(3));
  const auto out = c.run(query_weave_traces,
                         args(R"({"limit":5,"truncate_length":100})"));
  REQUIRE(traces(out).size() == 3);
  CHECK(traces(out)[2].at("id") == "call-2");
  const auto& beside = traces(out)[1].at("attributes");
  CHECK(beside.at("y") == 7);
  CHECK(traces(out)[1].at("output") == "oooooooooo");
  if (!is_deep)
    CHECK(beside.at("x") == e.shown);
  else
    CHECK(json::serialize(beside.at("x")).find("nested deeper than")
          != std::string::npos);
  CHECK_FALSE(metadata(out).contains("warnings"));
}

TEST_CASE("a line that is no call costs itself alone, and is counted",
          "[tools]") {
  const std::string line = GENERATE("[]", "not JSON", R"({"id":"x","a":)");
  CAPTURE(line);
  fake_context c;
  c.reply_rows(at(stream), {row(0), line, row(2), row(3)});
  c.fail(at(stats), {.code = errc::upstream_timeout, .message = "slow"});
  const auto out = c.run(query_weave_traces, args(R"({"limit":3})"));
  CHECK(traces(out).size() == 2);
  CHECK(metadata(out).at("total_traces") == 2);
  CHECK(metadata(out).at("has_more") == true);
  const auto warning =
    std::string(metadata(out).at("warnings").as_array().at(0).as_string());
  CHECK(warning.starts_with("1 call that came could not be read"));
}

TEST_CASE("a query that W&B refuses is query_failed with its status",
          "[tools]") {
  fake_context c;
  c.fail(at(stream), {.code = errc::upstream_error,
                      .message = "W&B answered 400: no such field",
                      .http_status = 400});
  c.reply(at(stats), count_of(1));
  const auto e = thrown_by<tool_error>(
    [&] { c.run(query_weave_traces, args(R"({"limit":5})")); });
  CHECK(e.code == "query_failed");
  CHECK(std::string(e.what()).find("no such field") != std::string::npos);
  CHECK(e.details.at("http_status") == 400);
}

TEST_CASE("who may not, or must wait, is told so by the common codes",
          "[tools]") {
  const auto code =
    GENERATE(errc::unauthorized, errc::not_permitted, errc::not_found,
             errc::rate_limited, errc::upstream_timeout, errc::server_busy);
  CAPTURE(to_string(code));
  fake_context c;
  c.fail(at(stream), {.code = code, .message = "no"});
  c.reply(at(stats), count_of(1));
  const auto e = thrown_by<failure_exception>(
    [&] { c.run(query_weave_traces, args(R"({"limit":5})")); });
  CHECK(e.reason.code == code);
}

TEST_CASE("arguments that mean nothing are refused without a request",
          "[tools]") {
  struct example {
    const char* arguments;
    const char* place;
  };
  const auto e = GENERATE(values<example>({
    {R"({"limit":0})", "limit"},
    {R"({"limit":-5})", "limit"},
    {R"({"limit":10001})", "limit"},
    {R"({"truncate_length":-1})", "truncate_length"},
    {R"({"detail_level":"everything"})", "detail_level"},
    {R"({"sort_by":"foo"})", "sort_by"},
    {R"({"sort_direction":"sideways"})", "sort_direction"},
    {R"({"columns":["bogus"]})", "columns"},
    {R"({"columns":[7]})", "columns"},
    {R"({"filters":{"bogus":1}})", "filters.bogus"},
    {R"({"entity_name":""})", "entity_name"},
    {R"({"project_name":"acme/bot"})", "project_name"},
  }));
  CAPTURE(e.arguments);
  fake_context c;
  const auto thrown = thrown_by<failure_exception>(
    [&] { c.run(query_weave_traces, args(e.arguments)); });
  CHECK(thrown.reason.code == errc::bad_argument);
  CHECK(thrown.reason.message.starts_with(e.place));
  CHECK(c.requests.empty());
}

TEST_CASE("sorting is done by the server where it can", "[tools]") {
  fake_context c;
  c.reply_lines(at(stream), rows(1));
  c.reply(at(stats), count_of(1));
  c.run(query_weave_traces,
        args(R"({"sort_by":"latency_ms","sort_direction":"asc","limit":5})"));
  CHECK(c.body_of(stream).at("sort_by") == json::parse(R"([{
    "field":"summary.weave.latency_ms","direction":"asc"}])"));
}

namespace {

std::string priced(const std::string& id, const std::string& cost) {
  return R"({"id":")" + id + R"(","op_name":"weave:///a/b/op/x:1","summary":)"
         + R"({"weave":{"status":"success","costs":{"m":)"
         + R"({"prompt_tokens_total_cost":)" + cost
         + R"(,"completion_tokens_total_cost":0}}}}})";
}

} // namespace

TEST_CASE("the dearest calls are found and then fetched in that order",
          "[tools]") {
  fake_context c;
  c.reply_rows(at(stream, R"("columns":["id","summary"])"),
               {priced("a", "1"), priced("b", "3"), priced("c", "2"),
                R"({"id":"d","summary":{"weave":{}}})"})
    .times(1);
  c.reply_rows(at(stream, "call_ids"), {priced("c", "2"), priced("b", "3")});
  const auto out = c.run(query_weave_traces, args(R"({
    "sort_by":"total_cost","limit":2,"filters":{"status":"success"},
    "columns":["status","total_cost"]})"));
  CHECK(json::value(c.body_of(stream, 0)) == json::parse(R"({
    "project_id":"acme/bot","include_costs":true,"include_feedback":false,
    "query":{"$expr":{"$eq":[{"$getField":"summary.weave.status"},
                             {"$literal":"success"}]}},
    "sort_by":[{"field":"started_at","direction":"desc"}],
    "limit":10001,"offset":0,"columns":["id","summary"]})"));
  CHECK(json::value(c.body_of(stream, 1)) == json::parse(R"({
    "project_id":"acme/bot","include_costs":true,"include_feedback":true,
    "filter":{"call_ids":["b","c"]},"columns":["id","summary","trace_id",
      "parent_id","op_name","started_at","ended_at"]})"));
  CHECK(c.count_of(stats) == 0); // all calls were ranked, so they are counted
  CHECK(metadata(out).at("total_matching_count") == 4);
  CHECK(metadata(out).at("has_more") == true);
  CHECK(json::value(traces(out)) == json::parse(R"([
    {"id":"b","status":"success","total_cost":3.0},
    {"id":"c","status":"success","total_cost":2.0}])"));
  CHECK(c.notes.size() == 1);
}

TEST_CASE("calls that can't be read are counted and named in a ranking, too",
          "[tools]") {
  fake_context c;
  c.reply_rows(at(stream, R"("columns":["id","summary"])"),
               {priced("a", "1"), "<html>", priced("b", "3")})
    .times(1);
  c.reply_rows(at(stream, "call_ids"), {priced("b", "3"), priced("a", "1")});
  const auto out = c.run(query_weave_traces, args(R"({
    "sort_by":"total_cost","limit":2,"columns":["total_cost"]})"));
  CHECK(metadata(out).at("total_matching_count") == 3);
  CHECK_THAT(json::serialize(metadata(out).at("warnings")),
             Catch::Contains("1 call that came could not be read"));
}

TEST_CASE("the cheapest calls come first when ascending", "[tools]") {
  fake_context c;
  c.reply_rows(at(stream, R"("limit":10001)"),
               {R"({"id":"d"})", priced("a", "1"), priced("b", "3")});
  c.reply_rows(at(stream, "call_ids"), {priced("a", "1")});
  c.run(query_weave_traces,
        args(R"({"sort_by":"prompt_cost","sort_direction":"asc","limit":1})"));
  CHECK(c.body_of(stream, 1).at("filter").at("call_ids")
        == json::parse(R"(["a"])"));
}

TEST_CASE("nothing to rank needs no second request", "[tools]") {
  fake_context c;
  c.reply_rows(at(stream), {});
  const auto out =
    c.run(query_weave_traces, args(R"({"sort_by":"total_cost"})"));
  CHECK(c.requests.size() == 1);
  CHECK(traces(out).empty());
  CHECK(metadata(out).at("total_matching_count") == 0);
}

TEST_CASE("a ranking of many calls is bounded, fetched in batches, and says so",
          "[tools]") {
  fake_context c;
  const auto cheap = [](std::size_t n) -> std::optional<std::string> {
    if (n >= 10'001)
      return std::nullopt;
    return priced("call-" + std::to_string(n), std::to_string(n));
  };
  c.reply_lines(at(stream, R"("limit":10001)"), cheap);
  c.reply_lines(at(stream, "call_ids"), rows(1000));
  c.reply(at(stats), count_of(50'000));
  const auto out = c.run(query_weave_traces, args(R"({
    "sort_by":"total_cost","limit":1500,"detail_level":"schema"})"));
  CHECK(c.count_of(stream) == 3);
  CHECK(c.body_of(stream, 1).at("filter").at("call_ids").as_array().size()
        == 1000);
  CHECK(c.body_of(stream, 2).at("filter").at("call_ids").as_array().size()
        == 500);
  CHECK(c.body_of(stream, 1).at("filter").at("call_ids").as_array()[0]
        == "call-9999");
  CHECK(metadata(out).at("total_matching_count") == 50'000);
  const auto warning =
    std::string(metadata(out).at("warnings").as_array().at(0).as_string());
  CHECK(warning.find("10000") != std::string::npos);
}

TEST_CASE("a sort by cost is gated by the same rule", "[tools]") {
  fake_context c;
  const auto many = [](std::size_t n) -> std::optional<std::string> {
    if (n >= 600)
      return std::nullopt;
    return priced("call-" + std::to_string(n), "1");
  };
  c.reply_lines(at(stream), many);
  const auto e = thrown_by<tool_error>(
    [&] { c.run(query_weave_traces, args(R"({"sort_by":"total_cost"})")); });
  CHECK(e.code == "query_too_large");
  CHECK(e.details.at("trace_count") == 600);
  CHECK(c.count_of(stream) == 1);
}

TEST_CASE("a call given up in the middle lets go of both requests", "[tools]") {
  fake_context c;
  {
    auto running = query_weave_traces.run(c, arguments(args(R"({"limit":5})")));
    running.start();
    CHECK(c.requests.size() == 2);
  }
  CHECK(c.abandoned_ids.size() == 2);
}

TEST_CASE("the query tool describes itself within bounds", "[tools]") {
  const auto& t = query_weave_traces;
  CHECK(t.name.size() + t.description.size() + t.input_schema.size() < 4500);
  for (const auto* word :
       {"detail_level", "\"schema\"", "\"summary\"", "\"full\"",
        "total_matching_count", "trace_roots_only"})
    CHECK(t.description.find(word) != std::string_view::npos);
  CHECK(t.description.find("root_traces_only") == std::string_view::npos);
  CHECK(t.hints.read_only);
  CHECK(t.hints.open_world);
  json::parse(t.input_schema);
  json::parse(t.output_schema);
}
