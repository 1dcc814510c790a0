#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"
#include "tools/catalog.hpp"

#include <string>
#include <vector>

using namespace mcp;
using namespace mcp::tools;

namespace {

request_matcher stream() {
  return
    [](const upstream_request& r) { return r.path.ends_with("/file_stream"); };
}
request_matcher upload() {
  return [](const upstream_request& r) { return r.method == "PUT"; };
}

const std::string project_reply =
  R"({"data":{"project":{"id":"x","internalId":"i","name":"p"}}})";
const std::string run_reply =
  R"({"data":{"upsertBucket":{"inserted":true,"bucket":{"id":"b"}}}})";
const std::string files_reply =
  R"({"data":{"createRunFiles":{"runID":"b",
      "uploadHeaders":["Content-Type:application/json","X-Signed: yes "],
      "files":[{"name":"n","uploadUrl":"https://storage.example/u?sig=1"}]}}})";

struct wandb_double {
  std::string run = run_reply;
  std::string files = files_reply;

  void serve(fake_context& c) const {
    c.reply(at("/graphql", "ProjectHeader"), project_reply);
    c.reply(at("/graphql", "UpsertRun"), run);
    c.reply(at("/graphql", "CreateRunFiles"), files);
    c.reply(upload(), "{}");
    c.reply(stream(), R"({"limits":{}})");
  }
};

json::array rows(std::string_view text) {
  return json::parse(text).as_array();
}

json::object input(json::object more = {}) {
  json::object out{{"entity_name", "al ice"},
                   {"project_name", "p"},
                   {"analysis_name", "latency"},
                   {"data", rows(R"([{"model":"a","ms":100},{"model":"b",
                                     "ms":300},{"ms":200,"deep":[1]}])")}};
  for (const auto& [name, value] : more)
    out[name] = value;
  return out;
}

tool_result call(fake_context& c, json::object more = {}) {
  static const catalog offered({&log_analysis_to_wandb});
  const auto& e = *offered.find("log_analysis_to_wandb");
  return c.drive(tools::run(e, c, input(std::move(more))));
}

std::vector<const upstream_request*> sent(const fake_context& c,
                                          const request_matcher& which) {
  std::vector<const upstream_request*> out;
  for (const auto& r : c.requests)
    if (which(r))
      out.push_back(&r);
  return out;
}

json::object made_run(const fake_context& c) {
  return c.body_of("/graphql", 1).at("variables").as_object();
}

json::object summary_sent(const fake_context& c) {
  return json::parse(made_run(c).at("summaryMetrics").as_string()).as_object();
}

} // namespace

TEST_CASE("an analysis becomes a finished run with its rows", "[tools]") {
  fake_context c;
  wandb_double{}.serve(c);
  const json::object scalars{{"p50", 1.5}, {"ms_mean", 7}};
  const auto r = call(c, {{"scalars", scalars}, {"charts", {json::object{}}}});
  REQUIRE_FALSE(r.is_error);
  REQUIRE(c.requests.size() == 5);
  CHECK(c.requests[0].read);
  for (int i = 1; i < 5; ++i) {
    CHECK_FALSE(c.requests[i].read);
    CHECK(c.requests[i].at_most.count() > 0);
  }

  const auto v = made_run(c);
  const std::string run(v.at("name").as_string());
  CHECK(run.size() == 8);
  CHECK(v.at("displayName") == "latency");
  CHECK(v.at("tags") == json::array{"mcp-generated"});
  CHECK(v.at("jobType") == "mcp-analysis");
  CHECK(v.at("config") == "{}");
  CHECK(v.at("notes").as_string().size() > 20);

  const auto& posted = c.requests[4];
  CHECK(posted.path == "/files/al%20ice/p/" + run + "/file_stream");
  const auto body = json::parse(posted.body);
  const auto& history = body.at("files").at("wandb-history.jsonl");
  CHECK(history.at("offset") == 0);
  std::vector<json::value> lines;
  for (const auto& line : history.at("content").as_array())
    lines.push_back(json::parse(line.as_string()));
  const std::string path(r.structured.at("table_path").as_string());
  const auto reference = lines[2].at("rows");
  CHECK(reference.at("path").as_string() == path);
  CHECK(reference.at("_type") == "table-file");
  CHECK(lines
        == std::vector<json::value>{
          json::parse(
            R"({"_step":0,"_timestamp":1750000000,"model":"a","ms":100})"),
          json::parse(
            R"({"_step":1,"_timestamp":1750000000,"model":"b","ms":300})"),
          json::object{{"_step", 2},
                       {"_timestamp", 1750000000},
                       {"ms", 200},
                       {"rows", reference}}});
  CHECK(body.at("uploaded") == json::array{path});
  CHECK(body.at("complete") == true);
  CHECK(body.at("exitcode") == 0);

  auto summary = summary_sent(c);
  CHECK(json::value(summary)
        == json::parse(R"({"p50":1.5,"ms_mean":200,"_mcp_row_count":3,
             "_mcp_columns":"[\"model\",\"ms\",\"deep\"]","ms_min":100,
             "ms_max":300,"ms_median":200})"));
  summary["rows"] = reference;
  summary["_step"] = 2;
  summary["_timestamp"] = 1750000000;
  const auto& line =
    body.at("files").at("wandb-summary.json").at("content").at(0);
  CHECK(json::parse(line.as_string()) == json::value(summary));

  CHECK(r.structured.at("run_id").as_string() == run);
  CHECK(r.structured.at("run_url").as_string()
        == "https://wandb.ai/al%20ice/p/runs/" + run);
  CHECK(r.structured.at("logged_keys")
        == json::array{"p50", "ms_mean", "_mcp_row_count", "_mcp_columns",
                       "ms_min", "ms_max", "ms_median"});
  CHECK(r.structured.at("table_columns") == json::array{"model", "ms", "deep"});
  CHECK(r.structured.at("row_count") == 3);
  CHECK(r.structured.at("history_rows") == 3);
  CHECK(r.structured.at("state") == "finished");
}

TEST_CASE("a table goes where W&B says, without a key of ours", "[tools]") {
  fake_context c;
  wandb_double{}.serve(c);
  call(c);
  REQUIRE(sent(c, upload()).size() == 1);
  const auto& put = *sent(c, upload())[0];
  CHECK(put.to == service::storage);
  CHECK(put.path == "https://storage.example/u?sig=1");
  CHECK(put.content_type == "application/json");
  CHECK(put.headers == std::vector<std::string>{"X-Signed: yes"});
  CHECK(json::parse(put.body)
        == json::parse(R"({"columns":["model","ms","deep"],
             "data":[["a",100,null],["b",300,null],[null,200,[1]]]})"));
}

TEST_CASE("W&B can not choose the headers that name us", "[tools]") {
  const auto header = GENERATE(values<std::string>(
    {"Authorization:Basic x", "HOST: evil", "Cookie:a", "X-Bad:a\r\nY: b",
     "no colon", ": x", "X Y: z", "Content-Length: 5"}));
  fake_context c;
  auto answer = json::parse(files_reply);
  answer.at("data").at("createRunFiles").as_object()["uploadHeaders"] =
    json::array{header, 7};
  wandb_double{.files = json::serialize(answer)}.serve(c);
  call(c);
  CHECK(sent(c, upload()).at(0)->headers.empty());
}

TEST_CASE("a path to upload to is one of the API", "[tools]") {
  fake_context c;
  auto answer = json::parse(files_reply);
  answer.at("data")
    .at("createRunFiles")
    .at("files")
    .at(0)
    .as_object()["uploadUrl"] = "/artifacts/u";
  wandb_double{.files = json::serialize(answer)}.serve(c);
  call(c);
  CHECK(sent(c, upload()).at(0)->to == service::api);
  CHECK(sent(c, upload()).at(0)->path == "/artifacts/u");
}

TEST_CASE("statistics count numbers, and booleans as such", "[tools]") {
  fake_context c;
  wandb_double{}.serve(c);
  call(c, {{"data", rows(R"([{"x":100,"ok":true,"s":"5","one":1,"big":1e308},
                             {"x":400,"ok":false,"big":1e308},
                             {"x":200,"ok":true},{"x":300,"ok":true},
                             {"x":"NaN"},{"x":"-Infinity"}])")}});
  auto summary = summary_sent(c);
  summary.erase("_mcp_columns");
  CHECK(json::value(summary)
        == json::parse(R"({"_mcp_row_count":6,"x_mean":250,"x_min":100,
             "x_non_finite":2,
             "x_max":400,"x_median":300,"ok_mean":0.75,"ok_min":0,"ok_max":1,
             "ok_median":1,"big_mean":1e308,"big_min":1e308,"big_max":1e308,
             "big_median":1e308})"));
}

TEST_CASE("names that W&B uses itself stay out of the history", "[tools]") {
  fake_context c;
  wandb_double{}.serve(c);
  call(c, {{"data", rows(R"([{"_step":9,"_timestamp":1,"_wandb":2,"rows":3,
                              "none":null}])")}});
  const auto body = json::parse(sent(c, stream()).at(0)->body);
  const auto line = json::parse(body.at("files")
                                  .at("wandb-history.jsonl")
                                  .at("content")
                                  .at(0)
                                  .as_string())
                      .as_object();
  CHECK(line.at("_step") == 0);
  CHECK(line.at("_timestamp") == 1750000000);
  CHECK(line.at("rows") == 3);
  CHECK(line.at("rows_table").at("_type") == "table-file");
  CHECK_FALSE(line.contains("_wandb"));
  CHECK_FALSE(line.contains("none"));
}

TEST_CASE("data that can not be meant never reaches W&B", "[tools]") {
  json::array many, wide(1);
  many.resize(10'001, json::object{{"a", 1}});
  wide[0] = json::object{};
  for (int i = 0; i < 201; ++i)
    wide[0].get_object()[std::to_string(i)] = i;
  const auto [more, code] = GENERATE_COPY(table<json::object, std::string>({
    {{{"data", json::array{}}}, "log_failed"},
    {{{"data", nullptr}}, "invalid_input"},
    {{{"data", {1, 2}}}, "invalid_input"},
    {{{"data", many}}, "invalid_input"},
    {{{"data", wide}}, "invalid_input"},
    {{{"data", rows(R"([{"a\nb":1}])")}}, "invalid_input"},
    {{{"data", rows(R"([{"":1}])")}}, "invalid_input"},
    {{{"scalars", {{"a", "x"}}}}, "invalid_input"},
    {{{"scalars", {{"", 1}}}}, "invalid_input"},
    {{{"analysis_name", " "}}, "invalid_input"},
    {{{"analysis_name", std::string(200, 'x')}}, "invalid_input"},
  }));
  fake_context c;
  const auto r = call(c, more);
  CHECK(r.is_error);
  CHECK(r.structured.at("error").as_string() == code);
  CHECK(r.structured.at("message").as_string().size() > 20);
  CHECK(c.requests.empty());
}

TEST_CASE("a run is not made in a project that is not there", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "ProjectHeader"), R"({"data":{"project":null}})");
  CHECK(call(c).structured.at("error") == "project_not_found");
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a run id that is taken is not used", "[tools]") {
  const std::string taken =
    R"({"data":{"upsertBucket":{"inserted":false,"bucket":{"id":"b"}}}})";
  SECTION("another one is tried") {
    fake_context c;
    c.reply(at("/graphql", "UpsertRun"), taken).times(2);
    wandb_double{}.serve(c);
    CHECK_FALSE(call(c).is_error);
    CHECK(c.requests.size() == 7);
    CHECK(c.body_of("/graphql", 1).at("variables").at("name")
          != c.body_of("/graphql", 2).at("variables").at("name"));
  }
  SECTION("not for ever") {
    fake_context c;
    wandb_double{.run = taken}.serve(c);
    CHECK(call(c).structured.at("error") == "log_failed");
    CHECK(c.requests.size() == 4);
  }
}

TEST_CASE("a run that W&B refuses is not there", "[tools]") {
  fake_context c;
  wandb_double{.run = R"({"data":{"upsertBucket":null},
                          "errors":[{"message":"forbidden"}]})"}
    .serve(c);
  const auto r = call(c);
  CHECK(r.structured.at("error") == "log_failed");
  CHECK(r.structured.at("cause") == "not_permitted");
  CHECK_FALSE(r.structured.contains("run_url"));
  CHECK(c.requests.size() == 2);
}

TEST_CASE("a run that may be there is named", "[tools]") {
  const auto answer = GENERATE(values<std::string>(
    {"<html>", "{}", R"({"data":{"upsertBucket":null}})",
     R"({"data":{"upsertBucket":{"inserted":true,"bucket":null}}})"}));
  fake_context c;
  wandb_double{.run = answer}.serve(c);
  const auto r = call(c);
  CHECK(r.structured.at("error") == "outcome_unknown");
  CHECK(r.structured.at("retryable") == false);
  CHECK(r.structured.at("run_url").as_string()
        == "https://wandb.ai/al%20ice/p/runs/"
             + std::string(made_run(c).at("name").as_string()));
  CHECK(c.requests.size() == 2);
}

TEST_CASE("without its table a run still has its rows", "[tools]") {
  fake_context c;
  const auto which = GENERATE(values<std::string>(
    {"refused", "garbage", "no url", "no files", "upload fails"}));
  CAPTURE(which);
  if (which == "refused")
    c.fail(at("/graphql", "CreateRunFiles"),
           {.code = errc::outcome_unknown, .message = "lost"});
  if (which == "garbage")
    c.reply(at("/graphql", "CreateRunFiles"), "<html>");
  if (which == "no url")
    c.reply(at("/graphql", "CreateRunFiles"),
            R"({"data":{"createRunFiles":{"files":[{"uploadUrl":null}]}}})");
  if (which == "no files")
    c.reply(at("/graphql", "CreateRunFiles"),
            R"({"data":{"createRunFiles":{"files":[7],"uploadHeaders":3}}})");
  if (which == "upload fails")
    c.fail(upload(), {.code = errc::not_permitted, .message = "no"});
  wandb_double{}.serve(c);
  const auto r = call(c);
  CHECK_FALSE(r.is_error);
  CHECK(r.structured.at("table_path").is_null());
  CHECK(r.structured.at("table_error").as_string().size() > 1);
  CHECK(r.structured.at("history_rows") == 3);
  const auto body = json::parse(sent(c, stream()).at(0)->body).as_object();
  CHECK_FALSE(body.contains("uploaded"));
  CHECK(body.at("complete") == true);
  CHECK(sent(c, stream()).at(0)->body.find("table-file") == std::string::npos);
}

TEST_CASE("a run whose rows failed is named as such", "[tools]") {
  const auto [why, code] = GENERATE(table<failure, std::string>(
    {{{.code = errc::upstream_error, .message = "bad", .http_status = 400},
      "log_failed"},
     {{.code = errc::outcome_unknown, .message = "lost", .http_status = 503},
      "outcome_unknown"},
     {{.code = errc::upstream_unavailable, .message = "unreachable"},
      "upstream_unavailable"}}));
  fake_context c;
  c.fail(stream(), why);
  wandb_double{}.serve(c);
  const auto r = call(c);
  CHECK(r.is_error);
  CHECK(r.structured.at("error").as_string() == code);
  CHECK(r.structured.at("run_id") == made_run(c).at("name"));
  CHECK(r.structured.contains("run_url"));
  CHECK(r.structured.at("history_rows_sent") == 0);
  CHECK(r.structured.at("message").as_string().find("The run exists") == 0);
  CHECK(sent(c, stream()).size() == 1);
}

TEST_CASE("a run whose rows find no time is named as such", "[tools]") {
  fake_context c;
  c.time = std::chrono::seconds(50);
  c.time_per_answer = std::chrono::seconds(13);
  wandb_double{}.serve(c);
  const auto r = call(c);
  CHECK(r.structured.at("error") == "upstream_timeout");
  CHECK(r.structured.contains("run_url"));
  CHECK(sent(c, stream()).empty());
}

TEST_CASE("many rows go in several posts, and the last one ends the run",
          "[tools]") {
  json::array many;
  for (int i = 0; i < 9; ++i)
    many.push_back(json::object{{"i", i}, {"s", std::string(500'000, 'x')}});
  fake_context c;
  wandb_double{}.serve(c);
  CHECK_FALSE(call(c, {{"data", many}}).is_error);
  const auto posts = sent(c, stream());
  REQUIRE(posts.size() == 2);
  const auto first = json::parse(posts[0]->body).as_object();
  const auto second = json::parse(posts[1]->body).as_object();
  CHECK_FALSE(first.contains("complete"));
  CHECK_FALSE(first.at("files").as_object().contains("wandb-summary.json"));
  CHECK(second.at("complete") == true);
  CHECK(second.at("files").at("wandb-history.jsonl").at("offset") == 8);
  CHECK(second.at("files").as_object().contains("wandb-summary.json"));
}

TEST_CASE("rows with hardly a column in common make no table", "[tools]") {
  json::array sparse;
  for (int i = 0; i < 10'000; ++i)
    sparse.push_back(json::object{{"c" + std::to_string(i % 200), i}});
  fake_context c;
  wandb_double{}.serve(c);
  const auto r = call(c, {{"data", sparse}});
  CHECK_FALSE(r.is_error);
  CHECK(r.structured.at("table_error").as_string().size() > 10);
  CHECK(c.requests.size() == 3);
}

TEST_CASE("a long list of names fits the budget", "[tools]") {
  json::object row;
  for (int i = 0; i < 200; ++i)
    row["metric_with_a_long_name_" + std::to_string(i)] = i;
  json::array two{row, row};
  fake_context c;
  c.settings().max_response_tokens = 500;
  wandb_double{}.serve(c);
  const auto r = call(c, {{"data", two}});
  CHECK(token_size(r.structured) <= 2000);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("run_url").as_string().size() > 30);
}

TEST_CASE("a wrong key stores nothing", "[tools]") {
  fake_context c;
  c.fail(at("/graphql"), {.code = errc::unauthorized, .message = "no"});
  CHECK(call(c).structured.at("error") == "unauthorized");
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a cancelled analysis lets go of its request", "[tools]") {
  const auto which = GENERATE(0, 1, 2, 3, 4);
  fake_context c;
  const request_matcher steps[] = {
    at("/graphql", "ProjectHeader"), at("/graphql", "UpsertRun"),
    at("/graphql", "CreateRunFiles"), upload(), stream()};
  c.stay_silent(steps[which]);
  wandb_double{}.serve(c);
  {
    auto running = log_analysis_to_wandb.run(c, arguments(input()));
    running.start();
    c.pump();
    CHECK_FALSE(running.done());
  }
  CHECK(c.requests.size() == static_cast<std::size_t>(which) + 1);
  CHECK(c.abandoned_ids.size() == 1);
}
