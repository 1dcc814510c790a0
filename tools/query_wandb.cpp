// query_wandb_tool: one tool with two forms. The typed form names a resource
// and gets its items; the GraphQL form runs the caller's own query. Which one a
// call means is told by which arguments are there at all, so the schema gives
// none of them a default: a default would look like an argument.
#include "tools/all.hpp"
#include "tools/models_graphql.hpp"
#include "tools/typed_query.hpp"
#include "tools/typed_query_fields.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mcp::tools {
namespace {

constexpr std::array<std::string_view, 14> typed_arguments{
  "entity_name", "project_name", "resource",      "run_id", "sweep_id",
  "report_name", "filters",      "order",         "limit",  "include",
  "config_keys", "summary_keys", "response_mode", "cursor"};
constexpr std::array<std::string_view, 4> graphql_arguments{
  "variables", "max_items", "items_per_page", "paginate_path"};

template <std::size_t N>
std::string_view first_given(const arguments& args,
                             const std::array<std::string_view, N>& names) {
  const auto found = std::find_if(names.begin(), names.end(), [&](auto name) {
    return args.all().contains(name);
  });
  return found == names.end() ? std::string_view{} : *found;
}

/// True for the GraphQL form.
bool wants_graphql(const arguments& args) {
  if (!args.all().contains("query")) {
    if (const auto name = first_given(args, graphql_arguments); !name.empty())
      invalid_input(std::string(name)
                    + ": it belongs to the GraphQL form, which needs query. "
                      "The typed form needs entity_name, project_name and "
                      "resource, and has limit.");
    return false;
  }
  if (const auto name = first_given(args, typed_arguments); !name.empty())
    invalid_input(
      std::string(name)
      + ": it belongs to the typed form, query to the GraphQL form. Use one.");
  return true;
}

graphql_call read_graphql_call(const arguments& args,
                               const list_limits& limits) {
  graphql_call call{.query = args.text_or_null("query").value_or(""),
                    .variables = {}};
  if (const auto* variables = args.object("variables"))
    call.variables = *variables;
  call.max_items = std::min(args.integer_or_null("max_items").value_or(100),
                            limits.max_graphql_items);
  call.items_per_page =
    std::min(args.integer_or_null("items_per_page").value_or(20),
             limits.max_graphql_per_request);
  if (call.max_items < 1 || call.items_per_page < 1)
    invalid_input("max_items and items_per_page must be at least 1.");
  call.paginate_path = args.text_or_null("paginate_path");
  return call;
}

/// W&B finds no run by a field that there is not, and does not say why.
std::vector<std::string> notes_on_filters(const arguments& args) {
  const auto* filters = args.object("filters");
  if (!filters)
    return {};
  std::vector<std::string> out;
  for (const auto& name : unknown_run_fields(*filters))
    out.push_back("filters." + name
                  + " is no field of runs known here. A config key is "
                    "config.KEY.value, a metric summary_metrics.KEY.");
  return out;
}

task<tool_result> run(call_context& context, arguments args) {
  if (wants_graphql(args)) {
    auto call = read_graphql_call(args, context.limits().lists);
    co_return co_await run_graphql(context, std::move(call));
  }
  auto notes = notes_on_filters(args);
  auto out = co_await run_typed_query(context, std::move(args));
  out.notes = std::move(notes);
  co_return out;
}

} // namespace

extern const tool query_wandb{
  .name = "query_wandb_tool",
  .title = "Query W&B runs, sweeps and reports",
  .set = toolset::models,
  .description =
    R"(Reads W&B runs, sweeps, reports, projects; with GraphQL, anything.
When to use: to find, filter, sort or count runs, for configs and summaries. Not for LLM traces (query_weave_traces_tool) or metrics over steps (get_run_history_tool).

Typed form, to try first: entity_name, project_name, resource. Gives items, total_count, has_more; to go on pass next_cursor as cursor, the rest unchanged. For a display name: runs with filters {"displayName": "..."}.
GraphQL form: query, for what the typed form lacks (artifacts, files). Never mix them.
- There filters is a JSON STRING, order one string, config and summaryMetrics JSON text (pass keys: ["lr"]).
- A list is followed if it selects edges { node { .. } } pageInfo { endCursor hasNextPage }; first: N caps its rows.
- Gives the content of data; _pagination says if it has_more, and end_cursor to pass as after.
Example: query($e: String!, $p: String!) { project(entityName: $e, name: $p) { artifactTypes { edges { node { name } } pageInfo { endCursor hasNextPage } } } })",
  .input_schema = R"({
    "type": "object",
    "properties": {
      "entity_name": {"type": "string", "description": "User or team."},
      "project_name": {"type": "string", "description": "Name of the project."},
      "resource": {
        "type": "string",
        "enum": ["project", "run", "runs", "sweep", "sweeps", "reports"],
        "description": "What to read; all but project, run and sweep are lists."
      },
      "run_id": {
        "type": "string",
        "description": "For run: the ID in the URL (8 characters), not the display name."
      },
      "sweep_id": {"type": "string", "description": "For sweep."},
      "report_name": {
        "type": "string",
        "description": "For reports: internal name or exact title."
      },
      "filters": {
        "type": "object",
        "description": "For runs, as in MongoDB: {\"state\": \"finished\", \"summary_metrics.loss\": {\"$lt\": 0.5}}. Fields: state displayName name tags group jobType createdAt username config.KEY.value summary_metrics.KEY. Operators: $and $or $nor $eq $ne $gt $gte $lt $lte $in $nin $exists $regex. NaN and infinities are texts: {\"summary_metrics.loss\": {\"$in\": [\"NaN\", \"Infinity\", \"-Infinity\"]}}."
      },
      "order": {
        "type": "string",
        "description": "For runs, like +summary_metrics.loss. Default: -created_at."
      },
      "limit": {
        "type": "integer",
        "minimum": 1,
        "description": "Default 50, at most 1000."
      },
      "include": {
        "type": "array",
        "items": {"type": "string"},
        "description": "run(s): summary, config, system_metrics, sweep; sweep(s): config; reports: spec. Whole ones for at most 25 items."
      },
      "summary_keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Only these of the summary."
      },
      "config_keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Only these of the config; may be paths: optim.lr."
      },
      "response_mode": {
        "type": "string",
        "enum": ["items", "count"],
        "description": "count: how many runs match, nothing else."
      },
      "cursor": {
        "type": "string",
        "description": "next_cursor of an earlier answer."
      },
      "query": {
        "type": "string",
        "description": "One GraphQL query; mutations are refused."
      },
      "variables": {
        "type": "object",
        "description": "With query: its variables."
      },
      "max_items": {
        "type": "integer",
        "minimum": 1,
        "description": "With query: most rows (default 100)."
      },
      "items_per_page": {
        "type": "integer",
        "minimum": 1,
        "description": "With query: rows per request (default 20)."
      },
      "paginate_path": {
        "type": "string",
        "description": "With query: the list to follow, like project.sweeps. Default: the first."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "properties": {
      "_pagination": {
        "type": "object",
        "description": "Of the GraphQL form: the list that was followed.",
        "properties": {
          "path": {"type": "string"},
          "pages": {"type": "integer"},
          "items": {"type": "integer"},
          "has_more": {"type": "boolean"},
          "end_cursor": {"type": ["string", "null"]},
          "stopped_because": {"type": "string"},
          "not_followed": {"type": "array", "items": {"type": "string"}}
        }
      },
      "_truncation": {"type": "string"}
    },
    "anyOf": [
      {
        "title": "Typed form",
        "required": ["source", "resource", "entity", "project"],
        "properties": {
          "source": {"const": "wandb_selective_read"},
          "resource": {"type": "string"},
          "entity": {"type": "string"},
          "project": {"type": "string"},
          "items": {"type": "array", "items": {"type": "object"}},
          "item": {"type": "object"},
          "response_mode": {"const": "count"},
          "returned_count": {"type": "integer"},
          "count": {
            "type": "integer",
            "description": "The same as returned_count."
          },
          "nothing_matched": {
            "type": "object",
            "description": "When no run matched: known_values are what the filters' fields hold in the newest runs."
          },
          "total_count": {
            "type": ["integer", "null"],
            "description": "How many match on all pages; null when W&B does not say."
          },
          "has_more": {"type": "boolean"},
          "requested_limit": {"type": "integer"},
          "limit": {"type": "integer", "description": "What limit came to."},
          "limit_clamped": {"type": "boolean"},
          "next_cursor": {"type": ["string", "null"]},
          "project_exhaustive": {
            "type": "boolean",
            "description": "These are all that match."
          },
          "truncated": {"type": "boolean"},
          "truncation": {
            "type": "object",
            "properties": {
              "applied": {"type": "boolean"},
              "reason": {
                "enum": ["collection_limit", "response_token_budget", null]
              },
              "omitted_fields": {"type": "array", "items": {"type": "string"}},
              "dropped_items": {"type": "integer"}
            }
          },
          "truncation_note": {"type": "string"}
        }
      },
      {
        "title": "GraphQL form",
        "description": "The content of the answer's data, with extensions.wandb_mcp: what _pagination says, as returned_count, has_more, next_cursor, truncated_by_response_budget, limit_applied."
      }
    ]
  })",
  .cost = {.job = "one page of a project's runs", .requests = 1},
  .is_filter = is_run_filter,
  .run = run,
};

} // namespace mcp::tools
