// probe_project_tool: what the runs of a project look like, from one request:
// exact counts, and the newest and the oldest runs as samples.
#include "tools/all.hpp"
#include "tools/first_look.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_fit.hpp"
#include "tools/models_json.hpp"
#include "tools/models_older.hpp"
#include "tools/models_probe.hpp"
#include "tools/models_run.hpp"

#include <algorithm>
#include <array>

namespace mcp::tools {
namespace {

constexpr std::int64_t most_runs = 50;
constexpr std::array<std::string_view, 8> counted_states{
  "finished", "failed", "crashed", "running",
  "killed", "preempted", "preempting", "pending"};

struct request {
  std::string entity, project;
  std::int64_t sample = 6;
  std::string pattern;
  bool with_artifacts = false;
};

request read_request(const arguments& args) {
  return {.entity = required_text(args, "entity_name"),
          .project = required_text(args, "project_name"),
          .sample =
            std::clamp<std::int64_t>(args.integer("sample_runs"), 1, most_runs),
          .pattern = args.text_or_null("field_pattern").value_or(""),
          .with_artifacts = args.flag("include_artifacts")};
}

task<json::object> fetch_project(call_context& context, const request& r) {
  static constexpr std::string_view document =
    R"(query ProbeProject(
  $entity: String!, $project: String!, $newest: Int!, $oldest: Int!
  $withOldest: Boolean!, $withArtifacts: Boolean!
) {
  project(name: $project, entityName: $entity) {
    runCount
    totalSweeps
    finished: runCount(filters: "{\"state\":\"finished\"}")
    failed: runCount(filters: "{\"state\":\"failed\"}")
    crashed: runCount(filters: "{\"state\":\"crashed\"}")
    running: runCount(filters: "{\"state\":\"running\"}")
    killed: runCount(filters: "{\"state\":\"killed\"}")
    preempted: runCount(filters: "{\"state\":\"preempted\"}")
    preempting: runCount(filters: "{\"state\":\"preempting\"}")
    pending: runCount(filters: "{\"state\":\"pending\"}")
    newest: runs(order: "-created_at", first: $newest) {
      edges { node { ...ProbedRun } }
    }
    oldest: runs(order: "+created_at", first: $oldest) @include(if: $withOldest) {
      edges { node { ...ProbedRun } }
    }
    artifactTypes(first: 50) @include(if: $withArtifacts) {
      edges {
        node {
          name
          artifactCollections(first: 5) { totalCount edges { node { name } } }
        }
      }
    }
  }
}
fragment ProbedRun on Run {
  name
  displayName
  state
  createdAt
  tags
  group
  jobType
  config
  summaryMetrics
  historyLineCount
  historyKeys
})";
  static constexpr std::string_view older =
    R"(query ProbeProject(
  $entity: String!, $project: String!, $newest: Int!, $oldest: Int!
  $withOldest: Boolean!
) {
  project(name: $project, entityName: $entity) {
    runCount
    finished: runCount(filters: "{\"state\":\"finished\"}")
    failed: runCount(filters: "{\"state\":\"failed\"}")
    crashed: runCount(filters: "{\"state\":\"crashed\"}")
    running: runCount(filters: "{\"state\":\"running\"}")
    killed: runCount(filters: "{\"state\":\"killed\"}")
    preempted: runCount(filters: "{\"state\":\"preempted\"}")
    preempting: runCount(filters: "{\"state\":\"preempting\"}")
    pending: runCount(filters: "{\"state\":\"pending\"}")
    newest: runs(order: "-created_at", first: $newest) {
      edges { node { ...ProbedRun } }
    }
    oldest: runs(order: "+created_at", first: $oldest) @include(if: $withOldest) {
      edges { node { ...ProbedRun } }
    }
  }
}
fragment ProbedRun on Run {
  name
  displayName
  state
  createdAt
  tags
  config
  summaryMetrics
})";
  json::object variables{{"entity", r.entity},
                         {"project", r.project},
                         {"newest", r.sample - r.sample / 2},
                         {"oldest", std::max<std::int64_t>(r.sample / 2, 1)},
                         {"withOldest", r.sample > 1},
                         {"withArtifacts", r.with_artifacts}};
  const query_texts texts{document, older};
  co_return co_await graphql_or_reduced(context, texts, std::move(variables));
}

std::int64_t count_at(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  const auto* number = found ? found->if_int64() : nullptr;
  return number ? *number : 0;
}

/// Every state, so that the sum is the total: "other" holds runs in states that
/// W&B did not have when this was written. A state that W&B did not count is
/// left out, and so is "other" then.
json::object states_of(const json::object& project) {
  json::object out;
  std::int64_t sum = 0;
  for (const auto state : counted_states) {
    const auto* found = project.if_contains(state);
    if (const auto* count = found ? found->if_int64() : nullptr) {
      out.emplace(state, *count);
      sum += *count;
    }
  }
  const auto all = count_at(project, "runCount");
  if (out.size() == counted_states.size() && sum < all)
    out.emplace("other", all - sum);
  return out;
}

void add_runs(project_shape& shape, const json::object& project,
              std::string_view which) {
  if (const auto* edges = array_at(project, {which, "edges"}))
    for (const auto& edge : *edges)
      if (const auto* run = object_at(edge, {"node"}))
        shape.add(*run);
}

std::string joined(const auto& names, std::size_t most) {
  std::string out;
  for (const auto& name : names) {
    if (most-- == 0)
      return out + ", ...";
    out += (out.empty() ? "" : ", ") + shorten(name, 100);
  }
  return out;
}

json::array recommendations_of(const project_shape& shape,
                               std::int64_t run_count) {
  json::array out;
  const auto add = [&out](const std::string& text) { out.emplace_back(text); };
  if (run_count > 100)
    add("Large project (" + std::to_string(run_count)
        + " runs): filter by state, tag or group, and order by a metric, "
          "rather than listing all.");
  if (shape.typical_steps() > 10000)
    add("Long runs (about " + std::to_string(shape.typical_steps())
        + " steps): read curves with keys, and with few samples first.");
  if (shape.metric_count() > 20)
    add("Many metrics (" + std::to_string(shape.metric_count())
        + "): pass keys to the run tools instead of taking all.");
  if (!shape.tags().empty())
    add("Tags in use: " + joined(shape.tags(), 10) + ".");
  if (!shape.groups().empty())
    add("Run groups found: " + joined(shape.groups(), 5) + ".");
  if (out.empty())
    add("Small project: all its runs can be listed at once.");
  return out;
}

json::array next_calls_of(const request& r, const project_shape& shape) {
  json::array out;
  const auto add = [&](const char* tool, const char* reason,
                       json::object parameters) {
    parameters["entity_name"] = r.entity;
    parameters["project_name"] = r.project;
    json::object call{{"tool", tool},
                      {"reason", reason},
                      {"parameters", std::move(parameters)}};
    out.push_back(std::move(call));
  };
  const auto ids = shape.run_ids();
  if (ids.empty())
    return out;
  json::object curve{{"run_id", ids[0]},
                     {"keys", json::value_from(shape.main_metrics(3))},
                     {"samples", 50}};
  add("get_run_history_tool", "The main curves of the newest run.",
      std::move(curve));
  json::object verdict{{"run_id", ids[0]}};
  add("diagnose_run_tool", "Whether the newest run is healthy.",
      std::move(verdict));
  if (ids.size() > 1) {
    json::object pair{{"run_id_a", ids[1]}, {"run_id_b", ids[0]}};
    add("compare_runs_tool", "What changed between two of the newest runs.",
        std::move(pair));
  }
  return out;
}

json::value artifacts_of(const json::object& project) {
  const auto* edges = array_at(project, {"artifactTypes", "edges"});
  if (!edges)
    return nullptr;
  json::array types;
  std::int64_t collections = 0;
  for (const auto& edge : *edges) {
    const auto* type = object_at(edge, {"node"});
    const auto* found =
      type ? object_at(*type, {"artifactCollections"}) : nullptr;
    if (!found)
      continue;
    json::array examples;
    if (const auto* of_type = array_at(*found, {"edges"}))
      for (const auto& one : *of_type)
        if (const auto* node = object_at(one, {"node"}))
          examples.emplace_back(text_at(*node, "name"));
    collections += count_at(*found, "totalCount");
    json::object shown{{"type", text_at(*type, "name")},
                       {"collection_count", count_at(*found, "totalCount")},
                       {"examples", std::move(examples)}};
    types.push_back(std::move(shown));
  }
  json::object out{{"collection_count", collections},
                   {"types", std::move(types)}};
  return out;
}

task<tool_result> run(call_context& context, arguments args) {
  const auto r = read_request(args);
  const auto data = co_await fetch_project(context, r);
  const auto* project = object_at(data, {"project"});
  if (!project)
    project_not_found(r.entity, r.project);
  project_shape shape(r.pattern);
  add_runs(shape, *project, "newest");
  add_runs(shape, *project, "oldest");
  const auto run_count = std::max(count_at(*project, "runCount"),
                                  static_cast<std::int64_t>(shape.runs()));
  json::object scope{{"order", "newest and oldest"},
                     {"requested", r.sample},
                     {"runs_in_project", run_count},
                     {"project_exhaustive",
                      static_cast<std::int64_t>(shape.runs()) >= run_count}};
  json::object answer{{"entity", r.entity},
                      {"project", r.project},
                      {"source", "project_sample"},
                      {"workload_profile", "local"},
                      {"run_count", run_count},
                      {"state_counts", states_of(*project)},
                      {"sweep_count", value_or_null(*project, "totalSweeps")},
                      {"order", "newest"},
                      {"sample_scope", std::move(scope)}};
  shape.describe(answer);
  answer["recommendations"] = recommendations_of(shape, run_count);
  answer["recommended_next_calls"] = next_calls_of(r, shape);
  if (r.with_artifacts)
    answer["artifact_inventory"] = artifacts_of(*project);
  std::vector<cuttable> parts;
  for (const auto* name :
       {"config_fields", "summary_fields", "config_keys", "metric_keys",
        "metric_families", "run_samples", "tags", "tags_in_sample", "groups",
        "groups_in_sample"})
    parts.push_back({name, answer.if_contains(name)});
  fit(answer, std::move(parts), answer_budget(context.limits(), args),
      "Pass field_pattern to choose names, or fewer sample_runs; the counts "
      "speak of all.");
  count_fields(answer);
  tool_result out{.structured = std::move(answer)};
  co_return out;
}

} // namespace

extern const tool probe_project{
  .name = "probe_project_tool",
  .title = "Probe a project",
  .set = toolset::models,
  .description =
    "Shows what a W&B project holds before it is queried: exact run counts by "
    "state, and from the newest and oldest runs the metric names, config keys "
    "with sample values, tags, groups and history length.\n"
    "When to use: first, on a project you do not know. To list or rank runs "
    "use query_wandb_tool; for Weave traces infer_trace_schema_tool.\n"
    "Go on with recommended_next_calls, with the names found here.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name"],
    "properties": {
      "entity_name": {"type": "string", "description": "User or team."},
      "project_name": {"type": "string", "description": "Name of the project."},
      "sample_runs": {
        "type": "integer",
        "default": 6,
        "description": "Runs to look into, 1 to 50: half of them the newest, half the oldest."
      },
      "field_pattern": {
        "type": "string",
        "maxLength": 256,
        "description": "Only names that hold this; * stands for anything. Like val*loss."
      },
      "include_artifacts": {
        "type": "boolean",
        "default": false,
        "description": "Artifact types and collections too."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["entity", "project", "run_count", "state_counts",
                 "sampled_runs", "metric_keys", "config_keys",
                 "recommendations", "truncated"],
    "$defs": {
      "fields": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "path": {"type": "string"},
            "type": {"type": "string", "description": "As Python names it."}
          }
        }
      },
      "names": {"type": "array", "items": {"type": "string"}}
    },
    "properties": {
      "entity": {"type": "string"},
      "project": {"type": "string"},
      "source": {"type": "string"},
      "workload_profile": {"type": "string"},
      "run_count": {"type": "integer", "description": "Of the whole project."},
      "state_counts": {
        "type": "object",
        "description": "Of the whole project, every state.",
        "additionalProperties": {"type": "integer"}
      },
      "sweep_count": {"type": ["integer", "null"]},
      "order": {"type": "string", "description": "Which run_samples come first."},
      "sample_scope": {
        "type": "object",
        "properties": {
          "order": {"type": "string"},
          "requested": {"type": "integer"},
          "runs_in_project": {"type": "integer"},
          "project_exhaustive": {
            "type": "boolean",
            "description": "Every run was looked into."
          }
        }
      },
      "sampled_runs": {"type": "integer"},
      "run_samples": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "id": {"type": "string"},
            "display_name": {"type": "string"},
            "state": {"type": "string"},
            "created_at": {"type": ["string", "null"]},
            "group": {"type": ["string", "null"]},
            "job_type": {"type": ["string", "null"]},
            "tags": {"$ref": "#/$defs/names"},
            "last_step": {"type": ["integer", "null"]},
            "history_line_count": {"type": ["integer", "null"]}
          }
        }
      },
      "run_states": {
        "type": "object",
        "description": "Of the sampled runs.",
        "additionalProperties": {"type": "integer"}
      },
      "metric_keys": {
        "type": "object",
        "description": "Name to type; the first 200.",
        "additionalProperties": {"type": "string"}
      },
      "metric_count": {"type": "integer"},
      "config_keys": {
        "type": "object",
        "description": "Name to a sample value; the first 200."
      },
      "config_count": {"type": "integer"},
      "summary_fields": {"$ref": "#/$defs/fields"},
      "config_fields": {"$ref": "#/$defs/fields"},
      "metric_families": {
        "type": "object",
        "description": "How many metrics share what stands before the first / or dot.",
        "additionalProperties": {"type": "integer"}
      },
      "field_inventory": {
        "type": "object",
        "properties": {
          "pattern": {"type": ["string", "null"]},
          "returned_count": {"type": "integer"},
          "total_count": {"type": "integer"},
          "has_more": {"type": "boolean"}
        }
      },
      "has_history": {"type": "boolean"},
      "has_history_in_sample": {"type": "boolean"},
      "typical_steps": {
        "type": "integer",
        "description": "Mean last step of the sampled runs that have any."
      },
      "tags": {"$ref": "#/$defs/names"},
      "tags_in_sample": {"$ref": "#/$defs/names"},
      "groups": {"$ref": "#/$defs/names"},
      "groups_in_sample": {"$ref": "#/$defs/names"},
      "unreadable_runs": {
        "type": "integer",
        "description": "Sampled runs whose config or summary could not be read."
      },
      "recommendations": {"$ref": "#/$defs/names"},
      "recommended_next_calls": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "tool": {"type": "string"},
            "reason": {"type": "string"},
            "parameters": {"type": "object"}
          }
        }
      },
      "artifact_inventory": {
        "type": ["object", "null"],
        "properties": {
          "collection_count": {"type": "integer"},
          "types": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "type": {"type": "string"},
                "collection_count": {"type": "integer"},
                "examples": {"$ref": "#/$defs/names"}
              }
            }
          }
        }
      },
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "a project of any size", .requests = 1},
  .run = run,
};

} // namespace mcp::tools
