#pragma once

// Names and filters that a caller gives, before they go into a document.

#include "tools/tool.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mcp::tools {

/// A registry is a project whose name begins with this; people leave it out.
inline constexpr std::string_view registry_prefix = "wandb-registry-";

/// "model" and "wandb-registry-model" are both the latter.
[[nodiscard]] std::string full_registry_name(std::string_view name);
/// The other way round.
[[nodiscard]] std::string short_registry_name(std::string_view name);

/// A name without blanks around it. Throws `tool_error` invalid_input, which
/// names the argument, when it is empty or longer than 512 bytes.
[[nodiscard]] std::string name_argument(const arguments& args,
                                        std::string_view argument);
/// The same; nothing when it is absent, null or blank.
[[nodiscard]] std::optional<std::string>
optional_name(const arguments& args, std::string_view argument);

/// A filter as the JSON text that W&B wants; "{}" when there is none.
/// Throws invalid_input when it is more than 12 levels deep or 64 KiB long.
[[nodiscard]] std::string filter_text(const json::object* filter);

/// The same for a filter of registries: texts under a "name" get the prefix,
/// except patterns ($regex, $contains).
[[nodiscard]] std::string registry_filter_text(const json::object* filter);

/// max_items: 1 to `most`; more is taken as `most`. Throws invalid_input below.
[[nodiscard]] std::size_t limit_argument(const arguments& args,
                                         std::string_view argument,
                                         std::size_t most);

} // namespace mcp::tools
