#pragma once

#include "protocol/wandb/timestamp.hpp"
#include "protocol/wandb/weave_usage.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mcp::tools {

/// Adds up tokens and costs over calls, each token once.
///
/// W&B's clients write into a call's usage what the calls below it used, and
/// its costs follow from that. So a call that was added stands for what is
/// below it: of a call and the sum of its children, the larger counts, model
/// by model. (Calls that came by OpenTelemetry report their own usage alone;
/// then it is the children's.) A call whose parent was not added is taken to be
/// below the root of its trace, when that was added. Of a call with more than
/// 30 models, and beyond 1000 in all, the rest is one model, "(others)".
class usage_tree {
public:
  /// Takes a call; one whose id was taken before is left out.
  void add(const boost::json::object& call);

  struct totals {
    wandb::model_usage all;
    /// By model, the one with the most tokens first.
    std::vector<std::pair<std::string, wandb::model_usage>> models;
    std::size_t calls_with_usage = 0;
    std::size_t calls_with_costs = 0;
    std::size_t traces = 0; // different trace ids; a call without is its own
    /// Calls of a trace that may stand above each other, with those between
    /// them not added: the sums may hold some usage twice.
    bool may_overlap = false;
  };
  totals sum() const;

private:
  struct node {
    std::string parent;
    std::size_t trace = 0;
    std::optional<wandb::timestamp> start, end;
    std::vector<std::pair<std::size_t, wandb::model_usage>> usage; // by model
  };
  std::size_t model_of(std::string_view name);
  std::vector<std::size_t> parents() const;
  bool overlaps(const std::vector<std::size_t>& tops) const;

  std::vector<node> nodes_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, std::size_t> traces_;
  std::vector<std::string> trace_roots_; // unused slots are empty
  std::unordered_map<std::string, std::size_t> models_;
  std::size_t calls_with_costs_ = 0;
};

} // namespace mcp::tools
