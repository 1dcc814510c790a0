#include "tools/catalog.hpp"

#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"

#include <stdexcept>

namespace mcp::tools {
namespace {

json::object schema_object(std::string_view text, std::string_view tool_name) {
  auto parsed = parse_json(text, {.unique_members = true});
  if (!parsed || !parsed->is_object())
    throw std::invalid_argument("schema of " + std::string(tool_name)
                                + " is not a JSON object");
  return std::move(parsed->get_object());
}

json::object annotations_object(const tool& t) {
  json::object out{{"title", t.title},
                   {"readOnlyHint", t.hints.read_only},
                   {"openWorldHint", t.hints.open_world},
                   {"idempotentHint", t.hints.idempotent},
                   {"destructiveHint", t.hints.destructive}};
  return out;
}

/// What would help, by kind of failure; null when the message says it all.
const char* hint_for(errc code) {
  switch (code) {
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
    return "Wait for retry_after_ms before trying again, and ask for less.";
  case errc::upstream_timeout:
    return "Ask for less: fewer rows, columns or keys, or a narrower filter.";
  case errc::upstream_unavailable:
  case errc::upstream_garbage:
    return "W&B has trouble answering. Try again later.";
  case errc::response_too_large:
    return "Ask for less: fewer rows or columns, or a narrower filter.";
  default:
    return nullptr;
  }
}

} // namespace

catalog::catalog(const std::vector<const tool*>& offered) {
  json::array plain, structured;
  for (const auto* t : offered) {
    const auto [position, added] = by_name_.emplace(
      std::string(t->name), entry{t, argument_schema(t->input_schema)});
    if (!added)
      throw std::invalid_argument("two tools are named "
                                  + std::string(t->name));
    order_.push_back(t->name);
    json::object shown{{"name", t->name}};
    json::object with_title{{"name", t->name}, {"title", t->title}};
    auto input = schema_object(t->input_schema, t->name);
    for (auto* o : {&shown, &with_title}) {
      o->emplace("description", t->description);
      o->emplace("inputSchema", input);
      o->emplace("annotations", annotations_object(*t));
    }
    with_title.emplace("outputSchema",
                       schema_object(t->output_schema, t->name));
    plain.push_back(std::move(shown));
    structured.push_back(std::move(with_title));
  }
  plain_list_ = write_json(json::object{{"tools", std::move(plain)}});
  structured_list_ = write_json(json::object{{"tools", std::move(structured)}});
}

const entry* catalog::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &it->second;
}

const std::string& catalog::list_result(version v) const {
  return has_structured_content(v) ? structured_list_ : plain_list_;
}

std::vector<std::string_view> catalog::names() const {
  return order_;
}

tool_result error_result(const failure& why) {
  json::object body{{"error", to_string(why.code)}, {"message", why.message}};
  if (why.retry_after)
    body.emplace("retry_after_ms", why.retry_after->count());
  if (why.http_status != 0)
    body.emplace("http_status", why.http_status);
  if (const auto* hint = hint_for(why.code))
    body.emplace("hint", hint);
  return {.structured = std::move(body), .is_error = true};
}

task<tool_result> run(const entry& e, call_context& context,
                      json::object raw_arguments) {
  auto accepted = e.schema.accept(std::move(raw_arguments));
  if (!accepted)
    co_return error_result(accepted.error());
  try {
    co_return co_await e.what->run(context, arguments(std::move(*accepted)));
  } catch (const tool_error& error) {
    json::object body{{"error", error.code}, {"message", error.what()}};
    for (const auto& [name, value] : error.details)
      body.insert_or_assign(name, value);
    co_return tool_result{.structured = std::move(body), .is_error = true};
  } catch (const failure_exception& error) {
    co_return error_result(error.reason);
  }
}

std::string call_result_json(const tool_result& r, version v) {
  const auto structured = write_json(r.structured);
  std::string out = R"({"content":[{"type":"text","text":)";
  out += write_json(json::value(r.text ? *r.text : structured));
  out += "}]";
  if (!r.is_error && has_structured_content(v))
    out += R"(,"structuredContent":)" + structured;
  out += r.is_error ? R"(,"isError":true})" : R"(,"isError":false})";
  return out;
}

} // namespace mcp::tools
