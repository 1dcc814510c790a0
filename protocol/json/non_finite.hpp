#pragma once

#include <boost/json/value.hpp>

#include <string_view>

namespace mcp {

// JSON has no NaN and no infinities, so they are texts: "NaN", "Infinity" and
// "-Infinity", in whatever we show, take or send.

/// The one spelling of `word` when it is one of those that people and programs
/// write: NaN, Infinity, inf, with a sign, in any case. Empty for all else.
[[nodiscard]] std::string_view non_finite_text(std::string_view word);

/// The same for a number; empty when it is finite.
[[nodiscard]] std::string_view non_finite_text(double number);

} // namespace mcp
