#include "tests/conformance/everything.hpp"

#include "protocol/mcp/client_answers.hpp"
#include "protocol/mcp/elicitation_form.hpp"

namespace mcp::everything {

const std::string_view tiny_png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6"
  "kgAAAABJRU5ErkJggg==";
const std::string_view tiny_wav =
  "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

json::object text_block(std::string_view text) {
  return {{"type", "text"}, {"text", text}};
}

tools::tool_result text_result(std::string_view text) {
  tools::tool_result out;
  out.blocks.push_back(text_block(text));
  return out;
}

client_request ask_for_text(std::string_view message, std::string_view field) {
  form_field f{.name = std::string(field), .kind = text_field{}};
  f.required = true;
  return elicit_form(message, form_schema({f}));
}

client_request ask_to_confirm(std::string_view message,
                              std::string_view field) {
  form_field f{.name = std::string(field), .kind = yes_no_field{}};
  f.required = true;
  return elicit_form(message, form_schema({f}));
}

client_request ask_model(std::string_view prompt, int max_tokens) {
  sampling_request what;
  what.messages.push_back(user_text(prompt));
  what.max_tokens = max_tokens;
  return create_message(what);
}

std::string text_of(const json::object& answers, std::string_view key,
                    std::string_view field) {
  const auto* answer = answers.if_contains(key);
  const auto* content =
    answer ? answer->as_object().if_contains("content") : nullptr;
  const auto* value = content && content->is_object()
                        ? content->get_object().if_contains(field)
                        : nullptr;
  return value && value->is_string() ? std::string(value->get_string())
                                     : std::string();
}

std::string model_text_of(const json::object& answers, std::string_view key) {
  const auto read = read_sampling_answer(answers.at(key));
  return read ? read->text : std::string();
}

tools::offer everything() {
  tools::offer out;
  for (const auto* group : {&content_tools(), &asking_tools(), &round_tools(),
                            &diagnostic_tools(), &task_tools()})
    out.tools.insert(out.tools.end(), group->begin(), group->end());
  out.prompts = prompts();
  out.resources = resources();
  out.templates = templates();
  return out;
}

} // namespace mcp::everything
