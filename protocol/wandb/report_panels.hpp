#pragma once

// The charts of a W&B report: panels, and the grids that hold them.

#include "protocol/wandb/report_run_set.hpp"

#include <boost/json.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::wandb {

/// A chart without its place: how W&B calls it, and its settings.
struct report_panel {
  std::string_view view_type; // a literal
  json::object config;
};

/// Gives a new id for a thing of a report: up to 12 of [0-9a-z].
using id_source = std::function<std::string()>;

/// A curve per run over `x`. Names of metrics are as a user says them: "loss",
/// "config.lr", or a display name of the app ("Step").
[[nodiscard]] report_panel line_panel(std::string_view title,
                                      std::string_view x,
                                      const std::vector<std::string>& metrics);
/// A bar per run, of the run's summary.
[[nodiscard]] report_panel bar_panel(std::string_view title,
                                     const std::vector<std::string>& metrics);
/// A dot per run. `x` and `y` may say where they are from, "summary:loss",
/// "config:lr", "run:duration"; a bare name is of the summary.
[[nodiscard]] report_panel
scatter_panel(std::string_view title, std::string_view x, std::string_view y);
[[nodiscard]] report_panel markdown_panel(std::string_view markdown);

/// A Vega chart over a table that the runs logged.
struct custom_chart {
  std::string definition; // "wandb/line/v0"
  std::string source;     // "summaryTable" or "historyTable"
  std::string table_key;
  json::object fields;  // field of the definition -> column of the table
  json::object strings; // text of the definition -> text
};
[[nodiscard]] report_panel custom_panel(const custom_chart& chart);

/// A grid of `panels` over one set of runs, three to a row.
[[nodiscard]] json::object
panel_grid_block(const std::vector<report_panel>& panels, const run_set& runs,
                 bool hide_run_sets, const id_source& new_id);

/// The name of a metric in a chart's settings: display names of the app become
/// what W&B stores, "config.a.b" becomes "config.a.value.b".
[[nodiscard]] std::string metric_name(std::string_view shown);

} // namespace mcp::wandb
