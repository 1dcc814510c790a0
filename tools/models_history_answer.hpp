#pragma once

#include "tools/models_history.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

/// What was asked for, as the answer repeats it.
struct history_question {
  std::vector<std::string> keys; // as given, without repeats
  std::int64_t requested_samples = 500;
  std::int64_t samples = 500; // of them, what one answer may hold
  std::string x_axis = "_step";
  std::optional<std::int64_t> min_step;
  std::optional<std::int64_t> max_step;
  std::optional<double> target;
  double tolerance = 0;
  bool target_met = true; // false: only a near value was logged
};

/// Adds what `fetched` holds to `answer`, such that the whole fits `max_size`
/// (`token_size`): counts of what was asked for, found and given, then the
/// rows, at most `q.samples` of them. When they are too much, rows are thinned,
/// down to 20 when no keys were named, then texts cut at 500 bytes, then columns
/// left out; the answer says so, and names columns to choose from.
/// `run` tells which of the keys were ever logged; `all_rows` is how many rows
/// the question has for an answer, empty when that is known only by reading.
/// What is called exact is proven: W&B gave fewer rows than it might have, or
/// as many as it counts.
/// Cost: each row is measured once, and once more when columns must go.
void add_history(json::object& answer, const history_question& q,
                 history_rows fetched, const run_header& run,
                 std::optional<std::int64_t> all_rows, std::size_t max_size);

} // namespace mcp::tools
