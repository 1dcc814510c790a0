#include "tools/weave_schema.hpp"

#include "protocol/json/non_finite.hpp"
#include "protocol/json/write.hpp"
#include "protocol/wandb/timestamp.hpp"
#include "protocol/wandb/weave_text.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t widest_entered = 10;
constexpr std::size_t deepest_entered = 10;
constexpr std::size_t elements_entered = 5;
// Bounds of what is held, whatever the calls are like.
constexpr std::size_t most_paths = 2000;
constexpr std::size_t most_values = 200;
constexpr std::size_t most_members = 50;
constexpr std::size_t longest_value = 100;
constexpr std::size_t longest_name = 200;

// The shortest text with date and time: 2025-02-01T10:00:00.
constexpr std::size_t shortest_datetime = 19;

std::string_view type_of(const json::value& v) {
  switch (v.kind()) {
  case json::kind::null:
    return "null";
  case json::kind::bool_:
    return "boolean";
  case json::kind::int64:
  case json::kind::uint64:
    return "int";
  case json::kind::double_:
    return "float";
  case json::kind::array:
    return "array";
  case json::kind::object:
    return "object";
  case json::kind::string:
    break;
  }
  const std::string_view text = v.get_string();
  if (!non_finite_text(text).empty())
    return "float";
  // Nothing longer is a time, and it need not be looked at.
  if (text.size() < shortest_datetime || text.size() > 40)
    return "string";
  return wandb::parse_timestamp(text) ? "datetime" : "string";
}

// Enough of a value to make the text that is shown of it, however large it is.
json::value beginning_of(const json::value& v, int depth) {
  if (const auto* text = v.if_string())
    return json::value(wandb::first_characters(*text, longest_value));
  if (const auto* list = v.if_array()) {
    json::array out;
    for (std::size_t i = 0; depth > 0 && i < list->size() && i < 20; ++i)
      out.push_back(beginning_of((*list)[i], depth - 1));
    return out;
  }
  if (const auto* object = v.if_object()) {
    json::object out;
    for (auto it = object->begin();
         depth > 0 && it != object->end() && out.size() < 20; ++it)
      out.emplace(wandb::first_characters(it->key(), longest_value),
                  beginning_of(it->value(), depth - 1));
    return out;
  }
  return v;
}

std::string text_of(const json::value& v) {
  if (const auto* text = v.if_string())
    return wandb::cut_text(*text, longest_value);
  return wandb::cut_text(write_json(beginning_of(v, 4)), longest_value);
}

const json::value* saved_type(const json::object& o, std::string_view& name) {
  for (const std::string_view key : {"_type", "__type__"})
    if (const auto* v = o.if_contains(key); v && v->is_string()) {
      name = key;
      return v;
    }
  return nullptr;
}

} // namespace

void trace_schema::add(const json::object& call) {
  enter(place{.path = {}, .depth = 0}, call);
}

trace_schema::path_facts* trace_schema::facts_of(const place& at) {
  const auto it = paths_.find(at.path);
  if (it != paths_.end())
    return &it->second;
  if (paths_.size() >= most_paths) {
    overflowed_ = true;
    return nullptr;
  }
  auto& facts = paths_[at.path];
  facts.depth = at.depth;
  facts.element = at.element;
  facts.dotted_name = at.dotted_name;
  return &facts;
}

void trace_schema::enter(const place& at, const json::object& members) {
  for (const auto& [name, value] : members) {
    place below = at;
    if (!below.path.empty())
      below.path += '.';
    below.path += wandb::cut_text(name, longest_name);
    ++below.depth;
    below.dotted_name |= name.contains('.');
    walk(below, value);
  }
}

void trace_schema::walk(const place& at, const json::value& v) {
  const auto* object = v.if_object();
  std::string_view type_name;
  if (object && at.depth < deepest_entered) {
    if (const auto* saved = saved_type(*object, type_name)) {
      json::object told;
      told.emplace(type_name, *saved);
      return enter(at, told);
    }
    if (!object->empty() && object->size() <= widest_entered)
      return enter(at, *object);
  }
  auto* facts = facts_of(at);
  if (!facts)
    return;
  if (v.is_null()) {
    ++facts->nulls;
    return;
  }
  const auto type = type_of(v);
  const auto known =
    std::find_if(facts->types.begin(), facts->types.end(),
                 [type](const auto& t) { return t.first == type; });
  if (known == facts->types.end())
    facts->types.emplace_back(type, 1);
  else
    ++known->second;

  auto text = text_of(v);
  const auto position = facts->values.size();
  if (const auto it = facts->values.find(text); it != facts->values.end())
    ++it->second.first;
  else if (position < most_values && values_left_ > 0) {
    facts->values.emplace(std::move(text), std::pair(1, position));
    --values_left_;
  }

  if (object) {
    for (const auto& member : *object) {
      if (facts->members.size() >= most_members || members_left_ == 0) {
        facts->more_members = true;
        break;
      }
      members_left_ -=
        facts->members.insert(wandb::cut_text(member.key(), longest_name))
          .second;
    }
  } else if (const auto* list = v.if_array();
             list && at.depth < deepest_entered) {
    place below = at;
    below.path += "[]";
    below.element = true;
    ++below.depth;
    for (std::size_t i = 0; i < list->size() && i < elements_entered; ++i)
      walk(below, (*list)[i]);
  }
}

json::object trace_schema::field(const std::string& path,
                                 const path_facts& facts, const extent& how) {
  std::size_t not_null = 0;
  std::string_view type = "null";
  std::size_t most = 0;
  for (const auto& [name, count] : facts.types) {
    not_null += count;
    if (count > most) {
      most = count;
      type = name;
    }
  }
  using entry = decltype(facts.values)::value_type;
  std::vector<const entry*> ranked;
  ranked.reserve(facts.values.size());
  for (const auto& value : facts.values)
    ranked.push_back(&value);
  std::sort(ranked.begin(), ranked.end(), [](const auto* a, const auto* b) {
    if (a->second.first != b->second.first)
      return a->second.first > b->second.first;
    return a->second.second < b->second.second;
  });
  json::array values;
  for (std::size_t i = 0; i < ranked.size() && i < how.values; ++i)
    values.emplace_back(wandb::cut_text(ranked[i]->first, how.characters));

  json::object out;
  out.emplace("path", path);
  out.emplace("type", type);
  out.emplace("top_values", std::move(values));
  out.emplace("non_null_count", not_null);
  if (facts.nulls > 0)
    out.emplace("null_count", facts.nulls);
  if (facts.types.size() > 1) {
    json::object types;
    for (const auto& [name, count] : facts.types)
      types.emplace(name, count);
    out.emplace("types", std::move(types));
  }
  if (!facts.members.empty() && how.names > 0) {
    json::array names;
    for (const auto& name : facts.members) {
      if (names.size() == how.names)
        break;
      names.emplace_back(name);
    }
    const bool more = facts.more_members || names.size() < facts.members.size();
    out.emplace("members", std::move(names));
    if (more)
      out.emplace("more_members", true);
  }
  if (facts.dotted_name)
    out.emplace("dotted_name", true);
  return out;
}

json::array trace_schema::fields(const extent& how) const {
  json::array out;
  for (const auto& [path, facts] : paths_) {
    if (out.size() >= how.max_fields)
      break;
    if (facts.depth <= how.depth && (how.elements || !facts.element))
      out.emplace_back(field(path, facts, how));
  }
  return out;
}

} // namespace mcp::tools
