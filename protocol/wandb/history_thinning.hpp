#pragma once

#include "protocol/wandb/history_rows.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace mcp::wandb {

/// Keeps `count` rows, in order. What is kept, as long as there is room:
/// 1. the last row;
/// 2. a row of every metric, the rarest metric first;
/// 3. all rows of a metric, the rarest first, when they all fit: what is logged
///    once per epoch must not be thinned away by what is logged every step;
/// 4. the first row;
/// 5. evenly spread rows, the room shared among the metrics that do not fit.
/// Deterministic. Cost: proportional to the members of all rows.
[[nodiscard]] std::vector<history_row> thin_rows(std::vector<history_row> rows,
                                                 std::size_t count,
                                                 std::string_view x_axis);

} // namespace mcp::wandb
