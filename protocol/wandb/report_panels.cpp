#include "protocol/wandb/report_panels.hpp"

#include <array>
#include <utility>

namespace mcp::wandb {
namespace {

constexpr int panel_width = 8; // of the grid's 24 units
constexpr int panel_height = 6;
constexpr int panels_per_row = 3;

constexpr std::array<std::pair<std::string_view, std::string_view>, 17>
  display_names{{{"Step", "_step"},
                 {"Name", "displayName"},
                 {"ID", "name"},
                 {"State", "state"},
                 {"CreatedTimestamp", "createdAt"},
                 {"Runtime", "duration"},
                 {"User", "username"},
                 {"Group", "group"},
                 {"JobType", "jobType"},
                 {"Hostname", "host"},
                 {"Tags", "tags"},
                 {"Sweep", "sweep"},
                 {"RelativeTime(Wall)", "_absolute_runtime"},
                 {"RelativeTime(Process)", "_runtime"},
                 {"WallTime", "_timestamp"},
                 {"UsingArtifact", "inputArtifacts"},
                 {"OutputtingArtifact", "outputArtifacts"}}};

/// Of those, what belongs to the run and not to its metrics.
constexpr bool is_run_attribute(std::string_view stored) {
  return !stored.starts_with('_');
}

std::string_view stored_name(std::string_view shown) {
  for (const auto& [display, stored] : display_names)
    if (shown == display)
      return stored;
  return {};
}

/// W&B keeps each top member of a config as {"value": ...}.
std::string config_path(std::string_view path) {
  const auto dot = path.find('.');
  if (dot == path.npos)
    return std::string(path) + ".value";
  const auto first = path.substr(0, dot);
  const auto rest = path.substr(dot + 1);
  if (rest == "value" || rest.starts_with("value."))
    return std::string(path);
  return std::string(first) + ".value." + std::string(rest);
}

/// The name on an axis of a scatter plot, which says where it is from.
std::string axis_name(std::string_view shown) {
  for (const std::string_view prefix : {"summary:", "run:"})
    if (shown.starts_with(prefix))
      return std::string(shown);
  for (const std::string_view prefix : {"config:", "config."})
    if (shown.starts_with(prefix))
      return "config:" + config_path(shown.substr(prefix.size()));
  for (const std::string_view prefix : {"summary.", "summary_metrics."})
    if (shown.starts_with(prefix))
      return "summary:" + std::string(shown.substr(prefix.size()));
  const auto stored = stored_name(shown);
  if (stored.empty())
    return "summary:" + std::string(shown);
  return (is_run_attribute(stored) ? "run:" : "summary:") + std::string(stored);
}

json::array metric_names(const std::vector<std::string>& shown) {
  json::array out;
  for (const auto& name : shown)
    out.emplace_back(metric_name(name));
  return out;
}

json::object titled(std::string_view title) {
  json::object out;
  if (!title.empty())
    out.emplace("chartTitle", title);
  return out;
}

json::object query_field(std::string_view name, json::array args = {}) {
  json::object out{{"name", name}};
  if (!args.empty())
    out.emplace("args", std::move(args));
  out.emplace("fields", json::array{});
  return out;
}

json::object query_argument(std::string_view name, json::value value) {
  return {{"name", name}, {"value", std::move(value)}};
}

json::object flow_config() {
  return {{"snapToColumns", true}, {"columnsPerPage", 3}, {"rowsPerPage", 2},
          {"gutterWidth", 16},     {"boxWidth", 460},     {"boxHeight", 300}};
}

json::object section_settings() {
  return {{"smoothingWeight", 0},
          {"smoothingType", "exponential"},
          {"xAxis", "_step"},
          {"ignoreOutliers", false},
          {"useRunsTableGroupingInPanels", true},
          {"smoothingActive", true},
          {"xAxisActive", false}};
}

/// A section of the grid; only the one that is shown holds panels.
json::object section(std::string_view name, std::string_view type,
                     json::array panels) {
  return {{"name", name},
          {"isOpen", false},
          {"panels", std::move(panels)},
          {"type", type},
          {"flowConfig", flow_config()},
          {"sorted", 0},
          {"localPanelSettings", section_settings()}};
}

json::object bank_config() {
  const json::object settings{{"autoOrganizePrefix", 2},
                              {"showEmptySections", false},
                              {"sortAlphabetically", false}};
  json::array sections;
  sections.push_back(section("Hidden Panels", "flow", {}));
  return {
    {"state", 0}, {"settings", settings}, {"sections", std::move(sections)}};
}

json::array placed(const std::vector<report_panel>& panels,
                   const id_source& new_id) {
  json::array out;
  for (const auto& panel : panels) {
    const auto i = static_cast<int>(out.size());
    const json::object layout{{"x", i % panels_per_row * panel_width},
                              {"y", i / panels_per_row * panel_height},
                              {"w", panel_width},
                              {"h", panel_height}};
    out.push_back(json::object{{"__id__", new_id()},
                               {"layout", layout},
                               {"viewType", panel.view_type},
                               {"config", panel.config}});
  }
  return out;
}

} // namespace

std::string metric_name(std::string_view shown) {
  constexpr std::string_view config = "config.";
  if (shown.starts_with(config))
    return std::string(config) + config_path(shown.substr(config.size()));
  const auto stored = stored_name(shown);
  return std::string(stored.empty() ? shown : stored);
}

report_panel line_panel(std::string_view title, std::string_view x,
                        const std::vector<std::string>& metrics) {
  auto config = titled(title);
  config.emplace("xAxis", metric_name(x));
  config.emplace("metrics", metric_names(metrics));
  return {"Run History Line Plot", std::move(config)};
}

report_panel bar_panel(std::string_view title,
                       const std::vector<std::string>& metrics) {
  auto config = titled(title);
  config.emplace("metrics", metric_names(metrics));
  config.emplace("vertical", false);
  return {"Bar Chart", std::move(config)};
}

report_panel scatter_panel(std::string_view title, std::string_view x,
                           std::string_view y) {
  auto config = titled(title);
  config.emplace("xAxis", axis_name(x));
  config.emplace("yAxis", axis_name(y));
  return {"Scatter Plot", std::move(config)};
}

report_panel markdown_panel(std::string_view markdown) {
  return {"Markdown Panel", {{"value", markdown}}};
}

report_panel custom_panel(const custom_chart& chart) {
  json::array fields;
  fields.push_back(query_field("id"));
  fields.push_back(query_field("name"));
  json::array table_args;
  table_args.push_back(
    query_argument("tableKey", json::string(chart.table_key)));
  fields.push_back(query_field(chart.source, std::move(table_args)));
  json::array run_args;
  run_args.push_back(query_argument("runSets", "${runSets}"));
  run_args.push_back(query_argument("limit", 500));
  auto query = query_field("runSets", std::move(run_args));
  query["fields"] = std::move(fields);
  json::array queries;
  queries.push_back(std::move(query));
  const json::object transform{{"name", "tableWithLeafColNames"}};
  const json::object user_query{{"queryFields", std::move(queries)}};
  return {"Vega2",
          {{"transform", transform},
           {"userQuery", user_query},
           {"panelDefId", chart.definition},
           {"fieldSettings", chart.fields},
           {"stringSettings", chart.strings}}};
}

json::object panel_grid_block(const std::vector<report_panel>& panels,
                              const run_set& runs, bool hide_run_sets,
                              const id_source& new_id) {
  const json::object view{
    {"name", "Panels"}, {"defaults", json::array{}}, {"config", json::array{}}};
  const json::object views{{"views", json::object{{"0", view}}},
                           {"tabs", json::array{"0"}}};
  json::array run_sets;
  run_sets.push_back(run_set_json(runs, new_id()));
  json::object metadata{
    {"openViz", true},
    {"openRunSet", 0},
    {"name", "unused-name"},
    {"runSets", std::move(run_sets)},
    {"hideRunSets", hide_run_sets},
    {"panels", views},
    {"panelBankConfig", bank_config()},
    {"panelBankSectionConfig",
     section("Report Panels", "grid", placed(panels, new_id))},
    {"customRunColors", json::object{}}};
  json::array children;
  children.push_back(json::object{{"text", ""}});
  return {{"type", "panel-grid"},
          {"children", std::move(children)},
          {"metadata", std::move(metadata)}};
}

} // namespace mcp::wandb
