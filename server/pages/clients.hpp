#pragma once

#include "actors/authorization_pages.hpp"
#include "server/pages/html.hpp"

namespace mcp {

/// How to connect each client that can connect here, one fold-out each: by
/// address alone, or with a header that carries the API key.
[[nodiscard]] html client_list(const connect_view& view);

/// A text to copy.
[[nodiscard]] html snippet(const std::string& text);

} // namespace mcp
