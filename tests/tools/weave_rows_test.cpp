#include "tests/catch.hpp"
#include "tools/weave_rows.hpp"

#include <boost/json.hpp>

#include <string>

namespace json = boost::json;
using namespace mcp;
using namespace mcp::tools;

namespace {

json::object parsed(const std::string& text) {
  return json::parse(text).as_object();
}

bool feed(row_reader& reader, std::string line) {
  const auto size = line.size();
  line.append(64, '\0');
  return reader.row(std::string_view(line).substr(0, size));
}

trace_reader::options plain_options() {
  trace_reader::options o;
  o.max_rows = 1000;
  o.max_rows_size = 100'000;
  o.max_received_bytes = 1'000'000;
  return o;
}

} // namespace

TEST_CASE("a row shows the columns asked for and no others", "[tools]") {
  auto call = parsed(R"({"id":"c1","project_id":"a/b","trace_id":"t1",
    "op_name":"weave:///a/b/op/ask:1","started_at":"2025-02-01T10:00:00Z",
    "inputs":{"q":"why","doc":{"title":"T","body":"B"},"a.b":1},
    "output":"because","parent_id":null,
    "summary":{"weave":{"status":"success","latency_ms":7,
      "costs":{"m":{"prompt_tokens_total_cost":0.25,
                    "completion_tokens_total_cost":0.5}},
      "feedback":[{"id":"f"}]}}})");
  struct example {
    std::vector<std::string> shown;
    const char* row;
  };
  const auto e = GENERATE(values<example>({
    {{"id"}, R"({"id":"c1"})"},
    {{"id", "output", "parent_id"},
     R"({"id":"c1","output":"because","parent_id":null})"},
    {{"id", "status", "latency_ms", "total_cost"},
     R"({"id":"c1","status":"success","latency_ms":7,"total_cost":0.75})"},
    {{"id", "feedback"}, R"({"id":"c1","feedback":[{"id":"f"}]})"},
    {{"id", "inputs.q"}, R"({"id":"c1","inputs":{"q":"why"}})"},
    {{"id", "inputs.doc.title", "inputs.q"},
     R"({"id":"c1","inputs":{"doc":{"title":"T"},"q":"why"}})"},
    {{"id", "inputs.a.b"}, R"({"id":"c1","inputs":{"a.b":1}})"},
    {{"id", "inputs.nope"}, R"({"id":"c1","inputs":{}})"},
    {{"id", "inputs.q", "inputs"},
     R"({"id":"c1","inputs":{"q":"why","doc":{"title":"T","body":"B"},
         "a.b":1}})"},
    {{"id", "output.x"}, R"({"id":"c1","output":"because"})"},
    {{"id", "wb_run_id"}, R"({"id":"c1","wb_run_id":null})"},
  }));
  CAPTURE(e.row);
  CHECK(json::value(shape_row(call, {e.shown, {}})) == json::parse(e.row));
}

TEST_CASE("a cut never touches identity", "[tools]") {
  const auto row =
    shape_row(parsed(R"({"id":"0194-long-id","trace_id":"trace-long",
      "op_name":"weave:///acme/bot/op/ask:9f","started_at":"2025-02-01T10:00:00Z",
      "wb_user_id":"user-long","display_name":"A long name",
      "inputs":{"q":"a long question"},"output":"a long answer"})"),
              {{}, 3});
  CHECK(row.at("id") == "0194-long-id");
  CHECK(row.at("trace_id") == "trace-long");
  CHECK(row.at("op_name") == "weave:///acme/bot/op/ask:9f");
  CHECK(row.at("started_at") == "2025-02-01T10:00:00Z");
  CHECK(row.at("wb_user_id") == "user-long");
  CHECK(row.at("display_name") == "A l...");
  CHECK(row.at("inputs").at("q") == "a l...");
  CHECK(row.at("output") == "a l...");
}

TEST_CASE("a cut to nothing shows keys and ids alone", "[tools]") {
  const auto row =
    shape_row(parsed(R"({"id":"c1","inputs":{"q":"x"},"output":"text",
      "attributes":{"a":1},"exception":"boom","summary":{"x":1}})"),
              {{}, 0});
  CHECK(json::value(row) == json::parse(R"({"id":"c1","inputs":{},"output":{},
    "attributes":{},"exception":"","summary":{}})"));
}

TEST_CASE("statistics are about what came, not about what is shown",
          "[tools]") {
  auto o = plain_options();
  o.shape.shown = {"id"};
  trace_reader reader(o);
  CHECK(feed(reader, R"({"id":"1","op_name":"weave:///a/b/op/test:1",
    "started_at":"2025-02-01T10:00:00Z","ended_at":"2025-02-01T10:00:02.5Z",
    "inputs":{"q":"1234567"},"output":"12","summary":{"weave":{"status":"success"}}})"));
  CHECK(feed(reader, R"({"id":"2","op_name":"weave:///a/b/op/other:1",
    "started_at":"2025-02-01T09:00:00Z","ended_at":null,
    "summary":{"weave":{"status":"running"}}})"));
  CHECK(feed(reader, R"({"id":"3","op_name":"weave:///a/b/op/other:2",
    "started_at":"2025-02-01T09:30:00Z",
    "summary":{"weave":{"status":"descendant_error"}}})"));
  CHECK(feed(reader, R"({"id":"4","op_name":"plain","status":"error"})"));
  CHECK(feed(reader, R"({"id":"5","op_name":null})"));
  const auto m = reader.metadata().to_json(100);
  CHECK(m.at("time_range") == json::parse(R"({
    "earliest":"2025-02-01T09:00:00Z","latest":"2025-02-01T10:00:02.500000Z"})"));
  CHECK(m.at("status_summary") == json::parse(R"({"success":1,"error":1,
    "descendant_error":1,"running":1,"other":1})"));
  CHECK(json::serialize(m.at("op_distribution")) == R"({"other":2,"test":1,"plain":1})");
  CHECK(json::serialize(reader.metadata().to_json(1).at("op_distribution"))
        == R"({"other":2})");
  CHECK(reader.metadata().to_json(1).at("op_distribution_omitted") == 2);
  CHECK(reader.rows().rows().size() == 5);
}

TEST_CASE("without rows all statistics are zero or null", "[tools]") {
  const auto m = weave_metadata().to_json(100);
  CHECK(m.at("time_range")
        == json::parse(R"({"earliest":null,"latest":null})"));
  CHECK(weave_metadata().usage_to_json(true) == json::parse(R"({
    "token_counts":{"total_tokens":null,"input_tokens":null,
      "output_tokens":null,"average_tokens_per_trace":null,
      "calls_with_usage":0},
    "costs":{"total_cost":null,"prompt_cost":null,"completion_cost":null,
      "calls_with_costs":0}})"));
  CHECK(m.at("op_distribution").as_object().empty());
}

TEST_CASE("an error inside the stream fails the read", "[tools]") {
  trace_reader reader(plain_options());
  CHECK(feed(reader, R"({"id":"1"})"));
  CHECK_THROWS_AS(feed(reader, R"({"error":"out of memory"})"),
                  failure_exception);
}

TEST_CASE("reading stops at the byte limit and says so", "[tools]") {
  auto o = plain_options();
  o.max_received_bytes = 1000;
  trace_reader reader(o);
  const std::string line =
    R"({"id":"1","output":")" + std::string(200, 'x') + R"("})";
  std::size_t fed = 0;
  while (feed(reader, line))
    ++fed;
  CHECK(reader.stopped());
  CHECK(fed == 4);
  CHECK(reader.metadata().rows() == 4);
}

TEST_CASE("rows beyond the limit are not read", "[tools]") {
  auto o = plain_options();
  o.max_rows = 2;
  trace_reader reader(o);
  CHECK(feed(reader, R"({"id":"1"})"));
  CHECK(feed(reader, R"({"id":"2"})"));
  CHECK_FALSE(feed(reader, R"({"id":"3"})"));
  CHECK(reader.metadata().rows() == 2);
  CHECK_FALSE(reader.stopped());
}

TEST_CASE("ranked rows come back by their rank, strangers last", "[tools]") {
  auto o = plain_options();
  o.ranks = {{"b", 0}, {"a", 1}};
  trace_reader reader(o);
  for (const auto* line : {R"({"id":"x"})", R"({"id":"a"})", R"({"id":"b"})"})
    CHECK(feed(reader, line));
  const auto rows = reader.rows().rows();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].at("id") == "b");
  CHECK(rows[1].at("id") == "a");
  CHECK(rows[2].at("id") == "x");
}

TEST_CASE("calls are ranked by cost, those without one last", "[tools]") {
  cost_reader reader(wandb::cost_kind::total, 100, 100'000);
  const auto line = [](const char* id, const char* costs) {
    return std::string(R"({"id":")") + id + R"(","summary":{"weave":{"costs":)"
           + costs + "}}}";
  };
  const auto cost = [](const char* prompt, const char* completion) {
    return std::string(R"({"m":{"prompt_tokens_total_cost":)") + prompt
           + R"(,"completion_tokens_total_cost":)" + completion + "}}";
  };
  CHECK(feed(reader, line("cheap", cost("0.1", "0.1").c_str())));
  CHECK(feed(reader, line("none", "{}")));
  CHECK(feed(reader, line("dear", cost("1", "2").c_str())));
  CHECK(feed(reader, line("zero", cost("0", "0").c_str())));
  const auto down = reader.ranked(10, true);
  CHECK(down == std::vector<std::string>{"dear", "cheap", "zero", "none"});
  const auto up = reader.ranked(3, false);
  CHECK(up == std::vector<std::string>{"zero", "cheap", "dear"});
}
