// A report as Markdown: what it says, without its panels.
#include "protocol/json/lenient.hpp"
#include "tools/completers.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/models_run.hpp"
#include "tools/resource_parts.hpp"
#include "tools/resource_report_text.hpp"
#include "tools/resources.hpp"
#include "tools/typed_query_links.hpp"

namespace mcp::tools {
namespace {

/// How IDs of reports begin: "View:" in base64. A report's page ends with
/// "--" and its ID without the padding.
constexpr std::string_view id_begin = "Vmlldzo";

/// The ID that a URI or the address of a report's page means; empty when it is
/// a name.
std::string id_in(std::string_view report) {
  if (const auto at = report.rfind("--"); at != report.npos)
    if (report.substr(at + 2).starts_with(id_begin))
      report.remove_prefix(at + 2);
  if (!report.starts_with(id_begin))
    return {};
  std::string id(report);
  while (id.ends_with('='))
    id.pop_back();
  id.append((4 - id.size() % 4) % 4, '=');
  return id;
}

task<json::object> view_by_id(call_context& context, text_values values,
                              std::string id) {
  static constexpr std::string_view document =
    R"(query ReportResourceById($id: ID!) {
  view(id: $id) {
    id displayName description createdAt updatedAt spec
    user { username }
    entityName projectName
  }
})";
  json::object variables{{"id", std::move(id)}};
  const auto data = co_await context.graphql(document, std::move(variables));
  const auto* view = object_at(data, {"view"});
  // The ID alone would find it, but the URI says where it is.
  if (!view || text_at(*view, "entityName") != values.at("entity")
      || text_at(*view, "projectName") != values.at("project"))
    co_return json::object{};
  co_return *view;
}

task<json::object> view_by_name(call_context& context, text_values values) {
  static constexpr std::string_view document =
    R"(query ReportResource($entity: String!, $project: String!, $name: String!) {
  project(name: $project, entityName: $entity) {
    allViews(viewType: "runs", viewName: $name, first: 1) {
      edges {
        node {
          id displayName description createdAt updatedAt spec
          user { username }
        }
      }
    }
  }
})";
  json::object variables{{"entity", values.at("entity")},
                         {"project", values.at("project")},
                         {"name", values.at("report")}};
  const auto data = co_await context.graphql(document, std::move(variables));
  const auto* edges = array_at(data, {"project", "allViews", "edges"});
  const auto* view =
    edges && !edges->empty() ? object_at(edges->front(), {"node"}) : nullptr;
  co_return view ? *view : json::object{};
}

std::string head_of(const json::object& view, const text_values& values,
                    std::string_view app_url) {
  auto title = text_at(view, "displayName");
  if (title.empty())
    title = "Untitled report";
  std::string out = "# " + title + "\n\n";
  if (const auto about = text_at(view, "description"); !about.empty())
    out += about + "\n\n";
  const auto place = project_url(app_url, values.find("entity")->second,
                                 values.find("project")->second);
  out += "Report " + report_page(place, title, text_at(view, "id"));
  if (const auto* user = object_at(view, {"user"}))
    out += ", by " + text_at(*user, "username");
  auto changed = text_at(view, "updatedAt");
  if (changed.empty())
    changed = text_at(view, "createdAt");
  if (!changed.empty())
    out += ", last changed " + changed;
  return out + ". Panels are left out.\n\n";
}

std::string body_of(const json::object& view) {
  const auto spec = read_lenient(text_at(view, "spec"));
  const auto* blocks = spec && spec->is_object()
                         ? array_at(spec->get_object(), {"blocks"})
                         : nullptr;
  return blocks
           ? report_markdown(*blocks)
           : std::string("*(The content of this report can not be read.)*");
}

std::string fitting(std::string text, std::size_t max_size) {
  if (token_size(std::string_view(text)) <= max_size)
    return text;
  const auto note = "\n\n*(Cut to keep the answer short: the report has "
                    + std::to_string(text.size()) + " bytes.)*";
  const auto room =
    max_size - std::min(max_size, token_size(std::string_view(note)));
  return shorten_to(text, room) + note;
}

task<resource_contents> report_text(call_context& context, std::string uri,
                                    text_values values) {
  auto id = id_in(values.at("report"));
  json::object view;
  if (id.empty())
    view = co_await view_by_name(context, values);
  else
    view = co_await view_by_id(context, values, std::move(id));
  if (view.empty())
    co_return resource_contents{};
  auto text = head_of(view, values, context.limits().app_url) + body_of(view);
  co_return one_text(
    std::move(uri), markdown_type,
    fitting(std::move(text), response_budget(context.limits())));
}

task<resource_contents> read(call_context& context, std::string uri,
                             text_values values) {
  return or_absent(report_text(context, std::move(uri), std::move(values)));
}

} // namespace

const resource_template report_resource{
  .uri_template = "wandb://{entity}/{project}/reports/{report}",
  .name = "wandb_report",
  .title = "W&B report",
  .description = "What a report says, by its ID (the end of its address, "
                 "Vmlldzo...) or internal name. Without its panels.",
  .mime_type = markdown_type,
  .variables = {{.name = "entity", .complete = complete_entity},
                {.name = "project", .complete = complete_project},
                {.name = "report", .complete = complete_report}},
  .set = toolset::reports,
  .read = read,
};

} // namespace mcp::tools
