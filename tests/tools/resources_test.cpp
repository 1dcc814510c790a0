#include "tests/tools/primitive_call.hpp"

#include <algorithm>
#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

const std::string root = "wandb://alice/vision";
const std::string stream = "/calls/stream_query";

json::object content(fake_context& c, const std::string& uri) {
  const auto result = ask(c, "resources/read", {{"uri", uri}});
  const auto& contents = result.at("contents").as_array();
  REQUIRE(contents.size() == 1);
  CHECK(contents[0].at("uri") == json::string(uri));
  return contents[0].as_object();
}

std::string text_of(fake_context& c, const std::string& uri) {
  return std::string(content(c, uri).at("text").as_string());
}

json::object document(fake_context& c, const std::string& uri) {
  const auto found = content(c, uri);
  CHECK(found.at("mimeType") == "application/json");
  return json::parse(found.at("text").as_string()).as_object();
}

int code_of(fake_context& c, const std::string& uri,
            version v = version::v2025_11_25) {
  return refusal(c, "resources/read", {{"uri", uri}}, v);
}

std::string run_node(const std::string& id) {
  return R"({"name":")" + id
         + R"(","displayName":"steady","state":"finished",)"
           R"("createdAt":"2025-02-01T10:00:00Z",)"
           R"("config":"{\"lr\":{\"value\":0.1}}",)"
           R"("summaryMetrics":"{\"loss\":0.25}"})";
}

std::string project_node(std::size_t runs) {
  std::string edges;
  for (std::size_t i = 0; i < runs; ++i)
    edges += (i == 0 ? "" : ",") + std::string(R"({"node":)")
             + run_node("run" + std::to_string(i)) + "}";
  return data(R"({"project":{"id":"P1","name":"vision",)"
              R"("description":"Baselines","runCount":40,"totalSweeps":2,)"
              R"("runs":{"edges":[)"
              + edges
              + R"(]},"allViews":{"edges":[{"node":{"id":"Vmlldzox",)"
                R"("name":"weekly1","displayName":"Week 1"}}]}}})");
}

std::string report(const std::string& blocks, const std::string& more = "") {
  const json::value spec(json::string("{\"blocks\":" + blocks + "}"));
  return R"({"id":"Vmlldzox","displayName":"Week 1","description":"So it went",)"
         R"("updatedAt":"2025-02-02T10:00:00Z","user":{"username":"alice"},)"
         + more + R"("spec":)" + json::serialize(spec) + "}";
}

std::string named_report(const std::string& blocks) {
  return data(R"({"project":{"allViews":{"edges":[{"node":)" + report(blocks)
              + "}]}}}");
}

} // namespace

TEST_CASE("every template is listed with what a client shows of it",
          "[tools]") {
  const auto listed = json::parse(
    *primitives().list("resources/templates/list", version::v2025_11_25));
  const auto& all = listed.at("resourceTemplates").as_array();
  CHECK(all.size() == wandb_templates().size());
  for (const auto& t : all)
    for (const auto* member :
         {"uriTemplate", "name", "title", "description", "mimeType"}) {
      CAPTURE(json::serialize(t), member);
      CHECK_FALSE(t.at(member).as_string().empty());
    }
}

TEST_CASE("every variable of a template can be completed", "[tools]") {
  for (const auto* t : wandb_templates())
    for (const auto& v : t->variables) {
      CAPTURE(t->uri_template, v.name);
      CHECK(v.complete != nullptr);
      CHECK(t->uri_template.find("{" + std::string(v.name) + "}")
            != std::string_view::npos);
    }
}

TEST_CASE("an entity is the list of its projects", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "EntityProjects"),
          data(R"({"models":{"pageInfo":{"hasNextPage":false},)"
               R"("edges":[{"node":{"name":"vision"}}]}})"));
  const auto found = document(c, "wandb://alice");
  CHECK(found.at("projects").at("alice").as_array().size() == 1);
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a project has its counts, newest runs and reports", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "ProjectResource"), project_node(3));
  const auto found = document(c, root);
  CHECK(found.at("description") == "Baselines");
  CHECK(found.at("run_count") == 40);
  CHECK(found.at("sweep_count") == 2);
  CHECK(found.at("newest_runs").as_array().size() == 3);
  CHECK(found.at("newest_runs").at(0).at("id") == "run0");
  CHECK(found.at("reports").at(0).at("name") == "weekly1");
  CHECK(found.at("truncated") == false);
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a project that is too long is cut and says so", "[tools]") {
  fake_context c;
  c.settings().max_response_tokens = 700;
  c.reply(at("/graphql", "ProjectResource"), project_node(20));
  const auto text = text_of(c, root);
  CHECK(text.size() <= 2800);
  const auto found = json::parse(text);
  CHECK(found.at("truncated") == true);
  CHECK(found.at("newest_runs").as_array().size() < 20);
  CHECK(found.at("truncation_note").as_string().find("newest_runs")
        != json::string::npos);
}

TEST_CASE("names in a URI are decoded before W&B is asked", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "ProjectResource"), project_node(0));
  document(c, "wandb://alice/my%20project");
  CHECK(c.body_of("/graphql").at("variables").at("project") == "my project");
}

TEST_CASE("a run has its state, config and summary", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "TypedRun("),
          data(R"({"project":{"run":)" + run_node("abc") + "}}"));
  const auto found = document(c, root + "/runs/abc");
  const auto& item = found.at("item").as_object();
  CHECK(item.at("state") == "finished");
  CHECK(item.at("config").at("lr") == 0.1);
  CHECK(item.at("summary").at("loss") == 0.25);
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a history is its sampled rows", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "RunHeader"),
          data(R"({"project":{"run":{"name":"abc","state":"finished",)"
               R"("historyLineCount":2}}})"));
  c.reply(at("/graphql", "history("),
          data(R"({"project":{"run":{"history":["{\"_step\":0,\"loss\":2}",)"
               R"("{\"_step\":1,\"loss\":1}"]}}})"));
  const auto found = document(c, root + "/runs/abc/history");
  REQUIRE(found.at("rows").as_array().size() == 2);
  CHECK(found.at("rows").at(1).at("loss") == 1);
  CHECK(found.at("truncated") == false);
  CHECK(c.requests.size() == 2);
}

TEST_CASE("an artifact is looked up by its name and alias", "[tools]") {
  const auto* uri = GENERATE("/artifacts/resnet:v3", "/artifacts/resnet%3Av3");
  fake_context c;
  c.reply(at("/graphql"),
          data(R"({"project":{"artifact":{"id":"A1","digest":"d",)"
               R"("versionIndex":3,"metadata":"{\"top1\":0.7}",)"
               R"("artifactType":{"name":"model"}}}})"));
  const auto found = document(c, root + uri);
  CHECK(found.at("artifact").at("metadata").at("top1") == 0.7);
  CHECK(c.body_of("/graphql").at("variables").at("name") == "resnet:v3");
}

TEST_CASE("a slash in a name does not lead to another artifact", "[tools]") {
  fake_context c;
  CHECK(code_of(c, root + "/artifacts/..%2Fother%3Av1") == -32002);
  CHECK(code_of(c, "wandb://alice%2Fsecret/vision/artifacts/m:v1") == -32002);
  CHECK(c.requests.empty());
}

TEST_CASE("a call is read with one request, whole", "[tools]") {
  fake_context c;
  const std::string long_text(5000, 'q');
  c.reply_rows(
    at(stream),
    {R"({"id":"c1","trace_id":"t","op_name":"predict","inputs":{"q":")"
     + long_text
     + R"("},"output":"yes","started_at":"2025-02-01T10:00:00Z",)"
       R"("summary":{"weave":{"status":"success"}}})"});
  const auto found = document(c, root + "/calls/c1");
  CHECK(found.at("call").at("id") == "c1");
  CHECK(found.at("call").at("inputs").at("q") == json::string(long_text));
  CHECK(found.at("truncated") == false);
  REQUIRE(c.requests.size() == 1);
  CHECK(c.body_of(stream).at("project_id") == "alice/vision");
}

TEST_CASE("a report is its text, without its panels", "[tools]") {
  fake_context c;
  c.reply(
    at("/graphql", "ReportResource("),
    named_report(
      R"([{"type":"heading","level":2,"children":[{"text":"Loss"}]},)"
      R"({"type":"paragraph","children":[{"text":"It "},)"
      R"({"text":"fell","bold":true},{"type":"link","url":"https://a.b",)"
      R"("children":[{"text":"here"}]}]},)"
      R"({"type":"list","ordered":true,"children":[)"
      R"({"type":"list-item","children":[{"type":"paragraph",)"
      R"("children":[{"text":"one"}]}]}]},)"
      R"({"type":"code-block","language":"python","children":[)"
      R"({"type":"code-line","children":[{"text":"x = 1"}]}]},)"
      R"({"type":"panel-grid","children":[{"text":""}]},)"
      R"({"type":"markdown-block","content":"a | b","children":[]}, 7])"));
  const auto found = content(c, root + "/reports/weekly1");
  CHECK(found.at("mimeType") == "text/markdown");
  const std::string text(found.at("text").as_string());
  CHECK(text.starts_with("# Week 1\n\nSo it went\n\nReport "
                         "https://wandb.ai/alice/vision/reports/"
                         "Week-1--Vmlldzox, by alice"));
  CHECK(text.ends_with("## Loss\n\nIt **fell**[here](https://a.b)\n\n1. one\n\n"
                       "```python\nx = 1\n```\n\n*(panel-grid)*\n\na | b"));
}

TEST_CASE("a report is found by its ID, however that is written", "[tools]") {
  const auto* given = GENERATE("Vmlldzo3", "Vmlldzo3MTI", "Week-1--Vmlldzo3");
  fake_context c;
  c.reply(at("/graphql", "ReportResourceById"),
          data(R"({"view":)"
               + report("[]", R"("entityName":"alice",)"
                              R"("projectName":"vision",)")
               + "}"));
  CHECK(text_of(c, root + "/reports/" + given).starts_with("# Week 1"));
  const auto id = c.body_of("/graphql").at("variables").at("id").as_string();
  CHECK(id.size() % 4 == 0);
}

TEST_CASE("a report of another project is none of this one", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "ReportResourceById"),
          data(R"({"view":)"
               + report("[]", R"("entityName":"alice","projectName":"other",)")
               + "}"));
  CHECK(code_of(c, root + "/reports/Vmlldzo3") == -32002);
}

TEST_CASE("a report that is too long is cut and says so", "[tools]") {
  fake_context c;
  c.settings().max_response_tokens = 500;
  c.reply(at("/graphql", "ReportResource("),
          named_report(R"([{"type":"paragraph","children":[{"text":")"
                       + std::string(9000, 'x') + R"("}]}])"));
  const auto text = text_of(c, root + "/reports/weekly1");
  CHECK(text.size() <= 2000);
  CHECK(text.find("Cut to keep the answer short") != text.npos);
}

TEST_CASE("what is not there has no contents", "[tools]") {
  struct row {
    const char* uri;
    const char* reply;
  };
  const auto r = GENERATE(values<row>(
    {{"wandb://nobody", R"({"models":null})"},
     {"wandb://alice/none", R"({"project":null})"},
     {"wandb://alice/none/runs/abc", R"({"project":null})"},
     {"wandb://alice/vision/runs/none", R"({"project":{"run":null}})"},
     {"wandb://alice/vision/runs/none/history", R"({"project":{"run":null}})"},
     {"wandb://alice/vision/runs/%20", R"({"project":{"run":null}})"},
     {"wandb://alice/vision/artifacts/none:v1",
      R"({"project":{"artifactCollectionMembership":null}})"},
     {"wandb://alice/vision/reports/none",
      R"({"project":{"allViews":{"edges":[]}}})"},
     {"wandb://alice/vision/reports/Vmlldzo3", R"({"view":null})"}}));
  CAPTURE(r.uri);
  fake_context c;
  c.reply(at("/graphql"), data(r.reply));
  CHECK(code_of(c, r.uri) == -32002);
  CHECK(code_of(c, r.uri, newest_stateless_version) == -32602);
}

TEST_CASE("what the user may not see looks like what is not there", "[tools]") {
  const std::string uri =
    GENERATE("wandb://bob", "wandb://bob/p", "wandb://bob/p/runs/r",
             "wandb://bob/p/runs/r/history", "wandb://bob/p/artifacts/m:v1",
             "wandb://bob/p/calls/c", "wandb://bob/p/reports/weekly1");
  const auto why = GENERATE(errc::not_found, errc::not_permitted);
  CAPTURE(uri);
  fake_context c;
  c.fail(at("/graphql"), {.code = why, .message = "bob's secret"});
  c.fail(at(stream), {.code = why, .message = "bob's secret"});
  CHECK(code_of(c, uri) == -32002);
}

TEST_CASE("a call that the trace server does not give is not there",
          "[tools]") {
  fake_context c;
  c.reply_rows(at(stream), {});
  CHECK(code_of(c, root + "/calls/none") == -32002);
}

TEST_CASE("a failure that may pass is not taken for absence", "[tools]") {
  const auto uri =
    GENERATE(values<std::string>({"wandb://alice", root, root + "/runs/r",
                                  root + "/calls/c", root + "/reports/r"}));
  CAPTURE(uri);
  fake_context c;
  const failure busy{.code = errc::rate_limited, .message = "Later."};
  c.fail(at("/graphql"), busy);
  c.fail(at(stream), busy);
  CHECK(code_of(c, uri) == -32603);
}
