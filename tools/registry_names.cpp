#include "tools/registry_names.hpp"

#include "protocol/json/write.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t longest_name = 512;
constexpr std::size_t longest_filter = 64 * 1024;
constexpr int deepest_filter = 12;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string checked(std::string text, std::string_view argument) {
  if (text.size() > longest_name)
    invalid_input(std::string(argument) + ": at most 512 bytes.");
  return text;
}

void check_depth(const json::value& value, int depth) {
  if (depth > deepest_filter)
    invalid_input("filter: at most 12 levels deep.");
  if (const auto* object = value.if_object())
    for (const auto& member : *object)
      check_depth(member.value(), depth + 1);
  else if (const auto* list = value.if_array())
    for (const auto& item : *list)
      check_depth(item, depth + 1);
}

bool is_pattern(std::string_view op) {
  return op == "$regex" || op == "$contains";
}

json::value prefixed(const json::value& value, bool is_name) {
  if (const auto* object = value.if_object()) {
    json::object out;
    for (const auto& [key, member] : *object) {
      const std::string_view name = key;
      if (is_pattern(name))
        out.emplace(key, member);
      else
        out.emplace(
          key,
          prefixed(member, name.starts_with('$') ? is_name : name == "name"));
    }
    return out;
  }
  if (const auto* list = value.if_array()) {
    json::array out;
    for (const auto& item : *list)
      out.push_back(prefixed(item, is_name));
    return out;
  }
  if (const auto* text = value.if_string(); text && is_name)
    return json::value(full_registry_name(*text));
  return value;
}

std::string checked_filter(const json::value& filter) {
  check_depth(filter, 1);
  auto text = write_json(filter);
  if (text.size() > longest_filter)
    invalid_input("filter: at most 64 KiB.");
  return text;
}

} // namespace

std::string full_registry_name(std::string_view name) {
  if (name.starts_with(registry_prefix))
    return std::string(name);
  return std::string(registry_prefix) + std::string(name);
}

std::string short_registry_name(std::string_view name) {
  if (name.starts_with(registry_prefix))
    name.remove_prefix(registry_prefix.size());
  return std::string(name);
}

std::string name_argument(const arguments& args, std::string_view argument) {
  auto text = trimmed(args.text(argument));
  if (text.empty())
    invalid_input(std::string(argument) + ": it is empty.");
  return checked(std::move(text), argument);
}

std::optional<std::string> optional_name(const arguments& args,
                                         std::string_view argument) {
  auto text = trimmed(args.text_or_null(argument).value_or(""));
  if (text.empty())
    return std::nullopt;
  return checked(std::move(text), argument);
}

std::string filter_text(const json::object* filter) {
  return filter ? checked_filter(*filter) : "{}";
}

std::string registry_filter_text(const json::object* filter) {
  if (!filter)
    return "{}";
  check_depth(*filter, 1);
  return checked_filter(prefixed(*filter, false));
}

std::size_t limit_argument(const arguments& args, std::string_view argument,
                           std::size_t most) {
  const auto given = args.integer(argument);
  if (given < 1)
    invalid_input(std::string(argument) + ": it must be at least 1.");
  return static_cast<std::size_t>(
    std::min<std::int64_t>(given, static_cast<std::int64_t>(most)));
}

} // namespace mcp::tools
