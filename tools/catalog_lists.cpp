// What clients are shown of the offer: the results of the four lists.
#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"
#include "protocol/mcp/pagination.hpp"
#include "tools/catalog.hpp"

#include <algorithm>
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

std::vector<header_parameter> marked_arguments(const tool& t) {
  auto marks = header_parameters(schema_object(t.input_schema, t.name));
  if (!marks)
    throw std::invalid_argument(std::string(t.name) + ": "
                                + marks.error().message);
  return std::move(*marks);
}

std::string_view member_of(std::string_view method) {
  return method == "resources/templates/list"
           ? "resourceTemplates"
           : method.substr(0, method.find('/'));
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

template <class T>
catalog::pages catalog::paged(const char* member,
                              const std::vector<const T*>& offered,
                              std::size_t page_size) {
  pages out;
  out.items = offered.size();
  std::array<json::array, 2> items;
  for (const auto* item : offered)
    for (const bool with_titles : {false, true})
      items[with_titles ? 1 : 0].push_back(shown(*item, with_titles));
  out.fingerprint = write_json(items[1]);
  for (std::size_t i = 0; i < items.size(); ++i)
    for (std::size_t begin = 0; begin == 0 || begin < out.items;
         begin += page_size) {
      const auto end = std::min(begin + page_size, out.items);
      json::object page;
      page[member] =
        json::array(items[i].begin() + begin, items[i].begin() + end);
      if (end < out.items)
        page["nextCursor"] = write_cursor(member, out.fingerprint, end);
      out.texts[i].push_back(write_json(page));
    }
  return out;
}

catalog::catalog(offer offered) : offered_(std::move(offered)) {
  for (const auto* t : offered_.tools)
    if (!by_name_
           .emplace(
             std::string(t->name),
             entry{t, argument_schema(t->input_schema), marked_arguments(*t)})
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
  const auto size = std::max<std::size_t>(1, offered_.page_size);
  lists_.emplace("tools/list", paged("tools", offered_.tools, size));
  lists_.emplace("prompts/list", paged("prompts", offered_.prompts, size));
  lists_.emplace("resources/list",
                 paged("resources", offered_.resources, size));
  lists_.emplace("resources/templates/list",
                 paged("resourceTemplates", offered_.templates, size));
}

const entry* catalog::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &it->second;
}

const std::string* catalog::list(std::string_view method, version v) const {
  const auto it = lists_.find(method);
  return it == lists_.end()
           ? nullptr
           : &it->second.texts[has_structured_content(v) ? 1 : 0].front();
}

checked<const std::string*> catalog::page(std::string_view method,
                                          const json::object& params,
                                          version v) const {
  const auto it = lists_.find(method);
  if (it == lists_.end())
    return nullptr;
  const auto& all = it->second;
  const auto& texts = all.texts[has_structured_content(v) ? 1 : 0];
  if (!params.contains("cursor"))
    return &texts.front();
  const auto size = std::max<std::size_t>(1, offered_.page_size);
  const auto range =
    read_page(params, member_of(method), all.fingerprint, all.items, size);
  if (!range)
    return range.error();
  // A cursor is one of ours, so it stands at the start of a page.
  return &texts[std::min(range->begin / size, texts.size() - 1)];
}

std::vector<std::string_view> catalog::names() const {
  std::vector<std::string_view> out;
  for (const auto* t : offered_.tools)
    out.push_back(t->name);
  return out;
}

} // namespace mcp::tools
