#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcp {

[[nodiscard]] bool is_utf8(std::string_view text);

/// Appends a code point. Half of a surrogate pair, and what is beyond the last
/// one, has no UTF-8 form: U+FFFD stands for it.
void append_utf8(std::string& out, unsigned code_point);

/// At most `max_bytes` of UTF-8 text, cut at a character's start.
[[nodiscard]] std::string_view cut_utf8(std::string_view text,
                                        std::size_t max_bytes);

/// Somebody else's bytes as they may stand in a message of ours: cut, and when
/// they are no printable UTF-8, with '?' for each byte that is no printable
/// ASCII.
[[nodiscard]] std::string quotable(std::string_view bytes,
                                   std::size_t max_bytes = 64);

} // namespace mcp
