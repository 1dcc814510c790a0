#include "protocol/wandb/weave_text.hpp"

#include <utility>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

std::size_t string_size(std::string_view text) {
  std::size_t size = text.size() + 2;
  for (const unsigned char c : text) {
    if (c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r'
        || c == '\b' || c == '\f')
      size += 1;
    else if (c < 0x20)
      size += 5; // \u001f
  }
  return size;
}

std::size_t integer_size(std::uint64_t n) {
  std::size_t size = 1;
  for (; n >= 10; n /= 10)
    ++size;
  return size;
}

// The name of a saved object's type, null when the object is not one.
const json::value* saved_type(const json::object& o) {
  const json::value* found = nullptr;
  for (const auto* key : {"__type__", "_type"}) {
    const auto* type = o.if_contains(key);
    if (!type)
      continue;
    if (const auto* name = type->if_string(); name && !name->empty())
      return type;
    found = type;
  }
  return found;
}

} // namespace

std::string_view first_characters(std::string_view text,
                                  std::size_t max_characters) {
  if (text.size() <= max_characters)
    return text;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80)
      continue; // inside a character
    if (characters++ == max_characters)
      return text.substr(0, i);
  }
  return text;
}

std::string cut_text(std::string_view text, std::size_t max_characters) {
  const auto head = first_characters(text, max_characters);
  std::string out(head);
  if (head.size() < text.size())
    out += "...";
  return out;
}

std::size_t cut_value(json::value& v, std::size_t n) {
  std::size_t changed = 0;
  switch (v.kind()) {
  case json::kind::string: {
    const std::string_view text = v.get_string();
    const auto head = first_characters(text, n);
    if (head.size() == text.size())
      break;
    ++changed;
    v = n == 0 ? json::value("") : json::value(cut_text(text, n));
    break;
  }
  case json::kind::object: {
    auto& o = v.get_object();
    if (n == 0) {
      changed += !o.empty();
      o.clear();
    } else if (const auto* type = saved_type(o)) {
      json::object shown;
      if (n >= 50) {
        const auto* name = type->if_string();
        shown.emplace("type", name ? json::value(*name) : json::value());
        cut_value(shown.at("type"), n);
      }
      ++changed;
      v = std::move(shown);
    } else {
      for (auto& member : o)
        changed += cut_value(member.value(), n);
    }
    break;
  }
  case json::kind::array:
    if (n == 0) {
      changed += !v.get_array().empty();
      v.get_array().clear();
    } else {
      for (auto& element : v.get_array())
        changed += cut_value(element, n);
    }
    break;
  case json::kind::bool_:
  case json::kind::int64:
  case json::kind::uint64:
  case json::kind::double_:
    if (n == 0) {
      ++changed;
      v = 0;
    }
    break;
  case json::kind::null:
    break;
  }
  return changed;
}

std::size_t json_size(const json::value& v) {
  switch (v.kind()) {
  case json::kind::string:
    return string_size(v.get_string());
  case json::kind::object: {
    const auto& o = v.get_object();
    std::size_t size = o.empty() ? 2 : 1; // a comma or brace behind each
    for (const auto& [key, member] : o)
      size += string_size(key) + 1 + json_size(member) + 1;
    return size;
  }
  case json::kind::array: {
    const auto& a = v.get_array();
    std::size_t size = a.empty() ? 2 : 1;
    for (const auto& element : a)
      size += json_size(element) + 1;
    return size;
  }
  case json::kind::bool_:
    return v.get_bool() ? 4 : 5;
  case json::kind::int64: {
    const auto n = v.get_int64();
    return n < 0 ? 1 + integer_size(std::uint64_t{0} - std::uint64_t(n))
                 : integer_size(std::uint64_t(n));
  }
  case json::kind::uint64:
    return integer_size(v.get_uint64());
  case json::kind::double_:
    return 18;
  case json::kind::null:
    break;
  }
  return 4;
}

} // namespace mcp::wandb
