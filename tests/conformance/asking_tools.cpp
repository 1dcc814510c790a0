#include "protocol/mcp/client_answers.hpp"
#include "protocol/mcp/elicitation_form.hpp"
#include "tests/conformance/everything.hpp"

namespace mcp::everything {
namespace {

using tools::arguments;
using tools::call_context;
using tools::tool;
using tools::tool_result;

task<json::object> ask_one(call_context& c, client_request question) {
  input_requests questions;
  questions.emplace_back("answer", std::move(question));
  co_return co_await c.ask(std::move(questions));
}

std::string how_answered(const json::object& answers) {
  const auto& answer = answers.at("answer").as_object();
  const auto* content = answer.if_contains("content");
  return "action=" + std::string(answer.at("action").as_string())
         + ", content=" + (content ? json::serialize(*content) : "{}");
}

task<tool_result> sampling(call_context& c, arguments args) {
  auto question = ask_model(args.text("prompt"), 100);
  const auto answers = co_await ask_one(c, std::move(question));
  co_return text_result("LLM response: " + model_text_of(answers, "answer"));
}

task<tool_result> elicitation(call_context& c, arguments args) {
  std::vector<form_field> fields;
  for (const auto* name : {"username", "email"}) {
    form_field f{.name = name, .kind = text_field{}};
    f.required = true;
    fields.push_back(std::move(f));
  }
  auto question = elicit_form(args.text("message"), form_schema(fields));
  const auto answers = co_await ask_one(c, std::move(question));
  co_return text_result("User response: " + how_answered(answers));
}

/// Every kind of field, each with a value to begin with.
task<tool_result> presets(call_context& c, arguments) {
  number_field age{.preset = 30, .whole = true};
  number_field score{.preset = 95.5};
  choice_field status{.choices = {{"active"}, {"inactive"}, {"pending"}}};
  status.preset = "active";
  std::vector<form_field> fields{
    {.name = "name", .kind = text_field{.preset = "John Doe"}},
    {.name = "age", .kind = age},
    {.name = "score", .kind = score},
    {.name = "status", .kind = status},
    {.name = "verified", .kind = yes_no_field{.preset = true}}};
  auto question = elicit_form("Please check these values", form_schema(fields));
  const auto answers = co_await ask_one(c, std::move(question));
  co_return text_result("Elicitation completed: " + how_answered(answers));
}

std::vector<form_choice> choices(std::string_view value,
                                 std::string_view last_word) {
  std::vector<form_choice> out;
  int number = 0;
  for (const auto* first : {"First", "Second", "Third"})
    out.push_back({std::string(value) + std::to_string(++number),
                   std::string(first) + " " + std::string(last_word)});
  return out;
}

/// Every way to write a choice.
task<tool_result> choosing(call_context& c, arguments) {
  const std::vector<form_choice> plain{{"option1"}, {"option2"}, {"option3"}};
  const std::vector<form_choice> legacy{
    {"opt1", "Option One"}, {"opt2", "Option Two"}, {"opt3", "Option Three"}};
  choice_field titled{.choices = choices("value", "Option"),
                      .form = choice_form::titled};
  choices_field several{.choices = choices("value", "Choice"),
                        .form = choice_form::titled};
  std::vector<form_field> fields{
    {.name = "untitledSingle", .kind = choice_field{.choices = plain}},
    {.name = "titledSingle", .kind = titled},
    {.name = "legacyEnum",
     .kind = choice_field{.choices = legacy, .form = choice_form::legacy}},
    {.name = "untitledMulti", .kind = choices_field{.choices = plain}},
    {.name = "titledMulti", .kind = several}};
  auto question = elicit_form("Please choose", form_schema(fields));
  const auto answers = co_await ask_one(c, std::move(question));
  co_return text_result("Elicitation completed: " + how_answered(answers));
}

/// Its client has to come back for the answer.
task<tool_result> reconnection(call_context& c, arguments) {
  c.let_go();
  co_await c.pause(std::chrono::milliseconds(100));
  co_return text_result("Reconnection test completed successfully");
}

} // namespace

const std::vector<const tool*>& asking_tools() {
  static const tool all[] = {
    {.name = "test_sampling",
     .title = "Sampling",
     .description = "Asks the client's model.",
     .input_schema = R"({"type":"object","required":["prompt"],
       "properties":{"prompt":{"type":"string"}}})",
     .output_schema = {},
     .run = sampling},
    {.name = "test_elicitation",
     .title = "Elicitation",
     .description = "Asks the user for a name and an address.",
     .input_schema = R"({"type":"object","required":["message"],
       "properties":{"message":{"type":"string"}}})",
     .output_schema = {},
     .run = elicitation},
    {.name = "test_elicitation_sep1034_defaults",
     .title = "Elicitation with values",
     .description = "Asks for values that are filled in already.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = presets},
    {.name = "test_elicitation_sep1330_enums",
     .title = "Elicitation with choices",
     .description = "Asks the user to choose, in every form of choice.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = choosing},
    {.name = "test_reconnection",
     .title = "Reconnection",
     .description = "Ends its stream before its answer.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = reconnection},
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
