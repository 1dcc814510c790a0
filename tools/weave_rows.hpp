#pragma once

#include "protocol/wandb/weave_columns.hpp"
#include "tools/upstream.hpp"
#include "tools/weave_budget.hpp"
#include "tools/weave_metadata.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mcp::tools {

/// How a call becomes a row of the result.
struct row_shape {
  /// Columns to show in this order; empty means all that came. A dotted path
  /// shows that part alone, inside its column.
  std::vector<std::string> shown;
  /// Characters that a text may have; empty: uncut. Ids, names of ops, times
  /// and computed columns are never cut.
  std::optional<std::size_t> cut;
};

/// Makes a row of a call. Consumes the call.
boost::json::object shape_row(boost::json::object call, const row_shape& shape);

/// Reads the calls of a streamed answer into a result of bounded size. It
/// refers to nothing outside itself: it may outlive the tool's coroutine.
class trace_reader : public row_reader {
public:
  struct options {
    row_shape shape;
    bool keep_rows = true;              // false: statistics alone
    std::size_t max_rows = 0;           // more than that is not read
    std::size_t max_rows_bytes = 0;     // what the rows may take as JSON
    std::size_t max_received_bytes = 0; // then the stream is left
    /// Where rows belong by their id, when not in the order they arrive.
    std::unordered_map<std::string, std::size_t> ranks;
  };

  explicit trace_reader(options o)
      : options_(std::move(o)), rows_(options_.max_rows_bytes) {}

  bool row(std::string_view padded_line) override;

  const weave_metadata& metadata() const { return metadata_; }
  weave_budget& rows() { return rows_; }
  /// True when the stream was left because of `max_received_bytes`.
  bool stopped() const { return stopped_; }
  std::size_t max_received_bytes() const { return options_.max_received_bytes; }

private:
  std::size_t index_of(const boost::json::object& call) const;

  const options options_;
  weave_metadata metadata_;
  weave_budget rows_;
  std::size_t received_ = 0;
  bool stopped_ = false;
};

/// Reads ids and costs, and ranks them.
class cost_reader : public row_reader {
public:
  cost_reader(wandb::cost_kind kind, std::size_t max_rows,
              std::size_t max_received_bytes)
      : kind_(kind), max_rows_(max_rows), max_bytes_(max_received_bytes) {}

  bool row(std::string_view padded_line) override;

  std::size_t seen() const { return costs_.size(); }
  bool stopped() const { return stopped_; }
  /// The ids of the `n` calls that cost most (or least); calls without costs
  /// come last either way. Calls that cost the same stay in their order.
  std::vector<std::string> ranked(std::size_t n, bool descending);

private:
  struct entry {
    std::string id;
    std::optional<double> cost;
  };

  wandb::cost_kind kind_;
  std::size_t max_rows_;
  std::size_t max_bytes_;
  std::vector<entry> costs_;
  std::size_t received_ = 0;
  bool stopped_ = false;
};

} // namespace mcp::tools
