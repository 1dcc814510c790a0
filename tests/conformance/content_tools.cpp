#include "tests/conformance/everything.hpp"

namespace mcp::everything {
namespace {

using tools::arguments;
using tools::call_context;
using tools::tool;
using tools::tool_result;

task<tool_result> simple_text(call_context&, arguments) {
  co_return text_result("This is a simple text response for testing.");
}

json::object picture_block() {
  return {{"type", "image"}, {"data", tiny_png}, {"mimeType", "image/png"}};
}

json::object resource_block(std::string_view uri, std::string_view mime_type,
                            std::string_view text) {
  json::object resource{{"uri", uri}, {"mimeType", mime_type}, {"text", text}};
  return {{"type", "resource"}, {"resource", std::move(resource)}};
}

tool_result of_blocks(json::array blocks) {
  tool_result out;
  out.blocks = std::move(blocks);
  return out;
}

task<tool_result> image(call_context&, arguments) {
  co_return of_blocks({picture_block()});
}

task<tool_result> audio(call_context&, arguments) {
  json::object block{
    {"type", "audio"}, {"data", tiny_wav}, {"mimeType", "audio/wav"}};
  co_return of_blocks({std::move(block)});
}

task<tool_result> embedded(call_context&, arguments) {
  co_return of_blocks({resource_block("test://embedded-resource", "text/plain",
                                      "This is an embedded resource "
                                      "content.")});
}

task<tool_result> mixed(call_context&, arguments) {
  json::array blocks;
  blocks.push_back(text_block("Multiple content types test:"));
  blocks.push_back(picture_block());
  blocks.push_back(resource_block("test://mixed-content-resource",
                                  "application/json",
                                  R"({"test":"data","value":123})"));
  co_return of_blocks(std::move(blocks));
}

task<tool_result> failing(call_context&, arguments) {
  auto out = text_result("This tool intentionally returns an error for "
                         "testing");
  out.is_error = true;
  co_return out;
}

task<tool_result> with_progress(call_context& c, arguments) {
  for (const int done : {0, 50, 100}) {
    c.progress(done, 100, "Completed step " + std::to_string(done) + " of 100");
    co_await c.pause(std::chrono::milliseconds(50));
  }
  co_return text_result("Completed all steps");
}

task<tool_result> with_logging(call_context& c, arguments) {
  for (const auto* step : {"Tool execution started", "Tool processing data",
                           "Tool execution completed"}) {
    c.log(log_level::info, step);
    co_await c.pause(std::chrono::milliseconds(50));
  }
  co_return text_result("Tool with logging executed successfully");
}

/// Says all that JSON Schema 2020-12 has for tools; nothing else reads it.
constexpr std::string_view rich_schema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "$defs": {
    "address": {
      "$anchor": "addressDef",
      "type": "object",
      "properties": {
        "street": {"type": "string"},
        "city": {"type": "string"}
      }
    }
  },
  "properties": {
    "name": {"type": "string"},
    "address": {"$ref": "#/$defs/address"},
    "contactMethod": {"type": "string", "enum": ["phone", "email"]},
    "phone": {"type": "string"},
    "email": {"type": "string"}
  },
  "allOf": [
    {"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}
  ],
  "if": {
    "properties": {"contactMethod": {"const": "phone"}},
    "required": ["contactMethod"]
  },
  "then": {"required": ["phone"]},
  "else": {"required": ["email"]},
  "additionalProperties": false
})";

task<tool_result> rich(call_context&, arguments args) {
  co_return text_result(json::serialize(args.all()));
}

} // namespace

const std::vector<const tool*>& content_tools() {
  static const tool all[] = {
    {.name = "test_simple_text",
     .title = "Simple text",
     .description = "Gives one text.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = simple_text},
    {.name = "test_image_content",
     .title = "Image",
     .description = "Gives one picture.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = image},
    {.name = "test_audio_content",
     .title = "Audio",
     .description = "Gives one sound.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = audio},
    {.name = "test_embedded_resource",
     .title = "Embedded resource",
     .description = "Gives a resource inside the result.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = embedded},
    {.name = "test_multiple_content_types",
     .title = "Several kinds",
     .description = "Gives a text, a picture and a resource.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = mixed},
    {.name = "test_error_handling",
     .title = "Error",
     .description = "Always fails.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = failing},
    {.name = "test_tool_with_progress",
     .title = "Progress",
     .description = "Tells its progress in three steps.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = with_progress},
    {.name = "test_tool_with_logging",
     .title = "Logging",
     .description = "Writes three log messages.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = with_logging},
    {.name = "json_schema_2020_12_tool",
     .title = "Rich schema",
     .description = "Has an input schema with all of JSON Schema 2020-12.",
     .input_schema = rich_schema,
     .output_schema = {},
     .run = rich},
  };
  static const std::vector<const tool*> listed = [] {
    std::vector<const tool*> out;
    for (const auto& t : all)
      out.push_back(&t);
    return out;
  }();
  return listed;
}

} // namespace mcp::everything
