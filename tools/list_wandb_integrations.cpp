// list_wandb_integrations_tool: the Slack channels and webhooks that an
// entity's automations can send to.
#include "tools/all.hpp"
#include "tools/automation_rows.hpp"
#include "tools/first_look.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/models_viewer.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr int most_pages = 8;
constexpr std::int64_t per_page = 100;
constexpr std::int64_t most_items = 200;

constexpr std::string_view document =
  R"(query Integrations($entity: String!, $first: Int!, $after: String) {
  entity(name: $entity) {
    integrations(first: $first, after: $after) {
      pageInfo { endCursor hasNextPage }
      edges {
        node {
          __typename
          ... on SlackIntegration { id teamName channelName }
          ... on GenericWebhookIntegration { id name urlEndpoint }
          ... on GitHubOAuthIntegration { id }
        }
      }
    }
  }
})";

struct found_integrations {
  json::array rows;
  bool more = false;
};

task<found_integrations> find(call_context& context, std::string entity,
                              std::string kind, std::size_t wanted) {
  found_integrations out;
  json::value after = nullptr;
  for (int page = 1;; ++page) {
    json::object variables{
      {"entity", entity}, {"first", per_page}, {"after", after}};
    const auto data = co_await context.graphql(document, std::move(variables));
    const auto* list = object_at(data, {"entity", "integrations"});
    const auto* edges = list ? array_at(*list, {"edges"}) : nullptr;
    if (!edges)
      throw tool_error("entity_not_found",
                       "W&B has no entity \"" + shorten(entity, 100)
                         + "\" that this user can read. list_entities_tool "
                           "shows the names that work.");
    for (const auto& edge : *edges) {
      const auto* node = object_at(edge, {"node"});
      if (!node)
        continue;
      auto row = integration_row(*node);
      if (!kind.empty() && row.at("type") != json::value(kind))
        continue;
      out.more = out.rows.size() == wanted;
      if (out.more)
        co_return out;
      out.rows.push_back(std::move(row));
    }
    const auto end = list_end_of(*list, after);
    out.more = end.more;
    if (!end.more || page == most_pages)
      co_return out;
    context.progress(page, most_pages,
                     "Read " + std::to_string(out.rows.size())
                       + " integrations");
    after = json::string(end.cursor);
  }
}

task<tool_result> run(call_context& context, arguments args) {
  const auto wanted = static_cast<std::size_t>(
    std::clamp<std::int64_t>(args.integer("max_items"), 1, most_items));
  const auto kind = args.text_or_null("kind").value_or("");
  if (args.text_or_null("kind") && kind != "slack" && kind != "webhook")
    invalid_input("kind: it is slack or webhook.");
  std::string entity;
  if (auto given = args.text_or_null("entity")) {
    entity = selector_of("entity", std::move(*given));
  } else {
    const auto viewer = co_await read_viewer(context);
    entity =
      viewer.default_entity.empty() ? viewer.username : viewer.default_entity;
    if (entity.empty())
      invalid_input("entity: W&B names no default for this key; give one.");
    context.progress(0, most_pages,
                     "Reading the integrations of " + shorten(entity, 100));
  }
  auto found = co_await find(context, entity, kind, wanted);

  const auto count = found.rows.size();
  json::value answer =
    json::object{{"integrations", std::move(found.rows)},
                 {"count", count},
                 {"returned_count", count},
                 {"has_more", found.more},
                 {"entity", entity},
                 {"kind", kind.empty() ? json::value() : json::value(kind)},
                 {"truncated", found.more}};
  auto& object = answer.get_object();
  if (found.more)
    object["truncation_note"] =
      "There are more integrations. Raise max_items, or give kind.";
  const auto budget = answer_budget(context.limits(), args);
  if (token_size(answer) > budget) {
    object["truncated"] = true;
    object["has_more"] = true;
    object["truncation_note"] =
      "Integrations were left out to keep the answer short. Lower max_items.";
    shrink(answer, budget);
    const auto left = object["integrations"].as_array().size();
    object["count"] = left;
    object["returned_count"] = left;
  }
  tool_result out{.structured = std::move(object)};
  co_return out;
}

} // namespace

extern const tool list_wandb_integrations{
  .name = "list_wandb_integrations_tool",
  .title = "List W&B integrations",
  .set = toolset::models,
  .description =
    R"(Lists the Slack channels and webhooks that an entity's W&B automations can send to.
When to use: to see where alerts go, or to resolve an integration_id that list_wandb_automations_tool gave. For what triggers them, use that tool instead.
Gives type, id, and channel or address; user names, passwords, queries and keys in addresses are left out.)",
  .input_schema = R"({
    "type": "object",
    "properties": {
      "entity": {
        "type": "string",
        "description": "A user or team. Default: the user's default entity."
      },
      "kind": {
        "type": "string",
        "enum": ["slack", "webhook"],
        "description": "Default: all."
      },
      "max_items": {
        "type": "integer",
        "minimum": 1,
        "default": 50,
        "description": "Above 200 counts as 200."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["integrations", "count", "truncated"],
    "properties": {
      "integrations": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "type": {
              "type": "string",
              "description": "slack, webhook, or W&B's name of another type."
            },
            "id": {"type": ["string", "null"]},
            "team_name": {"type": ["string", "null"]},
            "channel_name": {"type": ["string", "null"]},
            "name": {"type": ["string", "null"]},
            "url_endpoint": {"type": "string"}
          }
        }
      },
      "count": {"type": "integer", "description": "The same as returned_count."},
      "returned_count": {"type": "integer"},
      "has_more": {"type": "boolean"},
      "entity": {"type": "string"},
      "kind": {"type": ["string", "null"]},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "the integrations of a named entity", .requests = 1},
  .run = run,
};

} // namespace mcp::tools
