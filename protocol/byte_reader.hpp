#pragma once

#include <cstdint>
#include <string_view>

namespace mcp {

/// Reads binary fields in order; `good` turns false at the first that is not
/// there, and what is read from then on is empty or zero.
struct byte_reader {
  std::string_view rest;
  bool good = true;

  std::string_view bytes(std::size_t n) {
    if (rest.size() < n) {
      good = false;
      return {};
    }
    const auto out = rest.substr(0, n);
    rest.remove_prefix(n);
    return out;
  }
  /// `size` bytes, at most 8, big endian.
  std::uint64_t number(std::size_t size) {
    std::uint64_t out = 0;
    for (const char c : bytes(size))
      out = (out << 8) | static_cast<std::uint8_t>(c);
    return out;
  }
};

} // namespace mcp
