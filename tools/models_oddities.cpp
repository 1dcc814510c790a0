#include "tools/models_oddities.hpp"

#include "tools/models_diff.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace mcp::tools {
namespace {

constexpr std::size_t least_values = 12;
constexpr std::size_t each_side = 5;
constexpr double normal = 1.4826; // a median distance as a standard deviation

template <class List>
double median_of(List& values) {
  const auto middle =
    values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 != 0)
    return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// What the values around one are like.
struct surroundings {
  double median = 0, spread = 0;
};

surroundings around(const std::vector<double>& values, std::size_t i) {
  const auto size = 2 * each_side + 1;
  const auto from = std::min(i - std::min(i, each_side), values.size() - size);
  std::array<double, 2 * each_side> near{}; // asked for each value: no heap
  for (std::size_t k = from, n = 0; k < from + size; ++k)
    if (k != i)
      near[n++] = values[k];
  surroundings out{.median = median_of(near)};
  for (auto& v : near)
    v = std::abs(v - out.median);
  out.spread = normal * median_of(near);
  return out;
}

/// Indices of the spikes; `largest` becomes the place among them of the one
/// that is farthest off.
std::vector<std::size_t> spikes_in(const std::vector<double>& values,
                                   std::size_t& largest) {
  if (values.size() < least_values)
    return {};
  std::vector<surroundings> all;
  std::vector<double> distances;
  all.reserve(values.size());
  distances.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    all.push_back(around(values, i));
    distances.push_back(std::abs(values[i] - all[i].median));
  }
  auto sorted = distances;
  const auto usual = normal * median_of(sorted);
  std::vector<std::size_t> out;
  double farthest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto distance = distances[i];
    if (distance <= 10 * std::max(all[i].spread, usual)
        || distance <= std::abs(all[i].median) / 2)
      continue;
    if (distance > farthest) {
      farthest = distance;
      largest = out.size();
    }
    out.push_back(i);
  }
  return out;
}

} // namespace

json::object logged_value::shown() const {
  json::object out{{"step", nullptr}, {"value", value}};
  if (step)
    out["step"] = *step;
  if (const auto* number = value.if_double())
    out["value"] = six_decimals(*number);
  return out;
}

std::size_t oddities::non_finite_count() const {
  std::size_t out = 0;
  for (const auto& [text, count] : non_finite)
    out += count;
  return out;
}

oddities oddities_in(const std::vector<wandb::history_row>& rows,
                     std::string_view key) {
  oddities out;
  std::vector<double> values;
  std::vector<std::size_t> places; // of the values in `rows`
  const auto value_in = [&](std::size_t i) {
    return logged_value{wandb::step_of(rows[i]), rows[i].at(key)};
  };
  std::size_t low = 0, high = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto* v = rows[i].if_contains(key);
    if (!v)
      continue;
    if (wandb::is_non_finite(*v)) {
      ++out.examined;
      ++out.non_finite[std::string(v->get_string())];
      if (!out.first_non_finite)
        out.first_non_finite = value_in(i);
    } else if (const auto number = wandb::number_in(rows[i], key)) {
      ++out.examined;
      low = values.empty() || *number < values[low] ? values.size() : low;
      high = values.empty() || *number > values[high] ? values.size() : high;
      values.push_back(*number);
      places.push_back(i);
    }
  }
  if (values.empty())
    return out;
  out.lowest = value_in(places[low]);
  out.highest = value_in(places[high]);
  for (const auto i : spikes_in(values, out.largest_spike))
    out.spikes.push_back(value_in(places[i]));
  return out;
}

} // namespace mcp::tools
