#pragma once

#include "tools/typed_query.hpp"

#include <string_view>

namespace mcp::tools {

/// What W&B answered for one thing, as an item of the answer. Members that are
/// null, missing or of a wrong type in `node` become null.
[[nodiscard]] json::object item_of(const typed_query& q,
                                   const json::object& node,
                                   std::string_view app_url);

/// A document of W&B's as an answer may hold it: at most 12 levels, 500 members
/// and 500 list items each, texts of 16,000 bytes; what is left out is counted
/// in "_truncated_keys" and "_truncated_items".
[[nodiscard]] json::value normalized(const json::value& v);

/// Reads JSON text of W&B's as `read_lenient` does: odd values become texts,
/// NaN the text "NaN". Null when it is no JSON.
[[nodiscard]] json::value read_document(std::string_view text);

} // namespace mcp::tools
