#include "protocol/mcp/client_answers.hpp"

#include "protocol/mcp/elicitation_form.hpp"
#include "protocol/mcp/utf8.hpp"

namespace mcp {
namespace {

namespace json = boost::json;

failure wrong(const char* what) {
  return {.code = errc::invalid_params,
          .message = std::string("the client's answer: ") + what};
}

std::string text_of(const json::object& in, std::string_view name) {
  const auto* v = in.if_contains(name);
  return v && v->is_string() ? std::string(v->get_string()) : std::string();
}

const json::object* object_in(const json::object& in, std::string_view name) {
  const auto* v = in.if_contains(name);
  return v ? v->if_object() : nullptr;
}

} // namespace

std::string_view to_string(elicit_action action) {
  switch (action) {
  case elicit_action::accept:
    return "accept";
  case elicit_action::decline:
    return "decline";
  case elicit_action::cancel:
    return "cancel";
  }
  return "";
}

result<elicit_answer> read_elicit_answer(const json::value& answer,
                                         const client_request& asked) {
  const auto* object = answer.if_object();
  if (!object)
    return wrong("an elicitation is answered with an object");
  elicit_answer out;
  const auto action = text_of(*object, "action");
  if (action == "accept")
    out.action = elicit_action::accept;
  else if (action == "decline")
    out.action = elicit_action::decline;
  else if (action != "cancel")
    return wrong("\"action\" must be accept, decline or cancel");
  if (out.action != elicit_action::accept
      || text_of(asked.params, "mode") == "url")
    return out;
  const auto* content = object_in(*object, "content");
  if (!content)
    return wrong("an accepted form has \"content\", an object");
  const auto* schema = object_in(asked.params, "requestedSchema");
  auto read = read_form_content(*content, schema ? *schema : json::object{});
  if (!read)
    return read.error();
  out.content = std::move(*read);
  return out;
}

result<sampling_answer> read_sampling_answer(const json::value& answer) {
  const auto* object = answer.if_object();
  if (!object)
    return wrong("sampling is answered with an object");
  sampling_answer out;
  out.role = text_of(*object, "role");
  if (out.role != "assistant" && out.role != "user")
    return wrong("\"role\" must be assistant or user");
  out.model = text_of(*object, "model");
  out.stop_reason = text_of(*object, "stopReason");
  const auto* content = object->if_contains("content");
  if (content && content->is_object())
    out.content.push_back(*content);
  else if (content && content->is_array())
    out.content = content->get_array();
  else
    return wrong("\"content\" must be a block or a list of them");
  for (const auto& block : out.content) {
    const auto* b = block.if_object();
    if (!b || text_of(*b, "type").empty())
      return wrong("each block of \"content\" needs a \"type\"");
    if (text_of(*b, "type") != "text")
      continue;
    const auto* text = b->if_contains("text");
    if (!text || !text->is_string())
      return wrong("a text block needs a \"text\"");
    out.text += text->get_string();
  }
  return out;
}

result<std::vector<client_root>> read_roots_answer(const json::value& answer) {
  const auto* object = answer.if_object();
  const auto* roots = object ? object->if_contains("roots") : nullptr;
  if (!roots || !roots->is_array())
    return wrong("roots/list is answered with \"roots\", a list");
  std::vector<client_root> out;
  for (const auto& root : roots->get_array()) {
    const auto* r = root.if_object();
    if (!r || text_of(*r, "uri").empty())
      return wrong("each root needs a \"uri\"");
    out.push_back({text_of(*r, "uri"), text_of(*r, "name")});
  }
  return out;
}

result<void> check_answer(const json::value& answer,
                          const client_request& asked) {
  if (asked.method == "elicitation/create") {
    const auto read = read_elicit_answer(answer, asked);
    return read ? result<void>{} : read.error();
  }
  if (asked.method == "sampling/createMessage") {
    const auto read = read_sampling_answer(answer);
    return read ? result<void>{} : read.error();
  }
  if (asked.method == "roots/list") {
    const auto read = read_roots_answer(answer);
    return read ? result<void>{} : read.error();
  }
  return wrong("nothing was asked that has one");
}

failure client_said_no(const client_request& asked, const json::object& error) {
  const auto why = quotable(text_of(error, "message"), 200);
  return {.code = errc::not_permitted,
          .message = "the client refused " + asked.method
                     + (why.empty() ? std::string(".") : ": " + why)};
}

} // namespace mcp
