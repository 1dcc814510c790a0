#include "tools/typed_query_links.hpp"

namespace mcp::tools {
namespace {

bool is_word(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

} // namespace

std::string url_segment(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((is_word(byte) && byte < 0x80) || c == '-' || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

std::string project_url(std::string_view app_url, std::string_view entity,
                        std::string_view project) {
  return std::string(app_url) + "/" + url_segment(entity) + "/"
         + url_segment(project);
}

std::string report_page(std::string_view project_url, std::string_view title,
                        std::string_view view_id) {
  std::string slug;
  for (const char c : title)
    if (is_word(static_cast<unsigned char>(c)))
      slug += c;
    else if (!slug.empty() && slug.back() != '-')
      slug += '-';
  while (slug.ends_with('-'))
    slug.pop_back();
  while (view_id.ends_with('='))
    view_id.remove_suffix(1);
  return std::string(project_url) + "/reports/" + url_segment(slug) + "--"
         + url_segment(view_id);
}

} // namespace mcp::tools
