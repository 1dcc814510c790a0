#pragma once

// Reading one item of the argument `panels`. What it holds came from a model
// and may be anything; every function here throws `panel_refusal` for what it
// can not use.

#include "protocol/wandb/report_panels.hpp"
#include "tools/context.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

struct panel_refusal {
  std::string reason; // part of a sentence, for the caller
  /// Leaving the panel out without a note would mislead the report's readers.
  bool misleading = false;
};

[[noreturn]] void refuse_panel(std::string reason, bool misleading = false);

/// The member "type" in lower case; empty when there is none.
[[nodiscard]] std::string panel_type(const json::value& panel);

/// A text that must be there and not be empty.
[[nodiscard]] std::string_view required_panel_text(const json::object& panel,
                                                   std::string_view name);

/// 1 to 3; 2 when absent.
[[nodiscard]] int heading_level(const json::object& panel);

/// A chart of one of the types line, bar, scatter, run_comparison,
/// markdown_panel, custom_chart, custom_chart_table.
[[nodiscard]] wandb::report_panel read_panel(const json::object& panel,
                                             std::string_view type);

/// The Markdown of a panel of type markdown_table.
[[nodiscard]] std::string markdown_table(const json::object& panel);

/// Whether the panel says which runs it shows.
[[nodiscard]] bool names_runs(const json::object& panel);

/// The runs that a panel shows: `filters`, else `analysis_run_id`, else
/// `run_ids`, else all of `all_runs`.
[[nodiscard]] wandb::run_set runs_of_panel(const json::object& panel,
                                           const wandb::run_set& all_runs);

/// A sentence for each member that a panel of this type does not take. Empty
/// for a type that there is not.
[[nodiscard]] std::vector<std::string>
unknown_panel_members(const json::object& panel, std::string_view type);

[[nodiscard]] bool hides_run_sets(const json::object& panel);

} // namespace mcp::tools
