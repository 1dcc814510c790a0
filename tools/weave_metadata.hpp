#pragma once

#include "protocol/wandb/timestamp.hpp"
#include "tools/weave_usage.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace mcp::tools {

/// Statistics over calls, gathered one by one from what the server sent, before
/// anything is cut.
class weave_metadata {
public:
  void add(const boost::json::object& call);

  std::size_t rows() const { return rows_; }

  /// time_range, status_summary, op_distribution (the `most_ops` most
  /// frequent), and op_distribution_omitted when there are more op names.
  boost::json::object to_json(std::size_t most_ops) const;

  /// token_counts, and costs when they were asked of W&B: what usage_tree makes
  /// of the calls, null when none of them reports any. by_model shows the ten
  /// models with the most tokens.
  boost::json::object usage_to_json(bool costs) const;

private:
  struct op_count {
    std::size_t rows = 0;
    std::size_t first_seen = 0;
  };

  void add_time(const boost::json::object& call, std::string_view key);

  std::size_t rows_ = 0;
  usage_tree usage_;
  std::optional<wandb::timestamp> earliest_;
  std::optional<wandb::timestamp> latest_;
  std::size_t success_ = 0;
  std::size_t error_ = 0;
  std::size_t descendant_error_ = 0;
  std::size_t running_ = 0;
  std::map<std::string, op_count, std::less<>> ops_;
  std::size_t uncounted_ops_ = 0; // calls of ops beyond the map's bound
};

} // namespace mcp::tools
