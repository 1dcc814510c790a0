#include "tools/weave_usage.hpp"

#include "tools/models_json.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace mcp::tools {
namespace {

constexpr std::size_t none = SIZE_MAX;

// Bounds of what is held, whatever the calls are like. What is beyond counts as
// one model.
constexpr std::size_t most_models = 1000;
constexpr std::size_t most_of_call = 30;
constexpr std::string_view all_others = "(others)";

using model_sums = std::map<std::size_t, wandb::model_usage>;

std::optional<wandb::timestamp> time_at(const json::object& call,
                                        std::string_view key) {
  const auto text = text_at(call, key);
  auto time = wandb::parse_timestamp(text);
  return time ? std::optional(*time) : std::nullopt;
}

bool is_less(const wandb::model_usage& a, const wandb::model_usage& b) {
  return a.total != b.total ? a.total < b.total : a.cost() < b.cost();
}

} // namespace

void usage_tree::add(const json::object& call) {
  const auto id = text_at(call, "id");
  if (!by_id_.emplace(id, nodes_.size()).second)
    return;
  node n;
  n.parent = text_at(call, "parent_id");
  n.start = time_at(call, "started_at");
  n.end = time_at(call, "ended_at");
  auto trace = text_at(call, "trace_id");
  const auto known =
    traces_.emplace(trace.empty() ? id : std::move(trace), traces_.size());
  n.trace = known.first->second;
  trace_roots_.resize(traces_.size());
  if (n.parent.empty() && trace_roots_[n.trace].empty())
    trace_roots_[n.trace] = id;
  bool costs = false;
  for (const auto& [name, usage] : wandb::usage_of(call)) {
    costs |= usage.prompt_cost || usage.completion_cost;
    const auto model = n.usage.size() < most_of_call ? model_of(name)
                                                     : model_of(all_others);
    const auto entry =
      std::find_if(n.usage.begin(), n.usage.end(),
                   [&](const auto& u) { return u.first == model; });
    if (entry == n.usage.end())
      n.usage.emplace_back(model, usage);
    else
      entry->second.add(usage);
  }
  calls_with_costs_ += costs;
  nodes_.push_back(std::move(n));
}

std::size_t usage_tree::model_of(std::string_view name) {
  if (models_.size() >= most_models && !models_.contains(std::string(name)))
    name = all_others;
  return models_.emplace(std::string(name), models_.size()).first->second;
}

// Of each call the one above it, as an index; `none` for those at the top.
std::vector<std::size_t> usage_tree::parents() const {
  std::vector<std::size_t> out(nodes_.size(), none);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].parent.empty())
      continue;
    auto it = by_id_.find(nodes_[i].parent);
    if (it == by_id_.end())
      it = by_id_.find(trace_roots_[nodes_[i].trace]);
    if (it != by_id_.end() && it->second != i)
      out[i] = it->second;
  }
  return out;
}

// A call may be above another of its trace when it lasted as long or longer,
// used as much of a model, and is no sister of it. `tops` is sorted by start.
bool usage_tree::overlaps(const std::vector<std::size_t>& tops) const {
  // Of each trace the two that end last, of different parents.
  std::unordered_map<std::size_t, std::vector<std::size_t>> open;
  const auto covers = [this](const node& a, const node& b) {
    if (a.parent == b.parent || (a.end && (!b.end || *a.end < *b.end)))
      return false;
    return std::any_of(a.usage.begin(), a.usage.end(), [&](const auto& mine) {
      return std::any_of(b.usage.begin(), b.usage.end(), [&](const auto& u) {
        return u.first == mine.first && !is_less(mine.second, u.second);
      });
    });
  };
  constexpr std::size_t looked_at = 50; // of a trace, so that it takes no time
  for (const auto i : tops) {
    const auto& b = nodes_[i];
    auto& above = open[b.trace];
    for (const auto j : above)
      if (covers(nodes_[j], b))
        return true;
    if (above.size() < looked_at)
      above.push_back(i);
  }
  return false;
}

usage_tree::totals usage_tree::sum() const {
  const auto above = parents();
  std::vector<std::size_t> open(nodes_.size(), 0); // children not summed yet
  for (const auto p : above)
    if (p != none)
      ++open[p];
  std::vector<model_sums> below(nodes_.size());
  std::vector<std::size_t> ready, tops;
  std::vector<bool> done(nodes_.size(), false);
  model_sums all;
  totals out;
  const auto finish = [&](std::size_t i) {
    done[i] = true;
    auto& sums = below[i];
    for (const auto& [model, usage] : nodes_[i].usage) {
      auto& sum = sums[model];
      if (!is_less(usage, sum))
        sum = usage;
    }
    auto& into = above[i] == none ? all : below[above[i]];
    for (const auto& [model, usage] : sums)
      into[model].add(usage);
    if (above[i] == none && !nodes_[i].usage.empty())
      tops.push_back(i);
    sums.clear();
    if (above[i] != none && --open[above[i]] == 0)
      ready.push_back(above[i]);
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    out.calls_with_usage += !nodes_[i].usage.empty();
    if (open[i] == 0)
      ready.push_back(i);
  }
  while (!ready.empty()) {
    const auto i = ready.back();
    ready.pop_back();
    finish(i);
  }
  // Calls that are their own ancestors, if there were such, count as they are.
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (!done[i])
      for (const auto& [model, usage] : nodes_[i].usage)
        all[model].add(usage);

  std::sort(tops.begin(), tops.end(), [this](auto a, auto b) {
    return std::pair(nodes_[a].start, a) < std::pair(nodes_[b].start, b);
  });
  out.may_overlap = overlaps(tops);
  out.calls_with_costs = calls_with_costs_;
  out.traces = traces_.size();
  for (const auto& [name, model] : models_) {
    const auto it = all.find(model);
    if (it == all.end())
      continue;
    out.all.add(it->second);
    out.models.emplace_back(name, it->second);
  }
  std::sort(out.models.begin(), out.models.end(),
            [](const auto& a, const auto& b) {
              if (a.second.total != b.second.total)
                return a.second.total > b.second.total;
              return a.first < b.first;
            });
  return out;
}

} // namespace mcp::tools
