#pragma once

#include "protocol/wandb/history_rows.hpp"
#include "tools/context.hpp"

#include <string_view>
#include <vector>

namespace mcp::tools {

/// Puts `rows` into `answer` as "rows" such that the whole fits `max_bytes` of
/// JSON: first rows are thinned, then texts cut at 500 bytes, then columns left
/// out. Adds "sampled_points", "step_range" and, when something was left out,
/// "truncated", "truncation_note" and "keys_omitted".
/// `answer` should hold everything else already.
/// Cost: each row is measured once, and once more when columns must go.
void add_rows(json::object& answer, std::vector<wandb::history_row> rows,
              std::string_view x_axis, std::size_t max_bytes);

} // namespace mcp::tools
