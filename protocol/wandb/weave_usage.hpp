#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mcp::wandb {

/// What one model was used for by a call and, as W&B's clients write it, by
/// the calls below it.
struct model_usage {
  std::int64_t requests = 0;
  std::int64_t prompt = 0; // tokens
  std::int64_t completion = 0;
  std::int64_t total = 0;      // as reported, or else the sum of both
  std::optional<double> prompt_cost = {}; // US dollars; empty: no price known
  std::optional<double> completion_cost = {};

  double cost() const {
    return prompt_cost.value_or(0) + completion_cost.value_or(0);
  }
  void add(const model_usage& other);
};

struct named_usage {
  std::string_view model; // points into the call
  model_usage usage;
};

/// Reads summary.usage, and summary.weave.costs (or a "costs" on top).
/// Takes:  a call; numbers may be texts, tokens may have either pair of names
///         (prompt and completion, input and output): the trace server adds
///         what stands under both, and so does this.
/// Gives:  one entry for each model that says anything; negative and
///         unreadable numbers count as 0, a number counts as at most 1e11.
[[nodiscard]] std::vector<named_usage>
usage_of(const boost::json::object& call);

} // namespace mcp::wandb
