#pragma once

#include "protocol/wandb/report_panels.hpp"
#include "tools/context.hpp"

#include <string>
#include <vector>

namespace mcp::tools {

struct report_layout {
  json::array blocks;
  /// The caller placed headings or grids: the order is theirs. Otherwise the
  /// charts follow under a heading of their own.
  bool ordered = false;
  std::size_t rendered = 0; // panels that are in `blocks`
  json::array skipped;      // {"index", "panel"?, "type"?, "reason"}
  /// Of panels that were drawn: what of them was not understood, as sentences.
  std::vector<std::string> notes;
};

/// The argument `panels` as blocks. What can not be drawn as it was asked for
/// is left out and listed in `skipped`; a panel whose data would have been
/// wrong (its runs, say) also leaves a note where it would have been.
/// `all_runs` is the run set of a panel that names no runs.
[[nodiscard]] report_layout read_layout(const json::array& panels,
                                        const wandb::run_set& all_runs,
                                        const wandb::id_source& new_id);

} // namespace mcp::tools
