#include "tests/conformance/everything.hpp"

namespace mcp::everything {
namespace {

using tools::call_context;
using tools::prompt;
using tools::prompt_result;
using tools::text_values;

void say(prompt_result& to, json::object content) {
  to.messages.push_back(
    json::object{{"role", "user"}, {"content", std::move(content)}});
}

task<prompt_result> simple(call_context&, text_values) {
  prompt_result out;
  say(out, text_block("This is a simple prompt for testing."));
  co_return out;
}

task<prompt_result> with_arguments(call_context&, text_values args) {
  prompt_result out;
  say(out, text_block("Prompt with arguments: arg1='" + args["arg1"]
                      + "', arg2='" + args["arg2"] + "'"));
  co_return out;
}

task<prompt_result> with_resource(call_context&, text_values args) {
  prompt_result out;
  json::object resource{{"uri", args["resourceUri"]},
                        {"mimeType", "text/plain"},
                        {"text", "Embedded resource content for testing."}};
  json::object block{{"type", "resource"}, {"resource", std::move(resource)}};
  say(out, std::move(block));
  say(out, text_block("Please process the embedded resource above."));
  co_return out;
}

task<prompt_result> with_image(call_context&, text_values) {
  prompt_result out;
  json::object block{
    {"type", "image"}, {"data", tiny_png}, {"mimeType", "image/png"}};
  say(out, std::move(block));
  say(out, text_block("Please analyze the image above."));
  co_return out;
}

task<prompt_result> asking(call_context& c, text_values) {
  input_requests questions;
  questions.emplace_back(
    "user_context",
    ask_for_text("What context should the prompt use?", "context"));
  const auto answers = co_await c.ask(std::move(questions));
  prompt_result out;
  say(out, text_block("Prompt with context: "
                      + text_of(answers, "user_context", "context")));
  co_return out;
}

task<std::vector<std::string>> suggestions(call_context&, std::string,
                                           text_values) {
  co_return std::vector<std::string>{"test", "testing", "other"};
}

} // namespace

const std::vector<const prompt*>& prompts() {
  static const prompt all[] = {
    {.name = "test_simple_prompt",
     .title = "Simple",
     .description = "One message.",
     .arguments = {},
     .make = simple},
    {.name = "test_prompt_with_arguments",
     .title = "Arguments",
     .description = "Says its two arguments.",
     .arguments = {{.name = "arg1",
                    .description = "The first.",
                    .required = true,
                    .complete = suggestions},
                   {.name = "arg2",
                    .description = "The second.",
                    .required = true}},
     .make = with_arguments},
    {.name = "test_prompt_with_embedded_resource",
     .title = "Embedded resource",
     .description = "Carries a resource.",
     .arguments = {{.name = "resourceUri",
                    .description = "The resource's URI.",
                    .required = true}},
     .make = with_resource},
    {.name = "test_prompt_with_image",
     .title = "Image",
     .description = "Carries a picture.",
     .arguments = {},
     .make = with_image},
    {.name = "test_input_required_result_prompt",
     .title = "Asking",
     .description = "Asks its user for the context.",
     .arguments = {},
     .make = asking},
  };
  static const std::vector<const prompt*> listed = [] {
    std::vector<const prompt*> out;
    for (const auto& p : all)
      out.push_back(&p);
    return out;
  }();
  return listed;
}

} // namespace mcp::everything
