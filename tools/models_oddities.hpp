#pragma once

// What samples and means hide in one metric: values that are no numbers, and
// single values far from those around them. Pure.

#include "protocol/wandb/history_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

namespace json = boost::json;

/// One value as it was logged; the step is empty when the row has none.
struct logged_value {
  std::optional<std::int64_t> step;
  json::value value; // a number, or one of the texts of non_finite.hpp

  /// {"step", "value"}, numbers to six decimals.
  json::object shown() const;
};

struct oddities {
  std::size_t examined = 0;                       // numbers of all kinds
  std::map<std::string, std::size_t> non_finite;  // text -> how often
  std::optional<logged_value> first_non_finite;
  std::vector<logged_value> spikes; // in their order
  std::size_t largest_spike = 0;    // index of the one farthest off
  std::optional<logged_value> lowest, highest; // finite ones

  std::size_t non_finite_count() const;
};

/// Looks at the values of `key` in rows that ascend by step.
/// A spike is a finite value that is farther from the median of the ten around
/// it than ten times their usual distance from that, and than half of it.
/// Fewer than twelve values have none.
[[nodiscard]] oddities oddities_in(const std::vector<wandb::history_row>& rows,
                                   std::string_view key);

} // namespace mcp::tools
