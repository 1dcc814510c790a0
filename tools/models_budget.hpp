#pragma once

#include "protocol/json/token_size.hpp"
#include "tools/context.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <string>

namespace mcp::tools {

/// How long an answer may be, as `token_size` counts: MAX_RESPONSE_TOKENS in
/// quarters, less two in a hundred to spare. All fitting of answers is in this unit.
[[nodiscard]] std::size_t response_budget(const call_limits& limits);

/// How many bytes `value` has as JSON text; for limits on what is taken in.
[[nodiscard]] std::size_t json_size(const json::value& value);

/// Makes `value` fit `max_size`: cuts texts that are a quarter of it, the tails
/// of its longest lists, then texts to about 500 and 120 characters. Members
/// named id, name, url, or ending in "Cursor" are never cut.
/// Gives: true when it fits now.
/// Cost:  a few passes over `value`.
bool shrink(json::value& value, std::size_t max_size);

/// The longest beginning of `text` that fits `max_size`, or nearly, ended by
/// "..." when something was cut off; empty when nothing fits.
[[nodiscard]] std::string shorten_to(std::string_view text,
                                     std::size_t max_size);

/// The first `max_bytes` of `text`, ended by "..." when something was cut off,
/// and never cut inside a UTF-8 character.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t max_bytes);

} // namespace mcp::tools
