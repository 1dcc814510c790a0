#include "tests/tools/primitive_call.hpp"

#include <string>
#include <vector>

using namespace mcp;
using namespace mcp::tools;

namespace {

const std::string project = "wandb://{entity}/{project}";
const std::string stream = "/calls/stream_query";

json::object alice() {
  return {{"entity", "alice"}, {"project", "vision"}};
}

std::vector<std::string> complete(fake_context& c, json::object ref,
                                  const std::string& argument,
                                  const std::string& typed,
                                  json::object known) {
  json::object what{{"name", argument}, {"value", typed}};
  json::object context{{"arguments", std::move(known)}};
  json::object params{{"ref", std::move(ref)},
                      {"argument", std::move(what)},
                      {"context", std::move(context)}};
  const auto got = ask(c, "completion/complete", std::move(params));
  return json::value_to<std::vector<std::string>>(
    got.at("completion").at("values"));
}

std::vector<std::string> in_uri(fake_context& c, const std::string& uri,
                                const std::string& argument,
                                const std::string& typed,
                                json::object known = alice()) {
  json::object ref{{"type", "ref/resource"}, {"uri", uri}};
  return complete(c, std::move(ref), argument, typed, std::move(known));
}

std::vector<std::string> in_prompt(fake_context& c, const std::string& name,
                                   const std::string& argument,
                                   const std::string& typed,
                                   json::object known = alice()) {
  json::object ref{{"type", "ref/prompt"}, {"name", name}};
  return complete(c, std::move(ref), argument, typed, std::move(known));
}

/// {"edges":[{"node":{"name":...}},...]}
std::string edges(const std::vector<std::string>& names,
                  const std::string& member = "name") {
  std::string out;
  for (const auto& name : names)
    out += (out.empty() ? "" : ",") + std::string(R"({"node":{")") + member
           + R"(":")" + name + R"("}})";
  return R"({"edges":[)" + out + "]}";
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back("name" + std::to_string(i));
  return out;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("an entity is the user or one of their teams", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "CompleteEntity"),
          data(R"({"viewer":{"username":"alice","entity":"alice","teams":)"
               + edges({"northwind-ml", "acme"}) + "}}"));
  CHECK(in_uri(c, project, "entity", "", {})
        == texts{"alice", "northwind-ml", "acme"});
  CHECK(in_uri(c, project, "entity", "ml", {}) == texts{"northwind-ml"});
}

TEST_CASE("a project is one of the entity that was chosen", "[tools]") {
  fake_context c;
  c.reply(
    at("/graphql", "CompleteProject"),
    data(R"({"entity":{"projects":)" + edges({"vision", "voice"}) + "}}"));
  CHECK(in_uri(c, project, "project", "vis") == texts{"vision"});
  const auto sent = c.body_of("/graphql").at("variables").as_object();
  CHECK(sent.at("entity") == "alice");
  CHECK(json::parse(sent.at("filters").as_string())
        == json::parse(R"({"name":{"$regex":"vis"}})"));
}

TEST_CASE("what W&B is asked to look for means the same in every pattern",
          "[tools]") {
  struct row {
    const char* typed;
    const char* filters; // null: all
  };
  const auto r = GENERATE(values<row>({
    {"", nullptr},
    {".*", nullptr},
    {"^vision", R"({"name":{"$regex":"vision"}})"},
    {"a.b_c-d", R"({"name":{"$regex":"b_c-d"}})"},
    {"x\"}, {\"$or", R"({"name":{"$regex":"or"}})"},
  }));
  CAPTURE(r.typed);
  fake_context c;
  c.reply(at("/graphql"), data(R"({"entity":{"projects":{"edges":[]}}})"));
  in_uri(c, project, "project", r.typed);
  const auto sent = c.body_of("/graphql").at("variables").at("filters");
  if (r.filters)
    CHECK(sent == r.filters);
  else
    CHECK(sent.is_null());
}

TEST_CASE("runs complete to their IDs, in templates and prompts", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "CompleteRun"),
          data(R"({"project":{"runs":)" + edges({"abc1", "abc2"}) + "}}"));
  const texts both{"abc1", "abc2"};
  CHECK(in_uri(c, project + "/runs/{run}", "run", "abc") == both);
  CHECK(in_prompt(c, "diagnose_run", "run", "abc") == both);
}

TEST_CASE("nothing is asked before it is known where to look", "[tools]") {
  struct row {
    const char* uri;
    const char* variable;
  };
  const auto r = GENERATE(values<row>(
    {{"wandb://{entity}/{project}", "project"},
     {"wandb://{entity}/{project}/runs/{run}", "run"},
     {"wandb://{entity}/{project}/artifacts/{artifact}", "artifact"},
     {"wandb://{entity}/{project}/calls/{call}", "call"},
     {"wandb://{entity}/{project}/reports/{report}", "report"}}));
  CAPTURE(r.uri);
  fake_context c;
  CHECK(in_uri(c, r.uri, r.variable, "a", {}).empty());
  CHECK(in_prompt(c, "compare_best_runs", "metric", "a", {}).empty());
  CHECK(in_prompt(c, "summarize_evaluation", "evaluation", "a", {}).empty());
  CHECK(c.requests.empty());
}

TEST_CASE("metrics are the numbers that runs end with, quality first",
          "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "CompleteMetric"),
          data(R"({"project":{"runs":{"edges":[)"
               R"({"node":{"summaryMetrics":"{\"epoch\":3,\"note\":\"x\",)"
               R"(\"val\":{\"loss\":1},\"_step\":7}"}},)"
               R"({"node":{"summaryMetrics":"{\"epoch\":4}"}},)"
               R"({"node":{"summaryMetrics":null}}]}}})"));
  CHECK(in_prompt(c, "compare_best_runs", "metric", "")
        == texts{"val.loss", "epoch"});
  CHECK(in_prompt(c, "compare_best_runs", "goal", "min") == texts{"minimize"});
}

TEST_CASE("an artifact completes to a name, then to its aliases", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "CompleteArtifact"),
          data(R"({"project":{"artifactCollections":)"
               + edges({"resnet50", "resnet101"}) + "}}"));
  c.reply(at("/graphql", "CompleteAlias"),
          data(R"({"project":{"artifactCollection":{"aliases":)"
               + edges({"latest", "v3", "v12"}, "alias") + "}}}"));
  const auto uri = project + "/artifacts/{artifact}";
  CHECK(in_uri(c, uri, "artifact", "res")
        == texts{"resnet50:latest", "resnet101:latest"});
  CHECK(in_uri(c, uri, "artifact", "resnet50:v")
        == texts{"resnet50:v3", "resnet50:v12"});
  CHECK(c.body_of("/graphql", 1).at("variables").at("name") == "resnet50");
}

TEST_CASE("calls and evaluations are the newest there are", "[tools]") {
  fake_context c;
  const std::string row =
    R"({"id":"call-1","op_name":"weave:///alice/vision/op/Evaluation.evaluate:1)"
    R"(","display_name":"nightly run","started_at":"2025-02-01T10:00:00Z",)"
    R"("inputs":{"self":"weave:///alice/vision/object/nightly-eval:9"}})";
  c.reply_rows(at(stream), {row, row});
  CHECK(in_uri(c, project + "/calls/{call}", "call", "call")
        == texts{"call-1"});
  CHECK(in_prompt(c, "summarize_evaluation", "evaluation", "nightly")
        == texts{"nightly-eval", "nightly run"});
  CHECK(c.requests.size() == 2);
  CHECK(c.body_of(stream).at("limit").to_number<int>() <= 200);
}

TEST_CASE("registries are those of the organization, when one is chosen",
          "[tools]") {
  fake_context c;
  const auto owner = [](const std::string& name, const texts& projects) {
    return R"({"name":")" + name + R"(","orgEntity":{"name":")" + name
           + R"(-org","projects":)" + edges(projects) + "}}";
  };
  c.reply(at("/graphql", "CompleteRegistry"),
          data(R"({"viewer":{"organizations":[)"
               + owner("Acme", {"wandb-registry-model", "plain"}) + ","
               + owner("Northwind", {"wandb-registry-dataset"})
               + R"(,{"name":"Hidden","orgEntity":null}]}})"));
  CHECK(in_prompt(c, "review_registry", "registry", "", {})
        == texts{"model", "dataset"});
  CHECK(in_prompt(c, "review_registry", "registry", "",
                  {{"organization", "Northwind"}})
        == texts{"dataset"});
}

TEST_CASE("reports complete to their names", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "CompleteReport"),
          data(R"({"project":{"allViews":)" + edges({"weekly1"}) + "}}"));
  CHECK(in_uri(c, project + "/reports/{report}", "report", "")
        == texts{"weekly1"});
}

TEST_CASE("a completion costs one bounded request that may be reused",
          "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "CompleteRun"),
          data(R"({"project":{"runs":)" + edges(numbered(5000)) + "}}"));
  json::object what{{"name", "run"}, {"value", ""}};
  json::object context{{"arguments", alice()}};
  json::object ref{{"type", "ref/resource"}, {"uri", project + "/runs/{run}"}};
  json::object params{{"ref", ref}, {"argument", what}, {"context", context}};
  const auto got = ask(c, "completion/complete", std::move(params));
  CHECK(got.at("completion").at("values").as_array().size() == 100);
  CHECK(got.at("completion").at("total") == 200);
  REQUIRE(c.requests.size() == 1);
  CHECK(c.requests[0].reuse_for.count() > 0);
  CHECK(c.requests[0].body.find("first: 200") != std::string::npos);
}

TEST_CASE("when W&B can not say, there are no candidates", "[tools]") {
  struct row {
    const char* reply;
    errc code;
  };
  const auto r =
    GENERATE(values<row>({{R"({"entity":null})", errc::internal},
                          {R"({"entity":{"projects":7}})", errc::internal},
                          {nullptr, errc::rate_limited},
                          {nullptr, errc::unauthorized}}));
  fake_context c;
  if (r.reply)
    c.reply(at("/graphql"), data(r.reply));
  else
    c.fail(at("/graphql"), {.code = r.code, .message = "No."});
  CHECK(in_uri(c, project, "project", "a").empty());
}
