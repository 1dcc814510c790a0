#include "tools/models_budget.hpp"

#include "protocol/json/write.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t max_text = 500;

struct longest_list {
  json::array* list = nullptr;
  std::size_t size = 0;
};

// Sizes are counted from the leaves up in one pass, so that finding the longest
// list costs no serialization per list. Escapes are not counted: the caller
// measures the truth at the end.
std::size_t measure(json::value& value, longest_list& longest) {
  switch (value.kind()) {
  case json::kind::object: {
    std::size_t size = 2;
    for (auto& [name, member] : value.get_object())
      size += name.size() + 4 + measure(member, longest);
    return size;
  }
  case json::kind::array: {
    auto& list = value.get_array();
    std::size_t size = 2;
    for (auto& item : list)
      size += 1 + measure(item, longest);
    // >=: of a list and its only, long item the outer one is found last.
    if (list.size() > 1 && size >= longest.size)
      longest = {&list, size};
    return size;
  }
  case json::kind::string:
    return value.get_string().size() + 2;
  default:
    return 8;
  }
}

bool is_identifier(std::string_view name) {
  return name == "id" || name == "name" || name == "url"
         || name.ends_with("Cursor") || name == "cursor";
}

void cut_texts(json::value& value, bool keep) {
  if (auto* object = value.if_object()) {
    for (auto& [name, member] : *object)
      cut_texts(member, is_identifier(name));
  } else if (auto* list = value.if_array()) {
    for (auto& item : *list)
      cut_texts(item, false);
  } else if (auto* text = value.if_string(); text && !keep) {
    if (text->size() > max_text)
      *text = shorten(*text, max_text);
  }
}

} // namespace

std::size_t response_budget(const call_limits& limits) {
  return limits.max_response_tokens * 4;
}

std::size_t json_size(const json::value& value) {
  return write_json(value).size();
}

std::size_t json_size(const json::object& value) {
  return write_json(value).size();
}

std::string shorten(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes)
    return std::string(text);
  auto end = max_bytes > 3 ? max_bytes - 3 : 0;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return std::string(text.substr(0, end)) + "...";
}

bool shrink(json::value& value, std::size_t max_bytes) {
  auto size = json_size(value);
  while (size > max_bytes) {
    longest_list longest;
    measure(value, longest);
    // Lists that are a small part of the whole are not what is too long.
    if (!longest.list || longest.size * 8 < size)
      break;
    const auto excess = size - max_bytes;
    const auto length = longest.list->size();
    const auto per_item = std::max<std::size_t>(longest.size / length, 1);
    const auto drop =
      std::clamp<std::size_t>(excess / per_item, 1, (length + 1) / 2);
    longest.list->resize(length - std::min(drop, length - 1));
    size = json_size(value);
  }
  if (size <= max_bytes)
    return true;
  cut_texts(value, false);
  return json_size(value) <= max_bytes;
}

} // namespace mcp::tools
