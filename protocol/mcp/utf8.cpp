#include "protocol/mcp/utf8.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>

namespace mcp {

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes)
    return text;
  auto end = max_bytes;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end);
}

std::string quotable(std::string_view bytes, std::size_t max_bytes) {
  std::string out(cut_utf8(bytes, max_bytes));
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (is_utf8(out) && std::none_of(out.begin(), out.end(), control))
    return out;
  std::replace_if(
    out.begin(), out.end(),
    [](unsigned char c) { return c < 0x20 || c > 0x7E; }, '?');
  return out;
}

} // namespace mcp
