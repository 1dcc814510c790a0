#pragma once

// Where a series of numbers is going, by comparing its halves. Heuristics with
// fixed constants, so that the same run gets the same verdict everywhere.

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp::tools {

namespace json = boost::json;

enum class trend { insufficient_data, decreasing, plateaued, increasing };

/// Fewer values say nothing.
inline constexpr std::size_t least_values = 10;

/// Takes finite values in their order, of any sign.
/// Gives: the second half's mean against the first's: 5 % lower is decreasing,
///        5 % higher increasing, else plateaued. A decrease whose last tenth is
///        within 5 % of the second half is a plateau.
///        5 % of the first half's mean without its sign; where values have both
///        signs, of their mean size if that is more.
[[nodiscard]] trend trend_of(const std::vector<double>& values);

/// "insufficient_data", "decreasing", ...
[[nodiscard]] std::string_view to_string(trend t);

/// The mean of the last tenth, of at least one value. `values` is not empty.
[[nodiscard]] double tail_mean(const std::vector<double>& values);
[[nodiscard]] double mean_of(const std::vector<double>& values);

/// One metric as it was logged, in the order of the x axis.
struct logged_series {
  std::vector<double> values; // finite ones
  std::size_t logged = 0;     // values of all kinds
  std::size_t non_finite = 0;
  /// The last five values, of few the last tenth, have no finite one.
  bool ends_non_finite = false;
  json::value last = nullptr; // as it was logged

  /// Its trend as a text; "non_finite" for one that ends so.
  std::string_view trend_text() const;
};

/// "overfit_signal": {"detected", "train_loss_trend", "val_loss_trend",
/// "gap_early", "gap_late", "gap_ratio", "aligned_points"}.
/// Detected when training falls while validation does not; or when validation
/// is above training, which does not rise, and the distance between them grew
/// by more than 30 % from the first half of `pairs` (training, validation) to
/// the second. Two losses that rise are no overfitting. Fewer than ten pairs tell
/// nothing of the distance: those members are null.
[[nodiscard]] json::object
overfit_signal(const logged_series& train, const logged_series& validation,
               const std::vector<std::pair<double, double>>& pairs);

/// The metric names that are taken for training and validation loss when none
/// are given. Never the same one for both.
struct loss_keys {
  std::optional<std::string> loss;
  std::optional<std::string> validation;
};

/// Fills in what is empty from `candidates`, which are sorted. A name that
/// looks like validation is never taken for the training loss.
[[nodiscard]] loss_keys
detect_loss_keys(loss_keys given, const std::vector<std::string>& candidates);

} // namespace mcp::tools
