#pragma once

#include <boost/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace mcp::tools {

/// Holds rows of calls in at most so many bytes of JSON, whatever comes in.
/// Rows that do not fit make all rows smaller, in steps:
///   L0  as they came
///   L1  texts in inputs and output cut, down to 100 characters
///   L2  without inputs and output; texts of other payloads cut to 200
///   L3  identity, times, status, latency and exception alone, the latter cut
///       to 500 and then 150 characters
///   L4  every second, fourth, ... row as at L3; at last the first row alone
/// All rows are always at the same level. Memory stays near `max_bytes` however
/// many rows come, so this is also what keeps a large answer from being held.
class weave_budget {
public:
  explicit weave_budget(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Takes the row that belongs at `index`; indexes are unique, and may come
  /// in any order. The first row has index 0.
  void add(std::size_t index, boost::json::object row);

  /// Makes the rows smaller by one step. False when nothing is left to do.
  bool tighten();

  /// Bytes of the rows as JSON, with a comma each.
  std::size_t bytes() const { return bytes_; }
  /// 0 to 4, as above.
  int level() const;
  std::size_t seen() const { return seen_; }
  std::size_t kept() const { return rows_.size(); }
  /// What was done to the rows, for a reader; empty at L0.
  std::string note() const;
  /// The rows by index.
  boost::json::array rows() const;

private:
  struct entry {
    std::size_t index;
    std::size_t size;
    boost::json::object row;
  };

  bool wanted(const entry& e) const { return e.index % stride_ == 0; }
  void reduce_all();

  std::size_t max_bytes_;
  std::vector<entry> rows_;
  std::size_t bytes_ = 0;
  std::size_t seen_ = 0;
  std::size_t step_ = 0;
  std::size_t stride_ = 1;
};

} // namespace mcp::tools
