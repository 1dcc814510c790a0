#pragma once

#include <boost/json.hpp>

#include <string_view>

namespace mcp::wandb {

/// Markdown as the blocks of a report. Headings of level 1 to 3, fenced code,
/// rules and a line "[TOC]" become blocks of their own; all between them goes
/// into Markdown blocks as it is, which W&B renders (CommonMark with tables). A
/// short text without any markup becomes a paragraph.
/// - A fence inside of a list stays with the list. One that nobody closes ends
///   with the text.
/// - Line ends may be LF, CRLF or CR.
/// Gives no block for text without content.
/// Cost: linear in the text.
[[nodiscard]] boost::json::array markdown_blocks(std::string_view text);

} // namespace mcp::wandb
