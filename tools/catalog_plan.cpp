// From a request to the coroutine that answers it.
#include "protocol/json/write.hpp"
#include "protocol/mcp/completion.hpp"
#include "protocol/mcp/utf8.hpp"
#include "protocol/near_names.hpp"
#include "tools/catalog.hpp"
#include "tools/models_budget.hpp"
#include "tools/catalog_names.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr int resource_not_found = -32002; // MCP, server/resources

failure bad_params(std::string why) {
  return {.code = errc::invalid_params, .message = std::move(why)};
}

const json::string* text_in(const json::object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  return found ? found->if_string() : nullptr;
}

/// What W&B or the network did, as a JSON-RPC error: no result has room for it.
[[noreturn]] void refuse(const failure& why) {
  json::object data{{"error", to_string(why.code)}};
  if (why.retry_after)
    data.emplace("retry_after_ms", why.retry_after->count());
  if (why.http_status != 0)
    data.emplace("http_status", why.http_status);
  if (why.why != cause::none)
    data.emplace("cause", to_string(why.why));
  throw request_refused(
    why.code == errc::bad_argument || why.code == errc::invalid_params ? -32602
                                                                       : -32603,
    why.message, std::move(data));
}

/// Lets a prompt's or resource's own failures out as JSON-RPC errors.
template <class T>
task<T> or_refused(task<T> work) {
  try {
    co_return co_await std::move(work);
  } catch (const failure_exception& e) {
    refuse(e.reason);
  } catch (const tool_error& e) {
    json::object data{{"error", e.code}};
    for (const auto& [name, value] : e.details)
      data.insert_or_assign(name, value);
    throw request_refused(-32603, e.what(), std::move(data));
  }
}

std::size_t all_of(const call_limits& limits) {
  return limits.max_response_tokens * token_quarters;
}

/// What no tool foresaw: an answer or an error that is too long all the same.
/// Content blocks of other kinds than text are left as they are.
void bound(tool_result& r, const call_limits& limits) {
  const auto most = all_of(limits);
  if (token_size(r.structured) > most) {
    json::value whole = std::move(r.structured);
    if (shrink(whole, response_budget(limits))) {
      r.structured = std::move(whole.get_object());
      r.structured.insert_or_assign("truncated", true);
    } else {
      const auto* message = whole.get_object().if_contains("message");
      const auto* code = whole.get_object().if_contains("error");
      const bool failed = r.is_error && code && code->is_string();
      r = {.structured = {{"error", failed ? *code : "response_too_large"},
                          {"message",
                           failed && message && message->is_string()
                             ? shorten_to(message->get_string(),
                                          response_budget(limits) / 8)
                             : "The answer is longer than "
                                 + std::to_string(limits.max_response_tokens)
                                 + " tokens. Ask for less: fewer rows, "
                                   "columns or keys."}},
           .is_error = true};
    }
  }
  if (r.text && token_size(std::string_view(*r.text)) > most)
    r.text = shorten_to(*r.text, response_budget(limits));
}

[[noreturn]] void too_long(const call_limits& limits,
                           std::string_view way_out) {
  throw request_refused(-32603,
                        "The answer is longer than "
                          + std::to_string(limits.max_response_tokens)
                          + " tokens. " + std::string(way_out),
                        json::object{{"error", "response_too_large"}});
}

task<call_end> tool_end(const entry* e, call_context& context,
                        json::object arguments, version v) {
  auto r = co_await run(*e, context, std::move(arguments));
  bound(r, context.limits());
  call_end out{call_result_json(r, v), "ok"};
  if (r.is_error) {
    const auto* code = r.structured.if_contains("error");
    out.outcome = code && code->is_string() ? std::string(code->get_string())
                                            : std::string("error");
  }
  co_return out;
}

task<call_end> prompt_end(const prompt* p, call_context& context,
                          text_values arguments) {
  auto made = co_await or_refused(p->make(context, std::move(arguments)));
  json::object out;
  if (!made.description.empty())
    out.emplace("description", made.description);
  out.emplace("messages", std::move(made.messages));
  if (token_size(out) > all_of(context.limits()))
    too_long(context.limits(), "Give shorter arguments.");
  co_return call_end{write_json(out), "ok"};
}

/// The texts of a resource, each as its reader sees it.
void refuse_too_long(const resource_contents& contents,
                     const call_limits& limits) {
  std::size_t size = 0;
  for (const auto& content : contents)
    if (const auto* text = content.as_object().if_contains("text");
        text && text->is_string())
      size += token_size(std::string_view(text->get_string()));
  if (size > all_of(limits))
    too_long(limits, "Read it in parts with a tool.");
}

[[noreturn]] void refuse_uri(const std::string& uri, version v,
                             const std::string& why) {
  throw request_refused(
    era_of(v) == era::stateless ? -32602 : resource_not_found, why,
    json::object{{"uri", uri}});
}

task<call_end> read_end(task<resource_contents> reading, call_context& context,
                        std::string uri, version v) {
  auto contents = co_await or_refused(std::move(reading));
  if (contents.empty())
    refuse_uri(uri, v,
               "there is no such resource: W&B has nothing of these names that "
               "this user can read");
  refuse_too_long(contents, context.limits());
  const json::object out{{"contents", std::move(contents)}};
  co_return call_end{write_json(out), "ok"};
}

/// The values of an object of texts. Empty when a member is no text.
std::optional<text_values> texts_of(const json::object& o) {
  text_values out;
  for (const auto& [name, value] : o) {
    if (!value.is_string())
      return std::nullopt;
    out.emplace(std::string(name), std::string(value.get_string()));
  }
  return out;
}

task<call_end> no_resource(std::string uri, version v, std::string why) {
  refuse_uri(uri, v, why);
  co_return call_end{};
}

/// Whoever types gets no error for what W&B can not say just now.
task<call_end> completion_end(completer with, call_context& context,
                              completion_question question) {
  std::vector<std::string> candidates;
  if (with)
    try {
      candidates =
        co_await with(context, question.typed, std::move(question.context));
    } catch (const failure_exception&) {
    } catch (const tool_error&) {
    }
  const auto matches = match_completion(question.typed, candidates);
  co_return call_end{write_json(completion_result(matches)), "ok"};
}

/// The completer of the argument that is asked for.
template <class Argument>
result<completer> completer_in(const std::vector<Argument>& arguments,
                               const completion_question& asked) {
  std::vector<std::string_view> known;
  for (const auto& a : arguments) {
    if (a.name == asked.argument)
      return a.complete;
    known.push_back(a.name);
  }
  const auto near = near_names(asked.argument, known);
  return bad_params("params.argument.name: \"" + quotable(asked.name, 128)
                    + "\" has no \"" + quotable(asked.argument) + "\"; "
                    + (near.empty() ? "it has: " + listed(known)
                                    : did_you_mean(near)));
}

result<completer> completer_of(const offer& all,
                               const completion_question& asked) {
  if (asked.of == completion_question::subject::prompt) {
    for (const auto* p : all.prompts)
      if (p->name == asked.name)
        return completer_in(p->arguments, asked);
    return bad_params("params.ref.name: " + unknown_prompt(all, asked.name));
  }
  for (const auto* t : all.templates)
    if (t->uri_template == asked.name)
      return completer_in(t->variables, asked);
  return bad_params("params.ref.uri: " + unknown_uri(all, asked.name));
}

} // namespace

bool catalog::runs(std::string_view method) {
  return method == "tools/call" || method == "prompts/get"
         || method == "resources/read" || method == "completion/complete";
}

result<planned_call> catalog::plan(std::string_view method, json::object params,
                                   version v) const {
  if (method == "tools/call")
    return plan_tool(params, v);
  if (method == "prompts/get")
    return plan_prompt(params);
  if (method == "resources/read")
    return plan_read(params, v);
  if (method == "completion/complete")
    return plan_completion(params);
  return failure{.code = errc::unknown_method,
                 .message = "unknown method \"" + quotable(method) + "\""};
}

result<planned_call> catalog::plan_tool(json::object& params, version v) const {
  const auto* name = text_in(params, "name");
  if (!name)
    return bad_params("params.name: expected the tool's name");
  const auto* found = find(*name);
  if (!found)
    return bad_params(unknown_tool(offered_, *name));
  json::object arguments;
  if (auto* given = params.if_contains("arguments")) {
    if (given->is_object())
      arguments = std::move(given->get_object());
    else if (!given->is_null())
      return bad_params("params.arguments: expected an object");
  }
  return planned_call{.label = std::string(found->what->name),
                      .budget = found->what->budget,
                      .tool = found,
                      .run = [found, arguments = std::move(arguments),
                              v](call_context& context) mutable {
                        return tool_end(found, context, std::move(arguments),
                                        v);
                      }};
}

result<planned_call> catalog::plan_prompt(json::object& params) const {
  const auto* name = text_in(params, "name");
  if (!name)
    return bad_params("params.name: expected the prompt's name");
  const auto found =
    std::find_if(offered_.prompts.begin(), offered_.prompts.end(),
                 [&](const auto* p) { return p->name == *name; });
  if (found == offered_.prompts.end())
    return bad_params(unknown_prompt(offered_, *name));
  const auto* p = *found;
  text_values values;
  if (const auto* given = params.if_contains("arguments");
      given && !given->is_null()) {
    auto texts =
      given->is_object() ? texts_of(given->get_object()) : std::nullopt;
    if (!texts)
      return bad_params("params.arguments: expected an object of texts");
    values = std::move(*texts);
  }
  for (const auto& a : p->arguments)
    if (a.required && !values.contains(a.name))
      return bad_params("params.arguments." + std::string(a.name)
                        + ": required");
  std::erase_if(values, [p](const auto& item) {
    return std::none_of(p->arguments.begin(), p->arguments.end(),
                        [&](const auto& a) { return a.name == item.first; });
  });
  return planned_call{
    .subject = "prompt",
    .label = std::string(p->name),
    .budget = offered_.budget,
    .run = [p, values = std::move(values)](call_context& context) mutable {
      return prompt_end(p, context, std::move(values));
    }};
}

result<planned_call> catalog::plan_read(json::object& params, version v) const {
  const auto* given = text_in(params, "uri");
  if (!given)
    return bad_params("params.uri: expected the resource's URI");
  std::string uri(*given);
  planned_call out;
  out.subject = "resource";
  out.label = "unknown";
  out.budget = offered_.budget;
  const auto found =
    std::find_if(offered_.resources.begin(), offered_.resources.end(),
                 [&](const auto* r) { return r->uri == uri; });
  if (found != offered_.resources.end()) {
    out.label = (*found)->uri;
    out.run = [r = *found, uri, v](call_context& context) {
      return read_end(r->read(context, uri), context, uri, v);
    };
    return out;
  }
  for (std::size_t i = 0; i < templates_.size(); ++i)
    if (auto values = templates_[i].match(uri)) {
      out.label = templates_[i].text();
      out.run = [t = offered_.templates[i], uri, v,
                 values = std::move(*values)](call_context& context) {
        return read_end(t->read(context, uri, values), context, uri, v);
      };
      return out;
    }
  out.run = [uri, v, why = unknown_uri(offered_, uri)](call_context&) {
    return no_resource(uri, v, why);
  };
  return out;
}

result<planned_call> catalog::plan_completion(json::object& params) const {
  auto asked = read_completion(params);
  if (!asked)
    return asked.error();
  const auto complete = completer_of(offered_, *asked);
  if (!complete)
    return complete.error();
  planned_call out;
  out.subject = "completion";
  out.label = asked->name;
  out.budget = offered_.budget;
  out.run = [with = *complete,
             question = std::move(*asked)](call_context& context) {
    return completion_end(with, context, question);
  };
  return out;
}

} // namespace mcp::tools
