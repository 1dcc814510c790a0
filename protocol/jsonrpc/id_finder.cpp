#include "protocol/jsonrpc/id_finder.hpp"

#include "protocol/json/parse.hpp"

namespace mcp::jsonrpc {
namespace {

/// Of a name as it is written, with its quotes: "method" is the longest that
/// matters, and may be spelled in escapes.
constexpr std::size_t max_name = 64;
constexpr std::size_t max_value = reader_limits{}.max_id_bytes + 2;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void keep(std::string& text, char c, std::size_t most) {
  if (text.size() <= most) // one more shows that it is too long
    text += c;
}

/// Whether a name as it is written says this.
bool says(const std::string& written, std::string_view name) {
  // Parsing costs, and a body may have a million names.
  if (written.find('\\') == written.npos)
    return written.size() == name.size() + 2 && written.starts_with('"')
           && written.ends_with('"')
           && std::string_view(written).substr(1, name.size()) == name;
  const auto parsed = parse_json(written);
  return parsed && parsed->is_string() && parsed->get_string() == name;
}

} // namespace

void id_finder::feed(std::string_view piece) {
  for (const char c : piece)
    take(c);
}

void id_finder::take(char c) {
  if (ended_) {
    odd_ |= !is_blank(c);
    return;
  }
  if (!began_) {
    if (is_blank(c))
      return;
    began_ = true;
    is_object_ = c == '{';
  }
  if (!is_object_)
    return;
  // The outermost members alone are kept.
  const bool outermost = depth_ == 1;
  if (in_text_) {
    if (outermost)
      keep(at_value_ ? value_ : name_, c, at_value_ ? max_value : max_name);
    if (escaped_)
      escaped_ = false;
    else if (c == '\\')
      escaped_ = true;
    else if (c == '"')
      in_text_ = false;
    return;
  }
  in_text_ = c == '"';
  if (c == '{' || c == '[') {
    ++depth_;
  } else if (c == '}' || c == ']') {
    if (outermost)
      end_of_member();
    ended_ = --depth_ == 0;
  } else if (outermost && c == ',') {
    end_of_member();
  } else if (outermost && c == ':') {
    at_value_ = true;
  } else if (outermost && !is_blank(c)) {
    keep(at_value_ ? value_ : name_, c, at_value_ ? max_value : max_name);
  }
  // An id is no array or object; what stands for one makes it unreadable.
  if (outermost && at_value_ && (c == '{' || c == '['))
    keep(value_, c, max_value);
}

void id_finder::end_of_member() {
  if (says(name_, "id")) {
    has_id_ = true;
    id_ = value_;
  } else if (says(name_, "method")) {
    has_method_ = true;
  }
  name_.clear();
  value_.clear();
  at_value_ = false;
}

bool id_finder::is_notification() const {
  return ended_ && !odd_ && has_method_ && !has_id_;
}

std::optional<request_id> id_finder::id() const {
  if (!ended_ || odd_ || id_.empty())
    return {};
  const auto parsed = parse_json(id_);
  return parsed ? read_id(*parsed) : std::nullopt;
}

} // namespace mcp::jsonrpc
