#include "tools/models_diagnosis.hpp"

#include "tools/models_diff.hpp"

#include <algorithm>
#include <cmath>

namespace mcp::tools {
namespace {

const logged_series* loss_of(const diagnosis_input& input) {
  if (!input.keys.loss)
    return nullptr;
  const auto found = input.series.find(*input.keys.loss);
  return found == input.series.end() ? nullptr : &found->second;
}

const char* verdict_of(trend t) {
  switch (t) {
  case trend::insufficient_data:
    return "insufficient_data";
  case trend::decreasing:
    return "training";
  case trend::plateaued:
    return "converged";
  case trend::increasing:
    return "diverging";
  }
  return "insufficient_data";
}

json::object stats_of(const std::string& key, const logged_series& loss,
                      trend t) {
  const auto& v = loss.values;
  json::object out{
    {"key", key},
    {"first_value", six_decimals(v.front())},
    {"last_value", six_decimals(v.back())},
    {"min_value", six_decimals(*std::min_element(v.begin(), v.end()))},
    {"tail_mean", six_decimals(tail_mean(v))},
    {"overall_mean", six_decimals(mean_of(v))},
    {"trend", to_string(t)},
    {"total_steps", v.size()}};
  if (loss.ends_non_finite)
    out.emplace("ends_non_finite", true);
  return out;
}

json::value nan_warnings_of(const diagnosis_input& input) {
  json::object out;
  for (const auto& [key, one] : input.series) {
    if (one.non_finite == 0)
      continue;
    const auto fraction =
      static_cast<double>(one.non_finite) / static_cast<double>(one.logged);
    json::object warning{{"nan_count", one.non_finite},
                         {"total", one.logged},
                         {"fraction", std::round(fraction * 1e4) / 1e4}};
    out.emplace(key, std::move(warning));
  }
  if (out.empty())
    return nullptr;
  return out;
}

json::object trends_of(const diagnosis_input& input) {
  json::object out;
  for (const auto& [key, one] : input.series) {
    if (one.logged == 0)
      continue;
    json::object shown{{"trend", to_string(trend_of(one.values))},
                       {"points", one.values.size()}};
    if (!one.values.empty()) {
      shown.emplace("first", six_decimals(one.values.front()));
      shown.emplace("last", six_decimals(one.values.back()));
    }
    out.emplace(key, std::move(shown));
  }
  return out;
}

json::array recommendations_of(const diagnosis_input& input,
                               std::string_view verdict, bool overfit,
                               std::size_t nan_metrics, bool ends_non_finite) {
  json::array out;
  const auto add = [&out](std::string text) { out.emplace_back(text); };
  if (verdict == "diverging")
    add(
      ends_non_finite
        ? "The loss ends in NaN or infinity: lower the learning rate, clip "
          "gradients, or look for an overflow in low precision."
        : "The loss rises: lower the learning rate, or add warmup or gradient "
          "clipping.");
  if (verdict == "converged")
    add("The loss no longer moves: training can stop here, or go on with "
        "another learning rate or more data.");
  // While both losses climb, the distance between them is the lesser trouble.
  if (overfit && verdict != "diverging")
    add("Validation falls behind training: regularize more, stop earlier, or "
        "use more or augmented data.");
  if (nan_metrics > 0)
    add(std::to_string(nan_metrics)
        + (nan_metrics == 1 ? " metric has" : " metrics have")
        + " NaN or infinite values: find the first such step with "
          "get_run_history_tool.");
  if (verdict == "no_loss_key")
    add("No training loss was found by its name: pass loss_key, one of "
        "available_keys.");
  if (verdict == "insufficient_data")
    add("Fewer than 10 loss values: look again when the run has gone further.");
  if (input.run_state == "crashed" || input.run_state == "failed")
    add("The run ended as " + input.run_state
        + ": its last values may come from before the fault.");
  return out;
}

} // namespace

logged_series series_in(const rows_list& rows, std::string_view key) {
  logged_series out;
  std::vector<bool> finite;
  for (const auto& row : rows) {
    const auto* v = row.if_contains(key);
    if (!v || v->is_null())
      continue;
    ++out.logged;
    const auto number = wandb::number_in(row, key);
    finite.push_back(number.has_value());
    if (number)
      out.values.push_back(*number);
    else if (wandb::is_non_finite(*v))
      ++out.non_finite;
  }
  const auto tail = std::max<std::size_t>(1, finite.size() / 10);
  out.ends_non_finite =
    out.non_finite > 0
    && std::none_of(finite.end() - static_cast<std::ptrdiff_t>(tail),
                    finite.end(), [](bool f) { return f; });
  return out;
}

std::vector<std::pair<double, double>>
pairs_in(const rows_list& rows, std::string_view a, std::string_view b) {
  std::vector<std::pair<double, double>> out;
  for (const auto& row : rows) {
    const auto x = wandb::number_in(row, a), y = wandb::number_in(row, b);
    if (x && y)
      out.emplace_back(*x, *y);
  }
  return out;
}

json::object diagnose(const diagnosis_input& input) {
  const auto* loss = loss_of(input);
  std::string_view verdict = "no_loss_key";
  json::value stats = nullptr;
  bool ends_non_finite = false;
  if (loss) {
    const auto t = trend_of(loss->values);
    ends_non_finite = loss->ends_non_finite;
    verdict = ends_non_finite && loss->logged >= least_values ? "diverging"
                                                              : verdict_of(t);
    if (loss->values.size() >= least_values)
      stats = stats_of(*input.keys.loss, *loss, t);
  }
  json::object overfit{{"detected", false}, {"reason", "no_val_loss_key"}};
  if (loss && input.keys.validation)
    if (const auto found = input.series.find(*input.keys.validation);
        found != input.series.end())
      overfit = overfit_signal(*loss, found->second, input.pairs);
  const bool overfits = overfit.at("detected").as_bool();
  auto warnings = nan_warnings_of(input);
  const auto nan_metrics =
    warnings.is_object() ? warnings.get_object().size() : 0;
  return {
    {"diagnosis", verdict},
    {"loss_stats", std::move(stats)},
    {"overfit_signal", std::move(overfit)},
    {"nan_warnings", std::move(warnings)},
    {"trends", trends_of(input)},
    {"recommendations", recommendations_of(input, verdict, overfits,
                                           nan_metrics, ends_non_finite)}};
}

} // namespace mcp::tools
