#pragma once

#include <boost/json.hpp>

#include <string>

namespace mcp::tools {

namespace json = boost::json;

/// The blocks of a report's spec as Markdown. Panels and whatever else a text
/// can not show become a line in italics that names their kind. Anything may
/// be missing or mistyped; it is passed over then.
[[nodiscard]] std::string report_markdown(const json::array& blocks);

} // namespace mcp::tools
