#include "protocol/mcp/utf8.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>

namespace mcp {

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

void append_utf8(std::string& out, unsigned code) {
  if ((code >= 0xD800 && code < 0xE000) || code > 0x10FFFF)
    code = 0xFFFD;
  const auto put = [&out](unsigned byte) {
    out.push_back(static_cast<char>(byte));
  };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
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
