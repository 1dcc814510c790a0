// Tools whose calls may go on as tasks: whatever takes longer than the server's
// patience.
#include "tests/conformance/everything.hpp"

namespace mcp::everything {
namespace {

using tools::arguments;
using tools::call_context;
using tools::task_support;
using tools::tool;
using tools::tool_result;

constexpr std::chrono::milliseconds long_enough{400};

task<tool_result> greet(call_context&, arguments args) {
  co_return text_result("Hello, " + args.text("name") + "!");
}

task<tool_result> compute(call_context& c, arguments args) {
  const auto seconds = args.number_or_null("seconds").value_or(0);
  co_await c.pause(
    std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  co_return text_result("Computed " + args.text("label"));
}

task<tool_result> failing(call_context& c, arguments) {
  co_await c.pause(std::chrono::seconds(1));
  auto out = text_result("The job failed");
  out.is_error = true;
  co_return out;
}

task<tool_result> breaking(call_context& c, arguments) {
  co_await c.pause(long_enough);
  throw tools::request_refused(-32603, "The job broke");
}

task<tool_result> confirming(call_context& c, arguments args) {
  co_await c.pause(long_enough);
  input_requests questions;
  questions.emplace_back(
    "confirm",
    ask_to_confirm("Delete " + args.text("filename") + "?", "confirm"));
  const auto answers = co_await c.ask(std::move(questions));
  const auto& answer = answers.at("confirm").as_object();
  const auto* content = answer.if_contains("content");
  const bool yes = content && content->is_object()
                   && content->get_object().contains("confirm")
                   && content->at("confirm") == true;
  co_return text_result((yes ? "Deleted " : "Kept ") + args.text("filename"));
}

task<tool_result> two_questions(call_context& c, arguments) {
  co_await c.pause(long_enough);
  input_requests questions;
  questions.emplace_back("who", ask_for_text("What is your name?", "name"));
  questions.emplace_back("sure", ask_to_confirm("Are you sure?", "confirm"));
  const auto answers = co_await c.ask(std::move(questions));
  co_return text_result("Confirmed by " + text_of(answers, "who", "name"));
}

/// Asks before it is a task.
task<tool_result> asking_first(call_context& c, arguments) {
  input_requests questions;
  questions.emplace_back("user_name",
                         ask_for_text("What is your name?", "name"));
  const auto answers = co_await c.ask(std::move(questions));
  co_await c.pause(long_enough);
  co_return text_result("Hello, " + text_of(answers, "user_name", "name")
                        + "!");
}

} // namespace

const std::vector<const tool*>& task_tools() {
  static const tool all[] = {
    {.name = "greet",
     .title = "Greet",
     .description = "Greets at once.",
     .input_schema = R"({"type":"object","required":["name"],
       "properties":{"name":{"type":"string"}}})",
     .output_schema = {},
     .run = greet},
    {.name = "slow_compute",
     .title = "Slow computation",
     .description = "Takes as long as it is told.",
     .input_schema = R"({"type":"object","properties":{
       "seconds":{"type":"number","default":0},
       "label":{"type":"string","default":"nothing"}}})",
     .output_schema = {},
     .tasks = task_support::optional,
     .run = compute},
    {.name = "failing_job",
     .title = "Failing job",
     .description = "Fails after a while.",
     .input_schema = no_arguments,
     .output_schema = {},
     .tasks = task_support::required,
     .run = failing},
    {.name = "protocol_error_job",
     .title = "Breaking job",
     .description = "Ends with a protocol error.",
     .input_schema = no_arguments,
     .output_schema = {},
     .tasks = task_support::optional,
     .run = breaking},
    {.name = "confirm_delete",
     .title = "Confirm",
     .description = "Asks before it deletes.",
     .input_schema = R"({"type":"object","required":["filename"],
       "properties":{"filename":{"type":"string"}}})",
     .output_schema = {},
     .tasks = task_support::optional,
     .run = confirming},
    {.name = "multi_input",
     .title = "Two questions",
     .description = "Asks two things at once.",
     .input_schema = no_arguments,
     .output_schema = {},
     .tasks = task_support::optional,
     .run = two_questions},
    {.name = "test_tool_with_task",
     .title = "Question, then task",
     .description = "Asks first, then goes on as a task.",
     .input_schema = no_arguments,
     .output_schema = {},
     .tasks = task_support::required,
     .run = asking_first},
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
