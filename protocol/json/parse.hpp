#pragma once

#include "protocol/errors.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcp {

/// What a text may cost before it is refused.
struct json_limits {
  std::size_t max_depth = 128; // arrays and objects inside each other
  /// Values of all kinds together. Building them costs far more than reading
  /// their bytes, so a body of a million small ones would hold up a thread.
  std::size_t max_values = SIZE_MAX;
  /// Refuse objects that name a member twice (what a client sends: two readers
  /// could see two different messages). W&B's answers are not checked.
  bool unique_members = false;
};

/// Parses one JSON text (RFC 8259, UTF-8). Pure; safe from any thread. What W&B
/// answers is for `read_lenient` (lenient.hpp).
/// Takes:  `text`; no bytes are read behind its end. A byte order mark before
///         it is skipped.
/// Gives:  the value. Integers keep their exact value up to 64 bits. An escaped
///         half of a surrogate pair (\ud83d alone), which is no character, is
///         U+FFFD.
/// Errors: `parse_error` not JSON, not UTF-8, a number beyond 64 bits or a
///         double's range, nested too deep, too many values, a member named
///         twice. The message
///         says which, and never quotes the text.
/// Cost:   one pass; memory about 20 times the text at worst.
[[nodiscard]] result<boost::json::value> parse_json(std::string_view text,
                                                    const json_limits& = {});

/// Whether an error of these functions is that of a limit (depth, number of
/// values, a member named twice), so that the text may be JSON all the same.
[[nodiscard]] bool is_beyond_limits(const failure& why);

/// The same without copying the text: at least 64 readable bytes must follow
/// it in the same allocation (their content does not matter).
[[nodiscard]] result<boost::json::value>
parse_padded_json(std::string_view text, const json_limits& = {});

} // namespace mcp
