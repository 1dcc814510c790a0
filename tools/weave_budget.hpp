#pragma once

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace mcp::tools {

/// Holds rows of calls of at most some size (`token_size`), whatever comes in.
/// When rows do not fit, they are made smaller, in steps:
///   L0  as they came
///   L1  texts in inputs and output cut, down to 60 characters
///   L2  without inputs and output; texts of other payloads cut to 200, then 60
///   L3  identity, times, status, latency and exception alone, the latter cut
///       to 500 and then 150 characters
///   L4  the first rows as at L3, the others left out; at last the first alone
/// A step is taken row by row, the last row first, and no further than needed:
/// first rows are at most one step better than the others, and no room is left
/// unused. Memory stays near the size however many rows come, so this is also
/// what keeps a large answer from being held.
class weave_budget {
public:
  explicit weave_budget(std::size_t max_size) : max_size_(max_size) {}

  /// Takes the row that belongs at `index`; indexes are unique, and may come
  /// in any order. The first row has index 0.
  void add(std::size_t index, boost::json::object row);

  /// Makes the rows fit `max_size`, as far as they can be made smaller. False
  /// when nothing was left to do.
  bool fit(std::size_t max_size);

  /// What the rows take, with a comma each.
  std::size_t size() const { return size_; }
  /// 0 to 4, as above; that of the last row.
  int level() const;
  std::size_t seen() const { return seen_; }
  std::size_t kept() const { return rows_.size(); }
  /// What was done to the rows, for a reader; empty at L0.
  std::string note() const;
  /// The rows by index.
  boost::json::array rows() const;

private:
  struct entry {
    std::size_t size;
    boost::json::object row;
  };

  bool tighten();
  void reduce(entry& e, std::size_t step);
  /// The step of the last rows.
  std::size_t last_step() const { return step_ + (better_ < SIZE_MAX ? 1 : 0); }

  std::size_t max_size_;
  std::map<std::size_t, entry> rows_;
  std::size_t size_ = 0;
  std::size_t seen_ = 0;
  std::size_t step_ = 0;
  std::size_t better_ = SIZE_MAX;  // rows from this index on are a step further
  std::size_t dropped_ = SIZE_MAX; // rows from this index on are left out
};

} // namespace mcp::tools
