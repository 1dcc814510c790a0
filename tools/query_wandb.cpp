// query_wandb_tool: one read-only GraphQL query of W&B's models side, with the
// pages of one list followed and joined.
#include "tools/all.hpp"
#include "tools/models_graphql.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::int64_t most_items = 1000;
constexpr std::int64_t most_per_page = 200;

task<tool_result> run(call_context& context, arguments args) {
  graphql_call call{.query = args.text("query"), .variables = {}};
  if (const auto* variables = args.object("variables"))
    call.variables = *variables;
  call.max_items = std::min(args.integer("max_items"), most_items);
  call.items_per_page = std::min(args.integer("items_per_page"), most_per_page);
  if (call.max_items < 1 || call.items_per_page < 1)
    throw tool_error("invalid_input",
                     "max_items and items_per_page must be at least 1.");
  call.paginate_path = args.text_or_null("paginate_path");
  co_return co_await run_graphql(context, std::move(call));
}

} // namespace

extern const tool query_wandb{
  .name = "query_wandb_tool",
  .title = "Query W&B with GraphQL",
  .set = toolset::models,
  .description =
    R"(Runs one read-only GraphQL query against W&B: projects, runs, configs, summary metrics, sweeps, artifacts, reports. Follows the pages of one list.

When to use: to find, filter, sort or count runs, and for what no other tool covers. Not for LLM traces (query_weave_traces_tool), nor for metrics over steps (get_run_history_tool). Ask for few fields and rows first; say so when the answer is a sample.

Facts that queries get wrong:
- run(name:) takes the run ID (8 characters, as in the URL), never the display name. For a display name use runs with filters {"displayName": "..."}; several runs may match.
- filters is a JSON STRING, best given in variables: "{\"state\":\"finished\",\"summary_metrics.loss\":{\"$lt\":0.5}}". Fields: state, displayName, name, tags, group, jobType, createdAt, username, config.KEY, summary_metrics.KEY. Operators: $and $or $nor $eq $ne $gt $gte $lt $lte $in $nin $exists $regex.
- order is one string: "-created_at", "+summary_metrics.loss", "-config.lr.value".
- A list is paged only when it selects edges { node { .. } } pageInfo { endCursor hasNextPage }. first: N is a cap on rows. runCount(filters:) counts without listing.
- config and summaryMetrics give JSON text; pass keys: ["lr"] to get a part. historyKeys is JSON without sub-fields; tags on runs are strings.

Example, best runs of a project:
query Best($e: String!, $p: String!, $f: JSONString) {
  project(entityName: $e, name: $p) {
    runCount(filters: $f)
    runs(filters: $f, order: "+summary_metrics.loss", first: 5) {
      edges { node { name displayName state summaryMetrics(keys: ["loss"]) } }
      pageInfo { endCursor hasNextPage }
    }
  }
}
One run: project(entityName: $e, name: $p) { run(name: "abc12345") { displayName state config summaryMetrics } }
Also: project { sweeps(first:) { edges { node { name state bestLoss runCount } } pageInfo { .. } } artifactTypes allViews(viewType: "runs") }, viewer { username entity }.

Gives the content of "data". _pagination says which list was followed, whether it has_more, and the end_cursor to pass as after to go on. errors holds what W&B refused.)",
  .input_schema = R"({
    "type": "object",
    "required": ["query"],
    "properties": {
      "query": {
        "type": "string",
        "minLength": 1,
        "maxLength": 65536,
        "description": "One GraphQL query. Mutations and subscriptions are refused."
      },
      "variables": {
        "type": ["object", "null"],
        "default": null,
        "description": "Values of the query's variables."
      },
      "max_items": {
        "type": "integer",
        "minimum": 1,
        "default": 100,
        "description": "Most rows of the followed list; above 1000 counts as 1000."
      },
      "items_per_page": {
        "type": "integer",
        "minimum": 1,
        "default": 20,
        "description": "Rows per request; above 200 counts as 200."
      },
      "paginate_path": {
        "type": ["string", "null"],
        "default": null,
        "description": "Which list to follow when there are several, like \"project.sweeps\". Default: the first."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "description": "The content of the GraphQL answer's data.",
    "properties": {
      "_pagination": {
        "type": "object",
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
    }
  })",
  .cost = {.job = "one page of a project's runs", .requests = 1},
  .run = run,
};

} // namespace mcp::tools
