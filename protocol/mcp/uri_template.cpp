#include "protocol/mcp/uri_template.hpp"

#include "protocol/hex.hpp"
#include "protocol/mcp/utf8.hpp"

#include <algorithm>

namespace mcp {
namespace {

failure bad(const char* why) {
  return {.code = errc::bad_argument,
          .message = std::string("URI template: ") + why};
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9');
}

/// Dots only between other characters.
bool is_name(std::string_view s) {
  bool dot_may_follow = false;
  for (const char c : s) {
    if (c == '.' ? !dot_may_follow : !is_alphanumeric(c) && c != '_')
      return false;
    dot_may_follow = c != '.';
  }
  return dot_may_follow;
}

bool is_unreserved(char c) {
  return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool is_reserved(char c) {
  return std::string_view(":/?#[]@!$&'()*+,;=").find(c)
         != std::string_view::npos;
}

bool is_encoded_at(std::string_view s, std::size_t at) {
  return at + 2 < s.size() && s[at] == '%' && hex_digit(s[at + 1]) >= 0
         && hex_digit(s[at + 2]) >= 0;
}

/// Undoes the percent encoding; empty when the value is none of ours.
std::optional<std::string> decode(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '%') {
      out += s[i];
      continue;
    }
    if (!is_encoded_at(s, i))
      return {};
    out += static_cast<char>(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
    i += 2;
  }
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (!is_utf8(out) || std::any_of(out.begin(), out.end(), control))
    return {};
  return out;
}

void append_encoded(std::string& out, char c) {
  static constexpr char digits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

} // namespace

result<uri_template> uri_template::compile(std::string_view text) {
  if (text.size() > max_template_bytes)
    return bad("too long");
  uri_template out;
  out.text_ = text;
  std::size_t variables = 0;
  std::size_t reserved = 0;
  while (!text.empty()) {
    const auto brace = text.find_first_of("{}");
    if (brace > 0) {
      out.parts_.emplace_back().text = text.substr(0, brace);
      text.remove_prefix(std::min(brace, text.size()));
      continue;
    }
    const auto end = text.find('}');
    if (text[0] == '}' || end == text.npos)
      return bad("a brace has no partner");
    auto name = text.substr(1, end - 1);
    part p;
    p.variable = true;
    if (name.starts_with('+')) {
      p.reserved = true;
      name.remove_prefix(1);
    }
    if (!is_name(name))
      return bad("a variable is written {name} or {+name}");
    if (!out.parts_.empty() && out.parts_.back().variable)
      return bad("two variables need something between them");
    p.text = name;
    for (const auto& other : out.parts_)
      if (other.variable && other.text == p.text)
        return bad("a variable is there twice");
    reserved += p.reserved ? 1 : 0;
    if (++variables > max_variables || reserved > 1)
      return bad("too many variables, or more than one {+name}");
    out.parts_.push_back(std::move(p));
    text.remove_prefix(end + 1);
  }
  return out;
}

std::optional<uri_template::variables>
uri_template::match(std::string_view uri) const {
  if (uri.size() > max_uri_bytes)
    return {};
  // The one variable whose end is found from the right.
  auto pivot = parts_.size();
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (parts_[i].variable
        && (pivot == parts_.size() || !parts_[pivot].reserved))
      pivot = i;
  if (pivot == parts_.size())
    return uri == text_ ? std::optional(variables{}) : std::nullopt;

  variables out;
  const auto take = [&](const part& p, std::string_view value) {
    if (value.empty()
        || (!p.reserved && value.find_first_of("/?#") != value.npos))
      return false;
    auto decoded = decode(value);
    if (!decoded)
      return false;
    out.emplace(p.text, std::move(*decoded));
    return true;
  };
  for (std::size_t i = 0; i < pivot; ++i) {
    const auto& p = parts_[i];
    if (p.variable) {
      // What follows is text, for two variables never touch.
      const auto end = uri.find(parts_[i + 1].text, 1);
      if (end == uri.npos || !take(p, uri.substr(0, end)))
        return {};
      uri.remove_prefix(end);
    } else {
      if (!uri.starts_with(p.text))
        return {};
      uri.remove_prefix(p.text.size());
    }
  }
  for (auto i = parts_.size() - 1; i > pivot; --i) {
    const auto& p = parts_[i];
    if (p.variable) {
      const auto& before = parts_[i - 1].text;
      if (uri.size() < before.size() + 1)
        return {};
      const auto start = uri.rfind(before, uri.size() - before.size() - 1);
      if (start == uri.npos || !take(p, uri.substr(start + before.size())))
        return {};
      uri = uri.substr(0, start + before.size());
    } else {
      if (!uri.ends_with(p.text))
        return {};
      uri.remove_suffix(p.text.size());
    }
  }
  if (!take(parts_[pivot], uri))
    return {};
  return out;
}

std::string uri_template::expand(const variables& values) const {
  std::string out;
  for (const auto& p : parts_) {
    if (!p.variable) {
      out += p.text;
      continue;
    }
    const auto found = values.find(p.text);
    if (found == values.end())
      continue;
    const auto& value = found->second;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (is_unreserved(value[i])
          || (p.reserved && (is_reserved(value[i]) || is_encoded_at(value, i))))
        out += value[i];
      else
        append_encoded(out, value[i]);
    }
  }
  return out;
}

std::vector<std::string> uri_template::names() const {
  std::vector<std::string> out;
  for (const auto& p : parts_)
    if (p.variable)
      out.push_back(p.text);
  return out;
}

} // namespace mcp
