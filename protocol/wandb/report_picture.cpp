#include "protocol/wandb/report_picture.hpp"

#include "protocol/wandb/report_svg.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>

namespace mcp::wandb {
namespace {

constexpr auto base64_variant = sodium_base64_VARIANT_ORIGINAL;
constexpr std::string_view svg_url = "data:image/svg+xml";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// `word` is lower case.
bool starts_with(std::string_view text, std::string_view word) {
  return text.size() >= word.size()
         && std::equal(word.begin(), word.end(), text.begin(),
                       [](char a, char b) { return a == lower(b); });
}

std::string base64(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), base64_variant),
                  '\0');
  sodium_bin2base64(out.data(), out.size(),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), base64_variant);
  out.pop_back(); // the terminating zero it counts
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()),
                        out.size(), text.data(), text.size(), "\r\n ", &size,
                        nullptr, base64_variant)
      != 0)
    return std::nullopt;
  out.resize(size);
  return out;
}

std::optional<std::string> from_percent(std::string_view text) {
  const auto digit = [](char c) {
    c = lower(c);
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || digit(text[i + 1]) < 0
        || digit(text[i + 2]) < 0)
      return std::nullopt;
    out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return out;
}

picture refused(std::string reason) {
  return {picture::kind::refused, std::move(reason)};
}

picture svg_picture(std::string_view svg, std::size_t max_bytes) {
  if (svg.size() > max_bytes)
    return refused("the picture is larger than " + std::to_string(max_bytes)
                   + " bytes");
  if (const auto why = svg_objection(svg))
    return refused("the SVG is not accepted: " + *why);
  return {picture::kind::image,
          std::string(svg_url) + ";base64," + base64(svg)};
}

picture linked_svg(std::string_view url, std::size_t max_bytes) {
  const auto comma = url.find(',');
  if (comma == url.npos)
    return refused("the data: URL has no data");
  if (url.size() > 4 * max_bytes) // three characters for a byte at most
    return refused("the picture is larger than " + std::to_string(max_bytes)
                   + " bytes");
  const auto kind = url.substr(0, comma);
  const auto data = url.substr(comma + 1);
  const auto svg =
    kind.find(";base64") != kind.npos ? from_base64(data) : from_percent(data);
  if (!svg)
    return refused("the data: URL can not be decoded");
  return svg_picture(trimmed(*svg), max_bytes);
}

picture linked_bitmap(std::string_view url, std::size_t max_bytes) {
  if (url.size() > max_bytes)
    return refused("the picture is larger than " + std::to_string(max_bytes)
                   + " bytes");
  if (!from_base64(url.substr(url.find(',') + 1)))
    return refused("the data: URL can not be decoded");
  return {picture::kind::image, std::string(url)};
}

/// Elements that make a page, as opposed to a <br> in a table's cell.
bool is_html(std::string_view text) {
  static constexpr std::array<std::string_view, 16> tags{
    "!doctype", "html", "head", "body",   "script", "style", "iframe", "div",
    "canvas",   "form", "link", "object", "embed",  "meta",  "svg",    "img"};
  for (auto at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
    const auto inner = text.substr(at + 1);
    for (const auto tag : tags)
      if (starts_with(inner, tag)
          && (inner.size() == tag.size()
              || std::string_view(" \t\r\n/>").find(inner[tag.size()])
                   != std::string_view::npos))
        return true;
  }
  return false;
}

} // namespace

picture read_picture(std::string_view text, std::size_t max_bytes) {
  text = trimmed(text);
  static constexpr std::array<std::string_view, 4> bitmaps{
    "data:image/png;base64,", "data:image/jpeg;base64,",
    "data:image/gif;base64,", "data:image/webp;base64,"};
  if (starts_with(text, "<svg") || starts_with(text, "<?xml"))
    return svg_picture(text, max_bytes);
  if (starts_with(text, svg_url))
    return linked_svg(text, max_bytes);
  for (const auto bitmap : bitmaps)
    if (starts_with(text, bitmap))
      return linked_bitmap(text, max_bytes);
  if (starts_with(text, "data:"))
    return refused("only data: URLs of SVG, PNG, JPEG, GIF and WebP pictures "
                   "can be shown");
  if (is_html(text))
    return refused("W&B does not show HTML: give SVG, or use panels");
  if (text.size() > max_bytes)
    return refused("the text is larger than " + std::to_string(max_bytes)
                   + " bytes");
  return {picture::kind::text, std::string(text)};
}

} // namespace mcp::wandb
