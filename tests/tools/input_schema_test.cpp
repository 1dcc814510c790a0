// Input schemas go to models of several makers, and each refuses something: a
// list of types, a null among choices, an array without items, a union at the
// root, a long description. What is left is held here for every tool.
#include "protocol/json/schema.hpp"
#include "tests/catch.hpp"
#include "tools/all.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

using texts = std::set<std::string, std::less<>>;

constexpr std::size_t longest_description = 1024;

/// The keywords that every maker's function declarations have.
const texts& keywords_of(std::string_view type) {
  static const texts of_root{"type", "properties", "required"};
  static const texts of_text{"enum", "minLength", "maxLength"};
  static const texts of_number{"minimum", "maximum"};
  static const texts of_list{"items", "minItems", "maxItems"};
  static const texts none;
  return type == "root"                            ? of_root
         : type == "string"                        ? of_text
         : type == "integer" || type == "number"   ? of_number
         : type == "array"                         ? of_list
                                                   : none;
}

void check_value(const json::value& v, const std::string& place) {
  CAPTURE(place);
  REQUIRE(v.is_object());
  const auto& schema = v.get_object();
  REQUIRE(schema.contains("type"));
  REQUIRE(schema.at("type").is_string());
  const std::string type(schema.at("type").get_string());
  CHECK(texts{"string", "integer", "number", "boolean", "array", "object"}
          .contains(type));
  for (const auto& member : schema) {
    CAPTURE(std::string(member.key()));
    CHECK((member.key() == "type" || member.key() == "description"
           || member.key() == "default"
           || keywords_of(type).contains(std::string_view(member.key()))));
  }
  if (const auto* choices = schema.if_contains("enum"))
    for (const auto& choice : choices->as_array()) {
      REQUIRE(choice.is_string());
      CHECK_FALSE(choice.get_string().empty());
    }
  if (const auto* preset = schema.if_contains("default")) {
    CHECK_FALSE(preset->is_null());
    CHECK(preset->is_bool() == (type == "boolean"));
    CHECK(preset->is_number() == (type == "integer" || type == "number"));
    CHECK(preset->is_string() == (type == "string"));
  }
  if (type == "array") {
    REQUIRE(schema.contains("items"));
    check_value(schema.at("items"), place + "[]");
  }
}

/// A value that the schema takes.
json::value any_of(const json::object& schema) {
  const auto type = schema.at("type").as_string();
  if (const auto* choices = schema.if_contains("enum"))
    return choices->as_array().front();
  if (type == "string")
    return "x";
  if (type == "array") {
    json::array one;
    one.push_back(any_of(schema.at("items").as_object()));
    return one;
  }
  if (type == "object")
    return json::object{{"x", 1}};
  if (type == "boolean")
    return true;
  return 1;
}

json::object required_of(const tool& t) {
  const auto schema = json::parse(t.input_schema).as_object();
  json::object out;
  if (const auto* required = schema.if_contains("required"))
    for (const auto& name : required->as_array()) {
      const auto& rules = schema.at("properties").at(name.as_string());
      out.emplace(name.as_string(), any_of(rules.as_object()));
    }
  return out;
}

} // namespace

TEST_CASE("every input schema is one that all makers of models take",
          "[tools]") {
  for (const auto* t : all_tools()) {
    CAPTURE(t->name);
    CHECK(t->name.size() <= 64);
    CHECK(t->name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-")
          == t->name.npos);
    CHECK(t->description.size() <= longest_description);
    const auto schema = json::parse(t->input_schema).as_object();
    for (const auto& member : schema) {
      CAPTURE(std::string(member.key()));
      CHECK(keywords_of("root").contains(std::string_view(member.key())));
    }
    CHECK(schema.at("type") == "object");
    const auto& arguments = schema.at("properties").as_object();
    for (const auto& [name, rules] : arguments) {
      check_value(rules, std::string(name));
      const auto* about = rules.as_object().if_contains("description");
      CAPTURE(std::string(name));
      REQUIRE(about);
      CHECK(about->as_string().size() >= 5);
    }
    if (const auto* required = schema.if_contains("required"))
      for (const auto& name : required->as_array()) {
        CAPTURE(std::string(name.as_string()));
        REQUIRE(arguments.contains(name.as_string()));
        // What must be given has no value of its own.
        CHECK_FALSE(
          arguments.at(name.as_string()).as_object().contains("default"));
      }
  }
}

TEST_CASE("every optional argument that is empty is one left out", "[tools]") {
  const std::array<json::value, 4> empty{nullptr, "", json::array{},
                                         json::object{}};
  std::size_t combinations = 0;
  for (const auto* t : all_tools()) {
    const argument_schema schema(t->input_schema);
    const auto required = required_of(*t);
    const auto without = schema.accept(required);
    CAPTURE(t->name);
    REQUIRE(without.has_value());
    for (const auto& name : schema.names()) {
      if (required.contains(name))
        continue;
      for (const auto& value : empty) {
        CAPTURE(name, value);
        auto with = required;
        with[name] = value;
        const auto out = schema.accept(std::move(with));
        REQUIRE(out.has_value());
        CHECK(*out == *without);
        ++combinations;
      }
    }
  }
  CHECK(combinations > 150);
}

TEST_CASE("every argument is taken in the forms that models write", "[tools]") {
  for (const auto* t : all_tools()) {
    const argument_schema schema(t->input_schema);
    CAPTURE(t->name);
    const auto required = required_of(*t);
    for (const auto& name : schema.names()) {
      CAPTURE(name);
      const auto& rules = *schema.of(name);
      const auto type = rules.at("type").as_string();
      auto plain = required;
      plain[name] = any_of(rules);
      const auto wanted = schema.accept(plain);
      REQUIRE(wanted.has_value());
      auto as_text = plain;
      if (type != "string")
        as_text[name] = json::serialize(plain[name]);
      CHECK(schema.accept(as_text).value() == *wanted);
      if (type == "array") {
        auto alone = plain;
        alone[name] = plain[name].as_array().front();
        CHECK(schema.accept(alone).value() == *wanted);
      }
    }
  }
}
