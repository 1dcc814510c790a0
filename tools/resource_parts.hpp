#pragma once

// What the resources share. Most of them are the answer of a tool under a URI,
// so that both say the same of the same thing.

#include "tools/offer.hpp"

#include <string>
#include <string_view>

namespace mcp::tools {

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view markdown_type = "text/markdown";

[[nodiscard]] resource_contents
one_text(std::string uri, std::string_view mime_type, std::string text);

/// Gives what `reading` gives, and nothing when it fails because there is no
/// such thing, or none that this user may see, or the name can not be one.
/// Lets other failures out: whoever reads again later may have more luck.
task<resource_contents> or_absent(task<resource_contents> reading);

/// What the tool answers. `args` hold all that its schema requires or has a
/// default for. Throws what the tool throws.
task<json::object> tool_answer(const tool& from, call_context& context,
                               json::object args);

/// The same as the resource's contents, by way of `or_absent`.
task<resource_contents> tool_contents(const tool& from, call_context& context,
                                      std::string uri, json::object args);

} // namespace mcp::tools
