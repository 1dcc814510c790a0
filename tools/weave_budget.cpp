#include "tools/weave_budget.hpp"

#include "protocol/json/write.hpp"
#include "protocol/wandb/weave_call.hpp"
#include "protocol/wandb/weave_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mcp::tools {
namespace {

namespace json = boost::json;

// One way to make a row smaller. Each one includes those before it.
struct reduction {
  int level;
  std::size_t cut; // characters
};

constexpr std::array<reduction, 10> reductions{{
  {0, 0},
  {1, 4000},
  {1, 1000},
  {1, 400},
  {1, 200},
  {1, 100},
  {2, 200},
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

void reduce(json::object& row, const reduction& how) {
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

} // namespace

void weave_budget::add(std::size_t index, json::object row) {
  ++seen_;
  entry e{index, 0, std::move(row)};
  if (!wanted(e))
    return;
  if (step_ > 0)
    for (std::size_t step = 1; step <= step_; ++step)
      reduce(e.row, reductions[step]);
  e.size = wandb::json_size(e.row) + 1;
  bytes_ += e.size;
  rows_.push_back(std::move(e));
  while (bytes_ > max_bytes_ && tighten()) {
  }
}

bool weave_budget::tighten() {
  if (step_ < last_for_many) {
    ++step_;
    reduce_all();
    return true;
  }
  if (rows_.size() > 1) {
    stride_ *= 2;
    // One row always stays, also when no index is a multiple of the stride.
    auto first = std::min_element(
      rows_.begin(), rows_.end(),
      [](const entry& a, const entry& b) { return a.index < b.index; });
    std::iter_swap(rows_.begin(), first);
    rows_.erase(std::remove_if(rows_.begin() + 1, rows_.end(),
                               [this](const entry& e) { return !wanted(e); }),
                rows_.end());
    bytes_ = 0;
    for (const auto& e : rows_)
      bytes_ += e.size;
    return true;
  }
  if (step_ < last && !rows_.empty()) {
    ++step_;
    reduce_all();
    return true;
  }
  return false;
}

void weave_budget::reduce_all() {
  bytes_ = 0;
  for (auto& e : rows_) {
    reduce(e.row, reductions[step_]);
    e.size = wandb::json_size(e.row) + 1;
    bytes_ += e.size;
  }
}

int weave_budget::level() const {
  return stride_ > 1 ? 4 : reductions[step_].level;
}

std::string weave_budget::note() const {
  const auto cut = std::to_string(reductions[step_].cut);
  const std::string advice =
    " Ask for fewer rows or columns to see more of each.";
  switch (level()) {
  case 0:
    return {};
  case 1:
    return "L1: texts in inputs and output are cut to " + cut + " characters."
           + advice;
  case 2:
    return "L2: inputs and output are left out, other long texts are cut to "
           + cut + " characters." + advice;
  case 3:
    return "L3: only identity, times, status, latency and exception (cut to "
           + cut + " characters) are left of each row." + advice;
  default:
    return "L4: a sample, " + std::to_string(kept()) + " of "
           + std::to_string(seen())
           + " rows, with identity, times, status and exception (cut to " + cut
           + " characters) alone." + advice;
  }
}

json::array weave_budget::rows() const {
  std::vector<const entry*> ordered;
  ordered.reserve(rows_.size());
  for (const auto& e : rows_)
    ordered.push_back(&e);
  std::sort(ordered.begin(), ordered.end(),
            [](const auto* a, const auto* b) { return a->index < b->index; });
  json::array out;
  out.reserve(ordered.size());
  for (const auto* e : ordered)
    out.emplace_back(e->row);
  return out;
}

} // namespace mcp::tools
