#include "protocol/oauth/form.hpp"

#include "protocol/hex.hpp"

#include <algorithm>

namespace mcp::oauth {
namespace {

/// The one parameter that may name several (RFC 8707, 2). We are one resource,
/// so several are the same one several times.
constexpr std::string_view may_repeat = "resource";

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
         || c == '~';
}

} // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return {};
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

checked<form> form::parse(std::string_view text) {
  if (text.size() > max_bytes)
    return invalid_request("The form is too long.");
  form out;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (field.empty())
      continue;
    const auto equals = std::min(field.find('='), field.size());
    auto name = percent_decode(field.substr(0, equals));
    auto value =
      percent_decode(field.substr(std::min(equals + 1, field.size())));
    if (!name || !value)
      return invalid_request("The form has a broken %-escape.");
    const auto before =
      std::find_if(out.fields_.begin(), out.fields_.end(),
                   [&](const auto& f) { return f.first == *name; });
    if (before != out.fields_.end()) {
      if (*name == may_repeat && before->second == *value)
        continue;
      return invalid_request("A parameter is there twice.");
    }
    if (out.fields_.size() == max_fields)
      return invalid_request("The form has too many fields.");
    out.fields_.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

std::string_view form::get(std::string_view name) const {
  for (const auto& [n, value] : fields_)
    if (n == name)
      return value;
  return {};
}

void form::add(std::string name, std::string value) {
  if (!value.empty())
    fields_.emplace_back(std::move(name), std::move(value));
}

std::string form::encoded() const {
  std::string out;
  for (const auto& [name, value] : fields_) {
    if (!out.empty())
      out += '&';
    out += percent_encode(name) + '=' + percent_encode(value);
  }
  return out;
}

std::string_view query_of(std::string_view target) {
  const auto mark = target.find('?');
  return mark == target.npos ? std::string_view{} : target.substr(mark + 1);
}

std::string with_query(std::string_view uri, const form& more) {
  std::string out(uri);
  if (out.find('?') == out.npos)
    out += '?';
  else if (!out.ends_with('?') && !out.ends_with('&'))
    out += '&';
  return out + more.encoded();
}

} // namespace mcp::oauth
