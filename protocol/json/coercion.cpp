#include "protocol/json/coercion.hpp"

#include "protocol/json/parse.hpp"
#include "protocol/near_names.hpp"

#include <cmath>
#include <optional>
#include <string_view>

namespace mcp {
namespace {

namespace json = boost::json;
using types = std::set<std::string>;

constexpr double largest_exact = 9007199254740992.0; // 2^53
constexpr std::size_t longest_choice = 100;

const json::object* object_in(const json::object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  return found ? found->if_object() : nullptr;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool fits(const json::value& v, const types& wanted) {
  const auto wants = [&](const char* t) { return wanted.contains(t); };
  return (v.is_object() && wants("object")) || (v.is_array() && wants("array"))
         || (v.is_bool() && wants("boolean"))
         || (v.is_number() && (wants("integer") || wants("number")))
         || (v.is_string() && wants("string"));
}

/// What a text says when it is read as JSON, or as Python writes it.
std::optional<json::value> said_by(std::string_view text) {
  text = trimmed(text);
  if (text == "True" || text == "TRUE")
    return json::value(true);
  if (text == "False" || text == "FALSE")
    return json::value(false);
  if (text == "None" || text == "NULL")
    return json::value(nullptr);
  auto parsed = parse_json(
    text, {.max_depth = 64, .max_values = 250'000, .unique_members = true});
  if (!parsed)
    return std::nullopt;
  return std::move(*parsed);
}

void as_choice(json::value& v, const json::array& choices) {
  const std::string_view given = v.get_string();
  if (given.size() > longest_choice)
    return;
  const json::string* same = nullptr;
  for (const auto& choice : choices)
    if (const auto* text = choice.if_string()) {
      if (*text == given)
        return;
      if (same_name(trimmed(given), *text))
        same = text;
    }
  if (same)
    v = *same;
}

} // namespace

bool is_left_out(const json::value& v) {
  return v.is_null() || (v.is_string() && v.get_string().empty())
         || (v.is_array() && v.get_array().empty())
         || (v.is_object() && v.get_object().empty());
}

types types_of(const json::object& schema) {
  types out;
  if (const auto* type = schema.if_contains("type")) {
    if (const auto* one = type->if_string())
      out.emplace(*one);
    else if (const auto* several = type->if_array())
      for (const auto& t : *several)
        if (const auto* name = t.if_string())
          out.emplace(*name);
  }
  if (const auto* any = schema.if_contains("anyOf"); any && any->is_array())
    for (const auto& branch : any->get_array())
      if (const auto* object = branch.if_object())
        out.merge(types_of(*object));
  return out;
}

void coerce(json::value& v, const json::object& schema) {
  if (const auto* choices = schema.if_contains("enum");
      choices && choices->is_array() && v.is_string())
    as_choice(v, choices->get_array());
  const auto wanted = types_of(schema);
  if (wanted.empty())
    return;
  const auto wants = [&](const char* t) { return wanted.contains(t); };
  const auto* items = object_in(schema, "items");
  const auto of_items = items ? types_of(*items) : types{};
  if (v.is_string() && !wants("string"))
    if (auto said = said_by(v.get_string()))
      if (said->is_null() || fits(*said, wanted)
          || (fits(*said, of_items) && !of_items.contains("string")))
        v = std::move(*said);
  if (v.is_double() && wants("integer") && !wants("number")
      && std::trunc(v.get_double()) == v.get_double()
      && std::abs(v.get_double()) <= largest_exact)
    v = static_cast<std::int64_t>(v.get_double());
  if (v.is_int64() && wants("boolean") && !wants("integer") && !wants("number")
      && (v.get_int64() == 0 || v.get_int64() == 1))
    v = v.get_int64() == 1;
  if (!wants("array") || !items)
    return;
  if (!fits(v, wanted) && fits(v, of_items) && !is_left_out(v)) {
    json::array one;
    one.push_back(std::move(v));
    v = std::move(one);
  }
  if (auto* list = v.if_array())
    for (auto& item : *list)
      coerce(item, *items);
}

} // namespace mcp
