#pragma once

#include <boost/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

// How one field is held against one condition: the inner half of the filter
// translation (weave_filter.hpp has the whole picture and the bounds).

namespace mcp::wandb {

/// Throws `failure_exception` (`bad_argument`) saying where in the filters
/// something is wrong and what would be right.
[[noreturn]] void reject_filter(std::string_view path,
                                std::string_view expected);

/// Collects the operations of one filter object.
class condition_list {
public:
  /// `left` counts down over all lists of one translation.
  explicit condition_list(std::size_t& left) : left_(left) {}

  void add(std::string_view path, boost::json::object operation);
  bool empty() const { return operations_.empty(); }
  std::size_t& left() { return left_; }
  boost::json::array take() { return std::move(operations_); }

private:
  std::size_t& left_;
  boost::json::array operations_;
};

/// Adds what `condition` (a value, null or an object of operators) asks of
/// `field`. `path` is its place in the filters, for errors.
void add_condition(condition_list& out, std::string_view path,
                   std::string_view field, const boost::json::value& condition);

/// Adds that `field` is one of `list`, an array of 1 to 1000 values.
void add_one_of(condition_list& out, std::string_view path,
                std::string_view field, const boost::json::value& list);

/// Adds a text condition whose `*` stand for anything: each part between them
/// must be there, in any order. A text without `*` must be equal.
void add_pattern(condition_list& out, std::string_view path,
                 std::string_view field, std::string_view pattern);

/// The text of a condition, which must not be too long.
std::string_view text_of(std::string_view path, const boost::json::value& v,
                         std::string_view expected);

} // namespace mcp::wandb
