#include "protocol/wandb/report_panels.hpp"
#include "tests/catch.hpp"

#include <string>
#include <vector>

using namespace mcp::wandb;

namespace {

const run_set all_runs{.entity = "e", .project = "p", .project_id = "i"};

id_source counted() {
  return [n = 0]() mutable { return "id" + std::to_string(++n); };
}

} // namespace

TEST_CASE("names of metrics are those that W&B stores", "[protocol]") {
  struct row {
    std::string shown, stored;
  };
  const auto [shown, stored] = GENERATE(values<row>({
    {"loss", "loss"},
    {"_step", "_step"},
    {"Step", "_step"},
    {"RelativeTime(Wall)", "_absolute_runtime"},
    {"JobType", "jobType"},
    {"config.lr", "config.lr.value"},
    {"config.a.b.c", "config.a.value.b.c"},
    {"config.a.value.b", "config.a.value.b"},
    {"config.a.value", "config.a.value"},
    {"summary_metrics.loss", "summary_metrics.loss"},
  }));
  CHECK(metric_name(shown) == stored);
}

TEST_CASE("charts have the settings that W&B reads", "[protocol]") {
  struct row {
    report_panel panel;
    std::string view_type, config;
  };
  const auto r = GENERATE(values<row>({
    {line_panel("T", "Step", {"loss", "config.lr"}), "Run History Line Plot",
     R"({"chartTitle":"T","xAxis":"_step","metrics":["loss","config.lr.value"]})"},
    {line_panel("", "_step", {"loss"}), "Run History Line Plot",
     R"({"xAxis":"_step","metrics":["loss"]})"},
    {bar_panel("B", {"acc"}), "Bar Chart",
     R"({"chartTitle":"B","metrics":["acc"],"vertical":false})"},
    {scatter_panel("S", "config.opt.lr", "loss"), "Scatter Plot",
     R"({"chartTitle":"S","xAxis":"config:opt.value.lr","yAxis":"summary:loss"})"},
    {scatter_panel("", "run:duration", "Runtime"), "Scatter Plot",
     R"({"xAxis":"run:duration","yAxis":"run:duration"})"},
    {scatter_panel("", "summary:a.b", "Step"), "Scatter Plot",
     R"({"xAxis":"summary:a.b","yAxis":"summary:_step"})"},
    {scatter_panel("", "config:lr", "summary.x"), "Scatter Plot",
     R"({"xAxis":"config:lr.value","yAxis":"summary:x"})"},
    {markdown_panel("*x*"), "Markdown Panel", R"({"value":"*x*"})"},
    {custom_panel({.definition = "wandb/line/v0",
                   .source = "summaryTable",
                   .table_key = "t",
                   .fields = {{"x", "a"}},
                   .strings = {{"title", "C"}}}),
     "Vega2",
     R"({"transform":{"name":"tableWithLeafColNames"},
         "userQuery":{"queryFields":[{"name":"runSets",
           "args":[{"name":"runSets","value":"${runSets}"},
                   {"name":"limit","value":500}],
           "fields":[{"name":"id","fields":[]},{"name":"name","fields":[]},
             {"name":"summaryTable","args":[{"name":"tableKey","value":"t"}],
              "fields":[]}]}]},
         "panelDefId":"wandb/line/v0","fieldSettings":{"x":"a"},
         "stringSettings":{"title":"C"}})"},
  }));
  CAPTURE(r.view_type, r.config);
  CHECK(r.panel.view_type == r.view_type);
  CHECK(json::value(r.panel.config) == json::parse(r.config));
}

TEST_CASE("a grid places three panels in a row", "[protocol]") {
  const std::vector<report_panel> four(4, bar_panel("", {"m"}));
  const auto block = panel_grid_block(four, all_runs, true, counted());
  CHECK(block.at("type") == "panel-grid");
  const auto& meta = block.at("metadata").as_object();
  CHECK(meta.at("hideRunSets") == true);
  CHECK(meta.at("runSets").at(0).at("id") == "id1");
  const auto& section = meta.at("panelBankSectionConfig");
  CHECK(section.at("type") == "grid");
  std::vector<std::pair<int, int>> places;
  for (const auto& panel : section.at("panels").as_array()) {
    const auto& layout = panel.at("layout");
    places.emplace_back(layout.at("x").to_number<int>(),
                        layout.at("y").to_number<int>());
    CHECK(layout.at("w") == 8);
    CHECK(layout.at("h") == 6);
  }
  CHECK(places
        == std::vector<std::pair<int, int>>{{0, 0}, {8, 0}, {16, 0}, {0, 6}});
  CHECK(section.at("panels").at(3).at("__id__") == "id5");
}

TEST_CASE("a grid has all that the editor expects of one", "[protocol]") {
  const auto block =
    panel_grid_block({markdown_panel("x")}, all_runs, false, counted());
  auto meta = block.at("metadata").as_object();
  const auto flow = json::parse(
    R"({"snapToColumns":true,"columnsPerPage":3,"rowsPerPage":2,
        "gutterWidth":16,"boxWidth":460,"boxHeight":300})");
  const auto local = json::parse(
    R"({"smoothingWeight":0,"smoothingType":"exponential","xAxis":"_step",
        "ignoreOutliers":false,"useRunsTableGroupingInPanels":true,
        "smoothingActive":true,"xAxisActive":false})");
  const auto section = [&](const char* name, const char* type) {
    return json::object{{"name", name},
                        {"isOpen", false},
                        {"type", type},
                        {"flowConfig", flow},
                        {"sorted", 0},
                        {"localPanelSettings", local},
                        {"panels", json::array{}}};
  };
  meta.erase("runSets");
  meta["panelBankSectionConfig"].as_object()["panels"] = json::array{};
  json::array hidden;
  hidden.push_back(section("Hidden Panels", "flow"));
  const json::object settings{{"autoOrganizePrefix", 2},
                              {"showEmptySections", false},
                              {"sortAlphabetically", false}};
  const json::object bank{
    {"state", 0}, {"settings", settings}, {"sections", hidden}};
  json::value wanted = json::parse(
    R"({"openViz":true,"openRunSet":0,"name":"unused-name","hideRunSets":false,
        "panels":{"views":{"0":{"name":"Panels","defaults":[],"config":[]}},
                  "tabs":["0"]},"customRunColors":{}})");
  wanted.as_object()["panelBankConfig"] = bank;
  wanted.as_object()["panelBankSectionConfig"] =
    section("Report Panels", "grid");
  CHECK(json::value(meta) == wanted);
}
