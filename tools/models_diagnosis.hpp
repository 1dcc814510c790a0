#pragma once

// The verdict on one run, from series that were read already. Pure.

#include "tools/models_history.hpp"
#include "tools/models_oddities.hpp"
#include "tools/models_trend.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mcp::tools {

/// What was seen of one metric.
struct examined_metric {
  oddities odd;
  bool all = false; // every value was looked at, not samples
};

struct diagnosis_input {
  loss_keys keys;
  std::string run_state;
  bool is_over = false;
  std::int64_t last_step = -1; // -1: not known
  std::map<std::string, examined_metric> examined;
  std::map<std::string, logged_series> series;
  /// Training and validation loss where both were logged in one row.
  std::vector<std::pair<double, double>> pairs;
};

/// The numbers of one metric in rows, in their order.
[[nodiscard]] logged_series series_in(const rows_list& rows,
                                      std::string_view key);

/// Both metrics' values of the rows that hold both as finite numbers.
[[nodiscard]] std::vector<std::pair<double, double>>
pairs_in(const rows_list& rows, std::string_view a, std::string_view b);

/// {"diagnosis", "loss_stats", "overfit_signal", "nan_warnings", "spikes",
///  "trends", "recommendations"}, as the output schema of diagnose_run_tool has
///  them.
[[nodiscard]] json::object diagnose(const diagnosis_input& input);

} // namespace mcp::tools
