// What clients are shown of the offer: the results of the four lists.
#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"
#include "tools/catalog.hpp"

#include <set>
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

json::object named(std::string_view name, std::string_view title,
                   bool with_titles) {
  json::object out{{"name", name}};
  if (with_titles && !title.empty())
    out.emplace("title", title);
  return out;
}

json::object shown(const tool& t, bool with_titles) {
  auto out = named(t.name, t.title, with_titles);
  out.emplace("description", t.description);
  out.emplace("inputSchema", schema_object(t.input_schema, t.name));
  if (with_titles && !t.output_schema.empty())
    out.emplace("outputSchema", schema_object(t.output_schema, t.name));
  out.emplace("annotations",
              json::object{{"title", t.title},
                           {"readOnlyHint", t.hints.read_only},
                           {"openWorldHint", t.hints.open_world},
                           {"idempotentHint", t.hints.idempotent},
                           {"destructiveHint", t.hints.destructive}});
  return out;
}

json::object shown(const prompt& p, bool with_titles) {
  auto out = named(p.name, p.title, with_titles);
  out.emplace("description", p.description);
  json::array arguments;
  for (const auto& a : p.arguments)
    arguments.push_back(json::object{{"name", a.name},
                                     {"description", a.description},
                                     {"required", a.required}});
  if (!arguments.empty())
    out.emplace("arguments", std::move(arguments));
  return out;
}

void add_facts(json::object& out, std::string_view description,
               std::string_view mime_type, std::optional<double> priority) {
  if (!description.empty())
    out.emplace("description", description);
  if (!mime_type.empty())
    out.emplace("mimeType", mime_type);
  if (priority)
    out.emplace("annotations", json::object{{"priority", *priority}});
}

json::object shown(const resource& r, bool with_titles) {
  auto out = named(r.name, r.title, with_titles);
  out.emplace("uri", r.uri);
  add_facts(out, r.description, r.mime_type, r.priority);
  if (r.size)
    out.emplace("size", *r.size);
  return out;
}

json::object shown(const resource_template& t, bool with_titles) {
  auto out = named(t.name, t.title, with_titles);
  out.emplace("uriTemplate", t.uri_template);
  add_facts(out, t.description, t.mime_type, t.priority);
  return out;
}

template <class T>
std::array<std::string, 2> both_lists(const char* member,
                                      const std::vector<const T*>& offered) {
  std::array<std::string, 2> out;
  for (const bool with_titles : {false, true}) {
    json::array items;
    for (const auto* item : offered)
      items.push_back(shown(*item, with_titles));
    out[with_titles ? 1 : 0] =
      write_json(json::object{{member, std::move(items)}});
  }
  return out;
}

template <class T, class Name>
void refuse_repeats(const std::vector<const T*>& offered, Name name_of) {
  std::set<std::string_view> seen;
  for (const auto* item : offered)
    if (!seen.insert(name_of(*item)).second)
      throw std::invalid_argument("two are named "
                                  + std::string(name_of(*item)));
}

} // namespace

catalog::catalog(offer offered) : offered_(std::move(offered)) {
  for (const auto* t : offered_.tools)
    if (!by_name_
           .emplace(std::string(t->name),
                    entry{t, argument_schema(t->input_schema)})
           .second)
      throw std::invalid_argument("two tools are named "
                                  + std::string(t->name));
  refuse_repeats(offered_.prompts, [](const prompt& p) { return p.name; });
  refuse_repeats(offered_.resources, [](const resource& r) { return r.uri; });
  for (const auto* t : offered_.templates) {
    auto compiled = uri_template::compile(t->uri_template);
    if (!compiled)
      throw std::invalid_argument(std::string(t->uri_template) + ": "
                                  + compiled.error().message);
    templates_.push_back(std::move(*compiled));
  }
  lists_.emplace("tools/list", both_lists("tools", offered_.tools));
  lists_.emplace("prompts/list", both_lists("prompts", offered_.prompts));
  lists_.emplace("resources/list", both_lists("resources", offered_.resources));
  lists_.emplace("resources/templates/list",
                 both_lists("resourceTemplates", offered_.templates));
}

const entry* catalog::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &it->second;
}

const std::string* catalog::list(std::string_view method, version v) const {
  const auto it = lists_.find(method);
  return it == lists_.end() ? nullptr
                            : &it->second[has_structured_content(v) ? 1 : 0];
}

std::vector<std::string_view> catalog::names() const {
  std::vector<std::string_view> out;
  for (const auto* t : offered_.tools)
    out.push_back(t->name);
  return out;
}

} // namespace mcp::tools
