#include "tests/conformance/everything.hpp"

namespace mcp::everything {
namespace {

using tools::arguments;
using tools::call_context;
using tools::tool;
using tools::tool_result;

task<tool_result> needs_sampling(call_context& c, arguments) {
  tools::require_client(c, ask_model("unused", 1));
  co_return text_result("Success");
}

task<tool_result> streaming(call_context& c, arguments) {
  c.progress(0, 1, "Streaming");
  co_await c.pause(std::chrono::milliseconds(50));
  co_return text_result("Streaming complete");
}

task<tool_result> logging(call_context& c, arguments) {
  c.log(log_level::info, "Logging evaluated");
  co_return text_result("Logging evaluated");
}

task<tool_result> tools_change(call_context& c, arguments) {
  c.changed("tools");
  co_return text_result("Mutation triggered");
}

task<tool_result> prompts_change(call_context& c, arguments) {
  c.changed("prompts");
  co_return text_result("Mutation triggered");
}

task<tool_result> mirrored(call_context&, arguments args) {
  co_return text_result("Region: " + args.text("region"));
}

} // namespace

const std::vector<const tool*>& diagnostic_tools() {
  static const tool all[] = {
    {.name = "test_missing_capability",
     .title = "Needs a capability",
     .description = "Runs only for clients with a model.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = needs_sampling},
    {.name = "test_streaming_elicitation",
     .title = "Streams",
     .description = "Says something before its result.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = streaming},
    {.name = "test_logging_tool",
     .title = "Logs",
     .description = "Logs once.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = logging},
    {.name = "test_trigger_tool_change",
     .title = "Changes the tools",
     .description = "Tells that the list of tools changed.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = tools_change},
    {.name = "test_trigger_prompt_change",
     .title = "Changes the prompts",
     .description = "Tells that the list of prompts changed.",
     .input_schema = no_arguments,
     .output_schema = {},
     .run = prompts_change},
    {.name = "test_mirrored_argument",
     .title = "Mirrored argument",
     .description = "Wants its argument in a header as well.",
     .input_schema = R"({"type":"object","required":["region"],"properties":{
       "region":{"type":"string","x-mcp-header":"Region"}}})",
     .output_schema = {},
     .run = mirrored},
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
