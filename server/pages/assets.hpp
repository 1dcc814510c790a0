#pragma once

#include "net/http_server.hpp"
#include "server/pages/html.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mcp {

/// The whole page around `body`, which is the inside of <main>. The script is
/// for comfort alone: pages work without it.
[[nodiscard]] std::string whole_page(std::string_view title, const html& body,
                                     bool with_script = false);

/// The style sheet and the script, under names that hold a hash of their
/// content, so that browsers may keep them for ever; empty for other paths.
[[nodiscard]] std::optional<net::http_response> asset(std::string_view path);

} // namespace mcp
