#include "tools/weave_budget.hpp"

#include "protocol/json/token_size.hpp"
#include "protocol/json/write.hpp"
#include "protocol/wandb/weave_call.hpp"
#include "protocol/wandb/weave_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mcp::tools {
namespace {

namespace json = boost::json;

// One way to make a row smaller. Each one does by itself what those before it
// do.
struct reduction {
  int level;
  std::size_t cut; // characters
};

constexpr std::array<reduction, 13> reductions{{
  {0, 0},
  {1, 4000},
  {1, 2000},
  {1, 1000},
  {1, 500},
  {1, 250},
  {1, 120},
  {1, 60},
  {2, 200},
  {2, 60},
  {3, 500},
  {3, 150},
  {4, 100}, // for a single row
}};
constexpr std::size_t last_for_many = reductions.size() - 2;
constexpr std::size_t last = reductions.size() - 1;

constexpr std::array<std::string_view, 10> essential{
  "id",         "op_name",  "display_name", "trace_id",   "parent_id",
  "started_at", "ended_at", "status",       "latency_ms", "exception"};
constexpr std::array<std::string_view, 6> last_resort{
  "id", "op_name", "status", "started_at", "ended_at", "exception"};

// Without the summary, status and latency would be lost.
void promote(json::object& row) {
  if (!row.contains("status"))
    if (const auto status = wandb::call_status(row); !status.empty())
      row.emplace("status", json::string(status));
  if (!row.contains("latency_ms"))
    if (auto latency = wandb::call_latency(row); !latency.is_null())
      row.emplace("latency_ms", std::move(latency));
}

template <class Keys>
json::object pick(json::object& row, const Keys& keys, std::size_t cut) {
  json::object out;
  for (const auto key : keys) {
    auto* v = row.if_contains(key);
    if (!v)
      continue;
    // An exception may be an object, which a cut of its texts need not shrink.
    if (v->is_object() || v->is_array())
      *v = json::string(write_json(*v));
    wandb::cut_value(*v, cut);
    out.emplace(key, std::move(*v));
  }
  return out;
}

void apply(json::object& row, const reduction& how) {
  switch (how.level) {
  case 0:
    break;
  case 1:
    for (const auto* key : {"inputs", "output"})
      if (auto* v = row.if_contains(key))
        wandb::cut_value(*v, how.cut);
    break;
  case 2:
    promote(row);
    row.stable_erase("inputs");
    row.stable_erase("output");
    for (const auto* key :
         {"attributes", "summary", "costs", "feedback", "wb_run_id",
          "wb_user_id", "project_id", "deleted_at"})
      if (auto* v = row.if_contains(key))
        wandb::cut_value(*v, how.cut);
    break;
  case 3:
    promote(row);
    row = pick(row, essential, how.cut);
    break;
  default:
    row = pick(row, last_resort, how.cut);
  }
}

/// What a step does, as the end of a sentence.
std::string effect_of(const reduction& how) {
  const auto cut = std::to_string(how.cut) + " characters";
  switch (how.level) {
  case 0:
    return "nothing is left out";
  case 1:
    return "texts in inputs and output are cut to " + cut;
  case 2:
    return "inputs and output are left out, other long texts are cut to " + cut;
  default:
    return "only identity, times, status, latency and exception (cut to " + cut
           + ") are left";
  }
}

} // namespace

void weave_budget::add(std::size_t index, json::object row) {
  ++seen_;
  if (index >= dropped_)
    return;
  entry e{0, std::move(row)};
  if (const auto step = index >= better_ ? last_step() : step_; step > 0)
    apply(e.row, reductions[step]);
  e.size = token_size(e.row) + 1;
  size_ += e.size;
  rows_.insert_or_assign(index, std::move(e));
  fit(max_size_);
}

bool weave_budget::fit(std::size_t max_size) {
  max_size_ = std::min(max_size_, max_size);
  bool any = false;
  while (size_ > max_size_ && tighten())
    any = true;
  return any;
}

bool weave_budget::tighten() {
  if (rows_.empty())
    return false;
  if (step_ < last_for_many) {
    auto it = rows_.lower_bound(better_);
    if (it == rows_.begin()) {
      // All of them took the step: on with the next one.
      ++step_;
      better_ = SIZE_MAX;
      return tighten();
    }
    --it;
    better_ = it->first;
    reduce(it->second, step_ + 1);
    return true;
  }
  const auto end = std::prev(rows_.end());
  if (rows_.size() > 1) {
    dropped_ = end->first;
    size_ -= end->second.size;
    rows_.erase(end);
    return true;
  }
  if (step_ == last)
    return false;
  step_ = last;
  reduce(end->second, step_);
  return true;
}

void weave_budget::reduce(entry& e, std::size_t step) {
  size_ -= e.size;
  apply(e.row, reductions[step]);
  e.size = token_size(e.row) + 1;
  size_ += e.size;
}

int weave_budget::level() const {
  return dropped_ < SIZE_MAX ? 4 : reductions[last_step()].level;
}

std::string weave_budget::note() const {
  if (level() == 0)
    return {};
  auto out = "L" + std::to_string(level()) + ": ";
  if (dropped_ < SIZE_MAX)
    out += "the first " + std::to_string(kept()) + " of "
           + std::to_string(seen()) + " rows; ";
  const auto better = std::distance(rows_.begin(), rows_.lower_bound(better_));
  if (better_ < SIZE_MAX && better > 0)
    out += "in the first " + std::to_string(better) + " rows "
           + effect_of(reductions[step_]) + ", in the others ";
  out += effect_of(reductions[last_step()]);
  return out + ". Ask for fewer rows or columns to see more of each.";
}

json::array weave_budget::rows() const {
  json::array out;
  out.reserve(rows_.size());
  for (const auto& [index, e] : rows_)
    out.emplace_back(e.row);
  return out;
}

} // namespace mcp::tools
