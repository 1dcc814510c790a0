#include "protocol/mcp/version.hpp"

namespace mcp {
namespace {

template <class Versions>
std::optional<version> find_text(const Versions& among, std::string_view text) {
  for (const auto v : among)
    if (to_string(v) == text)
      return v;
  return {};
}

} // namespace

std::string_view to_string(version v) {
  switch (v) {
  case version::v2025_03_26:
    return "2025-03-26";
  case version::v2025_06_18:
    return "2025-06-18";
  case version::v2025_11_25:
    return "2025-11-25";
  case version::v2026_07_28:
    return "2026-07-28";
  }
  return "";
}

std::optional<version> parse_version(std::string_view text) {
  return find_text(supported_versions, text);
}

std::optional<version> parse_stateless_version(std::string_view text) {
  return find_text(stateless_versions, text);
}

std::optional<version> version_from_number(std::uint8_t number) {
  for (const auto v : supported_versions)
    if (static_cast<std::uint8_t>(v) == number)
      return v;
  return {};
}

std::vector<std::string> spoken_versions() {
  std::vector<std::string> out;
  for (auto v = stateless_versions.rbegin(); v != stateless_versions.rend();
       ++v)
    out.emplace_back(to_string(*v));
  for (auto v = supported_versions.rbegin(); v != supported_versions.rend();
       ++v)
    out.emplace_back(to_string(*v));
  return out;
}

version negotiate(std::string_view requested) {
  return parse_version(requested).value_or(newest_version);
}

} // namespace mcp
