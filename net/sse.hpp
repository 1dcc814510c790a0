#pragma once

#include <string>
#include <string_view>

namespace mcp::net {

/// One server-sent event (WHATWG HTML, 9.2.5): "id:" when `id` is not empty,
/// "event:" when `event` is not empty, one "data:" line per line of `data`, and
/// the blank line. `id` and `event` must not hold line breaks.
[[nodiscard]] std::string sse_event(std::string_view data,
                                    std::string_view id = {},
                                    std::string_view event = {});

/// A comment line, which readers ignore: keeps a quiet stream open.
[[nodiscard]] std::string_view sse_keep_alive();

} // namespace mcp::net
