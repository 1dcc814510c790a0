#include "tools/models_diagnosis.hpp"

#include "tools/models_budget.hpp"
#include "tools/models_diff.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

const logged_series* loss_of(const diagnosis_input& input) {
  if (!input.keys.loss)
    return nullptr;
  const auto found = input.series.find(*input.keys.loss);
  return found == input.series.end() ? nullptr : &found->second;
}

/// What a loss that falls means depends on whether the run goes on.
std::string_view verdict_while_falling(const diagnosis_input& input) {
  if (!input.is_over)
    return "training";
  return input.run_state == "finished" ? "improved" : "interrupted";
}

std::string_view verdict_of(const logged_series& loss,
                            const diagnosis_input& input) {
  if (loss.logged < least_values)
    return "insufficient_data";
  if (loss.ends_non_finite)
    return "diverging";
  switch (trend_of(loss.values)) {
  case trend::insufficient_data:
    break;
  case trend::decreasing:
    return verdict_while_falling(input);
  case trend::plateaued:
    return "converged";
  case trend::increasing:
    return "diverging";
  }
  return "insufficient_data";
}

json::value rounded(const json::value& v) {
  return v.is_number() ? json::value(six_decimals(v.to_number<double>())) : v;
}

json::object stats_of(const std::string& key, const logged_series& loss,
                      const diagnosis_input& input) {
  const auto& v = loss.values;
  json::object out{
    {"key", key},
    {"first_value", six_decimals(v.front())},
    {"last_value", rounded(loss.last)},
    {"min_value", six_decimals(*std::min_element(v.begin(), v.end()))},
    {"tail_mean", six_decimals(tail_mean(v))},
    {"overall_mean", six_decimals(mean_of(v))},
    {"trend", loss.trend_text()},
    {"values_judged", v.size()},
    {"non_finite_left_out", loss.non_finite},
    {"total_steps", input.last_step}};
  const auto seen = input.examined.find(key);
  if (seen != input.examined.end() && seen->second.odd.lowest) {
    const auto lowest = seen->second.odd.lowest->shown();
    out["min_value"] = rounded(lowest.at("value"));
    out["min_step"] = lowest.at("step");
  }
  if (loss.ends_non_finite) {
    out["ends_non_finite"] = true;
    out["last_finite_value"] = six_decimals(v.back());
  }
  return out;
}

json::value nan_warnings_of(const diagnosis_input& input) {
  json::object out;
  for (const auto& [key, one] : input.examined) {
    const auto count = one.odd.non_finite_count();
    if (count == 0)
      continue;
    const auto fraction =
      static_cast<double>(count) / static_cast<double>(one.odd.examined);
    json::object by_value;
    for (const auto& [text, times] : one.odd.non_finite)
      by_value.emplace(text, times);
    auto first = one.odd.first_non_finite->shown();
    out.emplace(key,
                json::object{{"nan_count", count},
                             {"total", one.odd.examined},
                             {"fraction", six_decimals(fraction)},
                             {"by_value", std::move(by_value)},
                             {"first_step", first.at("step")},
                             {"first_value", first.at("value")},
                             {"all_values", one.all}});
  }
  if (out.empty())
    return nullptr;
  return out;
}

json::object spikes_of(const diagnosis_input& input) {
  json::object out;
  for (const auto& [key, one] : input.examined) {
    const auto& spikes = one.odd.spikes;
    if (!spikes.empty())
      out.emplace(
        key, json::object{{"count", spikes.size()},
                          {"first", spikes.front().shown()},
                          {"largest", spikes[one.odd.largest_spike].shown()},
                          {"all_values", one.all}});
  }
  return out;
}

json::object trends_of(const diagnosis_input& input) {
  json::object out;
  for (const auto& [key, one] : input.series) {
    if (one.logged == 0)
      continue;
    json::object shown{{"trend", one.trend_text()},
                       {"points", one.values.size()}};
    if (!one.values.empty()) {
      shown.emplace("first", six_decimals(one.values.front()));
      shown.emplace("last", rounded(one.last));
    }
    const auto seen = input.examined.find(key);
    if (seen != input.examined.end()) {
      if (const auto& low = seen->second.odd.lowest)
        shown.emplace("lowest", low->shown());
      if (const auto& high = seen->second.odd.highest)
        shown.emplace("highest", high->shown());
      shown.emplace("all_values", seen->second.all);
    }
    out.emplace(key, std::move(shown));
  }
  return out;
}

std::string step_text(const json::object& value) {
  const auto& step = value.at("step");
  return step.is_null() ? "an unknown step"
                        : "step " + std::to_string(step.as_int64());
}

/// "loss (NaN from step 600)", of the first few metrics.
std::string first_non_finite_of(const diagnosis_input& input) {
  std::string out;
  std::size_t named = 0;
  for (const auto& [key, one] : input.examined) {
    if (!one.odd.first_non_finite)
      continue;
    if (named++ == 5)
      return out + ", ...";
    const auto first = one.odd.first_non_finite->shown();
    out += (out.empty() ? "" : ", ") + shorten(key, 100) + " ("
           + std::string(first.at("value").as_string()) + " at "
           + step_text(first) + (one.all ? ")" : " of the samples)");
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
  if (verdict == "improved")
    add("The run is over and its loss fell to the end: nothing is wrong with "
        "it; more steps may lower it further.");
  // While both losses climb, the distance between them is the lesser trouble.
  if (overfit && verdict != "diverging")
    add("Validation falls behind training: regularize more, stop earlier, or "
        "use more or augmented data.");
  if (nan_metrics > 0)
    add(std::to_string(nan_metrics)
        + (nan_metrics == 1 ? " metric has" : " metrics have")
        + " NaN or infinite values, first in: " + first_non_finite_of(input)
        + ". Look at the rows before with get_run_history_tool.");
  for (const auto& [key, one] : input.examined)
    if (!one.odd.spikes.empty()
        && (key == input.keys.loss || key == input.keys.validation)) {
      const auto largest = one.odd.spikes[one.odd.largest_spike].shown();
      add(shorten(key, 100) + " has " + std::to_string(one.odd.spikes.size())
          + (one.odd.spikes.size() == 1 ? " spike" : " spikes")
          + ", the largest at " + step_text(largest)
          + ": look for a bad batch or too high a learning rate there.");
    }
  if (verdict == "no_loss_key")
    add("No training loss was found by its name: pass loss_key, one of "
        "available_keys.");
  if (verdict == "insufficient_data")
    add(input.is_over
          ? "Fewer than 10 loss values: the run is over, too short to judge."
          : "Fewer than 10 loss values: look again when the run has gone "
            "further.");
  if (input.is_over && input.run_state != "finished")
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
    out.last = *v;
    const auto number = wandb::number_in(row, key);
    finite.push_back(number.has_value());
    if (number)
      out.values.push_back(*number);
    else if (wandb::is_non_finite(*v))
      ++out.non_finite;
  }
  const auto tail = std::clamp<std::size_t>(finite.size() / 10, 1, 5);
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
    ends_non_finite = loss->ends_non_finite;
    verdict = verdict_of(*loss, input);
    if (loss->values.size() >= least_values)
      stats = stats_of(*input.keys.loss, *loss, input);
  }
  json::object overfit{{"detected", false}, {"reason", "no_val_loss_key"}};
  if (loss && input.keys.validation)
    if (const auto found = input.series.find(*input.keys.validation);
        found != input.series.end()) {
      overfit = overfit_signal(*loss, found->second, input.pairs);
      const auto seen = input.examined.find(*input.keys.validation);
      if (seen != input.examined.end() && seen->second.odd.lowest)
        overfit["val_loss_lowest"] = seen->second.odd.lowest->shown();
    }
  const bool overfits = overfit.at("detected").as_bool();
  auto warnings = nan_warnings_of(input);
  const auto nan_metrics =
    warnings.is_object() ? warnings.get_object().size() : 0;
  return {
    {"diagnosis", verdict},
    {"loss_stats", std::move(stats)},
    {"overfit_signal", std::move(overfit)},
    {"nan_warnings", std::move(warnings)},
    {"spikes", spikes_of(input)},
    {"trends", trends_of(input)},
    {"recommendations", recommendations_of(input, verdict, overfits,
                                           nan_metrics, ends_non_finite)}};
}

} // namespace mcp::tools
