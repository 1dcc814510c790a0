#include "protocol/wandb/report_link.hpp"

namespace mcp::wandb {
namespace {

bool is_word(char c) {
  // Of characters beyond ASCII, most are letters.
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_'
         || static_cast<unsigned char>(c) >= 0x80;
}

std::string project_link(std::string_view app_url, std::string_view entity,
                         std::string_view project) {
  return std::string(app_url) + "/" + url_segment(entity) + "/"
         + url_segment(project);
}

} // namespace

std::string url_segment(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (is_word(c) || c == '.' || c == '~' || c == '-')) {
      out += c;
    } else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

std::string report_link(std::string_view app_url, std::string_view entity,
                        std::string_view project, std::string_view title,
                        std::string_view view_id) {
  std::string words;
  for (const char c : title) {
    if (is_word(c))
      words += c;
    else if (!words.empty() && words.back() != '-')
      words += '-';
  }
  while (!words.empty() && words.back() == '-')
    words.pop_back();
  while (view_id.ends_with('='))
    view_id.remove_suffix(1);
  return project_link(app_url, entity, project) + "/reports/"
         + url_segment(words) + "--" + url_segment(view_id);
}

std::string run_link(std::string_view app_url, std::string_view entity,
                     std::string_view project, std::string_view run_id) {
  return project_link(app_url, entity, project) + "/runs/"
         + url_segment(run_id);
}

} // namespace mcp::wandb
