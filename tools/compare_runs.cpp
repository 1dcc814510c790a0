// compare_runs_tool: what differs between two runs, in config, results and, on
// request, curves. Both runs come with one request, the curves with another.
#include "tools/all.hpp"
#include "tools/first_look.hpp"
#include "tools/models_axis.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_config.hpp"
#include "tools/models_diff.hpp"
#include "tools/models_fit.hpp"
#include "tools/models_history_pair.hpp"
#include "tools/models_json.hpp"
#include "tools/models_older.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace mcp::tools {
namespace {

constexpr std::size_t most_shown = 200;
constexpr std::size_t most_keys = 100;
constexpr std::size_t most_curves = 24;
constexpr std::int64_t most_samples = 1000;

struct request {
  run_path a, b;
  bool with_history = false;
  std::vector<std::string> history_keys, config_keys, summary_keys;
  std::int64_t samples = 50;
  std::string x_axis;
};

request read_request(const arguments& args) {
  request out;
  out.a = {.entity = required_text(args, "entity_name"),
           .project = required_text(args, "project_name"),
           .run = required_text(args, "run_id_a")};
  out.b = {.entity = args.text_or_null("entity_name_b").value_or(out.a.entity),
           .project =
             args.text_or_null("project_name_b").value_or(out.a.project),
           .run = required_text(args, "run_id_b")};
  out.history_keys = distinct_texts(args, "history_keys", most_curves);
  out.config_keys = distinct_texts(args, "config_keys", most_keys);
  out.summary_keys = distinct_texts(args, "summary_keys", most_keys);
  // Whoever names curves wants to see them.
  out.with_history =
    args.flag("include_history_overlap") || !out.history_keys.empty();
  out.samples =
    std::clamp<std::int64_t>(args.integer("history_samples"), 1, most_samples);
  out.x_axis = x_axis_of(args);
  return out;
}

task<json::object> fetch_runs(call_context& context, const request& r) {
  static constexpr std::string_view document =
    R"(query CompareRuns(
  $entityA: String!, $projectA: String!, $runA: String!
  $entityB: String!, $projectB: String!, $runB: String!
  $configKeys: [String!], $summaryKeys: [String!], $withHistory: Boolean!
) {
  a: project(name: $projectA, entityName: $entityA) {
    run(name: $runA) { ...ComparedRun }
  }
  b: project(name: $projectB, entityName: $entityB) {
    run(name: $runB) { ...ComparedRun }
  }
}
fragment ComparedRun on Run {
  name
  displayName
  state
  createdAt
  heartbeatAt
  tags
  group
  jobType
  config(keys: $configKeys)
  summaryMetrics(keys: $summaryKeys)
  historyKeys @include(if: $withHistory)
})";
  static constexpr std::string_view older =
    R"(query CompareRuns(
  $entityA: String!, $projectA: String!, $runA: String!
  $entityB: String!, $projectB: String!, $runB: String!
) {
  a: project(name: $projectA, entityName: $entityA) {
    run(name: $runA) { ...ComparedRun }
  }
  b: project(name: $projectB, entityName: $entityB) {
    run(name: $runB) { ...ComparedRun }
  }
}
fragment ComparedRun on Run {
  name
  displayName
  state
  createdAt
  heartbeatAt
  tags
  config
  summaryMetrics
})";
  json::object variables{
    {"entityA", r.a.entity},
    {"projectA", r.a.project},
    {"runA", r.a.run},
    {"entityB", r.b.entity},
    {"projectB", r.b.project},
    {"runB", r.b.run},
    {"withHistory",
     r.with_history && (r.history_keys.empty() || r.x_axis != "_step")}};
  // Left out they mean all members.
  if (auto keys = members_for(r.config_keys); !keys.is_null())
    variables.emplace("configKeys", std::move(keys));
  if (auto keys = members_for(r.summary_keys); !keys.is_null())
    variables.emplace("summaryKeys", std::move(keys));
  const query_texts texts{document, older};
  co_return co_await graphql_or_reduced(context, texts, std::move(variables));
}

struct compared_run {
  run_header header;
  std::optional<json::object> config, summary; // nothing: can not be read
  json::object about, metadata;
};

std::optional<json::object> only(std::optional<json::object> from,
                                 const std::vector<std::string>& keys) {
  if (keys.empty() || !from)
    return from;
  json::object out;
  for (const auto& key : keys)
    if (const auto* found = find_dotted(*from, key))
      out.emplace(key, *found);
  return out;
}

compared_run read_run(const json::object& data, const char* which,
                      const run_path& path, const request& r) {
  const auto* project = object_at(data, {which});
  if (!project)
    project_not_found(path.entity, path.project);
  const auto* run = object_at(*project, {"run"});
  if (!run) {
    json::object details{{"run", std::string("run_") + which},
                         {"entity_name", path.entity},
                         {"project_name", path.project},
                         {"run_id", path.run}};
    run_not_found(path.run, std::move(details));
  }
  compared_run out{.header = header_in(*run, path),
                   .config = only(config_in(*run), r.config_keys),
                   .summary = only(summary_in(*run), r.summary_keys),
                   .about = {},
                   .metadata = {}};
  out.about = {{"id", path.run},
               {"name", out.header.display_name},
               {"state", out.header.state}};
  out.metadata = {{"created_at", value_or_null(*run, "createdAt")},
                  {"heartbeat_at", value_or_null(*run, "heartbeatAt")},
                  {"tags", value_or_null(*run, "tags")},
                  {"group", value_or_null(*run, "group")},
                  {"job_type", value_or_null(*run, "jobType")}};
  return out;
}

/// The keys that neither run has.
json::array absent(const std::vector<std::string>& keys,
                   const std::optional<json::object>& a,
                   const std::optional<json::object>& b) {
  json::array out;
  for (const auto& key : keys)
    if (a && b && !a->contains(key) && !b->contains(key))
      out.emplace_back(key);
  return out;
}

/// Against what can not be read there is nothing to compare.
json::object difference_of(const std::optional<json::object>& a,
                           const std::optional<json::object>& b) {
  static const json::object none;
  const bool both = a && b;
  return diff_objects(both ? *a : none, both ? *b : none, most_shown);
}

json::array unreadable_of(const compared_run& a, const compared_run& b) {
  json::array out;
  for (const auto& [run, name] : {std::pair(&a, "run_a"), {&b, "run_b"}}) {
    if (!run->config)
      out.emplace_back(std::string(name) + ".config");
    if (!run->summary)
      out.emplace_back(std::string(name) + ".summary");
  }
  return out;
}

json::object selection_of(const request& r, const compared_run& a,
                          const compared_run& b) {
  const bool chosen = !r.config_keys.empty() || !r.summary_keys.empty();
  return {
    {"source", chosen ? "explicit" : "all"},
    {"config_keys", json::value_from(r.config_keys)},
    {"summary_keys", json::value_from(r.summary_keys)},
    {"missing_config_keys", absent(r.config_keys, a.config, b.config)},
    {"missing_summary_keys", absent(r.summary_keys, a.summary, b.summary)}};
}

task<json::object> compare_curves(call_context& context, const request& r,
                                  const compared_run& a,
                                  const compared_run& b) {
  check_axis(a.header, r.a, r.x_axis);
  check_axis(b.header, r.b, r.x_axis);
  pair_wish wish{.a = r.a,
                 .b = r.b,
                 .keys = r.history_keys,
                 .x_axis = r.x_axis,
                 .samples = r.samples};
  std::size_t omitted = 0;
  if (wish.keys.empty()) {
    auto shared =
      metrics_of_both(a.header, a.summary.value_or(json::object{}), b.header,
                      b.summary.value_or(json::object{}), series_per_request);
    wish.keys = std::move(shared.keys);
    omitted = shared.omitted;
  }
  json::object out;
  try {
    out = co_await compare_histories(context, std::move(wish));
  } catch (const failure_exception& error) {
    // What is known of the two runs is worth having without their curves.
    out = {{"error", "history_fetch_failed"},
           {"reason", to_string(error.reason.code)},
           {"message", shorten(error.reason.message, 300)}};
    co_return out;
  }
  if (omitted > 0)
    out["keys_omitted"] = omitted; // name them in history_keys
  co_return out;
}

void fit_answer(json::object& answer, std::size_t max_bytes) {
  std::vector<cuttable> parts;
  for (const auto* diff : {"summary_diff", "config_diff"})
    for (const auto* part : {"changed", "only_in_run_a", "only_in_run_b"})
      parts.push_back({std::string(diff) + "." + part,
                       &answer.at(diff).get_object().at(part)});
  if (auto* curves = answer.if_contains("history_comparison"))
    for (const auto* part : {"run_a_sample", "run_b_sample", "metrics"})
      if (auto* found = curves->get_object().if_contains(part))
        parts.push_back({std::string("history_comparison.") + part, found});
  fit(answer, std::move(parts), max_bytes,
      "Pass config_keys and summary_keys to choose; the counts speak of all.");
}

task<tool_result> run(call_context& context, arguments args) {
  const auto r = read_request(args);
  const auto data = co_await fetch_runs(context, r);
  auto a = read_run(data, "a", r.a, r);
  auto b = read_run(data, "b", r.b, r);
  auto config_diff = difference_of(a.config, b.config);
  auto summary_diff = difference_of(a.summary, b.summary);
  auto selection = selection_of(r, a, b);
  json::object metadata{{"run_a", a.metadata}, {"run_b", b.metadata}};
  json::object answer{{"run_a", a.about},
                      {"run_b", b.about},
                      {"config_diff", std::move(config_diff)},
                      {"summary_diff", std::move(summary_diff)},
                      {"metadata_diff", std::move(metadata)},
                      {"selection", std::move(selection)}};
  if (auto unreadable = unreadable_of(a, b); !unreadable.empty())
    answer["unreadable"] = std::move(unreadable);
  if (r.with_history) {
    context.progress(1, 2, "Both runs read; comparing their curves");
    answer["history_comparison"] = co_await compare_curves(context, r, a, b);
  }
  fit_answer(answer, answer_budget(context.limits(), args));
  tool_result out{.structured = std::move(answer)};
  co_return out;
}

} // namespace

extern const tool compare_runs{
  .name = "compare_runs_tool",
  .title = "Compare two runs",
  .set = toolset::models,
  .description =
    "Says what differs between two W&B runs: config, final metrics (delta is "
    "run_b minus run_a), tags and, on request, curves.\n"
    "When to use: to learn what was changed or which run is better. For one "
    "run use get_run_history_tool or diagnose_run_tool; to rank many or find "
    "IDs query_wandb_tool.\n"
    "Nested values go by dotted path. Next: pass the metrics of interest as "
    "history_keys.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name", "run_id_a", "run_id_b"],
    "properties": {
      "entity_name": {"type": "string", "description": "User or team."},
      "project_name": {"type": "string", "description": "Name of the project."},
      "run_id_a": {
        "type": "string",
        "description": "The short ID in the URL, not the display name."
      },
      "run_id_b": {"type": "string", "description": "Compared with A."},
      "entity_name_b": {
        "type": "string",
        "description": "If run B is elsewhere."
      },
      "project_name_b": {
        "type": "string",
        "description": "The same."
      },
      "include_history_overlap": {
        "type": "boolean",
        "default": false,
        "description": "Compare curves too; so does history_keys."
      },
      "history_keys": {
        "type": "array",
        "items": {"type": "string"},
        "maxItems": 24,
        "description": "Curves. Default: up to 8 that both have."
      },
      "history_samples": {
        "type": "integer",
        "default": 50,
        "description": "Points per curve, 1 to 1000."
      },
      "config_keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Like [\"lr\",\"model.name\"]. Default: all."
      },
      "summary_keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Final metrics. Default: all."
      },
      "x_axis": {
        "type": "string",
        "default": "_step",
        "description": "Aligns curves."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["run_a", "run_b", "config_diff", "summary_diff",
                 "metadata_diff", "selection", "truncated"],
    "$defs": {
      "run": {
        "type": "object",
        "properties": {
          "id": {"type": "string"},
          "name": {"type": "string", "description": "The display name."},
          "state": {"type": "string"}
        }
      },
      "diff": {
        "type": "object",
        "description": "Maps are by dotted path, 200 entries at most; the counts speak of all. Values longer than 500 bytes are cut.",
        "properties": {
          "only_in_run_a": {"type": "object"},
          "only_in_run_b": {"type": "object"},
          "changed": {
            "type": "object",
            "additionalProperties": {
              "type": "object",
              "properties": {
                "run_a": {},
                "run_b": {},
                "delta": {
                  "type": "number",
                  "description": "run_b minus run_a, of numbers and booleans."
                }
              }
            }
          },
          "identical_count": {"type": "integer"},
          "only_in_run_a_count": {"type": "integer"},
          "only_in_run_b_count": {"type": "integer"},
          "changed_count": {"type": "integer"}
        }
      },
      "metadata": {
        "type": "object",
        "properties": {
          "created_at": {"type": ["string", "null"]},
          "heartbeat_at": {"type": ["string", "null"]},
          "tags": {"type": ["array", "null"], "items": {"type": "string"}},
          "group": {"type": ["string", "null"]},
          "job_type": {"type": ["string", "null"]}
        }
      },
      "curve": {
        "type": "object",
        "description": "first, min and max of the finite values.",
        "properties": {
          "points": {"type": "integer"},
          "first": {"type": ["number", "null"]},
          "last": {"type": ["number", "string", "null"]},
          "min": {"type": ["number", "null"]},
          "max": {"type": ["number", "null"]},
          "non_finite": {"type": "integer"},
          "sampled": {
            "type": "boolean",
            "description": "True: there may be more values between these."
          }
        }
      }
    },
    "properties": {
      "run_a": {"$ref": "#/$defs/run"},
      "run_b": {"$ref": "#/$defs/run"},
      "config_diff": {"$ref": "#/$defs/diff"},
      "summary_diff": {"$ref": "#/$defs/diff"},
      "metadata_diff": {
        "type": "object",
        "properties": {
          "run_a": {"$ref": "#/$defs/metadata"},
          "run_b": {"$ref": "#/$defs/metadata"}
        }
      },
      "selection": {
        "type": "object",
        "properties": {
          "source": {"type": "string", "enum": ["all", "explicit"]},
          "config_keys": {"type": "array", "items": {"type": "string"}},
          "summary_keys": {"type": "array", "items": {"type": "string"}},
          "missing_config_keys": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Neither run has them."
          },
          "missing_summary_keys": {
            "type": "array",
            "items": {"type": "string"}
          }
        }
      },
      "history_comparison": {
        "type": "object",
        "properties": {
          "keys": {"type": "array", "items": {"type": "string"}},
          "keys_omitted": {
            "type": "integer",
            "description": "Metrics of both runs that were not compared."
          },
          "x_axis": {"type": "string"},
          "join": {"type": "string"},
          "run_a_rows": {"type": "integer"},
          "run_b_rows": {"type": "integer"},
          "run_a_sample": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Ten rows of the first five metrics."
          },
          "run_b_sample": {"type": "array", "items": {"type": "object"}},
          "metrics": {
            "type": "object",
            "additionalProperties": {
              "type": "object",
              "properties": {
                "run_a": {"$ref": "#/$defs/curve"},
                "run_b": {"$ref": "#/$defs/curve"},
                "last_delta": {"type": "number"},
                "aligned_points": {
                  "type": "integer",
                  "description": "Points that both have at one x value."
                },
                "mean_delta": {
                  "type": "number",
                  "description": "Of the aligned points."
                }
              }
            }
          },
          "error": {
            "type": "string",
            "description": "history_fetch_failed: there are no curves."
          },
          "reason": {"type": "string"},
          "message": {"type": "string"}
        }
      },
      "unreadable": {
        "type": "array",
        "items": {"type": "string"},
        "description": "What is no JSON object and was not compared, like run_a.config."
      },
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "two runs without their curves", .requests = 1},
  .run = run,
};

} // namespace mcp::tools
