#pragma once

#include "protocol/wandb/weave_columns.hpp"
#include "tools/weave_budget.hpp"
#include "tools/weave_metadata.hpp"
#include "tools/weave_reader.hpp"

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

/// Makes a row of a call. Consumes the call. Adds to `*texts_cut`, if given,
/// how many values `shape.cut` shortened.
boost::json::object shape_row(boost::json::object call, const row_shape& shape,
                              std::size_t* texts_cut = nullptr);

/// Reads the calls of a streamed answer into a result of bounded size.
class trace_reader : public call_reader {
public:
  struct options {
    row_shape shape;
    bool keep_rows = true;              // false: statistics alone
    std::size_t max_rows = 0;           // more than that is not read
    std::size_t max_rows_size = 0;     // what the rows may take (token_size)
    std::size_t max_received_bytes = 0; // then the stream is left
    /// Where rows belong by their id, when not in the order they arrive.
    std::unordered_map<std::string, std::size_t> ranks;
  };

  explicit trace_reader(options o)
      : call_reader({o.max_rows, o.max_received_bytes}), options_(std::move(o)),
        rows_(options_.max_rows_size) {}

  const weave_metadata& metadata() const { return metadata_; }
  weave_budget& rows() { return rows_; }
  /// Values that the shape's `cut` shortened in all rows.
  std::size_t texts_cut() const { return texts_cut_; }

protected:
  void take(boost::json::object call) override;

private:
  std::size_t index_of(const boost::json::object& call) const;

  const options options_;
  weave_metadata metadata_;
  weave_budget rows_;
  std::size_t texts_cut_ = 0;
};

/// Reads ids and costs, and ranks them.
class cost_reader : public call_reader {
public:
  cost_reader(wandb::cost_kind kind, std::size_t max_rows,
              std::size_t max_received_bytes)
      : call_reader({max_rows, max_received_bytes}), kind_(kind) {}

  /// The ids of the `n` calls that cost most (or least); calls without costs
  /// come last either way. Calls that cost the same stay in their order.
  std::vector<std::string> ranked(std::size_t n, bool descending);

protected:
  void take(boost::json::object call) override;

private:
  struct entry {
    std::string id;
    std::optional<double> cost;
  };

  wandb::cost_kind kind_;
  std::vector<entry> costs_;
};

} // namespace mcp::tools
