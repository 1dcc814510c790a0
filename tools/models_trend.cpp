#include "tools/models_trend.hpp"

#include "tools/models_diff.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace mcp::tools {
namespace {

constexpr double least_scale = 1e-8; // against a division by zero

double mean(std::vector<double>::const_iterator from,
            std::vector<double>::const_iterator to) {
  return std::accumulate(from, to, 0.0) / static_cast<double>(to - from);
}

std::ptrdiff_t tail_length(std::size_t n) {
  return std::max<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(n / 10));
}

/// What a change is measured by where a mean can be near zero by cancelling.
double scale_of(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low >= 0 || *high <= 0)
    return least_scale;
  double sum = 0;
  for (const auto v : values)
    sum += std::abs(v);
  return std::max(least_scale, sum / static_cast<double>(values.size()));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

constexpr std::array<std::string_view, 3> loss_patterns{"train_loss",
                                                        "train/loss", "loss"};
constexpr std::array<std::string_view, 5> validation_patterns{
  "val_loss", "val/loss", "eval_loss", "eval/loss", "validation_loss"};

bool looks_like_validation(std::string_view name) {
  const auto low = lower(name);
  return std::any_of(validation_patterns.begin(), validation_patterns.end(),
                     [&low](auto p) { return low.find(p) != low.npos; })
         || low.find("validation/loss") != low.npos;
}

/// How well a name fits; 0 not at all. Being the pattern, or ending in it as a
/// part of a path, beats holding it somewhere ("aux_loss_weight").
int fits(std::string_view name, std::string_view pattern) {
  const auto low = lower(name);
  if (low == pattern)
    return 3;
  if (low.ends_with("/" + std::string(pattern))
      || low.ends_with("." + std::string(pattern)))
    return 2;
  return low.find(pattern) != low.npos ? 1 : 0;
}

template <std::size_t N>
std::optional<std::string>
first_fit(const std::array<std::string_view, N>& patterns,
          const std::vector<std::string>& candidates, const auto& allowed) {
  for (const auto pattern : patterns) {
    const std::string* best = nullptr;
    int best_fit = 0;
    for (const auto& name : candidates)
      if (const auto fit = fits(name, pattern); fit > best_fit && allowed(name))
        best = &name, best_fit = fit;
    if (best)
      return *best;
  }
  return std::nullopt;
}

} // namespace

trend trend_of(const std::vector<double>& values) {
  const auto n = values.size();
  if (n < least_values)
    return trend::insufficient_data;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(n / 2);
  const auto early = mean(values.begin(), middle);
  const auto late = mean(middle, values.end());
  const auto scale = scale_of(values);
  const auto step = 0.05 * std::max(std::abs(early), scale);
  if (late - early < -step) {
    const auto rest = std::abs(tail_mean(values) - late);
    return rest / std::max(std::abs(late), scale) < 0.05 ? trend::plateaued
                                                         : trend::decreasing;
  }
  return late - early > step ? trend::increasing : trend::plateaued;
}

std::string_view to_string(trend t) {
  switch (t) {
  case trend::insufficient_data:
    return "insufficient_data";
  case trend::decreasing:
    return "decreasing";
  case trend::plateaued:
    return "plateaued";
  case trend::increasing:
    return "increasing";
  }
  return "insufficient_data";
}

std::string_view logged_series::trend_text() const {
  return ends_non_finite ? "non_finite" : to_string(trend_of(values));
}

double tail_mean(const std::vector<double>& values) {
  return mean(values.end() - tail_length(values.size()), values.end());
}

double mean_of(const std::vector<double>& values) {
  return mean(values.begin(), values.end());
}

json::object
overfit_signal(const logged_series& train, const logged_series& validation,
               const std::vector<std::pair<double, double>>& pairs) {
  if (train.values.size() < least_values
      || validation.values.size() < least_values) {
    return {{"detected", false}, {"reason", "insufficient_data"}};
  }
  if (train.ends_non_finite || validation.ends_non_finite)
    return {{"detected", false},
            {"reason", "non_finite"},
            {"train_loss_trend", train.trend_text()},
            {"val_loss_trend", validation.trend_text()}};
  const auto of_train = trend_of(train.values);
  const auto of_validation = trend_of(validation.values);
  bool detected = of_train == trend::decreasing
                  && (of_validation == trend::increasing
                      || of_validation == trend::plateaued);
  json::object out{{"detected", false},
                   {"train_loss_trend", to_string(of_train)},
                   {"val_loss_trend", to_string(of_validation)},
                   {"gap_early", nullptr},
                   {"gap_late", nullptr},
                   {"gap_ratio", nullptr},
                   {"aligned_points", pairs.size()}};
  if (pairs.size() >= least_values) {
    std::vector<double> gaps, above;
    for (const auto& [t, v] : pairs) {
      gaps.push_back(std::abs(v - t));
      above.push_back(v - t);
    }
    const auto middle =
      gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
    const auto early = mean(gaps.begin(), middle);
    const auto late = mean(middle, gaps.end());
    const auto half = above.begin() + (middle - gaps.begin());
    detected = detected
               || (of_train != trend::increasing && mean(half, above.end()) > 0
                   && late > 1.3 * early);
    out["gap_early"] = six_decimals(early);
    out["gap_late"] = six_decimals(late);
    out["gap_ratio"] =
      std::round(late / std::max(early, least_scale) * 1000) / 1000;
  }
  out["detected"] = detected;
  return out;
}

loss_keys detect_loss_keys(loss_keys given,
                           const std::vector<std::string>& candidates) {
  if (!given.validation)
    given.validation =
      first_fit(validation_patterns, candidates,
                [&](const std::string& name) { return given.loss != name; });
  if (!given.loss)
    given.loss = first_fit(loss_patterns, candidates, [&](const auto& name) {
      return given.validation != name && !looks_like_validation(name);
    });
  return given;
}

} // namespace mcp::tools
