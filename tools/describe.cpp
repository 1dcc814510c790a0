#include "tools/describe.hpp"

#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"
#include "tools/catalog.hpp"

#include <sstream>

namespace mcp::tools {
namespace {

json::object schema_of(std::string_view text) {
  return std::move(parse_json(text).value().get_object());
}

/// One line of a table: pipes and line breaks would end its cells.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c == '|')
      out += "\\|";
    else
      out += c == '\n' ? ' ' : c;
  return out;
}

std::string code(std::string_view text) {
  return "`" + cell(text) + "`";
}

/// "string or null", "one of `a`, `b`".
std::string type_of(const json::object& property) {
  std::string out;
  if (const auto* choices = property.if_contains("enum")) {
    out = "one of";
    for (const auto& c : choices->as_array())
      out += (out.size() > 6 ? ", " : " ") + code(write_json(c));
    return out;
  }
  const auto* type = property.if_contains("type");
  if (!type)
    return "any";
  if (const auto* one = type->if_string())
    return std::string(*one);
  for (const auto& t : type->as_array())
    out += (out.empty() ? "" : " or ") + std::string(t.as_string());
  return out;
}

std::string bounds_of(const json::object& property) {
  const auto* low = property.if_contains("minimum");
  const auto* high = property.if_contains("maximum");
  if (low && high)
    return ", " + write_json(*low) + " to " + write_json(*high);
  if (low)
    return ", at least " + write_json(*low);
  return high ? ", at most " + write_json(*high) : std::string();
}

bool is_required(const json::object& schema, std::string_view name) {
  const auto* list = schema.if_contains("required");
  if (!list)
    return false;
  for (const auto& item : list->as_array())
    if (item.as_string() == name)
      return true;
  return false;
}

std::string about(const json::object& property) {
  std::string out;
  if (const auto* text = property.if_contains("description"))
    out = cell(text->as_string());
  if (const auto* examples = property.if_contains("examples"))
    for (const auto& e : examples->as_array())
      out += (out.empty() ? "e.g. " : "; e.g. ") + code(write_json(e));
  return out;
}

const json::object* properties_of(const json::object& schema) {
  const auto* found = schema.if_contains("properties");
  return found && !found->as_object().empty() ? &found->as_object() : nullptr;
}

void write_arguments(std::ostream& out, const json::object& schema) {
  const auto* properties = properties_of(schema);
  if (!properties) {
    out << "No arguments.\n";
    return;
  }
  out << "| argument | type | default | |\n| --- | --- | --- | --- |\n";
  for (const auto& [name, value] : *properties) {
    const auto& property = value.as_object();
    const auto* standard = property.if_contains("default");
    out << "| " << code(name) << " | " << type_of(property)
        << bounds_of(property) << " | "
        << (is_required(schema, name) ? "required"
            : standard                ? code(write_json(*standard))
                                      : std::string())
        << " | " << about(property) << " |\n";
  }
}

void write_answer(std::ostream& out, const json::object& schema) {
  const auto* properties = properties_of(schema);
  if (!properties)
    return;
  out << "\n| in the answer | type | |\n| --- | --- | --- |\n";
  for (const auto& [name, value] : *properties) {
    const auto& property = value.as_object();
    out << "| " << code(name) << " | " << type_of(property) << " | "
        << (is_required(schema, name) ? "always" : "")
        << (is_required(schema, name) && !about(property).empty() ? "; " : "")
        << about(property) << " |\n";
  }
}

const char* requests(int n) {
  return n == 1 ? " request" : " requests";
}

} // namespace

std::string tools_markdown(const std::vector<const tool*>& tools) {
  std::ostringstream out;
  out << "# Tools\n\n"
         "What every tool takes and gives. This page is what\n"
         "`wandb-mcp-server --print_tools markdown` prints.\n\n"
         "Argument types are lenient: a number or a boolean as text, a list "
         "or an object as\nJSON text, and one thing alone where a list is "
         "wanted are understood. An optional\nargument that is null, `\"\"`, "
         "`[]` or `{}` counts as left out.\n\n"
         "An argument that there is not is never dropped unsaid. Where it can only "
         "mean one thing\n(`entity` for `entity_name`; `state` beside "
         "`filters`) it is taken for that, and the\nanswer's "
         "`argument_notes` say so; else the call fails and names what is near "
         "and\nwhat there is. Left out, with a note, is what is empty and what "
         "some agents add to\nevery call (`sessionId`, `toolCallId`, "
         "`chatInput`, `action`).\n\n"
         "Results that failed have `isError` and JSON with `error` (a code), "
         "`message` and\noften `hint` or `retry_after_ms`.\n\n"
         "\"Upstream\" is how many requests to W&B the stated job takes.\n\n"
         "| tool | toolset | writes | job | upstream |\n"
         "| --- | --- | --- | --- | --- |\n";
  for (const auto* t : tools)
    out << "| [`" << t->name << "`](#" << t->name << ") | " << to_string(t->set)
        << " | " << (t->hints.read_only ? "" : "yes") << " | "
        << cell(t->cost.job) << " | " << t->cost.requests << " |\n";
  for (const auto* t : tools) {
    out << "\n## " << t->name << "\n\n"
        << t->title << ". Toolset `" << to_string(t->set) << "`; "
        << (t->hints.read_only ? "reads only" : "writes to W&B")
        << (t->hints.idempotent ? "" : ", and does so again when called again")
        << "; " << t->cost.requests << requests(t->cost.requests) << " for "
        << t->cost.job << "; gives up after "
        << std::chrono::duration_cast<std::chrono::seconds>(t->budget).count()
        << " s.\n\n"
        << t->description << "\n\n";
    write_arguments(out, schema_of(t->input_schema));
    write_answer(out, schema_of(t->output_schema));
  }
  auto text = out.str();
  text.pop_back();
  return text;
}

std::string tools_json(const std::vector<const tool*>& tools) {
  std::string out = "{\"tools\": [";
  for (const auto* t : tools) {
    const json::object shown{
      {"name", t->name},
      {"title", t->title},
      {"toolset", to_string(t->set)},
      {"description", t->description},
      {"inputSchema", schema_of(t->input_schema)},
      {"outputSchema", schema_of(t->output_schema)},
      {"annotations", json::object{{"readOnlyHint", t->hints.read_only},
                                   {"destructiveHint", t->hints.destructive},
                                   {"idempotentHint", t->hints.idempotent},
                                   {"openWorldHint", t->hints.open_world}}},
      {"upstream",
       json::object{{"job", t->cost.job}, {"requests", t->cost.requests}}}};
    out += (out.ends_with('[') ? "\n  " : ",\n  ") + write_json(shown);
  }
  return out + "\n]}";
}

} // namespace mcp::tools
