#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"
#include "tools/models_probe.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

json::object run_object(const std::string& id, json::object config,
                        json::object summary, json::object more = {}) {
  json::object wrapped{{"_wandb", {{"value", {{"cli", 1}}}}},
                       {"wandb_version", 1}};
  for (auto& [name, v] : config)
    wrapped[name] = json::object{{"value", v}, {"desc", nullptr}};
  json::object out{{"name", id},
                   {"displayName", id + "-name"},
                   {"state", "finished"},
                   {"createdAt", "2026-01-01T00:00:00"},
                   {"tags", json::array{}},
                   {"group", nullptr},
                   {"jobType", "train"},
                   {"config", json::serialize(wrapped)},
                   {"summaryMetrics", json::serialize(summary)},
                   {"historyLineCount", 0},
                   {"historyKeys", nullptr}};
  for (auto& [name, v] : more)
    out[name] = v;
  return out;
}

std::string project(const json::array& newest, const json::array& oldest = {},
                    json::object more = {}) {
  const auto connection = [](const json::array& runs) {
    json::array edges;
    for (const auto& run : runs) {
      json::object edge{{"node", run}};
      edges.push_back(std::move(edge));
    }
    return json::object{{"edges", std::move(edges)}};
  };
  json::object out{{"runCount", newest.size() + oldest.size()},
                   {"totalSweeps", 2},
                   {"finished", 3},
                   {"failed", 0},
                   {"crashed", 1},
                   {"running", 0},
                   {"killed", 0},
                   {"preempted", 0},
                   {"preempting", 0},
                   {"pending", 0},
                   {"newest", connection(newest)},
                   {"oldest", connection(oldest)}};
  for (auto& [name, v] : more)
    out[name] = v;
  json::object data{{"project", std::move(out)}};
  return json::serialize(json::object{{"data", std::move(data)}});
}

json::object input(json::object more = {}) {
  json::object out{{"entity_name", "alice"}, {"project_name", "p"}};
  for (const auto& [name, v] : more)
    out[name] = v;
  return out;
}

json::object probe(std::string answer, json::object more = {}) {
  fake_context c;
  c.reply(at("/graphql"), std::move(answer));
  auto r = call_tool(c, probe_project, input(std::move(more)));
  REQUIRE_FALSE(r.is_error);
  CHECK(c.requests.size() == 1);
  return r.structured;
}

std::string recommendations(const json::object& s) {
  return json::serialize(s.at("recommendations"));
}

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != text.npos;
}

} // namespace

TEST_CASE("a project is described under old and new names", "[tools]") {
  const json::object steps{
    {"historyKeys", {{"lastStep", 1000}, {"keys", json::object{}}}},
    {"historyLineCount", 7},
    {"tags", {"b", "a"}},
    {"group", "g1"}};
  const auto s = probe(project(
    {run_object("r2", {{"lr", 0.1}, {"model", "x"}},
                {{"loss", 0.5}, {"_runtime", 3}, {"wandb/cpu", 1}}, steps)},
    {run_object(
      "r1", {{"batch_size", 32}, {"opt", {{"wd", 0.0}}}},
      {{"loss", 1}, {"accuracy", 0.9}, {"f1", 0.5}},
      {{"historyKeys", {{"lastStep", 2000}}}, {"state", "crashed"}})}));
  CHECK(s.at("entity") == "alice");
  CHECK(s.at("project") == "p");
  CHECK(s.at("run_count") == 2);
  CHECK(s.at("sampled_runs") == 2);
  CHECK(s.at("state_counts") == json::parse(R"({"finished":3,"failed":0,
    "crashed":1,"running":0,"killed":0,"preempted":0,"preempting":0,
    "pending":0})"));
  CHECK(s.at("run_states") == json::parse(R"({"finished":1,"crashed":1})"));
  CHECK(s.at("metric_keys") == json::parse(R"({"accuracy":"float",
    "f1":"float","loss":"float"})"));
  CHECK(s.at("metric_count") == 3);
  CHECK(s.at("config_keys") == json::parse(R"({"batch_size":32,"lr":0.1,
    "model":"x","opt":"{dict, keys=1}"})"));
  CHECK(s.at("config_count") == 4);
  CHECK(s.at("config_fields") == json::parse(R"([
    {"path":"batch_size","type":"int"},{"path":"lr","type":"float"},
    {"path":"model","type":"str"},{"path":"opt.wd","type":"float"}])"));
  CHECK(s.at("has_history") == true);
  CHECK(s.at("has_history_in_sample") == true);
  CHECK(s.at("typical_steps") == 1500);
  CHECK(s.at("tags") == json::array{"a", "b"});
  CHECK(s.at("tags_in_sample") == json::array{"a", "b"});
  CHECK(s.at("groups") == json::array{"g1"});
  CHECK(s.at("sweep_count") == 2);
  CHECK(s.at("run_samples").at(0)
        == json::parse(R"({"id":"r2","display_name":"r2-name",
    "state":"finished","created_at":"2026-01-01T00:00:00","group":"g1",
    "job_type":"train","tags":["b","a"],"last_step":1000,
    "history_line_count":7})"));
  CHECK(s.at("sample_scope").at("project_exhaustive") == true);
  const auto text = recommendations(s);
  CHECK(has(text, "Tags in use: a, b"));
  CHECK(has(text, "Run groups found: g1"));
  CHECK_FALSE(has(text, "Small project"));
  CHECK(s.at("truncated") == false);
}

TEST_CASE("half of the sample is the newest runs, half the oldest", "[tools]") {
  struct row {
    int asked, newest, oldest;
    bool with_oldest;
  };
  const auto [asked, newest, oldest, with_oldest] =
    GENERATE(values<row>({{6, 3, 3, true},
                          {5, 3, 2, true},
                          {1, 1, 1, false},
                          {0, 1, 1, false},
                          {999, 25, 25, true}}));
  fake_context c;
  c.reply(at("/graphql"), project({}));
  call_tool(c, probe_project, input({{"sample_runs", asked}}));
  const auto v = c.body_of("/graphql").at("variables").as_object();
  CHECK(v.at("newest") == newest);
  CHECK(v.at("oldest") == oldest);
  CHECK(v.at("withOldest") == with_oldest);
}

TEST_CASE("a run that is both new and old is sampled once", "[tools]") {
  const json::array one{run_object("r1", {}, {})};
  const auto s = probe(project(one, one, {{"runCount", 1}}));
  CHECK(s.at("sampled_runs") == 1);
  CHECK(s.at("run_states").at("finished") == 1);
}

TEST_CASE("an empty project is small and empty", "[tools]") {
  const auto s = probe(project({}));
  CHECK(s.at("run_count") == 0);
  CHECK(s.at("sampled_runs") == 0);
  CHECK(s.at("has_history") == false);
  CHECK(s.at("typical_steps") == 0);
  CHECK(s.at("metric_count") == 0);
  CHECK(has(recommendations(s), "Small project"));
  CHECK(s.at("recommended_next_calls").as_array().empty());
}

TEST_CASE("what is large is said to be", "[tools]") {
  json::object summary;
  for (int i = 0; i < 250; ++i)
    summary["m/" + std::to_string(i)] = i;
  const auto s = probe(project(
    {run_object("r", {}, summary, {{"historyKeys", {{"lastStep", 20000}}}})},
    {}, {{"runCount", 150}}));
  const auto text = recommendations(s);
  CHECK(has(text, "Large project"));
  CHECK(has(text, "Long runs"));
  CHECK(has(text, "Many metrics"));
  CHECK(s.at("metric_count") == 250);
  CHECK(s.at("metric_keys").as_object().size() == 200);
  CHECK(s.at("field_inventory")
        == json::parse(R"({"pattern":null,"returned_count":200,
    "total_count":250,"has_more":true})"));
  CHECK(s.at("metric_families") == json::parse(R"({"m":250})"));
  CHECK(s.at("sample_scope").at("project_exhaustive") == false);
}

TEST_CASE("config values are shown short", "[tools]") {
  struct row {
    json::value v, shown;
  };
  std::string cyrillic;
  for (int i = 0; i < 101; ++i)
    cyrillic += "\xD0\xB6";
  const auto text = [](const std::string& t) { return json::string(t); };
  const auto [v, shown] = GENERATE_COPY(values<row>({
    {text(std::string(200, 'x')), text(std::string(100, 'x') + "...")},
    {text(std::string(100, 'x')), text(std::string(100, 'x'))},
    {text(cyrillic), text(cyrillic.substr(0, 200) + "...")},
    {{1, 2, 3}, "[list, len=3]"},
    {{{"a", 1}, {"b", 2}}, "{dict, keys=2}"},
    {nullptr, "None"},
    {true, true},
    {0.5, 0.5},
  }));
  CHECK(sample_value(v) == shown);
}

TEST_CASE("a pattern chooses names", "[tools]") {
  struct row {
    std::string name, pattern;
    bool matches;
  };
  const auto [name, pattern, matches] = GENERATE(values<row>({
    {"val/loss", "", true},
    {"val/loss", "LOSS", true},
    {"val/loss", "val*loss", true},
    {"val/loss", "loss*val", false},
    {"loss", "*", true},
    {"loss", "losses", false},
    {"aa", "a*a", true},
    {"a", "a*a", false},
  }));
  CAPTURE(name, pattern);
  CHECK(matches_pattern(name, pattern) == matches);
  const auto s = probe(project({run_object("r", {{name, 1}}, {{name, 2}})}),
                       {{"field_pattern", pattern}});
  CHECK(s.at("metric_count") == (matches ? 1 : 0));
  CHECK(s.at("config_count") == (matches ? 1 : 0));
}

TEST_CASE("the next calls are ready to be made", "[tools]") {
  const auto s = probe(
    project({run_object("new1", {}, {{"z", 1}, {"loss", 0.5}, {"note", "x"}}),
             run_object("new2", {}, {})}));
  const auto& calls = s.at("recommended_next_calls").as_array();
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].at("tool") == "get_run_history_tool");
  CHECK(calls[0].at("parameters") == json::parse(R"({"run_id":"new1",
    "keys":["loss","z"],"samples":50,"entity_name":"alice",
    "project_name":"p"})"));
  for (const auto& call : calls) {
    const auto name = call.at("tool").as_string();
    const auto tools = all_tools();
    const auto found =
      std::find_if(tools.begin(), tools.end(), [&name](const tool* t) {
        return t->name == std::string_view(name);
      });
    REQUIRE(found != tools.end());
    const catalog offered({*found});
    CHECK(offered.find((*found)->name)
            ->schema.accept(call.at("parameters").as_object())
            .has_value());
  }
}

TEST_CASE("every state is counted, so that the sum is the total", "[tools]") {
  json::object counts{{"runCount", 130}, {"finished", 90}, {"failed", 5},
                      {"crashed", 4},    {"running", 5},   {"killed", 15},
                      {"preempted", 6},  {"preempting", 2}};
  counts["pending"] = 2;
  const auto s = probe(project({}, {}, counts));
  std::int64_t sum = 0;
  for (const auto& state : s.at("state_counts").as_object())
    sum += state.value().as_int64();
  CHECK(sum == 130);
  CHECK(s.at("state_counts").at("killed") == 15);
  CHECK(s.at("state_counts").at("other") == 1);
  // What W&B does not say is not known to be none.
  counts["killed"] = nullptr;
  const auto unknown = probe(project({}, {}, counts));
  CHECK_FALSE(unknown.at("state_counts").as_object().contains("killed"));
  CHECK_FALSE(unknown.at("state_counts").as_object().contains("other"));
}

TEST_CASE("the next calls name metrics that were logged over steps",
          "[tools]") {
  const json::object summary{{"best", {{"loss", 0.1}}},
                             {"final_accuracy", 0.9},
                             {"loss", 0.5},
                             {"lr", 0.1}};
  const auto keys = json::parse(R"({"lastStep":9,"keys":{"loss":{},"lr":{},
    "_step":{}}})");
  const auto s = probe(
    project({run_object("new1", {}, summary, {{"historyKeys", keys}})}));
  CHECK(s.at("recommended_next_calls").at(0).at("parameters").at("keys")
        == json::array{"loss", "lr"});
}

TEST_CASE("artifacts are listed on request", "[tools]") {
  const auto types = json::parse(R"({"edges":[{"node":{"name":"model",
    "artifactCollections":{"totalCount":7,"edges":[{"node":{"name":"m1"}}]}}},
    {"node":null},{"node":{"name":"x","artifactCollections":null}}]})");
  fake_context c;
  c.reply(at("/graphql"), project({}, {}, {{"artifactTypes", types}}));
  const auto r =
    call_tool(c, probe_project, input({{"include_artifacts", true}}));
  CHECK(c.body_of("/graphql").at("variables").at("withArtifacts") == true);
  CHECK(r.structured.at("artifact_inventory")
        == json::parse(R"({"collection_count":7,"types":[{"type":"model",
    "collection_count":7,"examples":["m1"]}]})"));
  CHECK_FALSE(probe(project({})).contains("artifact_inventory"));
}

TEST_CASE("runs that can not be read are counted", "[tools]") {
  auto broken = run_object("r1", {}, {});
  broken["config"] = "{";
  const auto s = probe(project({broken, run_object("r2", {{"lr", 1}}, {}), 5,
                                nullptr, json::object{{"name", nullptr}}}));
  CHECK(s.at("unreadable_runs") == 1);
  CHECK(s.at("sampled_runs") == 2);
  CHECK(s.at("config_count") == 1);
}

TEST_CASE("a project that is not there is not an empty one", "[tools]") {
  const auto [answer, code] = GENERATE(table<std::string, std::string>(
    {{R"({"data":{"project":null}})", "project_not_found"},
     {R"({"data":{"project":[]}})", "project_not_found"},
     {R"({"errors":[{"message":"permission denied"}]})", "not_permitted"},
     {"5", "upstream_garbage"}}));
  fake_context c;
  c.reply(at("/graphql"), answer);
  CHECK(error_of(call_tool(c, probe_project, input())) == code);
}

TEST_CASE("a project of members of wrong types is still described", "[tools]") {
  const auto s = probe(R"({"data":{"project":{"runCount":"x","newest":7,
    "oldest":{"edges":{}},"totalSweeps":null}}})");
  CHECK(s.at("run_count") == 0);
  CHECK(s.at("sweep_count").is_null());
}

TEST_CASE("a probe without names asks for nothing", "[tools]") {
  fake_context c;
  const auto name = GENERATE("entity_name", "project_name");
  CHECK(error_of(call_tool(c, probe_project, input({{name, " "}})))
        == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("an older W&B is probed without what it lacks", "[tools]") {
  fake_context c;
  c.fail(at("/graphql", "totalSweeps"),
         {.code = errc::upstream_error,
          .message = R"(Cannot query field "totalSweeps" on type "Project".)"});
  c.reply(at("/graphql"), project({run_object("r", {{"lr", 1}}, {})}));
  const auto r = call_tool(c, probe_project, input());
  REQUIRE_FALSE(r.is_error);
  CHECK(c.requests.size() == 2);
  CHECK(r.structured.at("config_count") == 1);
}

TEST_CASE("a probe of wide runs fits the budget", "[tools]") {
  json::object config, summary;
  for (int i = 0; i < 500; ++i) {
    config["config_key_" + std::to_string(i)] = std::string(100, 'c');
    summary["metric_" + std::to_string(i)] = i;
  }
  fake_context c;
  c.settings().max_response_tokens = 1500;
  c.reply(at("/graphql"), project({run_object("r", config, summary)}));
  const auto r = call_tool(c, probe_project, input());
  CHECK(token_size(r.structured) <= 6000);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("config_count") == 500);
  CHECK_FALSE(r.structured.at("config_keys").as_object().empty());
  const auto& fields = r.structured.at("field_inventory").as_object();
  CHECK(fields.at("returned_count")
        == r.structured.at("summary_fields").as_array().size()
             + r.structured.at("config_fields").as_array().size());
  CHECK(fields.at("total_count") == 1000);
  CHECK(fields.at("has_more") == true);
}

TEST_CASE("a probe given up lets go of its request", "[tools]") {
  fake_context c;
  c.stay_silent(at("/graphql"));
  const catalog offered({&probe_project});
  {
    auto running = run(*offered.find("probe_project_tool"), c, input());
    running.start();
    c.pump();
    CHECK_FALSE(running.done());
  }
  CHECK(c.abandoned_ids.size() == 1);
}
