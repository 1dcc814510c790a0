#pragma once

#include "tools/models_history.hpp"

#include <string>
#include <vector>

namespace mcp::tools {

/// Two runs and the metrics to hold against each other.
struct pair_wish {
  run_path a;
  run_path b;
  std::vector<std::string> keys;
  std::string x_axis = "_step";
  std::int64_t samples = 50; // of each metric and run
};

/// The metrics of both runs, those that tell quality first, at most `most`.
/// From the index of each run's history, or where W&B has none from the numbers
/// in its summary.
struct shared_metrics {
  std::vector<std::string> keys;
  std::size_t omitted = 0;
};
[[nodiscard]] shared_metrics metrics_of_both(const run_header& a,
                                             const json::object& summary_a,
                                             const run_header& b,
                                             const json::object& summary_b,
                                             std::size_t most);

/// Samples both runs in one request for every eight metrics and sums them up:
/// {"keys", "x_axis", "join", "run_a_rows", "run_b_rows", "run_a_sample",
///  "run_b_sample", "metrics": {key: {"run_a": {"points", "first", "last",
///  "min", "max", "non_finite", "sampled"}, "run_b": {...}, "last_delta",
///  "aligned_points", "mean_delta"}}}. "last" is the last value of any kind,
/// the others and the deltas speak of finite ones.
task<json::object> compare_histories(call_context& context, pair_wish wish);

} // namespace mcp::tools
