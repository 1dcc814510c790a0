#pragma once

#include <boost/json.hpp>

#include <string_view>

namespace mcp::wandb {

/// One line of Markdown as the pieces of a report's heading: links and code
/// become pieces of their own, marks of emphasis go (pieces can't show it),
/// backslash escapes are resolved. What is not well-formed stays as it is.
/// A line of more than 1,000 bytes is one piece of plain text.
[[nodiscard]] boost::json::array markdown_line(std::string_view line);

/// Whether Markdown would show `text` as it stands: one line, no markup.
[[nodiscard]] bool is_plain_text(std::string_view text);

} // namespace mcp::wandb
