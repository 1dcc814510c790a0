#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// The protocol versions we speak. The numbers are part of session ids: never
/// renumber.
enum class version : std::uint8_t {
  v2025_03_26 = 1,
  v2025_06_18 = 2,
  v2025_11_25 = 3,
  v2026_07_28 = 4,
};

/// How a version keeps what it knows of a client.
enum class era {
  session,   // `initialize` opens a session; up to 2025-11-25
  stateless, // every request says it anew; from 2026-07-28
};

/// The versions that open a session.
inline constexpr std::array supported_versions{
  version::v2025_03_26, version::v2025_06_18, version::v2025_11_25};
/// The newest version that opens a session.
inline constexpr version newest_version = version::v2025_11_25;

/// The versions whose requests stand alone.
inline constexpr std::array stateless_versions{version::v2026_07_28};
inline constexpr version newest_stateless_version = version::v2026_07_28;

[[nodiscard]] constexpr era era_of(version v) {
  return v >= version::v2026_07_28 ? era::stateless : era::session;
}

/// "2025-11-25".
[[nodiscard]] std::string_view to_string(version v);
/// A version that opens a session; empty when we do not speak it or it opens
/// none.
[[nodiscard]] std::optional<version> parse_version(std::string_view text);
/// The same for versions whose requests stand alone.
[[nodiscard]] std::optional<version>
parse_stateless_version(std::string_view text);
/// A version that opens a session: the number is that of a session id.
[[nodiscard]] std::optional<version> version_from_number(std::uint8_t number);

/// Every version we speak, of both eras, newest first: what server/discover
/// and an unsupported version are answered with.
[[nodiscard]] std::vector<std::string> spoken_versions();

/// What `initialize` answers: the version asked for when we speak it and it
/// opens a session, else our newest that does (MCP, lifecycle, "Version
/// Negotiation").
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
