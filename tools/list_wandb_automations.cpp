// list_wandb_automations_tool: what W&B does by itself when something happens
// in an entity's projects. W&B lists automations by project only, so the
// projects are gone through, a hundred to a request.
#include "tools/all.hpp"
#include "tools/automation_rows.hpp"
#include "tools/first_look.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

#include <algorithm>
#include <set>

namespace mcp::tools {
namespace {

constexpr int most_pages = 8;
constexpr std::int64_t projects_per_page = 100;
constexpr std::int64_t most_items = 200;

const std::string fields = R"(
fragment AutomationProjects on ProjectConnection {
  pageInfo { endCursor hasNextPage }
  edges {
    node {
      name
      triggers {
        id
        name
        description
        enabled
        createdAt
        updatedAt
        scope {
          __typename
          ... on Project { id name }
          ... on ArtifactPortfolio { id name }
          ... on ArtifactSequence { id name }
        }
        event: triggeringCondition {
          ... on FilterEventTriggeringCondition { eventType filter }
        }
        action: triggeredAction {
          __typename
          ... on NotificationTriggeredAction {
            integration { ... on SlackIntegration { id } }
            title
            message
            severity
          }
          ... on GenericWebhookTriggeredAction {
            integration { ... on GenericWebhookIntegration { id } }
            requestPayload
          }
        }
      }
    }
  }
})";

const std::string of_entity =
  R"(query EntityAutomations($entity: String!, $first: Int!, $after: String) {
  scope: entity(name: $entity) {
    projects(first: $first, after: $after) { ...AutomationProjects }
  }
})"
  + fields;

const std::string of_viewer =
  R"(query ViewerAutomations($first: Int!, $after: String) {
  scope: viewer {
    projects(first: $first, after: $after) { ...AutomationProjects }
  }
})"
  + fields;

struct found_automations {
  json::array rows;
  std::size_t projects = 0; // gone through
  bool more_rows = false;
  bool more_projects = false;
};

void take_project(const json::object& project, const std::string& name,
                  std::size_t wanted, std::set<std::string>& seen,
                  found_automations& out) {
  ++out.projects;
  const auto* triggers = array_at(project, {"triggers"});
  if (!triggers)
    return;
  for (const auto& trigger : *triggers) {
    const auto* object = trigger.if_object();
    if (!object || (!name.empty() && text_at(*object, "name") != name))
      continue;
    const auto id = text_at(*object, "id");
    if (!id.empty() && !seen.insert(id).second)
      continue;
    out.more_rows = out.rows.size() == wanted;
    if (out.more_rows)
      return;
    out.rows.push_back(automation_row(*object, text_at(project, "name")));
  }
}

task<found_automations> find(call_context& context,
                             std::optional<std::string> entity,
                             std::string name, std::size_t wanted) {
  found_automations out;
  std::set<std::string> seen;
  json::value after = nullptr;
  for (int page = 1;; ++page) {
    json::object variables{{"first", projects_per_page}, {"after", after}};
    if (entity)
      variables["entity"] = *entity;
    const std::string_view document = entity ? of_entity : of_viewer;
    const auto data = co_await context.graphql(document, std::move(variables));
    const auto* projects = object_at(data, {"scope", "projects"});
    const auto* edges = projects ? array_at(*projects, {"edges"}) : nullptr;
    if (!edges)
      throw tool_error("entity_not_found",
                       "W&B has no such entity that this user can read. "
                       "list_entities_tool shows the names that work.");
    for (const auto& edge : *edges)
      if (const auto* node = object_at(edge, {"node"}); node && !out.more_rows)
        take_project(*node, name, wanted, seen, out);
    const auto end = list_end_of(*projects, after);
    if (out.more_rows || !end.more)
      co_return out;
    if (page == most_pages) {
      out.more_projects = true;
      co_return out;
    }
    context.progress(page, most_pages,
                     "Looked into " + std::to_string(out.projects)
                       + " projects");
    after = json::string(end.cursor);
  }
}

task<tool_result> run(call_context& context, arguments args) {
  const auto wanted = static_cast<std::size_t>(
    std::clamp<std::int64_t>(args.integer("max_items"), 1, most_items));
  auto entity = args.text_or_null("entity");
  if (entity)
    entity = selector_of("entity", std::move(*entity));
  std::string name;
  if (auto given = args.text_or_null("name"))
    name = selector_of("name", std::move(*given));
  auto found = co_await find(context, entity, name, wanted);

  const bool more = found.more_rows || found.more_projects;
  const auto count = found.rows.size();
  json::value answer =
    json::object{{"automations", std::move(found.rows)},
                 {"count", count},
                 {"returned_count", count},
                 {"has_more", more},
                 {"entity", entity ? json::value(*entity) : json::value()},
                 {"projects_scanned", found.projects},
                 {"truncated", more}};
  auto& object = answer.get_object();
  if (found.more_projects)
    object["truncation_note"] =
      "The entity has more projects than one call looks into; automations of "
      "the others are missing here.";
  else if (found.more_rows)
    object["truncation_note"] =
      "There are more automations. Raise max_items, or give name.";
  const auto budget = answer_budget(context.limits(), args);
  if (token_size(answer) > budget) {
    object["truncated"] = true;
    object["has_more"] = true;
    object["truncation_note"] =
      "Automations were left out to keep the answer short. Lower max_items, or "
      "give name.";
    if (!shrink(answer, budget))
      throw tool_error("response_too_large",
                       "The automations are too long for an answer. Give name "
                       "to see one of them.");
    const auto left = object["automations"].as_array().size();
    object["count"] = left;
    object["returned_count"] = left;
  }
  tool_result out{.structured = std::move(object)};
  co_return out;
}

} // namespace

extern const tool list_wandb_automations{
  .name = "list_wandb_automations_tool",
  .title = "List W&B automations",
  .set = toolset::models,
  .description =
    R"(Lists W&B automations: which event (a run metric or state, a new artifact or alias) in which project or collection triggers which action (Slack message, webhook).
When to use: to see what is automated, or why an alert or a webhook fired. For where they send to, use list_wandb_integrations_tool; for the runs themselves, query_wandb_tool.
Gives automations with scope, event and action; credentials in payloads are redacted. integration_id names the integration.)",
  .input_schema = R"({
    "type": "object",
    "properties": {
      "entity": {
        "type": "string",
        "description": "A user or team. Default: the user's default entity."
      },
      "name": {
        "type": "string",
        "description": "Only automations of exactly this name."
      },
      "max_items": {
        "type": "integer",
        "default": 50,
        "description": "Taken as 1 to 200."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["automations", "count", "truncated"],
    "properties": {
      "automations": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "id": {"type": ["string", "null"]},
            "name": {"type": ["string", "null"]},
            "enabled": {"type": ["boolean", "null"]},
            "description": {"type": ["string", "null"]},
            "created_at": {"type": ["string", "null"]},
            "updated_at": {"type": ["string", "null"]},
            "project": {"type": "string"},
            "scope": {
              "type": "object",
              "description": "type PROJECT or ARTIFACT_COLLECTION, id, name."
            },
            "event": {
              "type": "object",
              "description": "type, and the filter that must match: for metrics with kind (threshold, change, zscore), name, threshold and so on."
            },
            "action": {
              "type": "object",
              "description": "type NOTIFICATION (integration_id, title, message, severity), GENERIC_WEBHOOK (integration_id, request_payload), NO_OP or another."
            }
          }
        }
      },
      "count": {"type": "integer", "description": "The same as returned_count."},
      "returned_count": {"type": "integer"},
      "has_more": {"type": "boolean"},
      "entity": {"type": ["string", "null"]},
      "projects_scanned": {"type": "integer"},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "automations of up to 100 projects", .requests = 1},
  .run = run,
};

} // namespace mcp::tools
