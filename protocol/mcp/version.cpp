#include "protocol/mcp/version.hpp"

namespace mcp {

std::string_view to_string(version v) {
  switch (v) {
  case version::v2025_03_26:
    return "2025-03-26";
  case version::v2025_06_18:
    return "2025-06-18";
  case version::v2025_11_25:
    return "2025-11-25";
  }
  return "";
}

std::optional<version> parse_version(std::string_view text) {
  for (const auto v : supported_versions)
    if (to_string(v) == text)
      return v;
  return {};
}

std::optional<version> version_from_number(std::uint8_t number) {
  for (const auto v : supported_versions)
    if (static_cast<std::uint8_t>(v) == number)
      return v;
  return {};
}

version negotiate(std::string_view requested) {
  return parse_version(requested).value_or(newest_version);
}

} // namespace mcp
