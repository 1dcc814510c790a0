#pragma once

#include "tools/context.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <string>

namespace mcp::tools {

/// How many bytes of JSON an answer may have: MAX_RESPONSE_TOKENS, four
/// characters to a token. Counting bytes errs on the safe side.
[[nodiscard]] std::size_t response_budget(const call_limits& limits);

/// The size of `value` as JSON text.
[[nodiscard]] std::size_t json_size(const json::value& value);
[[nodiscard]] std::size_t json_size(const json::object& value);

/// Makes `value` fit `max_bytes` of JSON: cuts the tails of its longest lists,
/// then texts beyond 500 bytes. Members named id, name, url, or ending in
/// "Cursor" are never cut.
/// Gives: true when it fits now.
/// Cost:  a few passes over `value`.
bool shrink(json::value& value, std::size_t max_bytes);

/// The first `max_bytes` of `text`, ended by "..." when something was cut off,
/// and never cut inside a UTF-8 character.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t max_bytes);

} // namespace mcp::tools
