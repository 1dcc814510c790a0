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
constexpr std::size_t bytes_per_token = 4;

json::value time_or_null(const std::optional<wandb::timestamp>& t) {
  if (!t)
    return nullptr;
  return json::value(json::string(wandb::format_timestamp(*t)));
}

// A column that was not asked for comes as null or empty.
std::size_t size_of(const json::object& call, std::string_view key) {
  const auto* v = call.if_contains(key);
  if (!v || v->is_null() || (v->is_object() && v->get_object().empty()))
    return 0;
  return wandb::json_size(*v);
}

} // namespace

void weave_metadata::add(const json::object& call) {
  ++rows_;
  input_bytes_ += size_of(call, "inputs");
  output_bytes_ += size_of(call, "output");
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
  const auto name = wandb::short_op_name(op->get_string());
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

json::object weave_metadata::to_json(std::size_t most_ops) const {
  const auto input = input_bytes_ / bytes_per_token;
  const auto output = output_bytes_ / bytes_per_token;
  const auto total = input + output;
  const auto average =
    rows_ == 0 ? 0.0
               : std::round(double(total) / double(rows_) * 100.0) / 100.0;
  json::object tokens{{"total_tokens", total},
                      {"input_tokens", input},
                      {"output_tokens", output},
                      {"average_tokens_per_trace", average}};
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
  out.emplace("token_counts", std::move(tokens));
  out.emplace("time_range", std::move(range));
  out.emplace("status_summary", std::move(status));
  const auto omitted = ranked.size() - ops.size();
  out.emplace("op_distribution", std::move(ops));
  if (omitted > 0 || uncounted_ops_ > 0)
    out.emplace("op_distribution_omitted", omitted + uncounted_ops_);
  return out;
}

} // namespace mcp::tools
