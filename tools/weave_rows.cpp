#include "tools/weave_rows.hpp"

#include "protocol/wandb/weave_call.hpp"
#include "protocol/wandb/weave_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace mcp::tools {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 18> never_cut{
  "id",
  "project_id",
  "trace_id",
  "parent_id",
  "op_name",
  "thread_id",
  "turn_id",
  "started_at",
  "ended_at",
  "deleted_at",
  "wb_user_id",
  "wb_run_id",
  "wb_run_step",
  "wb_run_step_end",
  "status",
  "latency_ms",
  "storage_size_bytes",
  "total_storage_size_bytes"};

bool may_cut(std::string_view column) {
  return column != "total_cost"
         && std::find(never_cut.begin(), never_cut.end(), column)
              == never_cut.end();
}

json::value computed(const json::object& call, std::string_view column) {
  if (column == "status") {
    const auto status = wandb::call_status(call);
    return status.empty() ? json::value() : json::value(json::string(status));
  }
  if (column == "latency_ms")
    return wandb::call_latency(call);
  if (column == "costs") {
    const auto* costs = wandb::call_costs(call);
    return costs ? json::value(*costs) : json::value(json::object());
  }
  if (column == "total_cost") {
    const auto cost = wandb::cost_of(call);
    // Sums of prices carry noise in their last digits.
    return cost ? json::value(std::round(cost->total() * 1e10) / 1e10)
                : json::value();
  }
  const auto* feedback = wandb::call_feedback(call);
  return feedback ? *feedback : json::value(json::array());
}

// Copies what `path` leads to into `into`, with the objects on the way. A
// member's own name may hold dots, so the longest name that exists counts. An
// array on the way is copied whole.
void copy_path(const json::object& from, std::string_view path,
               json::object& into) {
  if (const auto* v = from.if_contains(path)) {
    into.insert_or_assign(path, *v);
    return;
  }
  for (auto dot = path.rfind('.'); dot != path.npos && dot > 0;
       dot = path.rfind('.', dot - 1)) {
    const auto name = path.substr(0, dot);
    const auto* v = from.if_contains(name);
    if (!v)
      continue;
    if (v->is_array()) {
      into.insert_or_assign(name, *v);
    } else if (const auto* inner = v->if_object()) {
      auto& slot = into[name];
      if (!slot.is_object())
        slot = json::object();
      copy_path(*inner, path.substr(dot + 1), slot.get_object());
    }
    return;
  }
}

json::object project(json::object& call,
                     const std::vector<std::string>& shown) {
  json::object row;
  row.reserve(shown.size());
  for (const auto& name : shown)
    if (wandb::is_computed_column(name))
      row.emplace(name, computed(call, name));
    else
      row.emplace(wandb::base_column(name), nullptr); // its place
  for (const auto& name : shown) {
    const auto base = wandb::base_column(name);
    if (base.size() == name.size())
      continue;
    auto& slot = row.at(base);
    const auto* whole = call.if_contains(base);
    if (!whole || !whole->is_object()) {
      if (whole)
        slot = *whole;
      continue;
    }
    if (!slot.is_object())
      slot = json::object();
    copy_path(whole->get_object(),
              std::string_view(name).substr(base.size() + 1),
              slot.get_object());
  }
  // Whole columns last: they may be moved out, and win over their paths.
  for (const auto& name : shown)
    if (!wandb::is_computed_column(name)
        && wandb::base_column(name).size() == name.size())
      if (auto* v = call.if_contains(name))
        row.at(name) = std::move(*v);
  return row;
}

} // namespace

json::object shape_row(json::object call, const row_shape& shape,
                       std::size_t* texts_cut) {
  auto row = shape.shown.empty() ? std::move(call) : project(call, shape.shown);
  if (!shape.cut)
    return row;
  std::size_t changed = 0;
  for (auto& member : row)
    if (may_cut(member.key())) {
      // Only its keys are wanted, so no payload shows what kind it was.
      if (*shape.cut == 0
          && (member.key() == "inputs" || member.key() == "output"))
        member.value() = json::object();
      else
        changed += wandb::cut_value(member.value(), *shape.cut);
    }
  if (texts_cut)
    *texts_cut += changed;
  return row;
}

void trace_reader::take(json::object call) {
  const auto index = index_of(call);
  metadata_.add(call);
  if (options_.keep_rows)
    rows_.add(index,
              shape_row(std::move(call), options_.shape, &texts_cut_));
}

std::size_t trace_reader::index_of(const json::object& call) const {
  const auto arrival = seen();
  if (options_.ranks.empty())
    return arrival;
  const auto it = options_.ranks.find(std::string(call.at("id").get_string()));
  return it == options_.ranks.end() ? options_.ranks.size() + arrival
                                    : it->second;
}

void cost_reader::take(json::object call) {
  entry e{std::string(call.at("id").get_string()), std::nullopt};
  if (const auto cost = wandb::cost_of(call)) {
    switch (kind_) {
    case wandb::cost_kind::total:
      e.cost = cost->total();
      break;
    case wandb::cost_kind::prompt:
      e.cost = cost->prompt;
      break;
    case wandb::cost_kind::completion:
      e.cost = cost->completion;
      break;
    }
  }
  costs_.push_back(std::move(e));
}

std::vector<std::string> cost_reader::ranked(std::size_t n, bool descending) {
  std::stable_sort(costs_.begin(), costs_.end(),
                   [descending](const entry& a, const entry& b) {
                     if (a.cost.has_value() != b.cost.has_value())
                       return a.cost.has_value();
                     if (!a.cost)
                       return false;
                     return descending ? *a.cost > *b.cost : *a.cost < *b.cost;
                   });
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < n && i < costs_.size(); ++i)
    ids.push_back(costs_[i].id);
  return ids;
}

} // namespace mcp::tools
