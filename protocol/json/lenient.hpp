#pragma once

#include "protocol/json/parse.hpp"

#include <string_view>

namespace mcp {

/// Reads JSON that somebody else wrote and W&B only passes on: configs, rows,
/// calls. One odd value costs itself alone, never what stands beside it:
/// - A number beyond 64 bits or a double's range, or written in a way that JSON
///   has not (`+1`, `.5`, `007`, `0x1F`), becomes the text it was written as.
/// - Bare NaN, Infinity and -Infinity (also as nan, inf, ...) become the texts
///   "NaN", "Infinity" and "-Infinity".
/// - A lone surrogate, and each byte that is no UTF-8, becomes U+FFFD. Control
///   characters in a text are taken as they are.
/// - An array or object inside `limits.max_depth` others becomes the text
///   "[nested deeper than 128]", with the number that it was.
/// Members named twice are never refused, whatever `limits` say.
/// Use `parse_json` for what a client sends: it shall hear of its mistakes.
/// Errors: `parse_error` when the text is cut short, is no JSON in its
///         structure (a comma or a bracket too many), or holds more than
///         `limits.max_values`.
/// Cost:   that of `parse_json` for good JSON, two more passes for the rest;
///         memory as there.
[[nodiscard]] result<boost::json::value> read_lenient(std::string_view text,
                                                      const json_limits& = {});

/// The same for a text that 64 readable bytes follow; see `parse_padded_json`.
[[nodiscard]] result<boost::json::value>
read_padded_lenient(std::string_view text, const json_limits& = {});

} // namespace mcp
