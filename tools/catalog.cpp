#include "tools/catalog.hpp"

#include "protocol/json/coercion.hpp"
#include "protocol/json/write.hpp"
#include "tools/argument_names.hpp"
#include "tools/first_look.hpp"
#include "tools/missing_run.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace mcp::tools {
namespace {

/// What would help, by kind of failure; null when the message says it all.
const char* hint_for(const failure& why) {
  if (is_for_operator(why.why))
    return "No other call will do better: show this message to the user, whose "
           "operator has to put it right.";
  switch (why.code) {
  case errc::unauthorized:
    return "W&B rejected the API key of this connection. Ask the user to get a "
           "valid key at https://wandb.ai/authorize (or /authorize on their "
           "own W&B host) and to set it in the MCP client's configuration.";
  case errc::not_permitted:
    return "The user's API key is valid but has no access to this. Check the "
           "entity and project names, or ask the user for access.";
  case errc::not_found:
    return "Check the names: list_entities_tool and "
           "query_wandb_entity_projects show what this user can see.";
  case errc::rate_limited:
  case errc::server_busy:
    return "Wait for retry_after_ms before trying again, and make fewer calls "
           "at a time.";
  case errc::upstream_timeout:
    return "Ask for less: fewer rows, columns or keys, or a narrower filter.";
  case errc::upstream_unavailable:
  case errc::upstream_garbage:
    return "W&B has trouble answering. Try again later.";
  case errc::outcome_unknown:
    return "Look in W&B whether it is there before trying again: trying again "
           "may make a second one.";
  case errc::response_too_large:
    return "Ask for less: fewer rows or columns, or a narrower filter.";
  default:
    return nullptr;
  }
}

constexpr std::array<std::pair<toolset, std::string_view>, 5> set_names{
  {{toolset::models, "models"},
   {toolset::weave, "weave"},
   {toolset::registry, "registry"},
   {toolset::reports, "reports"},
   {toolset::docs, "docs"}}};

failure unknown_name(std::string_view what, const std::string& name,
                     const std::vector<std::string_view>& known) {
  std::string message =
    "there is no " + std::string(what) + " \"" + name + "\"; there are";
  for (const auto k : known)
    message.append(" ").append(k);
  return {.code = errc::bad_argument, .message = std::move(message)};
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

tool_result error_result(const tool_error& error) {
  json::object body{{"error", error.code}, {"message", error.what()}};
  for (const auto& [name, value] : error.details)
    body.insert_or_assign(name, value);
  return {.structured = std::move(body), .is_error = true};
}

} // namespace

std::string_view to_string(toolset set) {
  for (const auto& [s, name] : set_names)
    if (s == set)
      return name;
  return {};
}

std::string_view why_off(const tool& t, const selection& wanted) {
  if (holds(wanted.disabled, t.name))
    return "--disable_tools";
  if (!wanted.toolsets.empty() && !holds(wanted.toolsets, to_string(t.set)))
    return "--toolsets";
  return wanted.read_only && !t.hints.read_only ? "--read_only" : "";
}

result<std::vector<const tool*>>
select_tools(const std::vector<const tool*>& from, const selection& wanted) {
  std::vector<std::string_view> sets, names;
  for (const auto& [s, name] : set_names)
    sets.push_back(name);
  for (const auto* t : from)
    names.push_back(t->name);
  const auto is_known = [](const auto& known, const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  };
  for (const auto& name : wanted.toolsets)
    if (!is_known(sets, name))
      return unknown_name("toolset", name, sets);
  for (const auto& name : wanted.disabled)
    if (!is_known(names, name))
      return unknown_name("tool", name, names);

  std::vector<const tool*> out;
  for (const auto* t : from)
    if (why_off(*t, wanted).empty())
      out.push_back(t);
  if (out.empty())
    return failure{.code = errc::bad_argument,
                   .message = "the toolsets, read_only and disabled tools "
                              "leave no tool to offer"};
  return out;
}

tool_result error_result(const failure& why) {
  json::object body{{"error", to_string(why.code)}, {"message", why.message}};
  if (why.retry_after)
    body.emplace("retry_after_ms", why.retry_after->count());
  if (why.http_status != 0)
    body.emplace("http_status", why.http_status);
  if (why.code == errc::outcome_unknown) {
    body.emplace("retryable", false);
    if (why.http_status != 0)
      body.emplace("upstream_status", why.http_status);
  }
  if (why.why != cause::none)
    body.emplace("cause", to_string(why.why));
  if (const auto* hint = hint_for(why))
    body.emplace("hint", hint);
  return {.structured = std::move(body), .is_error = true};
}

namespace {

task<tool_result> run_accepted(const tool& t, call_context& context,
                               arguments args) {
  // Nothing can be awaited inside a handler.
  std::optional<tool_error> missing;
  try {
    co_return co_await t.run(context, std::move(args));
  } catch (const tool_error& error) {
    if (error.code != "run_not_found")
      co_return error_result(error);
    missing = error;
  } catch (const failure_exception& error) {
    co_return tools::error_result(error.reason);
  }
  co_return error_result(
    co_await explain_missing_run(context, std::move(*missing)));
}

/// Where the answer is a text of its own, it says it too.
void add_notes(tool_result& r, std::vector<std::string> notes) {
  notes.insert(notes.end(), r.notes.begin(), r.notes.end());
  if (notes.empty())
    return;
  std::string text = "\n";
  for (const auto& note : notes)
    text += "\nNote: " + note;
  if (r.text)
    *r.text += text;
  if (!r.blocks.empty())
    r.blocks.push_back(
      json::object{{"type", "text"}, {"text", text.substr(2)}});
  if (r.blocks.empty() || !r.structured.empty())
    r.structured["argument_notes"] = json::value_from(notes);
}

} // namespace

task<tool_result> run(const entry& e, call_context& context,
                      json::object raw_arguments) {
  for (const auto name : e.what->refused)
    if (const auto* given = raw_arguments.if_contains(name);
        given && !is_left_out(*given))
      co_return tool_result{
        .structured = {{"error", "invalid_request"},
                       {"message", std::string(name) + ": "
                                     + std::string(e.what->refusal)}},
        .is_error = true};
  auto named = settle_names(*e.what, e.schema, std::move(raw_arguments));
  const bool first_look = asks_for_no_size(named.values);
  auto accepted =
    e.schema.accept(std::move(named.values), std::move(named.refused));
  tool_result out;
  if (accepted) {
    if (first_look)
      mark_first_look(*accepted);
    arguments args(std::move(*accepted));
    out = co_await run_accepted(*e.what, context, std::move(args));
    if (first_look && !out.is_error)
      explain_first_look(out.structured, e.what->input_schema);
  } else {
    out = error_result(accepted.error());
  }
  add_notes(out, std::move(named.notes));
  co_return out;
}

std::string call_result_json(const tool_result& r, version v) {
  const auto structured = write_json(r.structured);
  std::string out = R"({"content":)";
  if (r.blocks.empty())
    out += R"([{"type":"text","text":)"
           + write_json(json::value(r.text ? *r.text : structured)) + "}]";
  else
    out += write_json(r.blocks);
  if (!r.is_error && has_structured_content(v)
      && (r.blocks.empty() || !r.structured.empty()))
    out += R"(,"structuredContent":)" + structured;
  out += r.is_error ? R"(,"isError":true})" : R"(,"isError":false})";
  return out;
}

} // namespace mcp::tools
