// Tools that ask in rounds. Each is a straight line: what it asks a second time
// is a second round.
#include "protocol/mcp/client_answers.hpp"
#include "tests/conformance/everything.hpp"

namespace mcp::everything {
namespace {

using tools::arguments;
using tools::call_context;
using tools::tool;
using tools::tool_result;

task<json::object> ask_one(call_context& c, std::string key,
                           client_request question) {
  input_requests questions;
  questions.emplace_back(std::move(key), std::move(question));
  co_return co_await c.ask(std::move(questions));
}

std::size_t roots_in(const json::object& answers, std::string_view key) {
  const auto roots = read_roots_answer(answers.at(key));
  return roots ? roots->size() : 0;
}

task<tool_result> name(call_context& c, arguments) {
  auto question = ask_for_text("What is your name?", "name");
  const auto answers = co_await ask_one(c, "user_name", std::move(question));
  co_return text_result("Hello, " + text_of(answers, "user_name", "name")
                        + "!");
}

task<tool_result> model(call_context& c, arguments) {
  auto question = ask_model("What is the capital of France?", 100);
  const auto answers =
    co_await ask_one(c, "capital_question", std::move(question));
  co_return text_result("Sampling result: "
                        + model_text_of(answers, "capital_question"));
}

task<tool_result> roots(call_context& c, arguments) {
  auto question = list_roots();
  const auto answers = co_await ask_one(c, "client_roots", std::move(question));
  co_return text_result(
    "Found " + std::to_string(roots_in(answers, "client_roots")) + " root(s)");
}

task<tool_result> state(call_context& c, arguments) {
  auto question = ask_to_confirm("Please confirm", "ok");
  co_await ask_one(c, "confirm", std::move(question));
  co_return text_result("state-ok: confirmed");
}

task<tool_result> integrity(call_context& c, arguments) {
  auto question = ask_to_confirm("Please confirm", "ok");
  co_await ask_one(c, "confirm", std::move(question));
  co_return text_result("integrity-ok: confirmed");
}

task<tool_result> several(call_context& c, arguments) {
  input_requests questions;
  questions.emplace_back("user_name",
                         ask_for_text("What is your name?", "name"));
  questions.emplace_back("greeting", ask_model("Generate a greeting", 50));
  questions.emplace_back("client_roots", list_roots());
  const auto answers = co_await c.ask(std::move(questions));
  co_return text_result("Name: " + text_of(answers, "user_name", "name")
                        + "; Greeting: " + model_text_of(answers, "greeting")
                        + "; Roots: "
                        + std::to_string(roots_in(answers, "client_roots")));
}

task<tool_result> steps(call_context& c, arguments) {
  auto first = ask_for_text("Step 1: What is your name?", "name");
  const auto who = co_await ask_one(c, "step1", std::move(first));
  auto second = ask_for_text("Step 2: What is your favorite color?", "color");
  const auto color = co_await ask_one(c, "step2", std::move(second));
  co_return text_result("Multi-round complete for "
                        + text_of(who, "step1", "name") + " who likes "
                        + text_of(color, "step2", "color"));
}

/// Asks only what its client can be asked.
task<tool_result> capable(call_context& c, arguments) {
  input_requests questions;
  const auto& can = c.client_capabilities();
  if (can.contains("elicitation"))
    questions.emplace_back("elicit_input",
                           ask_for_text("What is your name?", "name"));
  if (can.contains("sampling"))
    questions.emplace_back("sample_input",
                           ask_model("Generate a greeting", 50));
  if (questions.empty())
    co_return text_result("capabilities-ok: nothing to ask");
  std::string keys;
  for (const auto& [key, question] : questions)
    keys += (keys.empty() ? "" : ", ") + key;
  co_await c.ask(std::move(questions));
  co_return text_result("capabilities-ok: received " + keys);
}

} // namespace

const std::vector<const tool*>& round_tools() {
  struct sketch {
    std::string_view name;
    std::string_view title;
    task<tool_result> (*run)(call_context&, arguments);
  };
  static constexpr sketch sketches[] = {
    {"test_input_required_result_elicitation", "Asks the user", name},
    {"test_input_required_result_sampling", "Asks the model", model},
    {"test_input_required_result_list_roots", "Asks for the roots", roots},
    {"test_input_required_result_request_state", "Keeps a state", state},
    {"test_input_required_result_multiple_inputs", "Asks three things",
     several},
    {"test_input_required_result_multi_round", "Asks twice", steps},
    {"test_input_required_result_tampered_state", "Keeps a sealed state",
     integrity},
    {"test_input_required_result_capabilities", "Asks what it can", capable},
  };
  static const std::vector<tool> made = [] {
    std::vector<tool> out;
    for (const auto& s : sketches)
      out.push_back({.name = s.name,
                     .title = s.title,
                     .description = s.title,
                     .input_schema = no_arguments,
                     .output_schema = {},
                     .run = s.run});
    return out;
  }();
  static const std::vector<const tool*> listed = [] {
    std::vector<const tool*> out;
    for (const auto& t : made)
      out.push_back(&t);
    return out;
  }();
  return listed;
}

} // namespace mcp::everything
