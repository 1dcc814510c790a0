#pragma once

#include <boost/json.hpp>

#include <cstddef>

namespace mcp::tools {

namespace json = boost::json;

/// True when two values say the same: 1 is 1.0, and true is 1 as in Python;
/// "NaN" is "NaN"; lists and objects member by member.
[[nodiscard]] bool same_value(const json::value& a, const json::value& b);

/// b - a, rounded as by `six_decimals`; an integer when both are. Null unless
/// both are finite numbers (true and false are 1 and 0).
[[nodiscard]] json::value difference(const json::value& a,
                                     const json::value& b);

/// Rounds to six decimals; what is smaller than 0.001, like a learning rate, to
/// six digits that count.
[[nodiscard]] double six_decimals(double v);

/// What differs between two objects, nested ones by dotted path:
/// {"only_in_run_a": {path: value}, "only_in_run_b": {...},
///  "changed": {path: {"run_a", "run_b", "delta"?}}, "identical_count",
///  "only_in_run_a_count", "only_in_run_b_count", "changed_count"}.
/// Paths are in order. Each map holds at most `most` of them, the counts speak
/// of all. Values longer than 500 bytes are cut to their beginning.
[[nodiscard]] json::object
diff_objects(const json::object& a, const json::object& b, std::size_t most);

} // namespace mcp::tools
