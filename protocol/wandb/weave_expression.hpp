#pragma once

#include <boost/json.hpp>

#include <string_view>

// The trace server's query language: what may stand in {"$expr": ...}. It has
// no $lt, $lte, $ne and no regular expressions; those are spelled with $not.

namespace mcp::wandb::expression {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// {"$literal": v}; present for null as well: {} is no operand.
object literal(value v);
/// {"$getField": "inputs.question"}
object field(std::string_view path);
/// The field read as a number. JSON paths are text on the server, and a text
/// can not be compared with a number.
object number_field(std::string_view path);

object eq(object left, object right);
object gt(object left, object right);
object gte(object left, object right);
object negate(object operation);

/// Substring search in the field's text.
object contains(std::string_view path, std::string_view text,
                bool case_insensitive = true);
/// `values` are plain values; they become literals.
object in(object operand, const array& values);

/// One operation stands alone, several go into $and. Takes at least one.
object all_of(array operations);
/// The same with $or.
object any_of(array operations);

} // namespace mcp::wandb::expression
