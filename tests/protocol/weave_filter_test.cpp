#include "protocol/wandb/weave_filter.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>

namespace json = boost::json;
using namespace mcp;

namespace {

wandb::weave_filter translated(const std::string& filters) {
  auto out = wandb::translate_filter(json::parse(filters).as_object());
  if (!out)
    FAIL(filters << " was rejected: " << out.error().message);
  return *out;
}

std::string rejection(const json::object& filters) {
  const auto out = wandb::translate_filter(filters);
  if (out)
    FAIL(json::serialize(filters)
         << " was accepted as " << json::serialize(out->expression));
  CHECK(out.error().code == errc::bad_argument);
  return out.error().message;
}

struct example {
  const char* filters;
  const char* filter;     // "{}" for none
  const char* expression; // "{}" for none
};

#define CONTAINS(FIELD, TEXT)                                                  \
  R"({"$contains":{"input":{"$getField":")" FIELD                              \
  R"("},"substr":{"$literal":")" TEXT R"("},"case_insensitive":true}})"
#define HOLDS(FIELD, TEXT)                                                     \
  R"({"$contains":{"input":{"$getField":")" FIELD                              \
  R"("},"substr":{"$literal":")" TEXT R"("},"case_insensitive":false}})"
// An op by a short name: all of its versions, and names that are no references.
#define SHORT_OP(NAME, PART)                                                   \
  OP("$or", OP("$eq", FIELD("op_name"), LITERAL("\"" NAME "\"")),              \
     HOLDS("op_name", "/op/" PART))
#define FIELD(NAME) R"({"$getField":")" NAME R"("})"
#define NUMBER(NAME)                                                           \
  R"({"$convert":{"input":)" FIELD(NAME) R"(,"to":"double"}})"
#define LITERAL(V) R"({"$literal":)" V "}"
#define OP(NAME, A, B) "{\"" NAME "\":[" A "," B "]}"
#define NOT(A) R"({"$not":[)" A "]}"
#define AND(A, B) OP("$and", A, B)

} // namespace

TEST_CASE("filters become the trace server's own terms", "[protocol]") {
  const auto e = GENERATE(values<example>({
    {"{}", "{}", "{}"},
    {R"({"status":"ERROR"})", "{}",
     OP("$eq", FIELD("summary.weave.status"), LITERAL(R"("error")"))},
    {R"({"status":["error","descendant_error"]})", "{}",
     OP("$in", FIELD("summary.weave.status"),
        "[" LITERAL(R"("error")") "," LITERAL(R"("descendant_error")") "]")},
    {R"({"trace_roots_only":true,"op_name":"weave:///acme/bot/op/ask:9f",
         "call_ids":[7,"x"]})",
     R"({"trace_roots_only":true,"op_names":["weave:///acme/bot/op/ask:9f"],
         "call_ids":["7","x"]})",
     "{}"},
    {R"({"op_name":"*rerank*","has_exception":true})", "{}",
     AND(CONTAINS("op_name", "rerank"),
         NOT(OP("$eq", FIELD("exception"), LITERAL("null"))))},
    {R"({"op_name":"a*b"})", "{}",
     AND(CONTAINS("op_name", "a"), CONTAINS("op_name", "b"))},
    {R"({"op_name":"*"})", "{}", "{}"},
    {R"({"op_name":"weave:///acme/bot/op/ask:*"})",
     R"({"op_names":["weave:///acme/bot/op/ask:*"]})", "{}"},
    {R"({"op_name":"ask:*"})", "{}", HOLDS("op_name", "/op/ask:")},
    {R"({"op_name":"ask"})", "{}", SHORT_OP("ask", "ask:")},
    {R"({"op_name":"ask:9f"})", "{}", SHORT_OP("ask:9f", "ask:9f")},
    {R"({"op_name":{"$ne":"ask"}})", "{}", NOT(SHORT_OP("ask", "ask:"))},
    {R"({"op_name":{"$regex":"^ask$"}})", "{}", SHORT_OP("ask", "ask:")},
    {R"({"op_names":["*rank*","ask"]})", "{}",
     OP("$or", CONTAINS("op_name", "rank"), SHORT_OP("ask", "ask:"))},
    {R"({"op_name":"weave:///a/b/op/x:1","op_names":["weave:///a/b/op/y:2"]})",
     R"({"op_names":["weave:///a/b/op/y:2"]})",
     OP("$eq", FIELD("op_name"), LITERAL(R"("weave:///a/b/op/x:1")"))},
    {R"({"op_name_contains":"search"})", "{}", CONTAINS("op_name", "search")},
    {R"({"display_name":"My run"})", "{}",
     OP("$eq", FIELD("display_name"), LITERAL(R"("My run")"))},
    {R"({"display_name":"My*"})", "{}", CONTAINS("display_name", "My")},
    {R"({"display_name_contains":7})", "{}", CONTAINS("display_name", "7")},
    {R"({"time_range":{"start":"2025-02-01","end":"2025-02-02T00:00:00Z"}})",
     "{}",
     AND(OP("$gte", FIELD("started_at"), LITERAL("1738368000")),
         NOT(OP("$gte", FIELD("started_at"), LITERAL("1738454400"))))},
    {R"({"time_range":{"start":null}})", "{}", "{}"},
    {R"({"latency":{"$lte":250}})", "{}",
     NOT(OP("$gt", FIELD("summary.weave.latency_ms"), LITERAL("250")))},
    {R"({"latency":{"$gte":1,"$lte":2}})", "{}",
     AND(OP("$gte", FIELD("summary.weave.latency_ms"), LITERAL("1")),
         NOT(OP("$gt", FIELD("summary.weave.latency_ms"), LITERAL("2"))))},
    {R"({"attributes":{"cfg.temperature":{"$gte":0.5}}})", "{}",
     OP("$gte", NUMBER("attributes.cfg.temperature"), LITERAL("0.5"))},
    {R"({"attributes":{"n":5}})", "{}",
     OP("$eq", NUMBER("attributes.n"), LITERAL("5"))},
    {R"({"attributes":{"n":true}})", "{}",
     OP("$eq", NUMBER("attributes.n"), LITERAL("true"))},
    {R"({"attributes":{"n":"x"}})", "{}",
     OP("$eq", FIELD("attributes.n"), LITERAL(R"("x")"))},
    {R"({"attributes":{"n":null}})", "{}",
     OP("$eq", FIELD("attributes.n"), LITERAL("null"))},
    {R"({"attributes":{"m":{"$contains":"gpt"}}})", "{}",
     CONTAINS("attributes.m", "gpt")},
    {R"({"attributes":{"n":{"$gt":1,"$lt":5}}})", "{}",
     AND(OP("$gt", NUMBER("attributes.n"), LITERAL("1")),
         NOT(OP("$gte", NUMBER("attributes.n"), LITERAL("5"))))},
    {R"({"inputs":{"n":{"$gt":1,"$lt":5}}})", "{}",
     AND(OP("$gt", NUMBER("inputs.n"), LITERAL("1")),
         NOT(OP("$gte", NUMBER("inputs.n"), LITERAL("5"))))},
    {R"({"inputs":{"model":{"$contains":"gpt","$ne":"gpt-4"}}})", "{}",
     AND(CONTAINS("inputs.model", "gpt"),
         NOT(OP("$eq", FIELD("inputs.model"), LITERAL(R"("gpt-4")"))))},
    {R"({"inputs":{"model.prompt":{"$contains":"sum"}}})", "{}",
     CONTAINS("inputs.model.prompt", "sum")},
    {R"({"inputs":{},"output":{}})", "{}", "{}"},
    {R"({"inputs":{"$contains":"x"}})", "{}", CONTAINS("inputs", "x")},
    {R"({"output":{"$contains":"error message"}})", "{}",
     CONTAINS("output", "error message")},
    {R"({"output":{"answer":{"$contains":"refund"}}})", "{}",
     CONTAINS("output.answer", "refund")},
    {R"({"$or":[{"status":"error"},{"latency":{"$gt":9000}}]})", "{}",
     OP("$or", OP("$eq", FIELD("summary.weave.status"), LITERAL(R"("error")")),
        OP("$gt", FIELD("summary.weave.latency_ms"), LITERAL("9000")))},
    {R"({"$or":[{"status":"error"}]})", "{}",
     OP("$eq", FIELD("summary.weave.status"), LITERAL(R"("error")"))},
    {R"({"$or":[{"trace_id":"a"},{"op_name":"b"}]})", "{}",
     OP("$or", OP("$eq", FIELD("trace_id"), LITERAL(R"("a")")),
        SHORT_OP("b", "b:"))},
    {R"({"$or":[{"call_ids":["a","b"]},{"trace_roots_only":true}]})", "{}",
     OP("$or",
        OP("$in", FIELD("id"), "[" LITERAL(R"("a")") "," LITERAL(R"("b")") "]"),
        OP("$eq", FIELD("parent_id"), LITERAL("null")))},
    {R"({"$not":{"status":"success"}})", "{}",
     NOT(OP("$eq", FIELD("summary.weave.status"), LITERAL(R"("success")")))},
    {R"({"$and":[{"op_name":"*a*"},{"op_name":"*b*"}]})", "{}",
     AND(CONTAINS("op_name", "a"), CONTAINS("op_name", "b"))},
    {R"({"$in":{"summary.weave.status":["error","running"]}})", "{}",
     OP("$in", FIELD("summary.weave.status"),
        "[" LITERAL(R"("error")") "," LITERAL(R"("running")") "]")},
    {R"({"wb_run_id":"*abc*"})", "{}", CONTAINS("wb_run_id", "abc")},
    {R"({"wb_run_id":"$contains:abc"})", "{}", CONTAINS("wb_run_id", "abc")},
    {R"({"wb_run_id":{"$contains":"abc"}})", "{}",
     CONTAINS("wb_run_id", "abc")},
    {R"({"wb_run_id":"a/b/c"})", R"({"wb_run_ids":["a/b/c"]})", "{}"},
    {R"({"$not":{"wb_run_id":"a/b/c"}})", "{}",
     NOT(OP("$or", OP("$eq", FIELD("wb_run_id"), LITERAL(R"("a/b/c")")),
            HOLDS("wb_run_id", ":c")))},
    {R"({"$not":{"wb_run_id":"c"}})", "{}",
     NOT(OP("$or", HOLDS("wb_run_id", "/c"), HOLDS("wb_run_id", ":c")))},
    {R"({"inputs":{"q":{"$regex":"^v1\\.2$"}}})", "{}",
     OP("$eq", FIELD("inputs.q"), LITERAL(R"("v1.2")"))},
    {R"({"inputs":{"q":{"$regex":"(?i).*refund.*"}}})", "{}",
     CONTAINS("inputs.q", "refund")},
    {R"({"inputs":{"q":{"$regex":"refund"}}})", "{}",
     HOLDS("inputs.q", "refund")},
    {R"({"has_exception":null})", "{}", "{}"},
    {R"({"has_exception":0})", "{}",
     OP("$eq", FIELD("exception"), LITERAL("null"))},
    {R"({"has_exception":false})", "{}",
     OP("$eq", FIELD("exception"), LITERAL("null"))},
    {R"({"trace_roots_only":false})", R"({"trace_roots_only":false})", "{}"},
    {R"({"trace_id":"123"})", R"({"trace_ids":["123"]})", "{}"},
    {R"({"call_ids":"123"})", R"({"call_ids":["123"]})", "{}"},
    {R"({"trace_id":"a","trace_ids":["a","b"]})", R"({"trace_ids":["a","b"]})",
     OP("$eq", FIELD("trace_id"), LITERAL(R"("a")"))},
    {R"({"wb_run_ids":["r"],"wb_user_ids":["u"],"thread_ids":["t"],
         "turn_ids":["n"],"input_refs":["i"],"output_refs":["o"]})",
     R"({"wb_run_ids":["r"],"wb_user_ids":["u"],"thread_ids":["t"],
         "turn_ids":["n"],"input_refs":["i"],"output_refs":["o"]})",
     "{}"},
    {R"({"inputs.question":{"$contains":"x"}})", "{}",
     CONTAINS("inputs.question", "x")},
    {R"({"ended_at":null})", "{}",
     OP("$eq", FIELD("ended_at"), LITERAL("null"))},
    {R"({"started_at":{"$gte":"2021-01-01"}})", "{}",
     OP("$gte", FIELD("started_at"), LITERAL("1609459200"))},
  }));
  CAPTURE(e.filters);
  const auto out = translated(e.filters);
  CHECK(json::value(out.filter) == json::parse(e.filter));
  CHECK(json::serialize(out.expression)
        == json::serialize(json::parse(e.expression)));
}

TEST_CASE("in a project, short names stand for whole ones", "[protocol]") {
  struct in_project {
    const char* filters;
    const char* filter;
  };
  const auto e = GENERATE(values<in_project>({
    {R"({"op_name":"ask"})",
     R"({"op_names":["ask","weave:///acme/bot/op/ask:*"]})"},
    {R"({"op_name":" ask:9f "})",
     R"({"op_names":["ask:9f","weave:///acme/bot/op/ask:9f"]})"},
    {R"({"op_name":"ask:*"})", R"({"op_names":["weave:///acme/bot/op/ask:*"]})"},
    {R"({"op_name":"weave:///a/b/op/ask"})",
     R"({"op_names":["weave:///a/b/op/ask:*"]})"},
    {R"({"op_names":["ask","weave:///a/b/op/x:1"]})",
     R"({"op_names":["ask","weave:///acme/bot/op/ask:*",
                     "weave:///a/b/op/x:1"]})"},
    {R"({"op_name":["a:1","b:*"]})",
     R"({"op_names":["a:1","weave:///acme/bot/op/a:1",
                     "weave:///acme/bot/op/b:*"]})"},
    {R"({"op_name":{"$in":["a:*"]}})",
     R"({"op_names":["weave:///acme/bot/op/a:*"]})"},
    {R"({"$in":{"op_name":["a:*"]}})",
     R"({"op_names":["weave:///acme/bot/op/a:*"]})"},
    {R"({"op_name":{"$regex":"^Agent\\.ask$"}})",
     R"({"op_names":["Agent.ask","weave:///acme/bot/op/Agent.ask:*"]})"},
    {R"({"wb_run_id":"4f8k"})", R"({"wb_run_ids":["acme/bot/4f8k"]})"},
    {R"({"wb_run_id":{"$eq":"4f8k"}})", R"({"wb_run_ids":["acme/bot/4f8k"]})"},
    {R"({"wb_run_ids":["x","a/b/y"]})",
     R"({"wb_run_ids":["acme/bot/x","a/b/y"]})"},
  }));
  CAPTURE(e.filters);
  const auto out =
    wandb::translate_filter(json::parse(e.filters).as_object(), "acme/bot");
  REQUIRE(out.has_value());
  CHECK(json::value(out->filter) == json::parse(e.filter));
  CHECK(out->expression.empty());
}

TEST_CASE("several conditions stand in one $and, in a fixed order",
          "[protocol]") {
  const auto out = translated(R"({
    "has_exception": true,
    "output": {"$contains": "x"},
    "inputs": {"a": 1, "b": 2},
    "status": "success",
    "op_name_contains": "ask",
    "time_range": {"start": "2025-01-01", "end": "2025-01-02"}})");
  const auto& all = out.expression.at("$and").as_array();
  REQUIRE(all.size() == 8);
  CHECK(all[0].as_object().contains("$contains"));
  CHECK(all[1].at("$eq").as_array()[0].at("$getField")
        == "summary.weave.status");
  CHECK(all[2].as_object().contains("$gte"));
  CHECK(all[3].as_object().contains("$not"));
  CHECK(all[4].as_object().contains("$eq"));
  CHECK(all[6].as_object().contains("$contains"));
  CHECK(all[7].as_object().contains("$not"));
}

TEST_CASE("what can not be asked is rejected with its place", "[protocol]") {
  struct wrong {
    const char* filters;
    const char* place;
    const char* expected;
  };
  const auto w = GENERATE(values<wrong>({
    {R"({"":1})", "filters.", "not a filter"},
    {R"({"bogus":1})", "filters.bogus", "trace_roots_only"},
    {R"({"op_names_prefix":["x"]})", "filters.op_names_prefix", "op_name"},
    {R"({"trace_parent_ids":["x"]})", "filters.trace_parent_ids", "parent_ids"},
    {R"({"root_traces_only":true})", "filters.root_traces_only",
     "trace_roots_only"},
    {R"({"trace_roots_only":"yes"})", "filters.trace_roots_only", "true"},
    {R"({"call_ids":[]})", "filters.call_ids", "1 to 1000"},
    {R"({"call_ids":[true]})", "filters.call_ids", "text"},
    {R"({"parent_id":null})", "filters.parent_id", "trace_roots_only"},
    {R"({"op_name":[7.5]})", "filters.op_name", "text"},
    {R"({"op_name":[]})", "filters.op_name", "1 to 1000"},
    {R"({"op_names":["*"]})", "filters.op_names", "every call"},
    {R"({"op_name":""})", "filters.op_name", "empty"},
    {R"({"op_name_contains":["a"]})", "filters.op_name_contains", "part"},
    {R"({"status":"failed"})", "filters.status", "descendant_error"},
    {R"({"status":5})", "filters.status", "success"},
    {R"({"time_range":"today"})", "filters.time_range", "start"},
    {R"({"time_range":{"from":"2025-01-01"}})", "filters.time_range.from",
     "start"},
    {R"({"time_range":{"start":"yesterday"}})", "filters.time_range.start",
     "ISO 8601"},
    {R"({"time_range":{"end":5}})", "filters.time_range.end", "ISO 8601"},
    {R"({"time_range":{"end":""}})", "filters.time_range.end", "ISO 8601"},
    {R"({"latency":500})", "filters.latency", "$gt"},
    {R"({"latency":{"$gt":"5s"}})", "filters.latency.$gt", "milliseconds"},
    {R"({"latency":{}})", "filters.latency", "$lte"},
    {R"({"latency":{"$between":[1,2]}})", "filters.latency.$between", "$gte"},
    {R"({"inputs":{"a":{"$regex":".*"}}})", "filters.inputs.a.$regex",
     "regular expressions"},
    {R"({"inputs":{"a":{"$regex":"^ask"}}})", "filters.inputs.a.$regex",
     "$contains"},
    {R"({"inputs":{"a":{"$regex":"a|b"}}})", "filters.inputs.a.$regex",
     "$contains"},
    {R"({"op_name":{"$regex":"ask.v2"}})", "filters.op_name.$regex",
     "before a dot"},
    {R"({"latency":{"$regex":"5"}})", "filters.latency.$regex",
     "regular expressions"},
    {R"({"inputs":{"a":{"b":1}}})", "filters.inputs.a.b", "dotted path"},
    {R"({"inputs":{"a":[1]}})", "filters.inputs.a", "$in"},
    {R"({"inputs":{"a":{"$eq":{"x":1}}}})", "filters.inputs.a.$eq", "text"},
    {R"({"inputs":{"a":{"$gt":null}}})", "filters.inputs.a.$gt", "null"},
    {R"({"inputs":{"a":{"$contains":5}}})", "filters.inputs.a.$contains",
     "text"},
    {R"({"inputs":{"a":1,"$contains":"x"}})", "filters.inputs.$contains",
     "dotted path"},
    {R"({"inputs":"hello"})", "filters.inputs", "$contains"},
    {R"({"inputs":{"":1}})", "filters.inputs.", "dotted path"},
    {R"({"$in":{"op_name":[]}})", "filters.$in.op_name", "1 to 1000"},
    {R"({"$in":{"nope":["a"]}})", "filters.$in.nope", "column"},
    {R"({"$in":["a"]})", "filters.$in", "field"},
    {R"({"$or":[]})", "filters.$or", "list"},
    {R"({"$or":{"status":"error"}})", "filters.$or", "list"},
    {R"({"$or":[{"status":"error"},{"latency":7}]})", "filters.$or[1].latency",
     "$gt"},
    {R"({"$or":[{}]})", "filters.$or[0]", "every call"},
    {R"({"$or":[{"trace_roots_only":false}]})", "filters.$or[0]", "every call"},
    {R"({"$or":[{"input_refs":["r"]}]})", "filters.$or[0].input_refs", "top"},
    {R"({"has_exception":"maybe"})", "filters.has_exception", "true"},
    {R"({"storage_size_bytes":{"$gt":5}})", "filters.storage_size_bytes",
     "storage"},
    {R"({"started_at":{"$gte":"now"}})", "filters.started_at.$gte", "ISO 8601"},
  }));
  CAPTURE(w.filters);
  const auto message = rejection(json::parse(w.filters).as_object());
  CAPTURE(message);
  CHECK(message.starts_with(std::string(w.place) + ":"));
  CHECK(message.find(w.expected) != std::string::npos);
}

TEST_CASE("filters are bounded in depth, length and number", "[protocol]") {
  json::object deep{{"status", "error"}};
  for (int i = 0; i < 6; ++i) {
    json::object outer;
    outer["$not"] = std::move(deep);
    deep = std::move(outer);
  }
  CHECK(wandb::translate_filter(deep).has_value());
  json::object deeper;
  deeper["$not"] = std::move(deep);
  CHECK(rejection(deeper).find("6 deep") != std::string::npos);

  json::array many;
  for (int i = 0; i < 600; ++i)
    many.emplace_back(json::object{{"status", "error"}});
  CHECK(rejection({{"$or", many}}).find("500") != std::string::npos);

  json::array ids;
  for (int i = 0; i < 1001; ++i)
    ids.emplace_back(i);
  CHECK(rejection({{"call_ids", ids}}).find("1000") != std::string::npos);

  const auto long_text = json::string(std::string(10'001, 'x'));
  CHECK(rejection({{"op_name", long_text}}).find("10000") != std::string::npos);

  const std::string long_key(100'000, 'k');
  json::object odd;
  odd[long_key] = 1;
  CHECK(rejection(odd).size() < 1000);
}
