// An entity, a project, a run and its history.
#include "protocol/json/write.hpp"
#include "tools/all.hpp"
#include "tools/completers.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_fit.hpp"
#include "tools/models_json.hpp"
#include "tools/models_run.hpp"
#include "tools/resource_parts.hpp"
#include "tools/resources.hpp"
#include "tools/typed_query.hpp"
#include "tools/typed_query_items.hpp"

namespace mcp::tools {
namespace {

constexpr std::int64_t most_projects = 200;
constexpr std::int64_t newest = 20; // runs and reports of a project
constexpr std::int64_t history_rows_shown = 500;

task<resource_contents> read_entity(call_context& context, std::string uri,
                                    text_values values) {
  json::object args{{"entity", values.at("entity")},
                    {"max_projects", most_projects}};
  return tool_contents(query_wandb_entity_projects, context, std::move(uri),
                       std::move(args));
}

/// The items of a connection, each as the typed queries show it.
json::array items_at(const json::object& project, std::string_view connection,
                     const typed_query& as, std::string_view app_url) {
  json::array out;
  if (const auto* edges = array_at(project, {connection, "edges"}))
    for (const auto& edge : *edges)
      if (const auto* node = object_at(edge, {"node"}))
        out.push_back(item_of(as, *node, app_url));
  return out;
}

json::object project_answer(const json::object& project, typed_query q,
                            const call_limits& limits) {
  q.what = typed_resource::project;
  auto answer = item_of(q, project, limits.app_url);
  answer["sweep_count"] = value_or_null(project, "totalSweeps");
  q.what = typed_resource::runs;
  answer["newest_runs"] = items_at(project, "runs", q, limits.app_url);
  q.what = typed_resource::reports;
  answer["reports"] = items_at(project, "allViews", q, limits.app_url);
  fit(answer,
      {{"newest_runs", answer.if_contains("newest_runs")},
       {"reports", answer.if_contains("reports")}},
      response_budget(limits), "query_wandb_tool lists the others.");
  return answer;
}

task<resource_contents> project_text(call_context& context, std::string uri,
                                     text_values values) {
  static constexpr std::string_view document =
    R"(query ProjectResource($entity: String!, $project: String!, $newest: Int!) {
  project(name: $project, entityName: $entity) {
    id name description access createdAt updatedAt runCount totalSweeps
    runs(order: "-created_at", first: $newest) {
      edges {
        node {
          name displayName state createdAt heartbeatAt computeSeconds
          historyLineCount group jobType tags
          user { username name }
        }
      }
    }
    allViews(viewType: "runs", first: $newest) {
      edges {
        node {
          id name displayName description createdAt updatedAt
          user { username }
        }
      }
    }
  }
})";
  typed_query q;
  q.entity = values.at("entity");
  q.project = values.at("project");
  json::object variables{
    {"entity", q.entity}, {"project", q.project}, {"newest", newest}};
  const auto data = co_await context.graphql(document, std::move(variables));
  const auto* project = object_at(data, {"project"});
  if (!project)
    project_not_found(q.entity, q.project);
  const auto answer = project_answer(*project, q, context.limits());
  co_return one_text(std::move(uri), json_type, write_json(answer));
}

task<resource_contents> read_project(call_context& context, std::string uri,
                                     text_values values) {
  return or_absent(project_text(context, std::move(uri), std::move(values)));
}

task<resource_contents> read_run(call_context& context, std::string uri,
                                 text_values values) {
  json::object args{{"entity_name", values.at("entity")},
                    {"project_name", values.at("project")},
                    {"resource", "run"},
                    {"run_id", values.at("run")},
                    {"include", json::array{"summary", "config", "sweep"}}};
  return tool_contents(query_wandb, context, std::move(uri), std::move(args));
}

// JSON and not CSV: a table has no place for what was left out, and thinned
// rows that do not say so would be taken for all.
task<resource_contents> read_history(call_context& context, std::string uri,
                                     text_values values) {
  json::object args{{"entity_name", values.at("entity")},
                    {"project_name", values.at("project")},
                    {"run_id", values.at("run")},
                    {"samples", history_rows_shown},
                    {"x_axis", "_step"}};
  return tool_contents(get_run_history, context, std::move(uri),
                       std::move(args));
}

} // namespace

const resource_template entity_resource{
  .uri_template = "wandb://{entity}",
  .name = "wandb_entity",
  .title = "W&B entity",
  .description = "The projects of a user or team, at most 200.",
  .mime_type = json_type,
  .variables = {{.name = "entity", .complete = complete_entity}},
  .read = read_entity,
};

const resource_template project_resource{
  .uri_template = "wandb://{entity}/{project}",
  .name = "wandb_project",
  .title = "W&B project",
  .description = "A project: its description, how many runs and sweeps it has, "
                 "its newest runs and its reports.",
  .mime_type = json_type,
  .variables = {{.name = "entity", .complete = complete_entity},
                {.name = "project", .complete = complete_project}},
  .read = read_project,
};

const resource_template run_resource{
  .uri_template = "wandb://{entity}/{project}/runs/{run}",
  .name = "wandb_run",
  .title = "W&B run",
  .description = "A run by its ID: state, config and summary.",
  .mime_type = json_type,
  .variables = {{.name = "entity", .complete = complete_entity},
                {.name = "project", .complete = complete_project},
                {.name = "run", .complete = complete_run}},
  .read = read_run,
};

const resource_template history_resource{
  .uri_template = "wandb://{entity}/{project}/runs/{run}/history",
  .name = "wandb_run_history",
  .title = "W&B run history",
  .description = "A run's metrics over its steps: at most 500 rows, evenly "
                 "sampled.",
  .mime_type = json_type,
  .variables = {{.name = "entity", .complete = complete_entity},
                {.name = "project", .complete = complete_project},
                {.name = "run", .complete = complete_run}},
  .read = read_history,
};

} // namespace mcp::tools
