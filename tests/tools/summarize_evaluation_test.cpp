#include "protocol/json/token_size.hpp"
#include "protocol/wandb/weave_query.hpp"
#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"
#include "tools/catalog.hpp"

#include <string>
#include <vector>

namespace json = boost::json;
using namespace mcp;
using namespace mcp::tools;

namespace {

const std::string stream(wandb::stream_query_path);
const std::string stats(wandb::query_stats_path);
// What tells the requests apart.
const char* const for_runs = "Evaluation.evaluate";
const char* const for_rows = "parent_ids";

json::object args(const std::string& more = "{}") {
  json::object out{{"entity_name", "my-team"}, {"project_name", "my-project"}};
  const auto given = json::parse(more);
  for (const auto& [key, v] : given.as_object())
    out[key] = v;
  return out;
}

tool_result call(fake_context& c, json::object arguments) {
  static const catalog tools({&summarize_evaluation});
  return c.drive(
    run(*tools.find("summarize_evaluation_tool"), c, std::move(arguments)));
}

const json::object& first(const tool_result& r) {
  return r.structured.at("evaluations").as_array().at(0).as_object();
}

std::string evaluation(const std::string& id,
                       const std::string& output = "null",
                       const std::string& more = "") {
  return R"({"id":")" + id
         + R"(","op_name":"weave:///my-team/my-project/op/Evaluation.evaluate:3b",)"
           R"("display_name":"nightly","started_at":"2025-02-01T10:00:00Z",)"
           R"("ended_at":"2025-02-01T10:01:00Z","exception":null,)"
           R"("inputs":{"self":"weave:///my-team/my-project/object/support-eval:9f",)"
           R"("model":"weave:///my-team/my-project/object/gpt:1"},"output":)"
         + output
         + R"(,"attributes":{"weave":{"source":"python-sdk"}},)"
           R"("summary":{"weave":{"status":"success","latency_ms":60000}})"
         + more + "}";
}

std::string prediction(const std::string& run, const std::string& status,
                       const std::string& more = "") {
  return R"({"id":"p","parent_id":")" + run
         + R"(","summary":{"usage":{"m":{"prompt_tokens":100,)"
           R"("completion_tokens":50,"total_tokens":150}},"weave":{"status":")"
         + status + R"("}})" + more + "}";
}

line_source many(const std::string& run, std::size_t count) {
  return [=](std::size_t n) -> std::optional<std::string> {
    if (n >= count)
      return std::nullopt;
    return prediction(run, "success");
  };
}

std::string count_of(std::int64_t n) {
  return R"({"count":)" + std::to_string(n) + "}";
}

void find(fake_context& c, std::vector<std::string> runs) {
  c.reply(at(stats, for_runs), count_of(std::int64_t(runs.size())));
  c.reply_rows(at(stream, for_runs), std::move(runs));
}

} // namespace

TEST_CASE("an evaluation is summed up from its output and its predictions",
          "[tools]") {
  fake_context c;
  find(c, {evaluation("e1", R"({
    "correctness":{"correct":{"true_count":3,"true_fraction":0.75}},
    "similarity":{"mean":0.9,"note":"text"},
    "output":{"mean":12},"model_latency":{"mean":1.5},
    "f1":0.5,"status":"success","rows":[1]})")});
  c.reply_rows(at(stream, for_rows),
               {prediction("e1", "success"), prediction("e1", "success"),
                prediction("e1", "error", R"(,"exception":"boom")"),
                prediction("e1", "descendant_error")});
  const auto out = call(c, args());
  REQUIRE_FALSE(out.is_error);
  CHECK(c.requests.size() == 3);
  CHECK(json::value(c.body_of(stream, 0)) == json::parse(R"({
    "project_id":"my-team/my-project","include_costs":false,
    "include_feedback":false,"filter":{"trace_roots_only":true},
    "query":{"$expr":{"$contains":{"input":{"$getField":"op_name"},
      "substr":{"$literal":"Evaluation.evaluate"},"case_insensitive":true}}},
    "sort_by":[{"field":"started_at","direction":"desc"}],
    "limit":6,"offset":0,
    "columns":["id","op_name","display_name","started_at","ended_at","inputs",
               "output","summary","attributes","exception"]})"));
  CHECK(json::value(c.body_of(stream, 1)) == json::parse(R"({
    "project_id":"my-team/my-project","include_costs":false,
    "include_feedback":false,"filter":{"parent_ids":["e1"]},
    "query":{"$expr":{"$or":[
      {"$contains":{"input":{"$getField":"op_name"},
        "substr":{"$literal":"predict_and_score"},"case_insensitive":true}},
      {"$contains":{"input":{"$getField":"op_name"},
        "substr":{"$literal":"predictAndScore"},"case_insensitive":true}}]}},
    "sort_by":[{"field":"started_at","direction":"desc"}],
    "limit":5001,"offset":0,
    "columns":["id","parent_id","exception","summary"]})"));

  const auto expected = json::parse(R"({
    "eval_id":"e1",
    "op_name":"weave:///my-team/my-project/op/Evaluation.evaluate:3b",
    "display_name":"nightly","evaluation":"support-eval","model":"gpt",
    "started_at":"2025-02-01T10:00:00Z","ended_at":"2025-02-01T10:01:00Z",
    "status":"success","latency_ms":60000,
    "total_predictions":4,"successes":2,"errors":2,"error_rate":0.5,
    "running":0,"observed_predictions":4,"observed_successes":2,
    "observed_errors":2,"observed_error_rate":0.5,"coverage":1.0,
    "details_exhaustive":true,"aggregate_scope":"exhaustive",
    "detail_limit":5000,
    "scores":{"correctness":{"correct":{"true_count":3,"true_fraction":0.75}},
              "similarity":{"mean":0.9}},
    "score_counts":{
      "correctness.correct":{"true_count":3,"scored":4,"not_scored":0},
      "similarity":{"scored":null}},
    "model_latency":{"mean":1.5},
    "output_summary":{"output":{"mean":12},"f1":0.5},
    "token_usage":{"prompt_tokens":400,"completion_tokens":200,
                   "total_tokens":600},
    "token_usage_scope":"exhaustive"})");
  json::array once;
  once.push_back(expected);
  CHECK(out.structured.at("evaluations") == json::value(once));
  CHECK(out.structured.at("count") == 1);
  CHECK(out.structured.at("project") == "my-team/my-project");
  CHECK(out.structured.at("returned_count") == 1);
  CHECK(out.structured.at("total_count") == 1);
  CHECK(out.structured.at("limit") == 5);
  CHECK(out.structured.at("has_more") == false);
  CHECK(out.structured.at("project_exhaustive") == true);
  CHECK(out.structured.at("truncated") == false);
  CHECK(c.notes.size() == 1);
}

TEST_CASE("each way a prediction can end is told apart", "[tools]") {
  struct example {
    const char* row;
    int successes, errors, running;
  };
  const auto e = GENERATE(values<example>({
    {R"("summary":{"weave":{"status":"success"}})", 1, 0, 0},
    {R"("summary":{"weave":{"status":"error"}})", 0, 1, 0},
    {R"("summary":{"weave":{"status":"descendant_error"}})", 0, 1, 0},
    {R"("summary":{"weave":{"status":"running"}})", 0, 0, 1},
    {R"("summary":{"weave":{"status":"success"}},"exception":"boom")", 0, 1, 0},
    {R"("summary":{"weave":{"status":"success"}},"exception":"")", 1, 0, 0},
    {R"("summary":{"weave":{"status":"success"}},
        "output":{"model_success":false})",
     0, 1, 0},
    {R"("summary":{"weave":{"status":"success"}},
        "output":{"model_success":true})",
     1, 0, 0},
    {R"("summary":null)", 1, 0, 0},
    {R"("summary":{"usage":{"m":null},"weave":7},"output":[1])", 1, 0, 0},
    {R"("summary":{"usage":{"m":{"prompt_tokens":null}}})", 1, 0, 0},
  }));
  CAPTURE(e.row);
  fake_context c;
  find(c, {evaluation("e1")});
  c.reply_rows(at(stream, for_rows),
               {R"({"id":"p","parent_id":"e1",)" + std::string(e.row) + "}"});
  const auto out = call(c, args());
  CHECK(first(out).at("total_predictions") == 1);
  CHECK(first(out).at("successes") == e.successes);
  CHECK(first(out).at("errors") == e.errors);
  CHECK(first(out).at("running") == e.running);
}

TEST_CASE("output without summaries has no scores", "[tools]") {
  const auto* output = GENERATE(
    "null", "{}", "7", R"("text")", R"([{"mean":1}])",
    R"({"status":"ok","name":"x","n":3})", R"({"a":{"b":"c"},"d":[1],"e":{}})");
  CAPTURE(output);
  fake_context c;
  find(c, {evaluation("e1", output)});
  c.reply_rows(at(stream, for_rows), {});
  const auto out = call(c, args());
  CHECK(first(out).at("scores").as_object().empty());
  CHECK(first(out).at("total_predictions") == 0);
  CHECK(first(out).at("error_rate") == 0.0);
  CHECK(first(out).at("coverage") == 1.0);
}

TEST_CASE("tokens are counted by either pair of names", "[tools]") {
  fake_context c;
  find(c, {evaluation("e1")});
  c.reply_rows(at(stream, for_rows),
               {R"({"id":"1","parent_id":"e1","summary":{"usage":{
          "a":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150},
          "b":{"input_tokens":10,"output_tokens":5},
          "c":{"prompt_tokens":"many","completion_tokens":-5,
               "total_tokens":1e308}}}})",
                R"({"id":"2","parent_id":"e1","summary":{"usage":{
          "a":{"prompt_tokens":200,"completion_tokens":100,
               "total_tokens":300}}}})"});
  const auto usage = first(call(c, args())).at("token_usage");
  CHECK(usage.at("prompt_tokens") == 310);
  CHECK(usage.at("completion_tokens") == 155);
  CHECK(usage.at("total_tokens").as_int64() == 100'000'000'465);
}

TEST_CASE("the rows of several evaluations come with one request", "[tools]") {
  fake_context c;
  find(c, {evaluation("e1"), evaluation("e2"), evaluation("e3")});
  c.reply_rows(at(stream, for_rows),
               {prediction("e2", "error"), prediction("e1", "success"),
                prediction("e2", "success"), prediction("foreign", "error")});
  const auto out = call(c, args());
  CHECK(c.requests.size() == 3);
  CHECK(c.body_of(stream, 1).at("filter")
        == json::parse(R"({"parent_ids":["e1","e2","e3"]})"));
  const auto& list = out.structured.at("evaluations").as_array();
  REQUIRE(list.size() == 3);
  CHECK(list[0].at("total_predictions") == 1);
  CHECK(list[1].at("total_predictions") == 2);
  CHECK(list[1].at("error_rate") == 0.5);
  CHECK(list[2].at("total_predictions") == 0);
}

TEST_CASE("many evaluations take a request for each ten, side by side",
          "[tools]") {
  fake_context c;
  std::vector<std::string> runs;
  for (int i = 0; i < 35; ++i)
    runs.push_back(evaluation("e" + std::to_string(i)));
  find(c, runs);
  c.stay_silent(at(stream, for_rows));
  auto running = summarize_evaluation.run(c, arguments(args(R"({"max_evals":40,
      "include_per_task":false,"include_nested":false})")));
  running.start();
  c.pump();
  CHECK_FALSE(running.done());
  CHECK(c.count_of(stream) == 1 + 4);
  CHECK(c.count_of(stats) == 1);
}

TEST_CASE("rows beyond one request are read and counted by evaluation",
          "[tools]") {
  fake_context c;
  find(c, {evaluation("big"), evaluation("small")});
  c.reply_lines(at(stream, R"(["big","small"])"), many("big", 9000));
  c.reply_lines(at(stream, R"(["big"])"), many("big", 9000));
  c.reply_lines(at(stream, R"(["small"])"), many("small", 10));
  c.reply(at(stats, R"(["big"])"), count_of(6000));
  const auto out = call(c, args());
  CHECK(c.count_of(stream) == 4);
  CHECK(c.count_of(stats) == 2);
  const auto& list = out.structured.at("evaluations").as_array();
  const auto& big = list[0].as_object();
  CHECK(big.at("total_predictions") == 6000);
  CHECK(big.at("observed_predictions") == 5000);
  CHECK(big.at("coverage") == 0.8333);
  CHECK(big.at("details_exhaustive") == false);
  CHECK(big.at("aggregate_scope") == "sample");
  CHECK(big.at("observed_error_rate") == 0.0);
  for (const auto* name : {"successes", "errors", "error_rate"})
    CHECK_FALSE(big.contains(name));
  CHECK(big.at("token_usage_scope") == "sample");
  const auto& small = list[1].as_object();
  CHECK(small.at("total_predictions") == 10);
  CHECK(small.at("successes") == 10);
  CHECK(out.structured.at("truncated") == true);
}

TEST_CASE("exactly as many rows as may be read are all of them", "[tools]") {
  fake_context c;
  find(c, {evaluation("e1")});
  c.reply_lines(at(stream, for_rows), many("e1", 5000));
  c.reply(at(stats, for_rows), count_of(5000));
  const auto out = call(c, args());
  CHECK(first(out).at("details_exhaustive") == true);
  CHECK(first(out).at("successes") == 5000);
  CHECK(out.structured.at("truncated") == false);
}

TEST_CASE("tokens of rows not read are taken from the run", "[tools]") {
  fake_context c;
  auto run = evaluation("e1");
  const std::string plain = R"("summary":{"weave")";
  run.replace(run.find(plain), plain.size(),
              R"("summary":{"usage":{"m":{"prompt_tokens":7,
                 "completion_tokens":3,"total_tokens":10}},"weave")");
  find(c, {run});
  c.reply_lines(at(stream, for_rows), many("e1", 9000));
  c.reply(at(stats, for_rows), count_of(9000));
  const auto out = call(c, args());
  CHECK(first(out).at("token_usage").at("total_tokens") == 10);
  CHECK(first(out).at("token_usage_scope") == "exhaustive");
}

TEST_CASE("the JavaScript client's rows say in their output that they failed",
          "[tools]") {
  struct example {
    const char* output;
    const char* more;
  };
  const auto e = GENERATE(values<example>({
    {R"({"model_success":{"true_count":1,"true_fraction":0.5}})", ""},
    {"null", R"(,"attributes":{"weave":{"source":"js-sdk"}})"},
  }));
  CAPTURE(e.output);
  auto run = evaluation("e1", e.output);
  if (*e.more) {
    const std::string plain =
      R"(,"attributes":{"weave":{"source":"python-sdk"}})";
    run.replace(run.find(plain), plain.size(), e.more);
  }
  fake_context c;
  find(c, {run});
  c.reply_rows(
    at(stream, for_rows),
    {prediction("e1", "success", R"(,"output":{"model_success":false})"),
     prediction("e1", "success", R"(,"output":{"model_success":true})")});
  const auto out = call(c, args());
  CHECK(c.body_of(stream, 1).at("columns")
        == json::parse(R"(["id","parent_id","exception","summary","output"])"));
  CHECK(first(out).at("errors") == 1);
  CHECK(first(out).at("scores").as_object().empty());
}

TEST_CASE("single predictions are shown when asked for, fifty of each",
          "[tools]") {
  fake_context c;
  find(c, {evaluation("e1")});
  const auto rows = [](std::size_t n) -> std::optional<std::string> {
    if (n >= 60)
      return std::nullopt;
    return prediction("e1", n == 0 ? "descendant_error" : "success",
                      n == 1 ? R"(,"output":{"scores":{"ok":true,"why":")"
                                 + std::string(400, 'x') + R"("}})"
                             : "");
  };
  c.reply_lines(at(stream, for_rows), rows);
  const auto out = call(c, args(R"({"include_per_task":true})"));
  const auto& tasks = first(out).at("per_task").as_array();
  REQUIRE(tasks.size() == 50);
  CHECK(tasks[0] == json::parse(R"({"id":"p","status":"descendant_error",
    "has_exception":false,"failed":true})"));
  CHECK(tasks[1].at("scores").at("ok") == true);
  CHECK(tasks[1].at("scores").at("why").as_string().size() == 303);
  CHECK(json::value(first(out).at("per_task_scope")) == json::parse(R"({
    "returned_count":50,"total_count":60,"limit":50,"has_more":true})"));
}

TEST_CASE("a name is looked for in the names an evaluation has", "[tools]") {
  fake_context c;
  find(c, {});
  const auto out =
    call(c, args(R"({"eval_name":"nightly","include_nested":true})"));
  CHECK(c.body_of(stream, 0).at("query") == json::parse(R"({"$expr":{"$and":[
    {"$contains":{"input":{"$getField":"op_name"},
      "substr":{"$literal":"Evaluation.evaluate"},"case_insensitive":true}},
    {"$or":[
      {"$contains":{"input":{"$getField":"display_name"},
        "substr":{"$literal":"nightly"},"case_insensitive":true}},
      {"$contains":{"input":{"$getField":"inputs.self"},
        "substr":{"$literal":"nightly"},"case_insensitive":true}},
      {"$contains":{"input":{"$getField":"op_name"},
        "substr":{"$literal":"nightly"},"case_insensitive":true}}]}]}})"));
  CHECK_FALSE(c.body_of(stream, 0).contains("filter"));
  const std::string message(out.structured.at("message").as_string());
  CHECK(message.find("Evaluation.evaluate") != message.npos);
  CHECK(message.find("nightly") != message.npos);
}

TEST_CASE("a name that nothing has is answered with names that there are",
          "[tools]") {
  fake_context c;
  c.reply(at(stats, for_runs), count_of(0));
  c.reply_rows(at(stream, "weekly"), {});
  c.reply_rows(at(stream, for_runs), {evaluation("e1"), evaluation("e2")});
  const auto out = call(c, args(R"({"eval_name":"weekly"})"));
  CHECK(out.structured.at("count") == 0);
  CHECK(out.structured.at("known_names")
        == json::parse(R"(["support-eval","nightly"])"));
}

TEST_CASE("a project without evaluations says so after two requests",
          "[tools]") {
  fake_context c;
  find(c, {});
  const auto out = call(c, args());
  CHECK_FALSE(out.is_error);
  CHECK(c.requests.size() == 2);
  CHECK(out.structured.at("evaluations").as_array().empty());
  CHECK(out.structured.at("count") == 0);
  CHECK(out.structured.at("project_exhaustive") == true);
  CHECK(out.structured.contains("message"));
}

TEST_CASE("more evaluations than were asked for are announced", "[tools]") {
  fake_context c;
  c.reply(at(stats, for_runs), count_of(40));
  c.reply_rows(at(stream, for_runs),
               {evaluation("e1"), evaluation("e2"), evaluation("e3")});
  c.reply_rows(at(stream, for_rows), {});
  const auto out = call(c, args(R"({"max_evals":2})"));
  CHECK(out.structured.at("count") == 2);
  CHECK(c.body_of(stream, 0).at("limit") == 3);
  CHECK(out.structured.at("total_count") == 40);
  CHECK(out.structured.at("has_more") == true);
  CHECK(out.structured.at("project_exhaustive") == false);
}

TEST_CASE("a total that can not be counted is unknown, not wrong", "[tools]") {
  fake_context c;
  c.fail(at(stats, for_runs),
         {.code = errc::upstream_timeout, .message = "slow"});
  c.reply_rows(at(stream, for_runs),
               {evaluation("e1"), evaluation("e2"), evaluation("e3")});
  c.reply_rows(at(stream, for_rows), {});
  const auto out = call(c, args(R"({"max_evals":2})"));
  CHECK(out.structured.at("total_count").is_null());
  CHECK(out.structured.at("has_more") == true);
  CHECK(out.structured.at("warnings").as_array().size() == 1);
}

TEST_CASE("a rate says of how many predictions it is", "[tools]") {
  struct example {
    const char* score;
    const char* counts;
  };
  // Of 40 predictions.
  const auto e = GENERATE(values<example>({
    {R"({"true_count":28,"true_fraction":0.9032258064516129})",
     R"({"true_count":28,"scored":31,"not_scored":9})"},
    {R"({"true_count":28,"true_fraction":0.9032})",
     R"({"true_count":28,"scored":31,"not_scored":9})"},
    {R"({"true_count":28,"true_fraction":0.7})",
     R"({"true_count":28,"scored":40,"not_scored":0})"},
    {R"({"true_count":0,"true_fraction":0.0})",
     R"({"true_count":0,"scored":null})"},
    {R"({"true_count":28,"true_fraction":0.1})",
     R"({"true_count":28,"scored":null})"},
    {R"({"true_count":28,"true_fraction":0.912})",
     R"({"true_count":28,"scored":null})"},
    {R"({"mean":0.5})", R"({"scored":null})"},
  }));
  CAPTURE(e.score);
  fake_context c;
  find(c, {evaluation("e1", R"({"s":{"ok":)" + std::string(e.score) + "}}")});
  c.reply_lines(at(stream, for_rows), many("e1", 40));
  const auto out = call(c, args());
  CHECK(first(out).at("score_counts").at("s.ok") == json::parse(e.counts));
}

TEST_CASE("a rounded rate of many is no count", "[tools]") {
  fake_context c;
  find(c, {evaluation("e1", R"({"s":{"true_count":1,"true_fraction":0.0003}})")});
  c.reply_lines(at(stream, for_rows), many("e1", 4000));
  const auto out = call(c, args());
  CHECK(first(out).at("score_counts").at("s").at("scored").is_null());
}

TEST_CASE("rows that are read with their output say what was scored",
          "[tools]") {
  fake_context c;
  find(c, {evaluation("e1", R"({"close":{"mean":0.5},
    "right":{"yes":{"true_count":0,"true_fraction":0.0}}})")});
  c.reply_rows(
    at(stream, for_rows),
    {prediction("e1", "success",
                R"(,"output":{"scores":{"close":0.5,"right":{"yes":false}}})"),
     prediction("e1", "success",
                R"(,"output":{"scores":{"close":null,"right":{"yes":false}}})"),
     prediction("e1", "descendant_error", R"(,"output":{"scores":{}})")});
  const auto out = call(c, args(R"({"include_per_task":true})"));
  CHECK(first(out).at("score_counts") == json::parse(R"({
    "close":{"scored":1,"not_scored":2},
    "right.yes":{"true_count":0,"scored":2,"not_scored":1}})"));
}

TEST_CASE("exactly as many evaluations as were asked for are all", "[tools]") {
  fake_context c;
  c.fail(at(stats, for_runs),
         {.code = errc::upstream_timeout, .message = "slow"});
  c.reply_rows(at(stream, for_runs), {evaluation("e1"), evaluation("e2")});
  c.reply_rows(at(stream, for_rows), {});
  const auto out = call(c, args(R"({"max_evals":2})"));
  CHECK(out.structured.at("total_count") == 2);
  CHECK(out.structured.at("has_more") == false);
  CHECK(out.structured.at("project_exhaustive") == true);
  CHECK(out.structured.at("truncated") == false);
}

TEST_CASE("a score that is no number in JSON is shown, not dropped",
          "[tools]") {
  fake_context c;
  find(c, {evaluation("e1", R"({"loss":{"mean":NaN,"max":1e400,
    "min":-Infinity,"note":"text"},"f1":Infinity})")});
  c.reply_rows(at(stream, for_rows), {});
  const auto out = call(c, args());
  CHECK(first(out).at("scores").at("loss")
        == json::parse(R"({"mean":"NaN","max":"1e400","min":"-Infinity"})"));
  CHECK(first(out).at("output_summary").at("f1") == "Infinity");
}

TEST_CASE("at most a hundred evaluations are read", "[tools]") {
  fake_context c;
  find(c, {});
  const auto out = call(c, args(R"({"max_evals":100000})"));
  CHECK(c.body_of(stream, 0).at("limit") == 101);
  CHECK(out.structured.at("limit") == 100);
}

TEST_CASE("less than one evaluation is refused without a request", "[tools]") {
  const auto* more = GENERATE(R"({"max_evals":0})", R"({"max_evals":-1})",
                              R"({"max_evals":"x"})");
  CAPTURE(more);
  fake_context c;
  const auto out = call(c, args(more));
  CHECK(out.is_error);
  CHECK(out.structured.at("error") == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("a summary fits the budget, and says what was left out", "[tools]") {
  const std::size_t tokens = GENERATE(500, 3000, 22500);
  const std::size_t scorers = GENERATE(1, 40, 400);
  CAPTURE(tokens, scorers);
  json::object output;
  for (std::size_t i = 0; i < scorers; ++i)
    output["scorer " + std::to_string(i)] = json::object{{"mean", i}};
  std::vector<std::string> runs, rows;
  for (int i = 0; i < 20; ++i) {
    const auto id = "e" + std::to_string(i);
    runs.push_back(evaluation(id, json::serialize(output)));
    for (int n = 0; n < 60; ++n)
      rows.push_back(prediction(id, "success",
                                R"(,"output":{"scores":{"why":")"
                                  + std::string(300, 'x') + R"("}})"));
  }
  fake_context c;
  c.settings().max_response_tokens = tokens;
  find(c, runs);
  c.reply_rows(at(stream, for_rows), rows);
  const auto out =
    call(c, args(R"({"max_evals":20,"include_per_task":true})")).structured;
  CHECK(token_size(out) <= tokens * 4);
  CHECK(out.at("total_count") == 20);
  const auto shown = out.at("evaluations").as_array().size();
  CHECK(out.at("count") == shown);
  REQUIRE(shown > 0);
  CHECK(out.at("evaluations").at(0).at("eval_id") == "e0");
  CHECK(out.at("has_more") == (shown < 20));
  CHECK(out.at("truncated") == true);
  CHECK(out.contains("truncation_note"));
}

TEST_CASE("predictions that break off are a sample, and said to be",
          "[tools]") {
  fake_context c;
  find(c, {evaluation("e1")});
  c.reply_rows(at(stream, for_rows), {prediction("e1", "success")},
               failure{.code = errc::upstream_unavailable,
                       .message = "The connection broke."});
  c.reply(at(stats, for_rows), count_of(40));
  const auto out = call(c, args());
  CHECK(first(out).at("total_predictions") == 40);
  CHECK(first(out).at("observed_predictions") == 1);
  CHECK(first(out).at("aggregate_scope") == "sample");
  CHECK(out.structured.at("warnings").as_array().size() == 1);
}

TEST_CASE("an evaluation query that fails says why", "[tools]") {
  struct example {
    failure why;
    const char* code;
  };
  const auto e = GENERATE(values<example>({
    {{.code = errc::upstream_error, .message = "no", .http_status = 400},
     "evaluation_query_failed"},
    {{.code = errc::unauthorized, .message = "no"}, "unauthorized"},
    {{.code = errc::not_found, .message = "no"}, "not_found"},
    {{.code = errc::rate_limited, .message = "no"}, "rate_limited"},
  }));
  const bool at_once = GENERATE(true, false);
  CAPTURE(e.code, at_once);
  fake_context c;
  if (!at_once)
    find(c, {evaluation("e1")});
  c.fail(at(stream), e.why);
  c.stay_silent(at(stats));
  const auto out = call(c, args());
  CHECK(out.is_error);
  CHECK(out.structured.at("error") == e.code);
  CHECK(out.structured.at("message") == "no");
}

TEST_CASE("runs that are not what they should be do no harm", "[tools]") {
  const std::string run = GENERATE(
    R"({"id":"e1"})",
    R"({"id":"e1","op_name":7,"display_name":[],"inputs":[],"output":"x",
        "summary":null,"attributes":3,"exception":{"a":1},"started_at":0})",
    R"({"id":"e1","inputs":{"self":{"name":"n"},"model":{"x":1}},
        "summary":{"weave":[],"usage":[]},"attributes":{"weave":{"source":1}}})");
  CAPTURE(run);
  fake_context c;
  find(c, {run});
  c.reply_rows(at(stream, for_rows), {R"({"id":"p","parent_id":7})"});
  const auto out = call(c, args());
  REQUIRE_FALSE(out.is_error);
  CHECK(first(out).at("eval_id") == "e1");
  CHECK(first(out).at("total_predictions") == 0);
}

TEST_CASE("lines that are no calls fail a summary", "[tools]") {
  fake_context c;
  find(c, {R"({"detail":"memory limit exceeded"})"});
  const auto out = call(c, args());
  CHECK(out.structured.at("error") == "evaluation_query_failed");
}

TEST_CASE("a summary given up lets go of all its requests", "[tools]") {
  fake_context c;
  find(c, {evaluation("e1")});
  c.stay_silent(at(stream, for_rows));
  {
    auto running = summarize_evaluation.run(c, arguments(args(R"({"max_evals":5,
        "include_per_task":false,"include_nested":false})")));
    running.start();
    CHECK(c.requests.size() == 2);
    c.pump();
    CHECK(c.requests.size() == 3);
  }
  CHECK(c.abandoned_ids.size() == 1);
}

TEST_CASE("the trace tools describe themselves within bounds", "[tools]") {
  const auto* t = GENERATE(&infer_trace_schema, &resolve_trace_roots,
                           &summarize_evaluation, &count_weave_traces);
  CAPTURE(t->name);
  const auto schema = json::serialize(json::parse(t->input_schema));
  CHECK(t->name.size() + t->description.size() + schema.size() < 1600);
  CHECK(t->hints.read_only);
  CHECK(t->hints.idempotent);
  CHECK(t->set == toolset::weave);
}
