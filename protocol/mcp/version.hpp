#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mcp {

/// The protocol versions that open a session. The numbers are part of session
/// ids: never renumber.
enum class version : std::uint8_t {
  v2025_03_26 = 1,
  v2025_06_18 = 2,
  v2025_11_25 = 3,
};

inline constexpr std::array supported_versions{
  version::v2025_03_26, version::v2025_06_18, version::v2025_11_25};
inline constexpr version newest_version = version::v2025_11_25;

/// "2025-11-25".
[[nodiscard]] std::string_view to_string(version v);
/// Empty when we do not speak it.
[[nodiscard]] std::optional<version> parse_version(std::string_view text);
[[nodiscard]] std::optional<version> version_from_number(std::uint8_t number);

/// What `initialize` answers: the version asked for when we speak it, else our
/// newest (MCP, lifecycle, "Version Negotiation").
[[nodiscard]] version negotiate(std::string_view requested);

/// Batches were part of 2025-03-26 alone.
[[nodiscard]] constexpr bool has_batches(version v) {
  return v == version::v2025_03_26;
}
/// structuredContent, outputSchema and a tool's title came with 2025-06-18.
[[nodiscard]] constexpr bool has_structured_content(version v) {
  return v >= version::v2025_06_18;
}

} // namespace mcp
