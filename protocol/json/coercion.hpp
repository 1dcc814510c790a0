#pragma once

#include <boost/json.hpp>

#include <set>
#include <string>

// What models and clients send for a value, as the value that was meant.

namespace mcp {

/// True for null, "", [] and {}: what clients send for what they leave out.
[[nodiscard]] bool is_left_out(const boost::json::value& v);

/// The types that a schema admits: of "type" and of the branches of "anyOf".
[[nodiscard]] std::set<std::string>
types_of(const boost::json::object& schema);

/// Makes `v` what `schema` asks for, where that loses nothing; leaves it alone
/// where it doesn't know how. Of the schema, "type", "enum" and "items" count.
/// - Text where no text is wanted is read as JSON: "5", "[1]", "{}", "null";
///   "True" and "None" as well.
/// - 10.0 is the integer 10; 1 and 0 are booleans.
/// - One thing where a list is wanted is the list of it.
/// - A choice in other letters ("DESC") is the choice.
void coerce(boost::json::value& v, const boost::json::object& schema);

} // namespace mcp
