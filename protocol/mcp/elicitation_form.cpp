#include "protocol/mcp/elicitation_form.hpp"

#include "protocol/json/write.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mcp {
namespace {

namespace json = boost::json;

json::value number(double d, bool whole) {
  if (whole && std::trunc(d) == d && std::abs(d) < 9e15)
    return static_cast<std::int64_t>(d);
  return d;
}

const std::string& title_of(const form_choice& c) {
  return c.title.empty() ? c.value : c.title;
}

json::array values_of(const std::vector<form_choice>& choices) {
  json::array out;
  for (const auto& c : choices)
    out.emplace_back(c.value);
  return out;
}

json::array titled(const std::vector<form_choice>& choices) {
  json::array out;
  for (const auto& c : choices)
    out.push_back(json::object{{"const", c.value}, {"title", title_of(c)}});
  return out;
}

/// Adds to a field's schema what its kind asks for.
struct field_writer {
  json::object& out;

  void operator()(const text_field& f) const {
    out["type"] = "string";
    if (!f.format.empty())
      out["format"] = f.format;
    if (f.min_length)
      out["minLength"] = *f.min_length;
    if (f.max_length)
      out["maxLength"] = *f.max_length;
    if (f.preset)
      out["default"] = *f.preset;
  }
  void operator()(const number_field& f) const {
    out["type"] = f.whole ? "integer" : "number";
    if (f.minimum)
      out["minimum"] = number(*f.minimum, f.whole);
    if (f.maximum)
      out["maximum"] = number(*f.maximum, f.whole);
    if (f.preset)
      out["default"] = number(*f.preset, f.whole);
  }
  void operator()(const yes_no_field& f) const {
    out["type"] = "boolean";
    if (f.preset)
      out["default"] = *f.preset;
  }
  void operator()(const choice_field& f) const {
    out["type"] = "string";
    if (f.form == choice_form::titled) {
      out["oneOf"] = titled(f.choices);
    } else {
      out["enum"] = values_of(f.choices);
      if (f.form == choice_form::legacy) {
        json::array names;
        for (const auto& c : f.choices)
          names.emplace_back(title_of(c));
        out["enumNames"] = std::move(names);
      }
    }
    if (f.preset)
      out["default"] = *f.preset;
  }
  void operator()(const choices_field& f) const {
    out["type"] = "array";
    json::object items;
    if (f.form == choice_form::titled) {
      items["anyOf"] = titled(f.choices);
    } else {
      items["type"] = "string";
      items["enum"] = values_of(f.choices);
    }
    out["items"] = std::move(items);
    if (f.min_items)
      out["minItems"] = *f.min_items;
    if (f.max_items)
      out["maxItems"] = *f.max_items;
    if (f.preset)
      out["default"] = json::value_from(*f.preset);
  }
};

/// One filled in field; `wrong` says what is, and nothing when all is well.
struct field_reader {
  const json::object& schema;
  const char* wrong = nullptr;

  std::optional<double> bound(std::string_view name) const {
    const auto* v = schema.if_contains(name);
    return v && v->is_number() ? std::optional(v->to_number<double>())
                               : std::nullopt;
  }

  json::value no(const char* why) {
    wrong = why;
    return nullptr;
  }

  json::value read(const json::value& v) {
    const auto* type = schema.if_contains("type");
    const auto* name = type ? type->if_string() : nullptr;
    if (!name)
      return v;
    if (*name == "string")
      return text(v);
    if (*name == "integer")
      return figure(v, true);
    if (*name == "number")
      return figure(v, false);
    if (*name == "boolean")
      return yes_no(v);
    if (*name == "array")
      return several(v);
    return v;
  }

  json::value text(const json::value& v) {
    if (v.is_array() || v.is_object())
      return no("must be a text");
    json::string s;
    if (v.is_string())
      s = v.get_string();
    else
      s = write_json(v);
    if (!is_choice(schema, s))
      return no("is not one of the choices");
    const auto characters =
      static_cast<double>(std::count_if(s.begin(), s.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
      }));
    if (const auto least = bound("minLength"); least && characters < *least)
      return no("is too short");
    if (const auto most = bound("maxLength"); most && characters > *most)
      return no("is too long");
    return s;
  }

  json::value figure(const json::value& v, bool whole) {
    json::value out = v;
    if (const auto* s = v.if_string()) {
      const auto* end = s->data() + s->size();
      std::int64_t n = 0;
      double d = 0;
      if (const auto r = std::from_chars(s->data(), end, n);
          r.ec == std::errc{} && r.ptr == end)
        out = n;
      else if (const auto f = std::from_chars(s->data(), end, d);
               f.ec == std::errc{} && f.ptr == end && std::isfinite(d))
        out = d;
    }
    if (!out.is_number())
      return no(whole ? "must be a whole number" : "must be a number");
    const auto d = out.to_number<double>();
    if (whole && std::trunc(d) != d)
      return no("must be a whole number");
    if (const auto least = bound("minimum"); least && d < *least)
      return no("is too small");
    if (const auto most = bound("maximum"); most && d > *most)
      return no("is too large");
    return whole && out.is_double() ? number(d, true) : out;
  }

  json::value yes_no(const json::value& v) {
    if (v.is_bool())
      return v;
    if (const auto* s = v.if_string()) {
      if (*s == "true")
        return true;
      if (*s == "false")
        return false;
    }
    return no("must be true or false");
  }

  json::value several(const json::value& v) {
    json::array out;
    if (const auto* array = v.if_array())
      out = *array;
    else
      out.push_back(v);
    const auto* items = schema.if_contains("items");
    for (const auto& item : out) {
      const auto* s = item.if_string();
      if (!s)
        return no("must be a list of texts");
      if (items && items->is_object() && !is_choice(items->get_object(), *s))
        return no("holds something that is not one of the choices");
    }
    const auto count = static_cast<double>(out.size());
    if (const auto least = bound("minItems"); least && count < *least)
      return no("holds too few");
    if (const auto most = bound("maxItems"); most && count > *most)
      return no("holds too many");
    return out;
  }

  /// Whether `in` has no choices, or `s` is one of them.
  static bool is_choice(const json::object& in, const json::string& s) {
    if (const auto* plain = in.if_contains("enum"); plain && plain->is_array())
      return std::any_of(plain->get_array().begin(), plain->get_array().end(),
                         [&](const json::value& c) {
                           return c.is_string() && c.get_string() == s;
                         });
    for (const auto* keyword : {"oneOf", "anyOf"}) {
      const auto* choices = in.if_contains(keyword);
      if (!choices || !choices->is_array())
        continue;
      return std::any_of(
        choices->get_array().begin(), choices->get_array().end(),
        [&](const json::value& c) {
          const auto* object = c.if_object();
          const auto* value = object ? object->if_contains("const") : nullptr;
          return value && value->is_string() && value->get_string() == s;
        });
    }
    return true;
  }
};

failure wrong_field(std::string_view name, const char* why) {
  return {.code = errc::invalid_params,
          .message = "the form's field \"" + std::string(name) + "\" " + why};
}

} // namespace

json::object form_schema(const std::vector<form_field>& fields) {
  json::object properties;
  json::array required;
  for (const auto& f : fields) {
    json::object schema;
    if (!f.title.empty())
      schema["title"] = f.title;
    if (!f.description.empty())
      schema["description"] = f.description;
    std::visit(field_writer{schema}, f.kind);
    properties[f.name] = std::move(schema);
    if (f.required)
      required.emplace_back(f.name);
  }
  json::object out;
  out["type"] = "object";
  out["properties"] = std::move(properties);
  if (!required.empty())
    out["required"] = std::move(required);
  return out;
}

result<json::object> read_form_content(const json::object& content,
                                       const json::object& schema) {
  json::object out;
  const auto* properties = schema.if_contains("properties");
  if (properties && properties->is_object())
    for (const auto& [name, field] : properties->get_object()) {
      const auto* given = content.if_contains(name);
      if (!given || given->is_null() || !field.is_object())
        continue;
      field_reader reader{field.get_object()};
      auto value = reader.read(*given);
      if (reader.wrong)
        return wrong_field(name, reader.wrong);
      out[name] = std::move(value);
    }
  const auto* required = schema.if_contains("required");
  if (required && required->is_array())
    for (const auto& name : required->get_array())
      if (name.is_string() && !out.contains(name.get_string()))
        return wrong_field(name.get_string(), "is missing");
  return out;
}

} // namespace mcp
