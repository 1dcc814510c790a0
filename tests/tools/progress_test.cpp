#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"

#include <functional>
#include <sstream>
#include <string>
#include <vector>

using namespace mcp;
using namespace mcp::tools;

namespace {

/// One answer of W&B: to requests whose path holds `path` and whose body holds
/// `part`. The first that fits counts; `times` 0 is for any number.
struct scripted {
  std::string path;
  std::string part;
  std::string body; // of the trace server's stream: its lines
  std::size_t times = 0;
};

struct long_call {
  const tool* what;
  std::string arguments;
  std::vector<scripted> script;
};

const std::string stream = "/calls/stream_query";
const std::string stats = "/calls/query_stats";

void serve(fake_context& c, const std::vector<scripted>& script) {
  c.settings().docs_urls = {"https://docs.example/mcp"};
  for (const auto& s : script) {
    const auto fits = [s](const upstream_request& r) {
      return r.path.find(s.path) != r.path.npos
             && r.body.find(s.part) != r.body.npos;
    };
    auto& answer = c.answer(fits, [s](upstream_request& r) -> upstream_result {
      upstream_reply reply;
      reply.body = std::make_shared<const std::string>(s.body);
      if (!r.rows)
        return reply;
      std::istringstream lines(s.body);
      for (std::string line; std::getline(lines, line);) {
        const auto size = line.size();
        line.append(64, '\0');
        r.rows->row(std::string_view(line).substr(0, size));
      }
      return reply;
    });
    if (s.times > 0)
      answer.times(s.times);
  }
}

const std::string in_project = R"("entity_name":"alice","project_name":"p")";

/// A page of a connection, which ends at `cursor`.
std::string page(const std::string& edge, bool more, const char* cursor) {
  return R"({"totalCount":2,"edges":[)" + edge
         + R"(],"pageInfo":{"hasNextPage":)" + (more ? "true" : "false")
         + R"(,"endCursor":")" + cursor + R"("}})";
}

std::string data(const std::string& members) {
  return R"({"data":{)" + members + "}}";
}

std::string run_object(const std::string& members) {
  return data(R"("project":{"run":{)" + members + "}}");
}

/// Ten metrics m0 ... m9, which are two requests.
std::string ten_metrics() {
  std::string out;
  for (int i = 0; i < 10; ++i)
    out += (i > 0 ? "," : "") + ("\"m" + std::to_string(i) + "\"");
  return out;
}

std::string access_reply() {
  return data(R"("viewer":{"username":"alice","entity":"alice",
    "organizations":[{"name":"N","orgEntity":{"name":"n-org"}}]},
    "serverInfo":{"features":[{"name":"ARTIFACT_REGISTRY_SEARCH",
                               "isEnabled":true}]})");
}

std::string in_organization(const std::string& member) {
  return data(R"("organization":{"name":"N","orgEntity":{"name":"n-org",)"
              + member + "}}");
}

std::vector<scripted> two_pages(
  const std::string& operation,
  const std::function<std::string(const std::string& connection)>& around,
  const std::string& edge_a, const std::string& edge_b) {
  return {{"/graphql", operation, around(page(edge_a, true, "1")), 1},
          {"/graphql", operation, around(page(edge_b, false, "2"))}};
}

std::vector<long_call> history_calls() {
  const std::string header = run_object(R"("name":"r1","displayName":"r",
    "state":"finished","historyLineCount":5000,
    "historyKeys":{"lastStep":4999,"keys":{"m0":{},"epoch":{}}})");
  const std::string nothing = run_object(R"("sampledHistory":[])");
  const std::string window =
    run_object(R"("history":["{\"_step\":7,\"m0\":1,\"epoch\":2}"])");
  const std::string epochs = run_object(R"("sampledHistory":[[
    {"_step":0,"epoch":0},{"_step":7,"epoch":2},{"_step":90,"epoch":9}]])");
  std::vector<scripted> history{{"/graphql", "RunHeader", header},
                                {"/graphql", "sampledHistory", nothing},
                                {"/graphql", "query RunHistory(", window}};
  auto by_epoch = history;
  by_epoch[1].body = epochs;
  const std::string run = in_project + R"(,"run_id":"r1")";
  return {
    {&get_run_history, "{" + run + "}", history},
    // Sampling gives nothing, so windows of steps are read as well.
    {&get_run_history, "{" + run + R"(,"keys":[)" + ten_metrics() + "]}",
     history},
    {&get_run_history,
     "{" + run + R"(,"x_axis":"epoch","target_x":2,"keys":["m0"]})", by_epoch},
  };
}

std::vector<long_call> run_calls() {
  const std::string run =
    R"({"run":{"name":"r","state":"finished","config":"{}",
        "summaryMetrics":"{\"loss\":1}"}})";
  const std::string found = data(R"("a":)" + run + R"(,"b":)" + run);
  const std::string subject = run_object(R"("name":"r1","state":"finished",
    "historyLineCount":20,"summaryMetrics":"{}",
    "historyKeys":{"lastStep":19,"keys":{}})");
  const std::string window =
    run_object(R"("history":["{\"_step\":7,\"m0\":1}"])");
  return {
    {&compare_runs,
     "{" + in_project
       + R"(,"run_id_a":"a","run_id_b":"b","include_history_overlap":true})",
     {{"/graphql", "CompareRuns", found, 1},
      {"/graphql", "", data(R"("a":{"run":{}},"b":{"run":{}})")}}},
    {&diagnose_run,
     "{" + in_project + R"(,"run_id":"r1","summary_keys":[)" + ten_metrics()
       + "]}",
     {{"/graphql", "RunDiagnosis", subject},
      {"/graphql", "sampledHistory", run_object(R"("sampledHistory":[])")},
      {"/graphql", "", window}}},
  };
}

std::vector<long_call> list_calls() {
  const std::string viewer =
    data(R"("viewer":{"username":"alice","entity":"alice",
            "teams":{"edges":[{"node":{"name":"t"}}]}})");
  const auto members = [](const std::string& name) {
    return [name](const std::string& list) {
      return data("\"" + name + "\":" + list);
    };
  };
  const auto scope = [](const std::string& list) {
    return data(R"("scope":{"projects":)" + list + "}");
  };
  const auto integrations = [](const std::string& list) {
    return data(R"("entity":{"integrations":)" + list + "}");
  };
  const auto runs = [](const std::string& list) {
    return data(R"("project":{"runs":)" + list + "}");
  };
  const auto typed = [](const std::string& list) {
    return data(R"("project":{"total":2,"page":)" + list + "}");
  };
  const std::string node_a = R"({"cursor":"1","node":{"id":"1","name":"a"}})";
  const std::string node_b = R"({"cursor":"2","node":{"id":"2","name":"b"}})";
  auto projects =
    two_pages("EntityProjects", members("models"), node_a, node_b);
  projects.push_back({"/graphql", "Viewer", viewer});
  auto of_default = two_pages("ntegrations", integrations, node_a, node_b);
  of_default.push_back({"/graphql", "Viewer", viewer});
  const std::string nothing =
    data(R"("project":{"total":0,"page":)" + page("", false, "") + "}");
  return {
    {&query_wandb_entity_projects, "{}", projects},
    {&query_wandb_entity_projects, R"({"entity":"alice"})", projects},
    {&list_wandb_automations, "{}",
     two_pages("utomations", scope, node_a, node_b)},
    {&list_wandb_integrations, "{}", of_default},
    {&query_wandb,
     R"({"query":"{ project { runs { edges { node { id } } )"
     R"(pageInfo { endCursor hasNextPage } } } }","items_per_page":1})",
     two_pages("", runs, node_a, node_b)},
    {&query_wandb, "{" + in_project + R"(,"resource":"runs"})",
     two_pages("TypedRuns", typed, node_a, node_b)},
    {&query_wandb,
     "{" + in_project + R"(,"resource":"reports","report_name":"title"})",
     {{"/graphql", "", nothing}}},
  };
}

std::vector<long_call> registry_calls() {
  const auto registries = [](const std::string& list) {
    return in_organization(R"("projects":)" + list);
  };
  const auto collections = [](const std::string& list) {
    return in_organization(R"("project":{"name":"x"},"artifactCollections":)"
                           + list);
  };
  const auto versions = [](const std::string& list) {
    return data(R"("project":{"artifactType":{"artifactCollection":{
                  "artifacts":)"
                + list + "}}}");
  };
  const scripted access{"/graphql", "query RegistryAccess", access_reply()};
  const std::string node_a = R"({"node":{"id":"1","name":"wandb-registry-a"}})";
  const std::string node_b = R"({"node":{"id":"2","name":"wandb-registry-b"}})";
  auto of_registries = two_pages("RegistriesPage", registries, node_a, node_b);
  of_registries.push_back(access);
  auto of_collections =
    two_pages("RegistryCollections", collections, node_a, node_b);
  of_collections.push_back(access);
  auto of_versions =
    two_pages("ArtifactVersions", versions, R"({"node":{"versionIndex":0}})",
              R"({"node":{"versionIndex":1}})");
  of_versions.push_back(access);

  const auto member = [](const std::string& name, const std::string& files) {
    return data(R"("project":{"artifactCollectionMembership":{
      "versionIndex":0,"aliases":[{"alias":")"
                + name + R"("}],"artifact":{"digest":")" + name
                + R"(","artifactType":{"name":"model"}
    )" + files + "}}}");
  };
  const auto files = [](bool more, const char* cursor) {
    return page(R"({"node":{"name":"f)" + std::string(cursor)
                  + R"(","sizeBytes":1,"digest":"d"}})",
                more, cursor);
  };
  const auto in_membership = [](const std::string& list) {
    return data(R"("project":{"artifactCollection":{"artifactMembership":{
                  "files":)"
                + list + "}}}");
  };
  return {
    {&list_registries, "{}", of_registries},
    {&list_registry_collections, R"({"registry_name":"x"})", of_collections},
    {&list_artifact_versions,
     R"({"collection_name":"p/m","type_name":"model"})", of_versions},
    {&get_artifact_details,
     R"({"artifact_name":"p/m:v0","include_files":true,"max_files":9})",
     {access,
      {"/graphql", "ArtifactByMembership",
       member("v0", R"(,"files":)" + files(true, "1"))},
      {"/graphql", "ArtifactFilesByMembership", in_membership(files(true, "2")),
       1},
      {"/graphql", "ArtifactFilesByMembership",
       in_membership(files(false, "3"))}}},
    {&compare_artifact_versions,
     R"({"artifact_name_a":"p/m:v0","artifact_name_b":"p/m:v1"})",
     {access,
      {"/graphql", "ArtifactFilesByMembership", in_membership(files(true, "1")),
       2},
      {"/graphql", "ArtifactFilesByMembership",
       in_membership(files(false, "2"))},
      {"/graphql", R"("m:v0")", member("v0", "")},
      {"/graphql", R"("m:v1")", member("v1", "")}}},
  };
}

std::vector<long_call> trace_calls() {
  const std::string cost = R"({"id":"c","summary":{"weave":{"costs":{"m":)"
                           R"({"prompt_tokens_total_cost":1}}}}})";
  const std::string evaluation =
    R"({"id":"e","op_name":"weave:///a/b/op/Evaluation.evaluate:1"})";
  const scripted counted{stats, "", R"({"count":7})"};
  return {
    {&query_weave_traces,
     "{" + in_project + R"(,"limit":1000})",
     {counted, {stream, "", R"({"id":"c"})"}}},
    {&query_weave_traces,
     "{" + in_project + R"(,"limit":1000})",
     {{stats, "", "[]"}, {stream, "", R"({"id":"c"})"}}},
    {&query_weave_traces,
     "{" + in_project + R"(,"sort_by":"total_cost"})",
     {counted, {stream, "", cost}}},
    {&infer_trace_schema,
     "{" + in_project + "}",
     {counted, {stream, "", R"({"id":"c"})"}}},
    {&resolve_trace_roots,
     "{" + in_project + R"(,"trace_ids":["t","u"]})",
     // Two roots of one trace leave no place for the other's.
     {{stream, "",
       "{\"id\":\"c\",\"trace_id\":\"t\"}\n"
       "{\"id\":\"b\",\"trace_id\":\"t\"}",
       1},
      {stream, "", R"({"id":"d","trace_id":"u"})"}}},
    {&summarize_evaluation,
     "{" + in_project + "}",
     {counted,
      {stream, "trace_roots_only", evaluation},
      {stream, "", R"({"id":"p","parent_id":"e"})"}}},
  };
}

std::vector<long_call> other_calls() {
  const scripted project{"/graphql", "ProjectHeader",
                         data(R"("project":{"id":"x","internalId":"i",
                                "name":"p","entityName":"alice"})")};
  const std::string id = R"({"jsonrpc":"2.0","id":)";
  return {
    {&create_wandb_report,
     "{" + in_project + R"(,"title":"t"})",
     {project,
      {"/graphql", "UpsertView",
       data(R"("upsertView":{"view":{"id":"Vmlldzox=="}})")}}},
    {&log_analysis_to_wandb,
     "{" + in_project + R"(,"analysis_name":"n","data":[{"a":1}]})",
     {project,
      {"/graphql", "UpsertRun",
       data(R"("upsertBucket":{"inserted":true,"bucket":{"id":"b"}})")},
      {"/graphql", "CreateRunFiles",
       data(R"("createRunFiles":{"runID":"b","uploadHeaders":[],
               "files":[{"name":"n","uploadUrl":"https://s.example/u"}]})")},
      {"", "", "{}"}}},
    {&search_wandb_docs,
     R"({"query":"sweeps"})",
     {{"docs", "tools/call",
       id + R"(3,"error":{"code":-32600,"message":"initialize first"}})", 1},
      {"docs", "\"initialize\"", id + R"(1,"result":{}})"},
      {"docs", "notifications/", "{}"},
      {"docs", "",
       id + R"(3,"result":{"content":[{"type":"text","text":"x"}]}})"}}},
  };
}

std::vector<long_call> long_calls() {
  std::vector<long_call> out;
  for (auto& some : {history_calls(), run_calls(), list_calls(),
                     registry_calls(), trace_calls(), other_calls()})
    out.insert(out.end(), some.begin(), some.end());
  return out;
}

} // namespace

TEST_CASE("a call of several requests tells how far it is, and never goes back",
          "[tools]") {
  const auto call = GENERATE(from_range(long_calls()));
  CAPTURE(call.what->name, call.arguments);
  fake_context c;
  serve(c, call.script);
  const auto r =
    call_tool(c, *call.what, json::parse(call.arguments).as_object());
  const auto text = json::serialize(r.structured);
  CAPTURE(text);
  CHECK_FALSE(r.is_error);
  // Nor is a part of it missing: all requests of the script were understood.
  CHECK(text.find(R"("error":")") == text.npos);
  CHECK(c.requests.size() >= 2);
  REQUIRE_FALSE(c.notes.empty());
  double before = -1;
  for (const auto& note : c.notes) {
    CAPTURE(note.message, note.done, note.total.value_or(-1));
    CHECK(note.done > before);
    CHECK(note.done <= note.total.value_or(note.done));
    CHECK_FALSE(note.message.empty());
    before = note.done;
  }
}

TEST_CASE("a call of one request has nothing to tell", "[tools]") {
  fake_context c;
  c.reply(at("/graphql"), data(R"("viewer":{"username":"a","entity":"a"})"));
  CHECK_FALSE(call_tool(c, list_entities, {}).is_error);
  CHECK(c.notes.empty());
}
