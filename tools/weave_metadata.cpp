#include "tools/weave_metadata.hpp"

#include "protocol/wandb/weave_call.hpp"
#include "protocol/wandb/weave_text.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace mcp::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t most_counted_ops = 1000;
constexpr std::size_t most_models = 10;
constexpr std::size_t longest_op = 200; // characters of a name

json::value time_or_null(const std::optional<wandb::timestamp>& t) {
  if (!t)
    return nullptr;
  return json::value(json::string(wandb::format_timestamp(*t)));
}

double rounded(double v, double parts) {
  return std::round(v * parts) / parts;
}

// Sums of prices carry noise in their last digits.
json::value price(const std::optional<double>& dollars) {
  return dollars ? json::value(rounded(*dollars, 1e10)) : json::value();
}

std::optional<double> cost_of(const wandb::model_usage& u) {
  return u.prompt_cost || u.completion_cost ? std::optional(u.cost())
                                            : std::nullopt;
}

json::object tokens_of(const usage_tree::totals& sum, bool costs) {
  json::object out;
  const auto& all = sum.all;
  const auto add = [&](std::string_view name, json::value n) {
    out.emplace(name, sum.calls_with_usage > 0 ? std::move(n) : json::value());
  };
  add("total_tokens", all.total);
  add("input_tokens", all.prompt);
  add("output_tokens", all.completion);
  add("average_tokens_per_trace",
      rounded(double(all.total) / double(std::max<std::size_t>(sum.traces, 1)),
              100));
  out.emplace("calls_with_usage", sum.calls_with_usage);
  json::object models;
  for (const auto& [name, usage] : sum.models) {
    if (models.size() == most_models)
      break;
    json::object model{{"total_tokens", usage.total}};
    if (costs)
      model.emplace("total_cost", price(cost_of(usage)));
    models.emplace(wandb::cut_text(name, 100), std::move(model));
  }
  const auto omitted = sum.models.size() - models.size();
  if (!models.empty())
    out.emplace("by_model", std::move(models));
  if (omitted > 0)
    out.emplace("models_omitted", omitted);
  if (sum.may_overlap)
    out.emplace("may_overlap", true);
  return out;
}

json::object costs_of(const usage_tree::totals& sum) {
  return {{"total_cost", price(cost_of(sum.all))},
          {"prompt_cost", price(sum.all.prompt_cost)},
          {"completion_cost", price(sum.all.completion_cost)},
          {"calls_with_costs", sum.calls_with_costs}};
}

} // namespace

void weave_metadata::add(const json::object& call) {
  ++rows_;
  usage_.add(call);
  add_time(call, "started_at");
  add_time(call, "ended_at");
  const auto status = wandb::call_status(call);
  success_ += status == "success";
  error_ += status == "error";
  descendant_error_ += status == "descendant_error";
  running_ += status == "running";
  const auto* op = call.if_contains("op_name");
  if (!op || !op->is_string())
    return;
  // Calls that came by OpenTelemetry have plain names.
  const std::string_view whole = op->get_string();
  const auto short_name = wandb::short_op_name(whole);
  const auto name = wandb::first_characters(
    short_name.empty() ? whole : short_name, longest_op);
  if (name.empty())
    return;
  auto it = ops_.find(name);
  if (it == ops_.end()) {
    if (ops_.size() == most_counted_ops) {
      ++uncounted_ops_;
      return;
    }
    it = ops_.emplace(std::string(name), op_count{0, ops_.size()}).first;
  }
  ++it->second.rows;
}

void weave_metadata::add_time(const json::object& call, std::string_view key) {
  const auto* text = call.if_contains(key);
  if (!text || !text->is_string())
    return;
  const auto t = wandb::parse_timestamp(text->get_string());
  if (!t)
    return;
  if (!earliest_ || *t < *earliest_)
    earliest_ = *t;
  if (!latest_ || *t > *latest_)
    latest_ = *t;
}

json::object weave_metadata::usage_to_json(bool costs) const {
  const auto used = usage_.sum();
  json::object out;
  out.emplace("token_counts", tokens_of(used, costs));
  if (costs)
    out.emplace("costs", costs_of(used));
  return out;
}

json::object weave_metadata::to_json(std::size_t most_ops) const {
  json::object range{{"earliest", time_or_null(earliest_)},
                     {"latest", time_or_null(latest_)}};
  const auto known = success_ + error_ + descendant_error_ + running_;
  json::object status{{"success", success_},
                      {"error", error_},
                      {"descendant_error", descendant_error_},
                      {"running", running_},
                      {"other", rows_ - known}};

  std::vector<std::pair<std::string_view, op_count>> ranked(ops_.begin(),
                                                            ops_.end());
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    if (a.second.rows != b.second.rows)
      return a.second.rows > b.second.rows;
    return a.second.first_seen < b.second.first_seen;
  });
  json::object ops;
  for (std::size_t i = 0; i < ranked.size() && i < most_ops; ++i)
    ops.emplace(ranked[i].first, ranked[i].second.rows);

  json::object out;
  out.emplace("time_range", std::move(range));
  out.emplace("status_summary", std::move(status));
  const auto omitted = ranked.size() - ops.size();
  out.emplace("op_distribution", std::move(ops));
  if (omitted > 0 || uncounted_ops_ > 0)
    out.emplace("op_distribution_omitted", omitted + uncounted_ops_);
  return out;
}

} // namespace mcp::tools
