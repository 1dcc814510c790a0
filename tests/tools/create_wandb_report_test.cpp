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

const std::string project_reply =
  R"({"data":{"project":{"id":"x","internalId":"internal-7","name":"p",
      "entityName":"alice"}}})";
const std::string saved_reply =
  R"({"data":{"upsertView":{"inserted":true,"view":{"id":"Vmlldzox=="}}}})";

/// A W&B that has the project and saves what it is given.
void serve(fake_context& c, const std::string& answer = saved_reply) {
  c.reply(at("/graphql", "ProjectHeader"), project_reply);
  c.reply(at("/graphql", "UpsertView"), answer);
}

json::object input(json::object more = {}) {
  json::object out{
    {"entity_name", "alice"}, {"project_name", "p"}, {"title", "My report"}};
  for (const auto& [name, value] : more)
    out[name] = value;
  return out;
}

/// Runs it the way a client does: arguments are checked, throws are results.
tool_result call(fake_context& c, json::object more = {}) {
  static const catalog offered({&create_wandb_report});
  const auto& e = *offered.find("create_wandb_report_tool");
  return c.drive(tools::run(e, c, input(std::move(more))));
}

json::object saved_variables(const fake_context& c) {
  return c.body_of("/graphql", 1).at("variables").as_object();
}

/// The blocks that were saved, without the frame and the notice.
json::array saved_blocks(const fake_context& c) {
  const auto spec =
    json::parse(saved_variables(c).at("spec").as_string()).as_object();
  auto blocks = spec.at("blocks").as_array();
  REQUIRE(blocks.size() >= 3);
  CHECK(blocks[1].at("type") == "markdown-block");
  return json::array(blocks.begin() + 2, blocks.end() - 1);
}

/// "heading panel-grid markdown-block" ...
std::string types_of(const json::array& blocks) {
  std::string out;
  for (const auto& b : blocks)
    out += (out.empty() ? "" : " ") + std::string(b.at("type").as_string());
  return out;
}

json::array panels(std::string_view text) {
  return json::parse(text).as_array();
}

const json::value& run_set_in(const json::value& grid) {
  return grid.at("metadata").at("runSets").at(0);
}

json::value panels_in(const json::value& grid) {
  return grid.at("metadata").at("panelBankSectionConfig").at("panels");
}

/// op and value of the single condition of a grid's runs; null without one.
json::value condition_of(const json::value& grid) {
  const auto& groups = run_set_in(grid).at("filters").at("filters").as_array();
  REQUIRE(groups.size() == 1);
  const auto& leaves = groups[0].at("filters").as_array();
  if (leaves.empty())
    return nullptr;
  REQUIRE(leaves.size() == 1);
  return json::array{leaves[0].at("key").at("name"), leaves[0].at("op"),
                     leaves[0].at("value")};
}

} // namespace

TEST_CASE("a report is looked up, saved once, and linked", "[tools]") {
  fake_context c;
  serve(c);
  const auto r = call(c, {{"title", " A & b "},
                          {"description", "sub"},
                          {"markdown_report_text", "# Top\n\ntext"}});
  CHECK_FALSE(r.is_error);
  const std::string url = "https://wandb.ai/alice/p/reports/A-b--Vmlldzox";
  CHECK(*r.text == "The report was saved here: " + url);
  CHECK(json::value(r.structured)
        == json::value(json::object{{"url", url},
                                    {"report_id", "Vmlldzox=="},
                                    {"blocks", 3},
                                    {"panels_rendered", 0},
                                    {"panels_skipped", json::array{}},
                                    {"plots_skipped", json::array{}}}));
  REQUIRE(c.requests.size() == 2);
  CHECK(c.requests[0].read);
  CHECK_FALSE(c.requests[1].read);
  CHECK(c.requests[1].at_most.count() > 0);
  const auto v = saved_variables(c);
  CHECK(v.at("entity") == "alice");
  CHECK(v.at("project") == "p");
  CHECK(v.at("displayName") == "A & b");
  CHECK(v.at("description") == "sub");
  CHECK(v.at("type") == "runs");
  CHECK(v.at("name").as_string().size() == 12);
  CHECK(types_of(saved_blocks(c)) == "heading paragraph");
}

TEST_CASE("a report without content says so", "[tools]") {
  fake_context c;
  serve(c);
  CHECK_FALSE(call(c, {{"markdown_report_text", " \n "}}).is_error);
  CHECK(types_of(saved_blocks(c)) == "paragraph");
  CHECK(saved_variables(c).at("description") == "");
}

TEST_CASE("charts follow the text under a heading", "[tools]") {
  fake_context c;
  serve(c);
  const auto r =
    call(c, {{"markdown_report_text", "text"}, {"panels", panels(R"([
          {"type":"line","y":["loss"]},
          {"type":"Bar","metrics":"acc","title":"B"},
          {"type":"scatter","x":"lr","y":"loss"},
          {"type":"run_comparison","metrics":["loss"],"run_ids":["r1","r2"]},
          {"type":"markdown_table","title":"T","headers":["Metric","Value"],
           "rows":[["a|b",1.5],["c\nd"],[null,true,"cut"]]},
          {"type":"markdown_panel","markdown":"*x*"},
          {"type":"custom_chart","chart_name":"wandb/line/v0","title":"C",
           "query":{"historyTable":{"tableKey":"t"}},"chart_fields":{"x":"a"}},
          {"type":"custom_chart_table","table_name":"t",
           "chart_fields":{"x":"a"},"hide_run_sets":true}])")}});
  CHECK(r.structured.at("panels_rendered") == 8);
  CHECK(r.structured.at("panels_skipped") == json::array{});
  const auto blocks = saved_blocks(c);
  CHECK(types_of(blocks)
        == "paragraph heading panel-grid panel-grid panel-grid panel-grid "
           "markdown-block panel-grid panel-grid panel-grid");
  CHECK(blocks[1].at("children").at(0).at("text") == "Charts");
  CHECK(blocks[6].at("content")
        == "### T\n\n| Metric | Value |\n| --- | --- |\n"
           "| a\\|b | 1.5 |\n| c d |  |\n|  | true |");
  CHECK(condition_of(blocks[2]).is_null());
  CHECK(condition_of(blocks[5])
        == json::value({"name", "IN", json::array{"r1", "r2"}}));
  CHECK(panels_in(blocks[5]).at(0).at("config").at("xAxis") == "_step");
  CHECK(panels_in(blocks[8]).at(0).at("config").at("stringSettings")
        == json::value(json::object{{"title", "C"}}));
  CHECK(panels_in(blocks[9]).at(0).at("config").at("panelDefId")
        == "wandb/line/v0");
  CHECK(blocks[9].at("metadata").at("hideRunSets") == true);
  CHECK(run_set_in(blocks[2]).at("project").at("id") == "internal-7");
}

TEST_CASE("headings and grids make the panels a layout", "[tools]") {
  fake_context c;
  serve(c);
  const auto r = call(c, {{"panels", panels(R"([
    {"type":"line","y":["loss"]},
    {"type":"heading","text":"See `x`","level":3},
    {"type":"markdown","text":"# Inner\n\nwords"},
    {"type":"panel_grid","run_ids":["a"],"panels":[
      {"type":"line","y":"loss"},{"type":"bar","metrics":["acc"]},
      {"type":"markdown_panel","markdown":"x"},
      {"type":"scatter","x":"a","y":"b"}]},
    {"type":"heading","text":"End"}])")}});
  CHECK(r.structured.at("panels_rendered") == 8);
  const auto blocks = saved_blocks(c);
  CHECK(types_of(blocks)
        == "panel-grid heading heading paragraph panel-grid heading");
  CHECK(blocks[1].at("level") == 3);
  CHECK(blocks[1].at("children").at(1).at("inlineCode") == true);
  CHECK(blocks[5].at("level") == 2);
  CHECK(panels_in(blocks[4]).as_array().size() == 4);
  CHECK(condition_of(blocks[4])
        == json::value({"name", "IN", json::array{"a"}}));
}

TEST_CASE("a panel shows the runs it was asked for", "[tools]") {
  struct row {
    std::string scope;
    std::string condition; // JSON of [name, op, value]
    std::string search = "";
  };
  const auto [scope, condition, search] = GENERATE(values<row>({
    {R"("analysis_run_id":"abc123")", R"(["name","IN",["abc123"]])"},
    {R"("run_ids":["a"])", R"(["name","IN",["a"]])"},
    {R"("run_ids":["a"],"analysis_run_id":"b")", R"(["name","IN",["b"]])"},
    {R"("filters":"State == 'x'","analysis_run_id":"b","run_ids":["a"])",
     R"(["state","=","x"])"},
    {R"("filters":"name == 'x'")", R"(["name","=","x"])"},
    {R"("filters":"","run_ids":["a"])", R"(["name","IN",["a"]])"},
    {R"("filters":null,"run_ids":null)", "null"},
    {R"("runset":{"run_ids":["a"],"query":"q"})", R"(["name","IN",["a"]])",
     "q"},
    {R"("runset":{"filters":"Name != 'y'"},"run_ids":["a"])",
     R"(["displayName","!=","y"])"},
    {R"("runset_query":"words")", "null", "words"},
  }));
  CAPTURE(scope);
  fake_context c;
  serve(c);
  const auto text = R"([{"type":"line","y":["loss"],)" + scope + "}]";
  const auto r = call(c, {{"panels", panels(text)}});
  CHECK(r.structured.at("panels_rendered") == 1);
  const auto grid = saved_blocks(c).at(1);
  CHECK(condition_of(grid) == json::parse(condition));
  CHECK(run_set_in(grid).at("search").at("query").as_string() == search);
}

TEST_CASE("what can not be drawn is left out and named", "[tools]") {
  const auto panel = GENERATE(values<std::string>({
    R"({"type":"pie","y":["loss"]})",
    R"({"type":null})",
    R"({"y":["loss"]})",
    R"({"type":"line"})",
    R"({"type":"line","y":[]})",
    R"({"type":"line","y":""})",
    R"({"type":"bar","metrics":[]})",
    R"({"type":"scatter","x":"a"})",
    R"({"type":"markdown_panel","markdown":" "})",
    R"({"type":"markdown_table","headers":[],"rows":[]})",
    R"({"type":"markdown_table","headers":["a"]})",
    R"({"type":"custom_chart","chart_name":"x","chart_fields":{"x":"y"}})",
    R"({"type":"custom_chart_table","table_name":"t"})",
    R"({"type":"custom_chart_table","table_name":"t","chart_fields":{}})",
    R"({"type":"heading"})",
  }));
  CAPTURE(panel);
  fake_context c;
  serve(c);
  const auto r = call(c, {{"markdown_report_text", "text"},
                          {"panels", panels("[" + panel + "]")}});
  CHECK_FALSE(r.is_error);
  CHECK(types_of(saved_blocks(c)) == "paragraph");
  CHECK(r.structured.at("panels_rendered") == 0);
  const auto& skipped = r.structured.at("panels_skipped").as_array();
  REQUIRE(skipped.size() == 1);
  CHECK(skipped[0].at("index") == 0);
  CHECK(skipped[0].at("reason").as_string().size() > 10);
  CHECK(r.text->find("\n- panel 0") != std::string::npos);
}

TEST_CASE("a chart that would be wrong leaves a note in its place", "[tools]") {
  const auto panel = GENERATE(values<std::string>({
    R"({"type":"line","y":["loss"],"run_ids":"a"})",
    R"({"type":"line","y":["loss"],"run_ids":[]})",
    R"({"type":"line","y":["loss"],"run_ids":["a",""]})",
    R"({"type":"line","y":["loss"],"run_ids":[1]})",
    R"({"type":"line","y":["loss"],"filters":"loss < 1"})",
    R"({"type":"line","y":["loss"],"filters":{"a":1}})",
    R"({"type":"line","y":["loss"],"analysis_run_id":7})",
    R"({"type":"line","y":["loss"],"runset":"x"})",
    R"({"type":"line","y":["loss"],"runset_query":{}})",
    R"({"type":"line","y":[1]})",
    R"({"type":"line","y":{"a":1}})",
    R"({"type":"line","y":["loss"],"x":5})",
    R"({"type":"line","y":["loss"],"title":["t"]})",
    R"({"type":"custom_chart","chart_name":"x","chart_fields":{"x":"y"},
        "query":{"other":{}}})",
    R"({"type":"custom_chart_table","table_name":"t","chart_fields":{"x":1}})",
    R"({"type":"markdown_table","headers":["a"],"rows":["b"]})",
    R"({"type":"panel_grid","panels":[]})",
    R"({"type":"panel_grid"})",
    R"({"type":"heading","text":"x","level":4})",
  }));
  CAPTURE(panel);
  fake_context c;
  serve(c);
  const auto r = call(c, {{"panels", panels("[" + panel + "]")}});
  CHECK_FALSE(r.is_error);
  CHECK(r.structured.at("panels_skipped").as_array().size() == 1);
  const auto blocks = saved_blocks(c);
  CHECK(types_of(blocks).ends_with("paragraph"));
  CHECK(blocks.back()
          .at("children")
          .at(0)
          .at("text")
          .as_string()
          .starts_with("A panel could not be drawn here: "));
}

TEST_CASE("a grid keeps the panels that it can draw", "[tools]") {
  fake_context c;
  serve(c);
  const auto r = call(c, {{"panels", panels(R"([{"type":"panel_grid","panels":[
    {"type":"line","y":["loss"],"run_ids":["a"]},
    {"type":"line","y":["loss"]},
    {"type":"heading","text":"x"}, 5]}])")}});
  CHECK(r.structured.at("panels_rendered") == 1);
  const auto& skipped = r.structured.at("panels_skipped").as_array();
  REQUIRE(skipped.size() == 3);
  CHECK(skipped[0].at("index") == 0);
  CHECK(skipped[0].at("panel") == 0);
  CHECK(skipped[1].at("panel") == 2);
  CHECK(panels_in(saved_blocks(c).at(0)).as_array().size() == 1);
}

TEST_CASE("a report takes fifty panels, those in grids counted", "[tools]") {
  json::array many;
  for (int i = 0; i < 60; ++i)
    many.push_back(json::object{{"type", "line"}, {"y", "loss"}});
  json::array grid;
  grid.push_back(json::object{{"type", "panel_grid"}, {"panels", many}});
  fake_context c;
  serve(c);
  const auto r = call(c, {{"panels", grid}});
  CHECK(r.structured.at("panels_rendered") == 49);
  CHECK(r.structured.at("panels_skipped").as_array().size() == 11);
  fake_context d;
  CHECK(call(d, {{"panels", many}}).structured.at("error") == "invalid_input");
  CHECK(d.requests.empty());
}

TEST_CASE("pictures are shown, and others are named", "[tools]") {
  fake_context c;
  serve(c);
  const json::object plots{{"good", "<svg/>"},
                           {"text", "**a**"},
                           {"bad", "<svg onload='x'/>"},
                           {"page", "<html></html>"},
                           {"none", " "}};
  const auto r = call(c, {{"plots_html", plots}});
  const auto blocks = saved_blocks(c);
  CHECK(types_of(blocks) == "image markdown-block");
  CHECK(blocks[0].at("url") == "data:image/svg+xml;base64,PHN2Zy8+");
  CHECK(blocks[0].at("children").at(0).at("text") == "good");
  std::vector<std::string> labels;
  for (const auto& s : r.structured.at("plots_skipped").as_array())
    labels.emplace_back(s.at("label").as_string());
  CHECK(labels == std::vector<std::string>{"bad", "page", "none"});
}

TEST_CASE("a picture may come alone or as the text of an object", "[tools]") {
  const auto [plots, label] = GENERATE(table<std::string, std::string>(
    {{"<svg/>", "chart"}, {R"( {"a": "<svg/>"})", "a"}}));
  fake_context c;
  serve(c);
  call(c, {{"plots_html", plots}});
  const auto blocks = saved_blocks(c);
  REQUIRE(types_of(blocks) == "image");
  CHECK(blocks[0].at("children").at(0).at("text").as_string() == label);
}

TEST_CASE("pictures together have a limit", "[tools]") {
  const auto large = "<svg>" + std::string(500u << 10, ' ') + "</svg>";
  json::object plots;
  for (int i = 0; i < 5; ++i)
    plots[std::to_string(i)] = large;
  fake_context c;
  serve(c);
  const auto r = call(c, {{"plots_html", plots}});
  CHECK(saved_blocks(c).size() == 3);
  CHECK(r.structured.at("plots_skipped").as_array().size() == 2);
}

TEST_CASE("arguments that make no report never reach W&B", "[tools]") {
  const auto more = GENERATE(values<json::object>({
    {{"title", " "}},
    {{"title", std::string(129, 'x')}},
    {{"entity_name", ""}},
    {{"project_name", "\n"}},
    {{"markdown_report_text", std::string((1u << 20) + 1, 'x')}},
    {{"panels", {1}}},
  }));
  fake_context c;
  CHECK(call(c, more).structured.at("error") == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("a title is measured in characters", "[tools]") {
  std::string title;
  for (int i = 0; i < 128; ++i)
    title += "\xC3\xA9";
  fake_context c;
  serve(c);
  CHECK_FALSE(call(c, {{"title", title}}).is_error);
}

TEST_CASE("a report that is too large is not sent", "[tools]") {
  json::array rows;
  for (int i = 0; i < 9; ++i)
    rows.push_back(json::array{std::string(100'000, 'x')});
  json::array tables;
  for (int i = 0; i < 5; ++i)
    tables.push_back(json::object{{"type", "markdown_table"},
                                  {"headers", json::array{"a"}},
                                  {"rows", rows}});
  fake_context c;
  serve(c);
  CHECK(call(c, {{"panels", tables}}).structured.at("error")
        == "report_too_large");
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a table can not grow beyond what was sent", "[tools]") {
  json::array headers, rows;
  for (int i = 0; i < 100; ++i)
    headers.push_back("h");
  for (int i = 0; i < 100'000; ++i)
    rows.push_back(json::array{});
  json::array tables;
  tables.push_back(json::object{
    {"type", "markdown_table"}, {"headers", headers}, {"rows", rows}});
  fake_context c;
  serve(c);
  const auto r = call(c, {{"panels", tables}});
  CHECK(r.structured.at("panels_skipped").as_array().size() == 1);
}

TEST_CASE("a project that is not there is not made", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "ProjectHeader"), R"({"data":{"project":null}})");
  CHECK(call(c).structured.at("error") == "project_not_found");
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a wrong key is said to be one", "[tools]") {
  fake_context c;
  c.fail(at("/graphql"),
         {.code = errc::unauthorized, .message = "no", .http_status = 401});
  CHECK(call(c).structured.at("error") == "unauthorized");
}

TEST_CASE("a report that W&B refuses was not created", "[tools]") {
  fake_context c;
  serve(c, R"({"data":{"upsertView":null},
               "errors":[{"message":"permission denied"}]})");
  const auto r = call(c);
  CHECK(r.is_error);
  CHECK(r.structured.at("error") == "report_creation_failed");
  CHECK(r.structured.at("cause") == "not_permitted");
  CHECK(r.structured.at("message")
        == "Error creating report: permission denied");
  CHECK(c.requests.size() == 2);
}

TEST_CASE("a report that may have been saved is not tried again", "[tools]") {
  const failure lost{
    .code = errc::outcome_unknown, .message = "lost", .http_status = 503};
  fake_context c;
  c.reply(at("/graphql", "ProjectHeader"), project_reply);
  c.fail(at("/graphql", "UpsertView"), lost);
  const auto r = call(c);
  CHECK(r.is_error);
  CHECK(r.structured.at("error") == "outcome_unknown");
  CHECK(r.structured.at("retryable") == false);
  CHECK(r.structured.at("upstream_status") == 503);
  CHECK(r.structured.contains("hint"));
  CHECK(r.structured.at("project") == "alice/p");
  CHECK(c.requests.size() == 2);
}

TEST_CASE("an answer that can not be read leaves the outcome open", "[tools]") {
  const auto answer = GENERATE(values<std::string>({
    "",
    "<html>",
    "[]",
    "{}",
    R"({"data":null})",
    R"({"data":{}})",
    R"({"data":{"upsertView":null}})",
    R"({"data":{"upsertView":7}})",
    R"({"data":{"upsertView":{"view":null}}})",
    R"({"data":{"upsertView":{"view":{"id":5}}}})",
  }));
  CAPTURE(answer);
  fake_context c;
  serve(c, answer);
  const auto r = call(c);
  CHECK(r.structured.at("error") == "outcome_unknown");
  CHECK(r.structured.at("retryable") == false);
}

TEST_CASE("a failure before anything was sent keeps its name", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "ProjectHeader"), project_reply);
  c.fail(at("/graphql", "UpsertView"),
         {.code = errc::rate_limited,
          .message = "slow down",
          .retry_after = std::chrono::seconds(3)});
  const auto r = call(c);
  CHECK(r.structured.at("error") == "rate_limited");
  CHECK(r.structured.at("retry_after_ms") == 3000);
}

TEST_CASE("nothing is sent when no time is left to hear of it", "[tools]") {
  fake_context c;
  c.time = std::chrono::seconds(3);
  c.time_per_answer = std::chrono::seconds(3);
  serve(c);
  CHECK(call(c).structured.at("error") == "upstream_timeout");
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a project's answer may be of any shape", "[tools]") {
  const auto answer =
    GENERATE(values<std::string>({R"({"data":{"project":{"internalId":5}}})",
                                  R"({"data":{"project":{}}})"}));
  fake_context c;
  c.reply(at("/graphql", "ProjectHeader"), answer);
  c.reply(at("/graphql", "UpsertView"), saved_reply);
  CHECK_FALSE(call(c).is_error);
}

TEST_CASE("a long list of what was skipped fits the budget", "[tools]") {
  json::array many;
  for (int i = 0; i < 50; ++i)
    many.push_back(json::object{{"type", std::string(300, 'x')}});
  fake_context c;
  c.settings().max_response_tokens = 300;
  serve(c);
  const auto r = call(c, {{"panels", many}});
  CHECK_FALSE(r.is_error);
  CHECK(token_size(r.structured) <= 1200);
  CHECK(r.text->size() <= 1200);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.contains("truncation_note"));
  CHECK(r.text->find("My-report--Vmlldzox\n") != std::string::npos);
}

TEST_CASE("a cancelled report lets go of its request", "[tools]") {
  const auto silent =
    GENERATE(values<std::string>({"ProjectHeader", "UpsertView"}));
  fake_context c;
  c.stay_silent(at("/graphql", silent));
  serve(c);
  {
    auto running = create_wandb_report.run(
      c, arguments(input({{"markdown_report_text", "x"}})));
    running.start();
    c.pump();
    CHECK_FALSE(running.done());
    CHECK(c.abandoned_ids.empty());
  }
  CHECK(c.abandoned_ids.size() == 1);
}
