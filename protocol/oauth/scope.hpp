#pragma once

#include <string>
#include <string_view>

namespace mcp::oauth {

inline constexpr std::string_view read_scope = "wandb:read";
inline constexpr std::string_view write_scope = "wandb:write";

/// What a token is good for. Every token reads; only some write.
struct scopes {
  bool write = false;

  friend bool operator==(const scopes&, const scopes&) = default;
};

/// Reads a scope list ("wandb:read wandb:write"; RFC 6749, 3.3). Unknown ones
/// are ignored; nothing known is reading.
[[nodiscard]] scopes parse_scopes(std::string_view text);
/// "wandb:read" or "wandb:read wandb:write".
[[nodiscard]] std::string_view to_text(scopes s);
/// Whether `asked` is no more than `granted`.
[[nodiscard]] bool within(scopes asked, scopes granted);

} // namespace mcp::oauth
