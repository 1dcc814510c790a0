// query_wandb_entity_projects: the projects of one entity, or of the first few
// entities that the user belongs to.
#include "tools/all.hpp"
#include "tools/first_look.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/models_viewer.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::int64_t most_projects = 200;
constexpr std::size_t most_entities = 5;

struct listing {
  json::array projects;
  bool more = false;
  std::optional<failure> why; // instead of projects
};

json::object project_row(const json::object& node, const std::string& entity) {
  auto owner = text_at(node, "entityName");
  return {{"name", value_or_null(node, "name")},
          {"entity", owner.empty() ? entity : std::move(owner)},
          {"description", value_or_null(node, "description")},
          {"visibility", value_or_null(node, "access")},
          {"created_at", value_or_null(node, "createdAt")},
          {"updated_at", value_or_null(node, "updatedAt")},
          {"tags", json::array{}}};
}

/// Counts the requests that were answered, of lists read side by side.
class step_count {
public:
  explicit step_count(call_context& context) : context_(context) {}
  void next(std::string what) {
    context_.progress(++done_, std::nullopt, std::move(what));
  }

private:
  call_context& context_;
  int done_ = 0;
};

task<listing> list_projects(call_context& context, step_count& steps,
                            std::string entity, std::size_t wanted) {
  static constexpr std::string_view document =
    R"(query EntityProjects($entity: String!, $first: Int!, $after: String) {
  models(entityName: $entity, first: $first, after: $after) {
    pageInfo { endCursor hasNextPage }
    edges {
      node { name entityName description access createdAt updatedAt }
    }
  }
})";
  listing out;
  json::value after = nullptr;
  for (;;) {
    json::object variables{{"entity", entity},
                           {"first", wanted - out.projects.size()},
                           {"after", after}};
    const auto data = co_await context.graphql(document, std::move(variables));
    const auto* edges = array_at(data, {"models", "edges"});
    if (!edges)
      throw tool_error("entity_not_found",
                       "W&B has no entity \"" + shorten(entity, 100)
                         + "\" that this user can read. list_entities_tool "
                           "shows the names that work.");
    for (const auto& edge : *edges) {
      const auto* node = object_at(edge, {"node"});
      if (node && out.projects.size() < wanted)
        out.projects.push_back(project_row(*node, entity));
    }
    const auto* page = object_at(data, {"models", "pageInfo"});
    const auto* next = page ? page->if_contains("hasNextPage") : nullptr;
    out.more = next && next->is_bool() && next->get_bool();
    auto cursor = page ? value_or_null(*page, "endCursor") : json::value();
    if (!out.more || out.projects.size() >= wanted || edges->empty()
        || !cursor.is_string() || cursor == after)
      co_return out;
    steps.next("Read " + std::to_string(out.projects.size()) + " projects of "
               + shorten(entity, 100));
    after = std::move(cursor);
  }
}

// With several entities one that fails must not hide the others.
task<listing> list_or_say_why(call_context& context, step_count& steps,
                              std::string entity, std::size_t wanted) {
  try {
    co_return co_await list_projects(context, steps, std::move(entity), wanted);
  } catch (const failure_exception& error) {
    co_return listing{.projects = {}, .why = error.reason};
  } catch (const tool_error& error) {
    co_return listing{
      .projects = {},
      .why = failure{.code = errc::not_found, .message = error.what()}};
  }
}

std::size_t count_of(const json::object& projects) {
  std::size_t out = 0;
  for (const auto& entity : projects)
    out += entity.value().as_array().size();
  return out;
}

std::vector<std::string> entities_of(const viewer_info& viewer) {
  std::vector<std::string> out;
  const auto add = [&out](const std::string& name) {
    if (!name.empty() && std::find(out.begin(), out.end(), name) == out.end())
      out.push_back(name);
  };
  add(viewer.default_entity);
  add(viewer.username);
  for (const auto& team : viewer.teams)
    add(team);
  return out;
}

task<tool_result> run(call_context& context, arguments args) {
  const auto wanted = static_cast<std::size_t>(
    std::clamp<std::int64_t>(args.integer("max_projects"), 1, most_projects));
  step_count steps(context);
  json::object projects, errors;
  json::array not_listed;
  bool truncated = false;
  if (const auto entity = args.text_or_null("entity")) {
    if (entity->find_first_not_of(" \t\r\n") == entity->npos)
      throw tool_error("invalid_input", "entity: the name is empty. Leave it "
                                        "out to list the user's entities.");
    auto found = co_await list_projects(context, steps, *entity, wanted);
    truncated = found.more;
    projects.emplace(*entity, std::move(found.projects));
  } else {
    const auto viewer = co_await read_viewer(context);
    auto names = entities_of(viewer);
    truncated = names.size() > most_entities || viewer.more_teams;
    for (auto i = most_entities; i < names.size(); ++i)
      not_listed.emplace_back(names[i]);
    names.resize(std::min(names.size(), most_entities));
    steps.next("Listing the projects of " + std::to_string(names.size())
               + " entities");
    std::vector<task<listing>> tasks;
    for (const auto& name : names)
      tasks.push_back(list_or_say_why(context, steps, name, wanted));
    auto found = co_await all(std::move(tasks));
    for (std::size_t i = 0; i < names.size(); ++i) {
      truncated = truncated || found[i].more;
      if (!found[i].why) {
        projects.emplace(names[i], std::move(found[i].projects));
        continue;
      }
      if (i + 1 == names.size() && projects.empty())
        throw failure_exception(*found[i].why);
      const auto& why = *found[i].why;
      json::object shown{{"error", to_string(why.code)},
                         {"message", why.message}};
      errors.emplace(names[i], std::move(shown));
    }
  }
  const auto count = count_of(projects);
  const bool failed = !errors.empty();
  json::value answer = json::object{
    {"projects", std::move(projects)},
    {"returned_count", count},
    // W&B counts no projects: known when all of them are here.
    {"total_count", truncated || failed ? json::value() : json::value(count)},
    {"has_more", truncated},
    {"truncated", truncated},
    {"max_projects_per_entity", wanted}};
  auto& object = answer.get_object();
  if (!not_listed.empty())
    object.emplace("entities_not_listed", std::move(not_listed));
  if (!errors.empty())
    object.emplace("errors", std::move(errors));
  const auto budget = answer_budget(context.limits(), args);
  if (token_size(answer) > budget) {
    object["truncated"] = true;
    object["has_more"] = true;
    object["total_count"] = nullptr;
    object.emplace("truncation_note",
                   "Projects were left out to keep the answer short. Ask for "
                   "one entity, or lower max_projects.");
    shrink(answer, budget);
    object["returned_count"] = count_of(object["projects"].as_object());
  }
  tool_result out{.structured = std::move(answer.get_object())};
  co_return out;
}

} // namespace

extern const tool query_wandb_entity_projects{
  .name = "query_wandb_entity_projects",
  .title = "List W&B projects",
  .set = toolset::models,
  .description =
    R"(Lists the projects of a W&B entity with description, visibility and dates.
When to use: to find a project's exact name, or after a project was not found. Name the entity when it is known (list_entities_tool shows them); without it at most five of the user's entities are listed. It does not look into projects: use query_wandb_tool for runs, query_weave_traces_tool for traces.
Gives projects by entity; truncated is true when there are more.)",
  .input_schema = R"({
    "type": "object",
    "properties": {
      "entity": {
        "type": "string",
        "description": "A user or team name. Default: the user's own entities, at most 5."
      },
      "max_projects": {
        "type": "integer",
        "default": 50,
        "description": "Projects per entity; taken as 1 to 200."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["projects", "truncated", "max_projects_per_entity"],
    "properties": {
      "projects": {
        "type": "object",
        "additionalProperties": {
          "type": "array",
          "items": {
            "type": "object",
            "properties": {
              "name": {"type": "string"},
              "entity": {"type": "string"},
              "description": {"type": ["string", "null"]},
              "visibility": {"type": ["string", "null"]},
              "created_at": {"type": ["string", "null"]},
              "updated_at": {"type": ["string", "null"]},
              "tags": {"type": "array", "items": {"type": "string"}}
            }
          }
        }
      },
      "errors": {"type": "object"},
      "returned_count": {"type": "integer"},
      "total_count": {
        "type": ["integer", "null"],
        "description": "Of the entities listed; null when not all are known."
      },
      "has_more": {"type": "boolean"},
      "entities_not_listed": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Entities of the user beyond the five listed."
      },
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"},
      "max_projects_per_entity": {"type": "integer"}
    }
  })",
  .cost = {.job = "the projects of one entity, up to 200", .requests = 1},
  .run = run,
};

} // namespace mcp::tools
