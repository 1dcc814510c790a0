#include "tools/models_fit.hpp"

#include "tools/models_budget.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

// The note itself.
constexpr std::size_t reserved = 400;

std::size_t length_of(const json::value& v) {
  if (const auto* list = v.if_array())
    return list->size();
  if (const auto* object = v.if_object())
    return object->size();
  return 0;
}

void drop_tail(json::value& v, std::size_t count) {
  if (auto* list = v.if_array()) {
    list->resize(list->size() - count);
  } else if (auto* object = v.if_object()) {
    for (; count > 0; --count)
      object->erase(std::prev(object->end()));
  }
}

struct measured {
  cuttable what;
  std::size_t size;
  std::size_t before;
};

} // namespace

void fit(json::object& answer, std::vector<cuttable> parts,
         std::size_t max_size, const std::string& advice) {
  auto size = token_size(answer);
  // Members are added last: that may move all others, `parts` too.
  if (size + 20 <= max_size) {
    answer["truncated"] = false;
    return;
  }
  const auto room = max_size - std::min(max_size, reserved);
  std::vector<measured> left;
  for (auto& part : parts)
    if (part.part && length_of(*part.part) > 0)
      left.push_back({part, token_size(*part.part), length_of(*part.part)});
  while (size > room && !left.empty()) {
    auto& longest = *std::max_element(
      left.begin(), left.end(),
      [](const auto& a, const auto& b) { return a.size < b.size; });
    auto& v = *longest.what.part;
    const auto length = length_of(v);
    if (length == 0)
      break;
    const auto excess = size - room;
    const auto drop = std::clamp<std::size_t>(
      excess * length / std::max<std::size_t>(longest.size, 1), 1,
      (length + 1) / 2);
    drop_tail(v, drop);
    const auto now = token_size(v);
    size -= longest.size - std::min(now, longest.size);
    longest.size = now;
  }
  std::string note = "Cut to keep the answer short:";
  for (const auto& part : left)
    if (const auto now = length_of(*part.what.part); now < part.before)
      note += " " + part.what.name + " (" + std::to_string(now) + " of "
              + std::to_string(part.before) + "),";
  note.back() = '.';
  answer["truncated"] = true;
  answer["truncation_note"] = note + " " + advice;
  json::value all = std::move(answer);
  shrink(all, max_size);
  answer = std::move(all.get_object());
}

} // namespace mcp::tools
