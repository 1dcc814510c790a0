#include "protocol/mcp/elicitation_form.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

struct written_case {
  form_field field;
  const char* schema;
};

struct content_case {
  const char* schema; // of the field "f"
  const char* given;
  const char* read; // null: refused
};

} // namespace

TEST_CASE("each kind of field is written as the protocol has it",
          "[protocol]") {
  const std::vector<form_choice> two{{"a", "First"}, {"b", ""}};
  const written_case all[] = {
    {{.name = "f", .kind = text_field{.preset = "John Doe"}},
     R"({"type":"string","default":"John Doe"})"},
    {{.name = "f",
      .kind = text_field{.format = "email", .min_length = 1, .max_length = 9},
      .title = "T",
      .description = "D"},
     R"({"title":"T","description":"D","type":"string","format":"email",)"
     R"("minLength":1,"maxLength":9})"},
    {{.name = "f", .kind = number_field{.preset = 30, .whole = true}},
     R"({"type":"integer","default":30})"},
    {{.name = "f",
      .kind = number_field{.preset = 95.5, .minimum = 0, .maximum = 100}},
     R"({"type":"number","minimum":0E0,"maximum":1E2,"default":9.55E1})"},
    {{.name = "f", .kind = yes_no_field{.preset = true}},
     R"({"type":"boolean","default":true})"},
    {{.name = "f", .kind = yes_no_field{}}, R"({"type":"boolean"})"},
    {{.name = "f", .kind = choice_field{.choices = two, .preset = "a"}},
     R"({"type":"string","enum":["a","b"],"default":"a"})"},
    {{.name = "f",
      .kind = choice_field{.choices = two, .form = choice_form::titled}},
     R"({"type":"string","oneOf":[{"const":"a","title":"First"},)"
     R"({"const":"b","title":"b"}]})"},
    {{.name = "f",
      .kind = choice_field{.choices = two, .form = choice_form::legacy}},
     R"({"type":"string","enum":["a","b"],"enumNames":["First","b"]})"},
    {{.name = "f",
      .kind = choices_field{.choices = two,
                            .preset = std::vector<std::string>{"b"},
                            .min_items = 1,
                            .max_items = 2}},
     R"({"type":"array","items":{"type":"string","enum":["a","b"]},)"
     R"("minItems":1,"maxItems":2,"default":["b"]})"},
    {{.name = "f",
      .kind = choices_field{.choices = two, .form = choice_form::titled}},
     R"({"type":"array","items":{"anyOf":[{"const":"a","title":"First"},)"
     R"({"const":"b","title":"b"}]}})"},
  };
  for (const auto& c : all) {
    CAPTURE(c.schema);
    const auto schema = form_schema({c.field});
    CHECK(json::serialize(schema.at("properties").at("f")) == c.schema);
    CHECK(schema.at("type") == "object");
    CHECK_FALSE(schema.contains("required"));
  }
}

TEST_CASE("a form keeps its fields in order and names those it needs",
          "[protocol]") {
  const auto schema =
    form_schema({{.name = "b", .kind = text_field{}, .required = true},
                 {.name = "a", .kind = text_field{}},
                 {.name = "c", .kind = yes_no_field{}, .required = true}});
  CHECK(json::serialize(schema)
        == R"({"type":"object","properties":{"b":{"type":"string"},)"
           R"("a":{"type":"string"},"c":{"type":"boolean"}},)"
           R"("required":["b","c"]})");
  CHECK(json::serialize(form_schema({}))
        == R"({"type":"object","properties":{}})");
}

TEST_CASE("what a user filled in is made to fit, or refused", "[protocol]") {
  const auto c = GENERATE(values<content_case>({
    {R"({"type":"string"})", R"("x")", R"("x")"},
    {R"({"type":"string"})", R"(30)", R"("30")"},
    {R"({"type":"string"})", R"(true)", R"("true")"},
    {R"({"type":"string"})", R"(["x"])", nullptr},
    {R"({"type":"string"})", R"({})", nullptr},
    {R"({"type":"string","minLength":2})", R"("é")", nullptr},
    {R"({"type":"string","maxLength":2})", R"("éé")", R"("éé")"},
    {R"({"type":"string","maxLength":2})", R"("abc")", nullptr},
    {R"({"type":"string","format":"email"})", R"("x")", R"("x")"},
    {R"({"type":"string","enum":["a","b"]})", R"("b")", R"("b")"},
    {R"({"type":"string","enum":["a","b"]})", R"("B")", nullptr},
    {R"({"type":"string","enum":[]})", R"("B")", nullptr},
    {R"({"type":"string","enum":["1"]})", R"(1)", R"("1")"},
    {R"({"type":"string","oneOf":[{"const":"a","title":"A"}]})", R"("a")",
     R"("a")"},
    {R"({"type":"string","oneOf":[{"const":"a","title":"A"}]})", R"("A")",
     nullptr},
    {R"({"type":"string","oneOf":[7,{}]})", R"("A")", nullptr},
    {R"({"type":"integer"})", R"(30)", R"(30)"},
    {R"({"type":"integer"})", R"("30")", R"(30)"},
    {R"({"type":"integer"})", R"(30.0)", R"(30)"},
    {R"({"type":"integer"})", R"(30.5)", nullptr},
    {R"({"type":"integer"})", R"("thirty")", nullptr},
    {R"({"type":"integer"})", R"("")", nullptr},
    {R"({"type":"integer"})", R"(true)", nullptr},
    {R"({"type":"integer"})", R"(9007199254740993)", R"(9007199254740993)"},
    {R"({"type":"number"})", R"(30)", R"(30)"},
    {R"({"type":"number"})", R"("2.5")", R"(2.5)"},
    {R"({"type":"number"})", R"("nan")", nullptr},
    {R"({"type":"number","minimum":1})", R"(0.5)", nullptr},
    {R"({"type":"number","maximum":1})", R"("1.5")", nullptr},
    {R"({"type":"boolean"})", R"(false)", R"(false)"},
    {R"({"type":"boolean"})", R"("true")", R"(true)"},
    {R"({"type":"boolean"})", R"(1)", nullptr},
    {R"({"type":"boolean"})", R"("yes")", nullptr},
    {R"({"type":"array","items":{"enum":["a","b"]}})", R"(["a"])", R"(["a"])"},
    {R"({"type":"array","items":{"enum":["a","b"]}})", R"("a")", R"(["a"])"},
    {R"({"type":"array","items":{"enum":["a","b"]}})", R"(["c"])", nullptr},
    {R"({"type":"array","items":{"anyOf":[{"const":"a"}]}})", R"(["a"])",
     R"(["a"])"},
    {R"({"type":"array","items":{"anyOf":[{"const":"a"}]}})", R"(["b"])",
     nullptr},
    {R"({"type":"array","items":{}})", R"([1])", nullptr},
    {R"({"type":"array","minItems":1})", R"([])", nullptr},
    {R"({"type":"array","maxItems":1})", R"(["a","b"])", nullptr},
    {R"({"type":"unheard of"})", R"({"a":1})", R"({"a":1})"},
    {R"({})", R"(7)", R"(7)"},
  }));
  CAPTURE(c.schema, c.given);
  const json::object schema{
    {"properties", json::object{{"f", json::parse(c.schema)}}},
    {"required", json::array{"f"}}};
  const auto read =
    read_form_content({{"f", json::parse(c.given)}, {"more", 1}}, schema);
  REQUIRE(read.has_value() == (c.read != nullptr));
  if (c.read) {
    CHECK(read->at("f") == json::parse(c.read));
    CHECK_FALSE(read->contains("more"));
  } else {
    CHECK(read.error().code == errc::invalid_params);
    CHECK(read.error().message.find("\"f\"") != std::string::npos);
  }
}

TEST_CASE("a field that is not filled in is absent, or missed", "[protocol]") {
  const auto given = GENERATE(as<std::string>{}, "{}", R"({"f":null})");
  const auto content = json::parse(given).as_object();
  auto schema = form_schema({{.name = "f", .kind = text_field{}}});
  CHECK(read_form_content(content, schema).value().empty());
  schema["required"] = json::array{"f"};
  const auto read = read_form_content(content, schema);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().message.find("missing") != std::string::npos);
}

TEST_CASE("a schema that is none lets nothing in", "[protocol]") {
  for (const auto* text :
       {"{}", R"({"properties":7})", R"({"properties":{"f":7}})",
        R"({"required":"f"})", R"({"required":[7]})"}) {
    CAPTURE(text);
    CHECK(read_form_content({{"f", 1}}, json::parse(text).as_object())
            .value()
            .empty());
  }
}
