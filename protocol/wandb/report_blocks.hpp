#pragma once

// The blocks of a W&B report, as its "spec" holds them. Pure builders: they
// check nothing but what their comments say.

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace mcp::wandb {

namespace json = boost::json;

// Pieces of a line ("INLINE"): what `children` of a text block holds.

[[nodiscard]] json::object inline_text(std::string_view text);
[[nodiscard]] json::object inline_code(std::string_view code);
[[nodiscard]] json::object inline_link(std::string_view text,
                                       std::string_view url);

// Blocks.

[[nodiscard]] json::object paragraph_block(std::string_view text);
/// `level` is 1 to 3; `line` are pieces as above.
[[nodiscard]] json::object heading_block(int level, json::array line);
[[nodiscard]] json::object contents_block();
[[nodiscard]] json::object rule_block();
/// CommonMark with tables, which W&B renders.
[[nodiscard]] json::object markdown_block(std::string_view markdown);
/// `language` is one that `block_language` gives.
[[nodiscard]] json::object code_block(std::string_view code,
                                      std::string_view language);
[[nodiscard]] json::object image_block(std::string_view url,
                                       std::string_view caption);

/// The language of a report's code block for what a fence names: "TypeScript"
/// is "javascript". Reports know seven; "python" stands for all others.
[[nodiscard]] std::string_view block_language(std::string_view fence_name);

/// The text of a report's spec. An empty paragraph is put before and after
/// blocks that do not begin or end with one: the editor needs a place for the
/// cursor.
[[nodiscard]] std::string report_spec(json::array blocks);

} // namespace mcp::wandb
