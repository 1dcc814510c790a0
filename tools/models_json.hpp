#pragma once

// Reading what W&B answered without trusting its shape: a missing, null or
// mistyped member is "not there".

#include <boost/json.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace mcp::tools {

namespace json = boost::json;

/// Follows member names; null when one is missing or its holder no object.
inline const json::value*
value_at(const json::object& from,
         std::initializer_list<std::string_view> path) {
  const json::object* object = &from;
  const json::value* found = nullptr;
  for (const auto name : path) {
    if (!object)
      return nullptr;
    found = object->if_contains(name);
    if (!found)
      return nullptr;
    object = found->if_object();
  }
  return found;
}

inline const json::object*
object_at(const json::object& from,
          std::initializer_list<std::string_view> path) {
  const auto* found = value_at(from, path);
  return found ? found->if_object() : nullptr;
}

inline const json::object*
object_at(const json::value& from,
          std::initializer_list<std::string_view> path) {
  const auto* object = from.if_object();
  return object ? object_at(*object, path) : nullptr;
}

inline const json::array*
array_at(const json::object& from,
         std::initializer_list<std::string_view> path) {
  const auto* found = value_at(from, path);
  return found ? found->if_array() : nullptr;
}

/// Empty when it is no string.
inline std::string text_at(const json::object& from, std::string_view name) {
  const auto* found = value_at(from, {name});
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

/// The member as it is; null when it is missing.
inline json::value value_or_null(const json::object& from,
                                 std::string_view name) {
  const auto* found = from.if_contains(name);
  return found ? *found : json::value(nullptr);
}

} // namespace mcp::tools
