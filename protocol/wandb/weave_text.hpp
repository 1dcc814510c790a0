#pragma once

#include <boost/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace mcp::wandb {

/// The first `max_characters` code points of a UTF-8 text.
[[nodiscard]] std::string_view first_characters(std::string_view text,
                                                std::size_t max_characters);

/// The same, and three dots when something was cut off.
[[nodiscard]] std::string cut_text(std::string_view text,
                                   std::size_t max_characters);

/// Shortens what a JSON value holds, in place:
///   text     the first n characters and three dots; "" when n is 0
///   object   with "__type__" or "_type" (an object that Weave saved):
///            {"type": its name}, or {} when n < 50; another one keeps its
///            keys and has its values shortened; {} when n is 0
///   array    its elements are shortened; [] when n is 0
///   numbers, booleans, null  unchanged; 0 instead of the first two when n is 0
/// Gives how many texts, saved objects and, when n is 0, other values it
/// changed.
std::size_t cut_value(boost::json::value& v, std::size_t n);

/// About how many bytes the value takes as compact JSON, without writing it:
/// exact but for numbers (floats count 18).
[[nodiscard]] std::size_t json_size(const boost::json::value& v);

} // namespace mcp::wandb
