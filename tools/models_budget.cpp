#include "tools/models_budget.hpp"

#include "protocol/json/write.hpp"

#include <algorithm>
#include <array>

namespace mcp::tools {
namespace {

// What texts are cut to, one after the other, when cut lists do not suffice.
constexpr std::array<std::size_t, 2> text_sizes{500, 120};

struct longest_list {
  json::array* list = nullptr;
  std::size_t size = 0;
};

// Sizes are counted from the leaves up in one pass, so that finding the longest
// list costs no serialization per list. The caller measures the truth at the
// end.
std::size_t measure(json::value& value, longest_list& longest) {
  switch (value.kind()) {
  case json::kind::object: {
    std::size_t size = 4;
    for (auto& [name, member] : value.get_object())
      size += token_size(std::string_view(name)) + 4 + measure(member, longest);
    return size;
  }
  case json::kind::array: {
    auto& list = value.get_array();
    std::size_t size = 4;
    for (auto& item : list)
      size += 1 + measure(item, longest);
    // >=: of a list and its only, long item the outer one is found last.
    if (list.size() > 1 && size >= longest.size)
      longest = {&list, size};
    return size;
  }
  case json::kind::string:
    return token_size(std::string_view(value.get_string())) + 4;
  case json::kind::double_:
    return 28;
  default:
    return 8;
  }
}

bool is_identifier(std::string_view name) {
  return name == "id" || name == "name" || name == "url"
         || name.ends_with("Cursor") || name == "cursor";
}

/// The longest beginning of `text` that `measure` gives at most `max_size`.
template <class Measure>
std::string beginning(std::string_view text, std::size_t max_size,
                      const Measure& measure) {
  auto shown = std::string(text);
  auto size = measure(shown);
  while (size > max_size && !shown.empty()) {
    // By the average, so it may take more than one try.
    const auto fitting = shown.size() * max_size / size;
    shown = shorten(text, std::min(fitting, shown.size() - 1));
    if (shown.size() <= 3)
      return {};
    size = measure(shown);
  }
  return shown;
}

/// Texts are as long as their JSON: an escape can be four tokens.
void cut_texts(json::value& value, std::size_t max_size, bool keep = false) {
  if (auto* object = value.if_object()) {
    for (auto& [name, member] : *object)
      cut_texts(member, max_size, is_identifier(name));
  } else if (auto* list = value.if_array()) {
    for (auto& item : *list)
      cut_texts(item, max_size);
  } else if (auto* text = value.if_string(); text && !keep) {
    // No byte is more than four tokens.
    if (text->size() * 4 * token_quarters > max_size)
      *text = beginning(*text, max_size, [](const std::string& t) {
        return token_size(json::value(t));
      });
  }
}

/// Gives true when the value fits now.
bool cut_lists(json::value& value, std::size_t max_size) {
  auto size = token_size(value);
  while (size > max_size) {
    longest_list longest;
    measure(value, longest);
    // Lists that are a small part of the whole are not what is too long.
    if (!longest.list || longest.size * 8 < size)
      return false;
    const auto excess = size - max_size;
    const auto length = longest.list->size();
    const auto per_item = std::max<std::size_t>(longest.size / length, 1);
    const auto drop =
      std::clamp<std::size_t>(excess / per_item, 1, (length + 1) / 2);
    longest.list->resize(length - std::min(drop, length - 1));
    size = token_size(value);
  }
  return true;
}

} // namespace

std::size_t response_budget(const call_limits& limits) {
  // The rest is for what a tool adds after it measured.
  const auto all = limits.max_response_tokens * token_quarters;
  return all - all / 50;
}

std::size_t json_size(const json::value& value) {
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

std::string shorten_to(std::string_view text, std::size_t max_size) {
  return beginning(text, max_size, [](const std::string& t) {
    return token_size(std::string_view(t));
  });
}

bool shrink(json::value& value, std::size_t max_size) {
  if (token_size(value) <= max_size)
    return true;
  // A text that is a large part of the answer would leave the lists no room.
  cut_texts(value, std::max(max_size / 4, text_sizes.front()));
  if (cut_lists(value, max_size))
    return true;
  for (const auto size : text_sizes) {
    cut_texts(value, size);
    if (cut_lists(value, max_size))
      return true;
  }
  return false;
}

} // namespace mcp::tools
