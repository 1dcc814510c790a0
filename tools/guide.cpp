#include "tools/guide.hpp"

#include <memory>
#include <string>

namespace mcp::tools {
namespace {

constexpr std::string_view uri_root = "wandb://guide";
constexpr std::string_view prompt_name = "wandb_guide";
constexpr std::string_view about =
  "How to get answers out of W&B with these tools: which one when, the "
  "filters, and what the numbers mean.";

constexpr std::string_view overview = R"(## Where to begin

- Names first. Without an entity: `list_entities_tool`. Without a project:
  `query_wandb_entity_projects`. Never guess either.
- Two kinds of data live in a project. *Runs* (training: configs, metrics,
  summaries) and *Weave* (LLM calls, agent spans, evaluations). "Trace", "call",
  "op" and "span" mean Weave; "experiment", "loss", "sweep" mean runs. When
  unsure, ask `probe_project_tool` and `count_weave_traces_tool`: both are cheap.
- Fetch the least that answers. Answers are cut at the server's token budget and
  say so in `truncated` and `truncation_note`; ask for fewer rows, columns or keys
  instead of repeating the call. A call that says nothing of size (limit, keys,
  max_...) gets a first look of 6,000 tokens.
- Report what the answer covers: `total_count`, `returned_count`, `has_more` and
  `project_exhaustive` tell a sample from the whole.
- An error has a code in `error` and says what would work. `retryable: false` and
  `outcome_unknown` mean: look before you try again.
- The tools see what the user's own API key sees, nothing more.)";

constexpr std::string_view runs = R"(## Runs and metrics

- A *run ID* is the short token in the URL (`9wq3kx2a`). The *display name*
  (`proud-forest-12`) is not an ID and may belong to several runs: find the ID with
  `query_wandb_tool`, `resource: "runs"`, `filters: {"displayName": "..."}`.
- Which tool: a list, a ranking or final values -> `query_wandb_tool`; a curve ->
  `get_run_history_tool`; two runs side by side -> `compare_runs_tool`; "is it
  healthy" -> `diagnose_run_tool`; an unknown project -> `probe_project_tool`.
- Filters are MongoDB-like: `{"state": "finished"}`,
  `{"config.lr": {"$lt": 0.01}}`, `{"summary_metrics.loss": {"$exists": true}}`,
  `{"$or": [{"tags": "prod"}, {"group": "nightly"}]}`. Operators: `$and $or $nor
  $eq $ne $gt $gte $lt $lte $in $nin $exists $regex`.
- `order` is one field with a sign: `-created_at`, `+summary_metrics.val_loss`,
  `-heartbeat_at`. The best run is `limit: 1` with the right order.
- Counting needs no rows: `response_mode: "count"`.
- States: running, finished, crashed, failed, killed, preempting, preempted,
  pending.
- `summary` is the last value of each metric, or its best where the run said so; it
  is not an average.
- History is sampled. Metrics that are logged rarely keep all their rows; a metric
  that is missing from a row was not logged at that step. NaN and infinities are
  the texts "NaN", "Infinity", "-Infinity": look for them before calling a run healthy.)";

constexpr std::string_view graphql = R"(## GraphQL

`query_wandb_tool` also takes a GraphQL `query`, for what its typed form does not
know. Only queries; mutations and subscriptions are refused.

```graphql
query Best($entity: String!, $project: String!, $filters: JSONString) {
  project(entityName: $entity, name: $project) {
    runCount(filters: $filters)
    runs(filters: $filters, order: "+summary_metrics.val_loss", first: 5) {
      edges { node { name displayName state summaryMetrics(keys: ["val_loss"]) } }
      pageInfo { endCursor hasNextPage }
    }
  }
}
```

- `filters` is JSON *text* in the variables: `{"filters": "{\"state\":\"finished\"}"}`.
- A list is `edges { node { ... } } pageInfo { endCursor hasNextPage }`. With
  `pageInfo` the pages are followed for you up to `max_items`; `first` is a cap.
- `summaryMetrics` and `config` are JSON text; `keys:` selects members. Values in
  `config` are wrapped: `{"lr": {"value": 0.1}}`.
- `run(name:)` takes the run ID. Sorting is in `order`; there is no `direction`.
- `sampledHistory(specs:)` and `history` return JSON, without a selection of fields.
  `get_run_history_tool` is easier.)";

constexpr std::string_view traces = R"(## Traces (Weave)

Order of work on an unknown project: `infer_trace_schema_tool` (paths and values),
`count_weave_traces_tool` (how many), `query_weave_traces_tool` (the rows, with
narrow `columns`).

- A *call ID* names one span; it is what Weave URLs hold. A *trace ID* names the
  whole tree. Given an ID without a label try `call_ids` first, then `trace_id`.
- `detail_level`: "schema" to browse (identity, times, parent, name), "summary" to
  analyse, "full" for a few calls by ID, never in bulk. Drill down in two steps:
  "schema" with `trace_roots_only`, then `call_ids` with "full".
- Filters: `trace_roots_only`, `trace_id`, `call_ids`, `parent_ids`,
  `op_name` (short name, URI, or with `*`), `op_name_contains`, `display_name`,
  `thread_id` (a conversation), `wb_run_id`, `status` ("success", "error"),
  `has_exception`, `time_range` (`{"start": "2026-01-31T00:00:00Z"}`), `latency` in
  ms (`{"$gt": 5000}`), `attributes`, `inputs`, `output`. Operators: `$eq $gt $gte
  $lt $lte $contains $in $or`. `$contains` ignores case. `$regex` is
  for plain text alone: `^text$` or a part. An empty answer says in `nothing_matched`
  which values there are.
- Nested fields by dotted path: `{"attributes": {"cfg.model": "m1"}}`,
  `{"inputs": {"question": {"$contains": "refund"}}}`; a whole output:
  `{"output": {"$contains": "timeout"}}`.
- "Failed", "wrong", "broken" mean `status: "error"` or `has_exception: true`.
- Searching contents reads everything: above 10,000 calls add a time range or a name.
- `op_name_contains` with `trace_roots_only` usually finds nothing, because most ops
  are children. Find them first, then `resolve_trace_roots_tool` with their trace IDs
  says which session or workflow each belongs to.
- Computed columns: `status`, `latency_ms`, `costs`. Sort by `latency_ms`,
  `total_cost`, `started_at` or any column. `metadata_only` gives counts,
  tokens, costs and times without rows.
- A call's usage and costs hold those of the calls below it: do not add up rows.
  `metadata.token_counts` and `metadata.costs` count each once, over the rows read.
- `total_matching_count` is how many match the given filters, before `limit`.)";

constexpr std::string_view evaluations = R"(## Evaluations

- `summarize_evaluation_tool` first: scores per scorer, failures, tokens.
- An evaluation is a root call whose op is `Evaluation.evaluate`; its name for people
  is the display name. Each of its direct children named `predict_and_score` is one
  row of the dataset (and trial).
- For rows use `query_weave_traces_tool` with `parent_ids: ["<evaluation's call ID>"]`;
  look at three to learn the shape, then filter. Stay with that ID: without it rows
  of other evaluations come in.
- A row's `output` has the model's `output` and the `scores`. A model that failed
  leaves the row with the status `descendant_error`.
- To compare evaluations, summarise several (`max_evals`) and put scores side by side;
  a rate is of the predictions scored (`score_counts`), not of all: say both.)";

constexpr std::string_view registry = R"(## Registries and artifacts

- The chain: `list_registries_tool` -> `list_registry_collections_tool` ->
  `list_artifact_versions_tool` (`source: "registry"`) -> `get_artifact_details_tool`.
- In a project: `list_artifact_versions_tool` with `source: "project"`, `type_name`
  ("model", "dataset") and the collection's name.
- Give registry names without `wandb-registry-`. Name the `organization` when the user
  belongs to several.
- A path is `entity/project/name:alias`; without `:alias` it is `:latest`. Versions are
  `v0`, `v1`, ...; aliases like "production" move between versions.
- `compare_artifact_versions_tool`: A is before, B is after. Switch the files off for
  huge artifacts.
- Lineage: `logged_by` is the run that made it, `used_by` the runs that read it.)";

constexpr std::string_view reports = R"(## Reports

- Only when the user asks to create or save something: it writes to their project.
  Always show the link that comes back.
- Analyse first. Text, tables and findings go into `markdown_report_text` (headings,
  lists, tables, code, `[TOC]`); curves into `panels`, with metric names that
  `get_run_history_tool` or `probe_project_tool` showed.
- `line` and `run_comparison` draw history; `bar` and `scatter` draw summary values.
  `run_ids` limits a panel to certain runs.
- For numbers you computed: `log_analysis_to_wandb` first (it makes a small run), then
  a panel with `analysis_run_id` set to its `run_id`.
- To place things exactly use the blocks `heading`, `markdown` and `panel_grid` in
  `panels`: they come in the order given.
- Pictures: SVG in `plots_html`. HTML is not drawn.
- After `outcome_unknown` look in W&B before trying again: the report may be there.)";

const guide_topic* find_topic(std::string_view name) {
  for (const auto& t : guide_topics())
    if (t.name == name)
      return &t;
  return nullptr;
}

std::string topic_names() {
  std::string out;
  for (const auto& t : guide_topics())
    out.append(out.empty() ? "" : ", ").append(t.name);
  return out;
}

std::string whole_guide() {
  std::string out = "# Using W&B through these tools\n";
  for (const auto& t : guide_topics())
    out.append("\n").append(t.text).append("\n");
  return out;
}

task<prompt_result> make(call_context&, text_values arguments) {
  std::string text;
  if (const auto topic = arguments.find("topic"); topic == arguments.end()) {
    text = whole_guide();
  } else {
    const auto* found = find_topic(topic->second);
    if (!found)
      throw request_refused(-32602, "params.arguments.topic: expected one of "
                                      + topic_names());
    text = found->text;
  }
  prompt_result out;
  out.description = about;
  const json::object content{{"type", "text"}, {"text", text}};
  out.messages.push_back(json::object{{"role", "user"}, {"content", content}});
  co_return out;
}

task<std::vector<std::string>> complete_topic(call_context&, std::string,
                                              text_values) {
  std::vector<std::string> out;
  for (const auto& t : guide_topics())
    out.emplace_back(t.name);
  co_return out;
}

task<resource_contents> read(call_context&, std::string uri) {
  const auto topic = std::string_view(uri).substr(uri_root.size());
  const auto* found = topic.empty() ? nullptr : find_topic(topic.substr(1));
  const std::string text = found ? std::string(found->text) : whole_guide();
  resource_contents out;
  out.push_back(
    json::object{{"uri", uri}, {"mimeType", "text/markdown"}, {"text", text}});
  co_return out;
}

} // namespace

const std::vector<guide_topic>& guide_topics() {
  static const std::vector<guide_topic> topics{
    {"overview", "Where to begin", overview},
    {"runs", "Runs and metrics", runs},
    {"graphql", "GraphQL queries", graphql},
    {"traces", "Weave traces", traces},
    {"evaluations", "Evaluations", evaluations},
    {"registry", "Registries and artifacts", registry},
    {"reports", "Reports", reports},
  };
  return topics;
}

const prompt wandb_guide{
  .name = prompt_name,
  .title = "W&B guide",
  .description = about,
  .arguments = {{.name = "topic",
                 .description =
                   "One of overview, runs, graphql, traces, evaluations, "
                   "registry, reports; without it, all of it.",
                 .complete = complete_topic}},
  .make = make,
};

const std::vector<const resource*>& guide_resources() {
  struct named_resource {
    std::string uri;
    std::string name;
    resource what;
  };
  // Built once; the views in `what` look into the neighbours.
  static const auto made = [] {
    std::vector<std::unique_ptr<named_resource>> out;
    const auto add =
      [&out](std::string uri, std::string name, std::string_view title,
             std::string_view description, std::size_t size, double priority) {
        auto& r = *out.emplace_back(std::make_unique<named_resource>(
          named_resource{std::move(uri), std::move(name), {}}));
        r.what = {.uri = r.uri,
                  .name = r.name,
                  .title = title,
                  .description = description,
                  .mime_type = "text/markdown",
                  .size = size,
                  .priority = priority,
                  .read = read};
      };
    add(std::string(uri_root), std::string(prompt_name), "W&B guide", about,
        whole_guide().size(), 0.5);
    for (const auto& t : guide_topics())
      add(std::string(uri_root) + "/" + std::string(t.name),
          std::string(prompt_name) + "_" + std::string(t.name), t.title,
          "A part of the W&B guide.", t.text.size(), 0.3);
    return out;
  }();
  static const auto listed = [] {
    std::vector<const resource*> out;
    for (const auto& r : made)
      out.push_back(&r->what);
    return out;
  }();
  return listed;
}

} // namespace mcp::tools
