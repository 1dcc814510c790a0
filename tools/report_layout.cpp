#include "tools/report_layout.hpp"

#include "protocol/wandb/markdown_blocks.hpp"
#include "protocol/wandb/markdown_inline.hpp"
#include "protocol/wandb/report_blocks.hpp"
#include "tools/models_budget.hpp"
#include "tools/report_panel.hpp"

#include <algorithm>
#include <optional>

namespace mcp::tools {
namespace {

constexpr std::size_t most_panels = 50; // those in grids counted
constexpr std::size_t longest_reason = 200;
constexpr std::size_t longest_type = 40;
constexpr std::size_t most_notes = 10;

bool is_layout(std::string_view type) {
  return type == "heading" || type == "markdown" || type == "panel_grid";
}

class layout_reader {
public:
  layout_reader(const wandb::run_set& all_runs, const wandb::id_source& new_id)
      : all_runs_(all_runs), new_id_(new_id) {}

  report_layout read(const json::array& panels) {
    for (const auto& panel : panels)
      out_.ordered |= is_layout(panel_type(panel));
    for (std::size_t i = 0; i < panels.size(); ++i)
      attempt(i, std::nullopt, panels[i], [&] { item(i, panels[i]); });
    return std::move(out_);
  }

private:
  template <class Draw>
  void attempt(std::size_t index, std::optional<std::size_t> inner,
               const json::value& panel, Draw draw) {
    try {
      if (++seen_ > most_panels)
        refuse_panel("a report takes at most 50 panels");
      if (!panel.is_object())
        refuse_panel("a panel must be an object");
      draw();
      note(index, inner, panel.get_object());
    } catch (const panel_refusal& r) {
      const auto reason = shorten(r.reason, longest_reason);
      if (r.misleading && !inner)
        out_.blocks.push_back(wandb::paragraph_block(
          "A panel could not be drawn here: " + reason + "."));
      if (out_.skipped.size() == most_panels)
        return;
      json::object entry{{"index", index}};
      if (inner)
        entry.emplace("panel", *inner);
      if (const auto type = panel_type(panel); !type.empty())
        entry.emplace("type", shorten(type, longest_type));
      entry.emplace("reason", reason);
      out_.skipped.push_back(std::move(entry));
    }
  }

  void note(std::size_t index, std::optional<std::size_t> inner,
            const json::object& panel) {
    for (const auto& what : unknown_panel_members(panel, panel_type(panel)))
      if (out_.notes.size() < most_notes)
        out_.notes.push_back(
          "panels[" + std::to_string(index) + "]"
          + (inner ? ".panels[" + std::to_string(*inner) + "]" : "") + ": "
          + what);
  }

  void item(std::size_t index, const json::value& value) {
    const auto& panel = value.get_object();
    const auto type = panel_type(value);
    if (type == "heading") {
      out_.blocks.push_back(wandb::heading_block(
        heading_level(panel),
        wandb::markdown_line(required_panel_text(panel, "text"))));
    } else if (type == "markdown") {
      for (auto& block :
           wandb::markdown_blocks(required_panel_text(panel, "text")))
        out_.blocks.push_back(std::move(block));
    } else if (type == "markdown_table") {
      out_.blocks.push_back(wandb::markdown_block(markdown_table(panel)));
    } else if (type == "panel_grid") {
      return grid(index, panel); // counts its panels itself
    } else {
      auto chart = read_panel(panel, type);
      add_grid(panel, {std::move(chart)});
    }
    ++out_.rendered;
  }

  void grid(std::size_t index, const json::object& panel) {
    const auto* inner = panel.if_contains("panels");
    const auto* list = inner ? inner->if_array() : nullptr;
    if (!list || list->empty())
      refuse_panel("a panel_grid needs a list of panels", true);
    // First: without its runs the whole grid would show something else.
    const auto runs = runs_of_panel(panel, all_runs_);
    std::vector<wandb::report_panel> charts;
    for (std::size_t i = 0; i < list->size(); ++i)
      attempt(index, i, (*list)[i], [&] {
        const auto& child = (*list)[i].get_object();
        if (names_runs(child))
          refuse_panel("a panel_grid has one set of runs: name the runs at the "
                       "grid");
        charts.push_back(read_panel(child, panel_type((*list)[i])));
      });
    if (charts.empty())
      refuse_panel("none of the grid's panels can be drawn", true);
    out_.rendered += charts.size();
    out_.blocks.push_back(
      wandb::panel_grid_block(charts, runs, hides_run_sets(panel), new_id_));
  }

  void add_grid(const json::object& panel,
                const std::vector<wandb::report_panel>& charts) {
    out_.blocks.push_back(wandb::panel_grid_block(
      charts, runs_of_panel(panel, all_runs_), hides_run_sets(panel), new_id_));
  }

  const wandb::run_set& all_runs_;
  const wandb::id_source& new_id_;
  std::size_t seen_ = 0;
  report_layout out_;
};

} // namespace

report_layout read_layout(const json::array& panels,
                          const wandb::run_set& all_runs,
                          const wandb::id_source& new_id) {
  return layout_reader(all_runs, new_id).read(panels);
}

} // namespace mcp::tools
