#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace mcp {

/// Writes a value as compact JSON in UTF-8.
/// Numbers come out the way people and models write them ("0.25", "1e-05", not
/// "2.5E-1"): the shortest text that reads back as the same double. A double
/// that JSON can not hold becomes its text (non_finite.hpp).
[[nodiscard]] std::string write_json(const boost::json::value& value);
[[nodiscard]] std::string write_json(const boost::json::object& value);
[[nodiscard]] std::string write_json(const boost::json::array& value);

/// The same, appended.
void append_json(std::string& out, const boost::json::value& value);

} // namespace mcp
