#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"
#include "tools/models_diff.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

json::object run_object(json::object config, json::object summary,
                        json::object more = {}) {
  json::object wrapped{{"_wandb", {{"value", {{"cli", 1}}}}},
                       {"wandb_version", 1}};
  for (auto& [name, v] : config)
    wrapped[name] = json::object{{"value", v}, {"desc", nullptr}};
  json::object out{{"name", "r"},
                   {"displayName", "display"},
                   {"state", "finished"},
                   {"createdAt", "2026-01-01T00:00:00"},
                   {"heartbeatAt", nullptr},
                   {"tags", {"x"}},
                   {"group", "g"},
                   {"jobType", nullptr},
                   {"config", json::serialize(wrapped)},
                   {"summaryMetrics", json::serialize(summary)}};
  for (auto& [name, v] : more)
    out[name] = v;
  return out;
}

std::string both(const json::value& a, const json::value& b) {
  json::object of_a{{"run", a}}, of_b{{"run", b}};
  json::object data{{"a", of_a}, {"b", of_b}};
  return json::serialize(json::object{{"data", data}});
}

json::object input(json::object more = {}) {
  json::object out{{"entity_name", "alice"},
                   {"project_name", "p"},
                   {"run_id_a", "ra"},
                   {"run_id_b", "rb"}};
  for (const auto& [name, v] : more)
    out[name] = v;
  return out;
}

json::object compare(json::object a, json::object b) {
  fake_context c;
  c.reply(at("/graphql"), both(run_object(std::move(a), {}), //
                               run_object(json::object(b), {})));
  return call_tool(c, compare_runs, input())
    .structured.at("config_diff")
    .as_object();
}

json::array points(int from, int to, int by, double scale) {
  json::array out;
  for (int i = from; i < to; i += by)
    out.push_back({{"_step", i}, {"loss", scale / (i + 1)}});
  return out;
}

} // namespace

TEST_CASE("two runs are one request and one diff", "[tools]") {
  fake_context c;
  c.reply(
    at("/graphql"),
    both(
      run_object(
        {{"lr", 0.01}, {"epochs", 10}, {"model", "resnet"}},
        {{"accuracy", 0.85}, {"loss", 0.3}, {"_runtime", 5}, {"wandb/cpu", 1}}),
      run_object({{"lr", 0.001}, {"epochs", 10}, {"batch_size", 32}},
                 {{"accuracy", 0.92}, {"loss", 0.15}, {"_runtime", 9}},
                 {{"displayName", nullptr}, {"tags", nullptr}})));
  const auto r = call_tool(c, compare_runs, input());
  REQUIRE_FALSE(r.is_error);
  CHECK(c.requests.size() == 1);
  const auto& s = r.structured;
  CHECK(s.at("run_a") == json::parse(R"({"id":"ra","name":"display",
    "state":"finished"})"));
  CHECK(s.at("run_b").at("name") == "rb"); // it has no other
  CHECK(s.at("config_diff") == json::parse(R"({
    "only_in_run_a":{"model":"resnet"},"only_in_run_b":{"batch_size":32},
    "changed":{"lr":{"run_a":0.01,"run_b":0.001,"delta":-0.009}},
    "identical_count":1,"only_in_run_a_count":1,"only_in_run_b_count":1,
    "changed_count":1})"));
  const auto& summary = s.at("summary_diff").as_object();
  CHECK(summary.at("changed").at("accuracy").at("delta") == 0.07);
  CHECK(summary.at("changed").at("loss").at("delta") == -0.15);
  CHECK(summary.at("only_in_run_a").as_object().empty());
  CHECK(s.at("metadata_diff").at("run_a").at("group") == "g");
  CHECK(s.at("metadata_diff").at("run_b").at("tags").is_null());
  CHECK(s.at("selection").at("source") == "all");
  CHECK(s.at("truncated") == false);
  CHECK_FALSE(s.contains("history_comparison"));
}

TEST_CASE("values are the same when they say the same", "[tools]") {
  struct row {
    json::value a, b;
    std::string outcome; // "same", "changed", or the delta
  };
  const auto [a, b, outcome] = GENERATE(values<row>({
    {100, 200, "100"},
    {"bert", "gpt2", "changed"},
    {true, false, "-1"},
    {1, 1.0, "same"},
    {1, "1", "changed"},
    {true, 1, "same"},
    {"NaN", "NaN", "same"},
    {"NaN", 1, "changed"},
    {"Infinity", "-Infinity", "changed"},
    {nullptr, nullptr, "same"},
    {nullptr, 0, "changed"},
    {{1, 2.0}, {1.0, 2}, "same"},
    {{1, 2}, {1, 3}, "changed"},
    {{1}, {1, 1}, "changed"},
    {0.1, 0.30000000000000004, "0.2"},
    {1e300, -1e300, "-2e+300"},
    {1e-5, 1.00000012e-5, "1.2e-12"},
    {0.01, 0.0100000004, "4e-10"},
    {0.0, 4.9e-324, "4.9e-324"},
    {json::parse("9223372036854775807"), -1, "-9223372036854775808"},
  }));
  CAPTURE(json::serialize(a), json::serialize(b));
  const auto diff = compare({{"v", a}}, {{"v", b}});
  if (outcome == "same") {
    CHECK(diff.at("identical_count") == 1);
    CHECK(diff.at("changed").as_object().empty());
    return;
  }
  const auto& changed = diff.at("changed").at("v").as_object();
  if (outcome == "changed")
    CHECK_FALSE(changed.contains("delta"));
  else
    CHECK(changed.at("delta").to_number<double>()
          == Approx(std::strtod(outcome.c_str(), nullptr)).margin(0));
}

TEST_CASE("nested objects differ where their leaves do", "[tools]") {
  const auto diff = compare(
    {{"model", {{"name", "r"}, {"opt", {{"lr", 1}, {"wd", 2}}}}}, {"e", {}}},
    {{"model", {{"name", "r"}, {"opt", {{"lr", 3}, {"wd", 2}}}}}, {"e", {}}});
  CHECK(diff.at("changed")
        == json::parse(R"({"model.opt.lr":{"run_a":1,"run_b":3,"delta":2}})"));
  CHECK(diff.at("identical_count") == 3);
}

TEST_CASE("names that pile up do not make long paths", "[tools]") {
  json::value deep = 1;
  for (int i = 0; i < 100; ++i) {
    json::object around;
    around.emplace(std::string(300, 'n'), std::move(deep));
    deep = std::move(around);
  }
  const auto diff = compare({{"v", deep}}, {});
  const auto& only = diff.at("only_in_run_a").as_object();
  REQUIRE(only.size() == 1);
  CHECK(only.begin()->key().size() < 2000);
  CHECK(only.begin()->value().as_string().size() <= 500);
}

TEST_CASE("bare NaN in a summary is two equal values", "[tools]") {
  fake_context c;
  auto a = run_object({}, {}), b = a;
  a["summaryMetrics"] = R"({"loss":NaN,"x":Infinity})";
  b["summaryMetrics"] = R"({"loss":NaN,"x":1})";
  c.reply(at("/graphql"), both(a, b));
  const auto r = call_tool(c, compare_runs, input());
  CHECK(r.structured.at("summary_diff").at("changed")
        == json::parse(R"({"x":{"run_a":"Infinity","run_b":1}})"));
  CHECK(r.structured.at("summary_diff").at("identical_count") == 1);
}

TEST_CASE("only the keys asked for are compared, and fetched", "[tools]") {
  fake_context c;
  const auto run = run_object({{"lr", 1}, {"opt", {{"wd", 2}}}, {"x", 3}},
                              {{"loss", 1}, {"acc", 2}});
  c.reply(at("/graphql"), both(run, run));
  const auto r = call_tool(c, compare_runs,
                           input({{"config_keys", {"lr", "opt.wd", "nope"}},
                                  {"summary_keys", {"loss"}}}));
  const auto sent = c.body_of("/graphql").at("variables").as_object();
  CHECK(sent.at("configKeys") == json::array({"lr", "nope", "opt", "opt.wd"}));
  CHECK(sent.at("summaryKeys") == json::array({"loss"}));
  CHECK(r.structured.at("config_diff").at("identical_count") == 2);
  CHECK(r.structured.at("summary_diff").at("identical_count") == 1);
  const auto& selection = r.structured.at("selection").as_object();
  CHECK(selection.at("source") == "explicit");
  CHECK(selection.at("missing_config_keys") == json::array({"nope"}));
  CHECK(selection.at("missing_summary_keys").as_array().empty());
}

TEST_CASE("what is compared is named when it is missing", "[tools]") {
  const json::object run = run_object({}, {});
  struct row {
    std::string answer, code, says;
  };
  const auto [answer, code, says] = GENERATE_COPY(values<row>({
    {both(nullptr, run), "run_not_found", "\"ra\""},
    {both(run, nullptr), "run_not_found", "\"rb\""},
    {R"({"data":{"a":null,"b":null}})", "project_not_found", "\"p\""},
    {both(5, run), "run_not_found", "\"ra\""},
    {R"({"data":{}})", "project_not_found", "\"p\""},
    {R"({"data":null,"errors":[{"message":"unauthorized"}]})", "unauthorized",
     ""},
    {"[]", "upstream_garbage", ""},
  }));
  CAPTURE(answer);
  fake_context c;
  c.reply(at("/graphql"), answer);
  const auto r = call_tool(c, compare_runs, input());
  CHECK(error_of(r) == code);
  CHECK(r.structured.at("message").as_string().find(says) != std::string::npos);
}

TEST_CASE("a config that can not be read is no empty config", "[tools]") {
  const auto text = GENERATE(values<json::value>({"{", "[1]", 7}));
  const auto [member, name, other] = GENERATE(table<std::string, std::string,
                                                    std::string>(
    {{"config", "config", "summary"},
     {"summaryMetrics", "summary", "config"}}));
  auto broken = run_object({{"lr", 1}}, {{"acc", 1}});
  broken[member] = text;
  fake_context c;
  c.reply(at("/graphql"), both(run_object({{"lr", 2}}, {{"acc", 2}}), broken));
  const auto r = call_tool(
    c, compare_runs, input({{name + "_keys", json::array{"nope"}}}));
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("unreadable") == json::array{"run_b." + name});
  const auto& unknown = r.structured.at(name + "_diff");
  CHECK(unknown.at("only_in_run_a_count") == 0);
  CHECK(unknown.at("changed_count") == 0);
  CHECK(r.structured.at("selection").at("missing_" + name + "_keys")
        == json::array{});
  CHECK(r.structured.at(other + "_diff").at("changed_count") == 1);
}

TEST_CASE("an odd value in a config or a summary hides no other", "[tools]") {
  auto a = run_object({}, {}), b = run_object({}, {});
  a["config"] = R"({"lr":{"value":0.1},"seed":{"value":18446744073709551616},
    "name":{"value":"\ud83d"},"scale":{"value":1e400}})";
  b["config"] = R"({"lr":{"value":0.2},"seed":{"value":18446744073709551617},
    "name":{"value":"\ud83d"},"scale":{"value":NaN}})";
  a["summaryMetrics"] = R"({"acc":0.5,"deep":)" + std::string(200, '[')
                        + std::string(200, ']') + "}";
  b["summaryMetrics"] = R"({"acc":0.75})";
  fake_context c;
  c.reply(at("/graphql"), both(a, b));
  const auto r = call_tool(c, compare_runs, input());
  REQUIRE_FALSE(r.is_error);
  CHECK_FALSE(r.structured.contains("unreadable"));
  CHECK(r.structured.at("config_diff").at("changed") == json::parse(R"({
    "lr":{"run_a":0.1,"run_b":0.2,"delta":0.1},
    "seed":{"run_a":"18446744073709551616","run_b":"18446744073709551617"},
    "scale":{"run_a":"1e400","run_b":"NaN"}})"));
  CHECK(r.structured.at("config_diff").at("identical_count") == 1);
  CHECK(r.structured.at("summary_diff").at("changed").at("acc").at("delta")
        == 0.25);
}

TEST_CASE("runs without config or summary differ in nothing", "[tools]") {
  fake_context c;
  const json::object bare{{"name", "r"}};
  c.reply(at("/graphql"), both(bare, bare));
  const auto r = call_tool(c, compare_runs, input());
  REQUIRE_FALSE(r.is_error);
  CHECK(r.structured.at("config_diff").at("identical_count") == 0);
}

TEST_CASE("the curves of both runs are one more request", "[tools]") {
  fake_context c;
  const json::object index{
    {"historyKeys",
     {{"lastStep", 99},
      {"keys", {{"loss", {}}, {"a", {}}, {"_runtime", {}}}}}}};
  c.reply(at("/graphql", "CompareRuns"),
          both(run_object({}, {}, index), run_object({}, {}, index)));
  c.answer(at("/graphql", "ComparedHistories"), [](upstream_request&) {
    json::array of_a{points(0, 100, 1, 1.0), json::array{}};
    json::array of_b{points(50, 100, 2, 3.0), json::array{}};
    of_b[0].as_array().push_back({{"_step", 200}, {"loss", "NaN"}});
    upstream_reply reply;
    reply.body = std::make_shared<const std::string>(
      both(json::object{{"sampledHistory", of_a}},
           json::object{{"sampledHistory", of_b}}));
    return upstream_result(reply);
  });
  const auto r = call_tool(
    c, compare_runs,
    input({{"include_history_overlap", true}, {"history_samples", 70}}));
  CHECK(c.requests.size() == 2);
  CHECK(c.body_of("/graphql", 1).at("variables").at("specs")
        == json::array({R"({"keys":["_step","loss"],"samples":70})",
                        R"({"keys":["_step","a"],"samples":70})"}));
  const auto& h = r.structured.at("history_comparison").as_object();
  CHECK(h.at("keys") == json::array({"loss", "a"})); // what matters is first
  CHECK(h.at("run_a_rows") == 100);
  CHECK(h.at("run_b_rows") == 26);
  CHECK(h.at("run_a_sample").as_array().size() == 10);
  CHECK(h.at("run_b_sample").at(9) == json::parse(R"({"_step":200,
    "loss":"NaN"})"));
  const auto& loss = h.at("metrics").at("loss").as_object();
  CHECK(loss.at("run_a") == json::parse(R"({"points":100,"first":1.0,
    "last":0.01,"min":0.01,"max":1.0,"non_finite":0,"sampled":true})"));
  CHECK(loss.at("run_b").at("non_finite") == 1);
  CHECK(loss.at("run_b").at("last") == "NaN");
  CHECK(loss.at("aligned_points") == 25);
  CHECK_FALSE(loss.contains("last_delta")); // from NaN to what?
  CHECK(h.at("metrics").at("a").at("run_a").at("first").is_null());
}

TEST_CASE("without an index the shared numbers of the summaries are drawn",
          "[tools]") {
  fake_context c;
  c.reply(
    at("/graphql", "CompareRuns"),
    both(run_object({}, {{"x", 1}, {"note", "n"}, {"val", {{"acc", 1}}}}),
         run_object(
           {}, {{"x", 2}, {"note", "n"}, {"val", {{"acc", 2}}}, {"y", 1}})));
  c.reply(at("/graphql"),
          both(json::object{{"sampledHistory", nullptr}}, json::object{}));
  const auto r =
    call_tool(c, compare_runs, input({{"include_history_overlap", true}}));
  CHECK(r.structured.at("history_comparison").at("keys")
        == json::array({"val.acc", "x"}));
}

TEST_CASE("named curves are shown without being asked for twice", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "CompareRuns"),
          both(run_object({}, {}), run_object({}, {})));
  c.reply(at("/graphql"), both(json::object{}, json::object{}));
  json::array keys;
  for (int i = 0; i < 9; ++i)
    keys.push_back(json::string("k" + std::to_string(i)));
  const auto r = call_tool(
    c, compare_runs, input({{"history_keys", keys}, {"x_axis", "epoch"}}));
  CHECK(c.requests.size() == 3); // eight metrics to a request
  // The same request says which metrics there are: the axis must be one.
  CHECK(c.body_of("/graphql", 0).at("variables").at("withHistory") == true);
  CHECK(c.body_of("/graphql", 2).at("variables").at("specs")
        == json::array({R"({"keys":["_step","epoch","k8"],"samples":50})"}));
  CHECK(r.structured.at("history_comparison").at("x_axis") == "epoch");
}

TEST_CASE("the diff is worth having when its curves fail", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "CompareRuns"),
          both(run_object({{"lr", 1}}, {}), run_object({{"lr", 2}}, {})));
  c.fail(at("/graphql"),
         {.code = errc::upstream_timeout, .message = std::string(1000, 'x')});
  const auto r = call_tool(c, compare_runs, input({{"history_keys", {"a"}}}));
  REQUIRE_FALSE(r.is_error);
  const auto& h = r.structured.at("history_comparison").as_object();
  CHECK(h.at("error") == "history_fetch_failed");
  CHECK(h.at("reason") == "upstream_timeout");
  CHECK(h.at("message").as_string().size() == 300);
  CHECK(r.structured.at("config_diff").at("changed_count") == 1);
}

TEST_CASE("the second run may be of another project", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), both(run_object({}, {}), run_object({}, {})));
  call_tool(c, compare_runs, input({{"project_name_b", "q"}}));
  const auto v = c.body_of("/graphql").at("variables").as_object();
  CHECK(v.at("entityB") == "alice");
  CHECK(v.at("projectA") == "p");
  CHECK(v.at("projectB") == "q");
}

TEST_CASE("an older W&B is asked again without what it does not know",
          "[tools]") {
  fake_context c;
  const auto run = run_object({{"lr", 1}, {"x", 2}}, {});
  const bool as_status = GENERATE(true, false);
  const std::string why = R"(Cannot query field "historyKeys" on type "Run".)";
  if (as_status)
    c.fail(at("/graphql", "historyKeys"),
           {.code = errc::upstream_error, .message = why, .http_status = 400});
  else
    c.reply(at("/graphql", "historyKeys"),
            json::serialize(
              json::object{{"errors", {json::object{{"message", why}}}}}));
  c.reply(at("/graphql"), both(run, run));
  const auto r = call_tool(c, compare_runs, input({{"config_keys", {"lr"}}}));
  REQUIRE_FALSE(r.is_error);
  CHECK(c.requests.size() == 2);
  CHECK(r.structured.at("config_diff").at("identical_count") == 1);
}

TEST_CASE("an older W&B is asked again once, and for nothing else", "[tools]") {
  const auto [message, requests] = GENERATE(table<std::string, std::size_t>(
    {{R"(Cannot query field "x" on type "Run".)", 2},
     {R"(Unknown argument "keys" on field "config" of type "Run".)", 2},
     {R"(Unknown argument "keys" on field "Run.config".)", 2},
     {R"(HTTP status 422: Unknown argument 'keys' on field 'config')", 2},
     {"Cannot query field 'group' on type 'Run'. (line 3, column 5)", 2},
     {R"(Unknown type "JSONString".)", 2},
     {R"(Unknown field "group" on type "Run")", 2},
     {"Field 'group' doesn't exist on type 'Run'", 2},
     {"Field 'config' doesn't accept argument 'keys'", 2},
     {"Validation error (FieldUndefined@[run/group]) : Field 'group' in type "
      "'Run' is undefined",
      2},
     {"Validation error of type UnknownArgument: Unknown field argument keys",
      2},
     {"The field `group` does not exist on the type `Run`.", 2},
     {"field 'group' not found in type: 'Run'", 2},
     {"'config' has no argument named 'keys'", 2},
     {R"(Field "config" must not have a selection since type "JSON" has no)",
      2},
     {"Field must not be selected: group", 2},
     {"permission denied", 1},
     {"run not found", 1},
     {"the field of view is too wide", 1}}));
  fake_context c;
  c.fail(at("/graphql"), {.code = errc::upstream_error, .message = message});
  CHECK(error_of(call_tool(c, compare_runs, input())) == "upstream_error");
  CHECK(c.requests.size() == requests);
}

TEST_CASE("arguments that can not be meant compare nothing", "[tools]") {
  const auto more = GENERATE(values<json::object>({
    {{"run_id_a", " "}},
    {{"run_id_b", ""}},
    {{"x_axis", " "}},
    {{"config_keys", {""}}},
    {{"history_keys", {"a", " "}}},
    {{"summary_keys", {json::string(1025, 'k')}}},
  }));
  CAPTURE(json::serialize(more));
  fake_context c;
  CHECK(error_of(call_tool(c, compare_runs, input(more))) == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("a huge difference fits the budget, and its counts stay true",
          "[tools]") {
  json::object a, b;
  for (int i = 0; i < 3000; ++i) {
    a["key_number_" + std::to_string(i)] = std::string(2000, 'a');
    b["key_number_" + std::to_string(i)] = std::string(2000, 'b');
  }
  fake_context c;
  c.settings().max_response_tokens = 2000;
  c.reply(at("/graphql"), both(run_object(a, {}), run_object(b, {})));
  const auto r = call_tool(c, compare_runs, input());
  CHECK(token_size(r.structured) <= 8000);
  const auto& diff = r.structured.at("config_diff").as_object();
  CHECK(diff.at("changed_count") == 3000);
  CHECK_FALSE(diff.at("changed").as_object().empty());
  CHECK(r.structured.at("truncated") == true);
  CHECK(
    r.structured.at("truncation_note").as_string().find("config_diff.changed")
    != std::string::npos);
}

TEST_CASE("a comparison given up lets go of its requests", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "CompareRuns"),
          both(run_object({}, {}), run_object({}, {})));
  c.stay_silent(at("/graphql"));
  json::array keys;
  for (int i = 0; i < 20; ++i)
    keys.push_back(json::string("k" + std::to_string(i)));
  const catalog offered({&compare_runs});
  {
    auto running = run(*offered.find("compare_runs_tool"), c,
                       input({{"history_keys", keys}}));
    running.start();
    c.pump();
    CHECK_FALSE(running.done());
  }
  CHECK(c.abandoned_ids.size() == 3);
}
