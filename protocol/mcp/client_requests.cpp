#include "protocol/mcp/client_requests.hpp"

#include "protocol/json/write.hpp"
#include "protocol/mcp/capabilities.hpp"

namespace mcp {
namespace {

namespace json = boost::json;

constexpr std::size_t max_answers = 100;

bool is_elicitation(const client_request& r) {
  return r.method == "elicitation/create";
}

bool has_text(const json::object& in, std::string_view name,
              std::string_view text) {
  const auto* v = in.if_contains(name);
  return v && v->is_string() && v->get_string() == text;
}

bool opens_url(const client_request& r) {
  return is_elicitation(r) && has_text(r.params, "mode", "url");
}

bool uses_tools(const client_request& r) {
  return r.params.contains("tools") || r.params.contains("toolChoice");
}

/// Other servers' or our own context: "none" and nothing are the same.
bool uses_context(const client_request& r) {
  return r.params.contains("includeContext")
         && !has_text(r.params, "includeContext", "none");
}

json::object* properties_of(json::object& params) {
  auto* schema = params.if_contains("requestedSchema");
  if (!schema || !schema->is_object())
    return nullptr;
  auto* properties = schema->get_object().if_contains("properties");
  return properties ? properties->if_object() : nullptr;
}

bool has_choice_of_several(const client_request& r) {
  auto params = r.params;
  if (auto* properties = properties_of(params))
    for (const auto& [name, field] : *properties)
      if (field.is_object() && has_text(field.get_object(), "type", "array"))
        return true;
  return false;
}

/// 2025-06-18 writes titles of choices in "enumNames".
void write_titles_the_old_way(json::object& field) {
  const auto* one_of = field.if_contains("oneOf");
  if (!one_of || !one_of->is_array())
    return;
  json::array values;
  json::array names;
  for (const auto& choice : one_of->get_array()) {
    const auto* object = choice.if_object();
    const auto* value = object ? object->if_contains("const") : nullptr;
    const auto* title = object ? object->if_contains("title") : nullptr;
    if (!value)
      continue;
    values.push_back(*value);
    names.push_back(title ? *title : *value);
  }
  field.erase("oneOf");
  field["enum"] = std::move(values);
  field["enumNames"] = std::move(names);
}

/// The params without what `v` does not know.
json::object params_for(const client_request& r, version v) {
  auto out = r.params;
  if (v != version::v2025_11_25 && is_elicitation(r))
    out.erase("elicitationId");
  if (v >= version::v2025_11_25)
    return out;
  if (is_elicitation(r)) {
    out.erase("mode");
    if (auto* properties = properties_of(out))
      for (auto& [name, field] : *properties)
        if (field.is_object())
          write_titles_the_old_way(field.get_object());
  }
  out.erase("tools");
  out.erase("toolChoice");
  return out;
}

} // namespace

client_request elicit_form(std::string_view message,
                           json::object requested_schema) {
  json::object params{{"mode", "form"}, {"message", message}};
  params["requestedSchema"] = std::move(requested_schema);
  return {"elicitation/create", std::move(params)};
}

client_request elicit_url(std::string_view message, std::string_view url,
                          std::string_view id) {
  json::object params{
    {"mode", "url"}, {"message", message}, {"url", url}, {"elicitationId", id}};
  return {"elicitation/create", std::move(params)};
}

json::object user_text(std::string_view text) {
  return {{"role", "user"},
          {"content", json::object{{"type", "text"}, {"text", text}}}};
}

client_request create_message(const sampling_request& what) {
  json::object params;
  params["messages"] = what.messages;
  if (!what.model_preferences.empty())
    params["modelPreferences"] = what.model_preferences;
  if (!what.system_prompt.empty())
    params["systemPrompt"] = what.system_prompt;
  if (!what.include_context.empty())
    params["includeContext"] = what.include_context;
  if (what.temperature)
    params["temperature"] = *what.temperature;
  params["maxTokens"] = what.max_tokens;
  if (!what.stop_sequences.empty())
    params["stopSequences"] = json::value_from(what.stop_sequences);
  if (!what.tools.empty())
    params["tools"] = what.tools;
  if (!what.tool_choice.empty())
    params["toolChoice"] = json::object{{"mode", what.tool_choice}};
  return {"sampling/createMessage", std::move(params)};
}

client_request list_roots() {
  return {"roots/list", json::object{}};
}

json::object needed_capability(const client_request& r) {
  if (r.method == "roots/list")
    return {{"roots", json::object{}}};
  if (is_elicitation(r))
    return {{"elicitation",
             json::object{{opens_url(r) ? "url" : "form", json::object{}}}}};
  if (r.method != "sampling/createMessage")
    return {};
  json::object parts;
  if (uses_context(r))
    parts["context"] = json::object{};
  if (uses_tools(r))
    parts["tools"] = json::object{};
  return {{"sampling", std::move(parts)}};
}

bool can_ask(const client_request& r, const json::object& capabilities,
             version v) {
  const auto can = read_client_capabilities(capabilities);
  const bool has_parts = v >= version::v2025_11_25;
  if (r.method == "roots/list")
    return can.roots;
  if (r.method == "sampling/createMessage") {
    if (uses_tools(r) && !(has_parts && can.sampling_tools))
      return false;
    if (uses_context(r) && has_parts && !can.sampling_context)
      return false;
    return can.sampling;
  }
  if (!is_elicitation(r) || v < version::v2025_06_18)
    return false;
  if (opens_url(r))
    return has_parts && can.elicitation_url;
  return can.elicitation && (has_parts || !has_choice_of_several(r));
}

std::string write_client_request(const jsonrpc::request_id& id,
                                 const client_request& r, version v) {
  std::string out = R"({"jsonrpc":"2.0","id":)";
  out += id;
  out += R"(,"method":)";
  append_json(out, json::value(r.method));
  out += R"(,"params":)";
  out += write_json(params_for(r, v));
  out += '}';
  return out;
}

json::object to_json(const input_requests& questions) {
  json::object out;
  for (const auto& [key, r] : questions) {
    json::object question;
    question["method"] = r.method;
    question["params"] = params_for(r, newest_stateless_version);
    out[key] = std::move(question);
  }
  return out;
}

json::object input_required_result(const input_requests& questions,
                                   const std::optional<std::string>& state) {
  json::object out;
  out["resultType"] = "input_required";
  if (!questions.empty())
    out["inputRequests"] = to_json(questions);
  if (state)
    out["requestState"] = *state;
  return out;
}

checked<json::object> read_input_responses(const json::object& params) {
  const auto* answers = params.if_contains("inputResponses");
  if (!answers)
    return json::object{};
  if (!answers->is_object())
    return refuse_malformed("\"inputResponses\" must be an object");
  const auto& out = answers->get_object();
  if (out.size() > max_answers)
    return refuse_malformed("\"inputResponses\" may hold at most "
                            + std::to_string(max_answers) + " answers");
  for (const auto& [key, answer] : out)
    if (!answer.is_object())
      return refuse_malformed("each answer in \"inputResponses\" must be an "
                              "object");
  return out;
}

} // namespace mcp
