#include "protocol/json/token_size.hpp"
#include "protocol/wandb/weave_query.hpp"
#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"
#include "tools/catalog.hpp"
#include "tools/weave_schema.hpp"

#include <map>
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

tool_result call(fake_context& c, json::object arguments) {
  static const catalog tools({&infer_trace_schema});
  return c.drive(
    run(*tools.find("infer_trace_schema_tool"), c, std::move(arguments)));
}

// What a schema says of one call's paths, by path.
std::map<std::string, json::object> learned(const std::string& rows,
                                            trace_schema::extent how = {}) {
  trace_schema schema;
  const auto parsed = json::parse(rows);
  for (const auto& row : parsed.as_array())
    schema.add(row.as_object());
  std::map<std::string, json::object> out;
  for (auto& field : schema.fields(how))
    out.emplace(field.at("path").as_string(), field.as_object());
  return out;
}

std::string counts_of(std::int64_t n) {
  return R"({"count":)" + std::to_string(n) + "}";
}

void count(fake_context& c, std::int64_t all, std::int64_t roots) {
  c.reply(at(stats, "trace_roots_only"), counts_of(roots));
  c.reply(at(stats), counts_of(all));
}

line_source wide_rows(std::size_t count, std::size_t fields) {
  return [=](std::size_t n) -> std::optional<std::string> {
    if (n >= count)
      return std::nullopt;
    json::object row{{"id", "c" + std::to_string(n)}};
    for (std::size_t i = 0; i < fields; ++i)
      row["inputs" + std::to_string(i)] =
        json::object{{"text", std::string(90, 'x') + std::to_string(n)},
                     {"list", json::array{json::object{{"role", "user"}}}},
                     {"deep", {{"er", {{"and", {{"deeper", n}}}}}}}};
    return json::serialize(row);
  };
}

} // namespace

TEST_CASE("a schema takes two counts and a sample, side by side", "[tools]") {
  fake_context c;
  count(c, 100, 25);
  c.reply_rows(
    at(stream),
    {R"({"id":"c1","op_name":"weave:///a/b/op/x:1","inputs":{"q":"why"},
         "summary":{"weave":{"status":"success","latency_ms":500}}})",
     R"({"id":"c2","op_name":"weave:///a/b/op/x:1","inputs":{"q":"how"},
         "summary":{"weave":{"status":"success","latency_ms":812}}})"});
  auto running = infer_trace_schema.run(
    c, arguments(args(R"({"sample_size":20,"top_n_values":5})")));
  running.start();
  CHECK(c.requests.size() == 3); // before any was answered
  c.pump();
  REQUIRE(running.done());
  const auto out = running.take().structured;

  CHECK(json::value(c.body_of(stats, 0))
        == json::parse(R"({"project_id":"acme/bot"})"));
  CHECK(json::value(c.body_of(stats, 1)) == json::parse(R"({
    "project_id":"acme/bot","filter":{"trace_roots_only":true}})"));
  CHECK(json::value(c.body_of(stream)) == json::parse(R"({
    "project_id":"acme/bot","include_costs":false,"include_feedback":false,
    "sort_by":[{"field":"started_at","direction":"desc"}],
    "limit":20,"offset":0})"));

  CHECK(json::value(out) == json::parse(R"({
    "fields":[
      {"path":"id","type":"string","top_values":["c1","c2"],
       "non_null_count":2},
      {"path":"inputs.q","type":"string","top_values":["why","how"],
       "non_null_count":2},
      {"path":"op_name","type":"string","top_values":["weave:///a/b/op/x:1"],
       "non_null_count":2},
      {"path":"summary.weave.latency_ms","type":"int",
       "top_values":["500","812"],"non_null_count":2},
      {"path":"summary.weave.status","type":"string","top_values":["success"],
       "non_null_count":2}],
    "total_traces":100,"root_traces":25,"sample_size":2,
    "sample_scope":{"strategy":"newest_first","requested_count":20,
      "applied_limit":20,"returned_count":2,"total_count":100,
      "has_more":true,"project_exhaustive":false,"coverage":0.02},
    "top_n_values":5,"truncated":false})"));
  REQUIRE(c.notes.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(c.notes[i].done == double(i + 1));
    CHECK(c.notes[i].total == 3);
  }
}

TEST_CASE("every kind of value has its type and its text", "[tools]") {
  struct example {
    const char* value;
    const char* type;
    const char* text;
  };
  const auto e = GENERATE(values<example>({
    {"true", "boolean", "true"},
    {"42", "int", "42"},
    {"3.14", "float", "3.14"},
    {"1.0", "float", "1"},
    {R"("hello")", "string", "hello"},
    {R"("")", "string", ""},
    {"[1]", "array", "[1]"},
    {"{}", "object", "{}"},
    {R"("2026-03-06T12:00:00Z")", "datetime", "2026-03-06T12:00:00Z"},
    {R"("2026-03-06T12:00:00+00:00")", "datetime", "2026-03-06T12:00:00+00:00"},
    {R"("2026-03-06")", "string", "2026-03-06"},
    {R"("my-long-experiment-name-v2")", "string", "my-long-experiment-name-v2"},
    {R"("https://example.com/some/path")", "string",
     "https://example.com/some/path"},
  }));
  CAPTURE(e.value);
  const auto f =
    learned(R"([{"id":"c","x":)" + std::string(e.value) + "}]").at("x");
  CHECK(f.at("type") == e.type);
  CHECK(f.at("top_values") == json::value(json::array{e.text}));
  CHECK(f.at("non_null_count") == 1);
}

TEST_CASE("null is counted apart and is a type only alone", "[tools]") {
  const auto f = learned(R"([{"a":null,"b":null},{"a":null,"b":null},
                             {"a":1,"b":null},{"a":"x"},{"a":"y"}])");
  CHECK(f.at("a").at("type") == "string");
  CHECK(f.at("a").at("null_count") == 2);
  CHECK(f.at("a").at("non_null_count") == 3);
  CHECK(json::value(f.at("a").at("types"))
        == json::parse(R"({"int":1,"string":2})"));
  CHECK(f.at("b").at("type") == "null");
  CHECK(f.at("b").at("top_values").as_array().empty());
}

TEST_CASE("of types equally frequent the first seen counts", "[tools]") {
  CHECK(learned(R"([{"a":1},{"a":"x"}])").at("a").at("type") == "int");
  CHECK(learned(R"([{"a":"x"},{"a":1}])").at("a").at("type") == "string");
}

TEST_CASE("objects are entered up to ten members, wider ones are named",
          "[tools]") {
  const std::size_t members = GENERATE(1, 10, 11, 15, 60);
  CAPTURE(members);
  json::object top;
  for (std::size_t i = 0; i < members; ++i)
    top["k" + std::to_string(i)] = i;
  const auto f =
    learned(json::serialize(json::array{json::object{{"top", top}}}));
  if (members <= 10) {
    CHECK(f.size() == members);
    CHECK(f.contains("top.k0"));
  } else {
    CHECK(f.size() == 1);
    CHECK(f.at("top").at("type") == "object");
    const auto& names = f.at("top").at("members").as_array();
    CHECK(names.size() == std::min<std::size_t>(members, 30));
    CHECK(f.at("top").contains("more_members") == (members > 30));
  }
}

TEST_CASE("paths lead into arrays, to saved types and through dotted names",
          "[tools]") {
  const auto f = learned(R"([{"a":{"b":{"c":1}},
    "messages":[{"role":"system","content":"x"},{"role":"user"}],
    "image":{"_type":"CustomWeaveType","files":{"a":"b"}},
    "attributes":{"release.tag":"v1"}}])");
  CHECK(f.at("a.b.c").at("type") == "int");
  CHECK(f.at("messages").at("type") == "array");
  CHECK(f.at("messages[].role").at("top_values")
        == json::parse(R"(["system","user"])"));
  CHECK(f.at("messages[].content").at("non_null_count") == 1);
  CHECK(f.at("image._type").at("top_values")
        == json::parse(R"(["CustomWeaveType"])"));
  CHECK_FALSE(f.contains("image.files.a"));
  CHECK(f.at("attributes.release.tag").at("dotted_name") == true);
  CHECK_FALSE(f.at("a.b.c").contains("dotted_name"));
}

TEST_CASE("the most frequent values come first, so many as asked for",
          "[tools]") {
  std::string rows;
  for (int i = 0; i < 20; ++i)
    rows += std::string(rows.empty() ? "" : ",") + R"({"v":"x)"
            + std::to_string(i % 7) + R"("})";
  const auto f = learned("[" + rows + "]", {.values = 3}).at("v");
  CHECK(f.at("top_values") == json::parse(R"(["x0","x1","x2"])"));
}

TEST_CASE("long values are cut to a hundred characters", "[tools]") {
  const auto f = learned(R"([{"v":")" + std::string(5000, 'x') + R"(","w":[")"
                         + std::string(5000, 'y') + R"("]}])");
  CHECK(f.at("v").at("top_values").as_array()[0].as_string().size() == 103);
  CHECK(f.at("w").at("top_values").as_array()[0].as_string().size() == 103);
}

TEST_CASE("what is held stays bounded whatever the calls are like", "[tools]") {
  trace_schema schema;
  for (int n = 0; n < 300; ++n) {
    json::object row;
    for (int i = 0; i < 100; ++i)
      row["k" + std::to_string(n * 100 + i)] = i;
    schema.add(row);
  }
  CHECK(schema.size() == 2000);
  CHECK(schema.overflowed());
  json::value deep = 1;
  for (int i = 0; i < 100; ++i)
    deep = json::object{{"d", std::move(deep)}};
  trace_schema other;
  other.add(json::object{{"deep", std::move(deep)}});
  CHECK(other.size() == 1);
}

TEST_CASE("an empty project has no fields and a note", "[tools]") {
  fake_context c;
  count(c, 0, 0);
  c.reply_rows(at(stream), {});
  const auto out = call(c, args()).structured;
  CHECK(out.at("fields").as_array().empty());
  CHECK(out.at("total_traces") == 0);
  CHECK(out.at("sample_size") == 0);
  CHECK(out.contains("note"));
  CHECK(out.at("sample_scope").at("project_exhaustive") == true);
  CHECK(out.at("sample_scope").at("coverage") == 1.0);
}

TEST_CASE("a sample beyond the cap is capped and says so", "[tools]") {
  fake_context c;
  count(c, 10'000, 10);
  c.reply_rows(at(stream), {R"({"id":"c"})"});
  const auto out =
    call(c, args(R"({"sample_size":"5000","top_n_values":100})")).structured;
  CHECK(c.body_of(stream).at("limit") == 500);
  CHECK(out.at("sample_scope").at("requested_count") == 5000);
  CHECK(out.at("sample_scope").at("applied_limit") == 500);
  CHECK(out.at("top_n_values") == 20);
}

TEST_CASE("a sample of less than one is refused without a request", "[tools]") {
  const auto* more =
    GENERATE(R"({"sample_size":0})", R"({"top_n_values":0})",
             R"({"sample_size":-3})", R"({"sample_size":10.5})");
  CAPTURE(more);
  fake_context c;
  const auto out = call(c, args(more));
  CHECK(out.is_error);
  CHECK(out.structured.at("error") == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("a schema fits the budget and says what was left out", "[tools]") {
  const std::size_t tokens = GENERATE(300, 2000, 22500);
  const std::size_t fields = GENERATE(1, 50, 1000);
  CAPTURE(tokens, fields);
  fake_context c;
  c.settings().max_response_tokens = tokens;
  count(c, 100, 100);
  c.reply_lines(at(stream), wide_rows(20, fields));
  const auto out = call(c, args(R"({"top_n_values":20})")).structured;
  CHECK(token_size(out) <= tokens * 4);
  CHECK(out.at("sample_size") == 20);
  const auto shown = out.at("fields").as_array().size();
  // id; and text, list, role and the deep one of each.
  const auto all = std::min<std::size_t>(1 + fields * 4, 2000);
  if (shown < all) {
    CHECK(out.at("truncated") == true);
    CHECK(out.at("fields_omitted") == all - shown);
    CHECK(out.contains("truncation_note"));
  } else {
    CHECK_FALSE(out.contains("fields_omitted"));
  }
  if (tokens == 22500)
    CHECK(shown > 0);
}

TEST_CASE("a sample that breaks off is used as far as it came", "[tools]") {
  fake_context c;
  count(c, 9, 9);
  c.reply_rows(at(stream), {R"({"id":"c"})"},
               failure{.code = errc::upstream_timeout, .message = "slow"});
  const auto out = call(c, args()).structured;
  CHECK(out.at("sample_size") == 1);
  CHECK(out.at("truncated") == true);
  CHECK(out.at("truncation_note").as_string().find("slow")
        != json::string::npos);
}

TEST_CASE("a failing count fails the schema and lets go of the rest",
          "[tools]") {
  struct example {
    failure why;
    const char* code;
  };
  const auto e = GENERATE(values<example>({
    {{.code = errc::upstream_error, .message = "no", .http_status = 500},
     "schema_query_failed"},
    {{.code = errc::unauthorized, .message = "no"}, "unauthorized"},
    {{.code = errc::not_found, .message = "no"}, "not_found"},
    {{.code = errc::rate_limited, .message = "no"}, "rate_limited"},
  }));
  CAPTURE(e.code);
  fake_context c;
  c.fail(at(stats), e.why);
  c.stay_silent(at(stream));
  const auto out = call(c, args());
  CHECK(out.is_error);
  CHECK(out.structured.at("error") == e.code);
  CHECK(c.abandoned_ids.size() == 2);
}

TEST_CASE("answers that make no sense fail the schema", "[tools]") {
  fake_context lines;
  count(lines, 1, 1);
  lines.reply_rows(at(stream), {R"({"error":"memory limit exceeded"})"});
  CHECK(call(lines, args()).structured.at("error") == "schema_query_failed");

  fake_context counts;
  counts.reply(at(stats), R"({"count":"many"})");
  counts.reply_rows(at(stream), {});
  CHECK(call(counts, args()).structured.at("error") == "schema_query_failed");
}

TEST_CASE("a schema given up lets go of all its requests", "[tools]") {
  fake_context c;
  {
    auto running = infer_trace_schema.run(
      c, arguments(args(R"({"sample_size":20,"top_n_values":5})")));
    running.start();
    CHECK(c.requests.size() == 3);
  }
  CHECK(c.abandoned_ids.size() == 3);
}
