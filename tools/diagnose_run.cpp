// diagnose_run_tool: how one run's training went. One request says what was
// logged, one samples the series, and a long run's main ones are read in full.
#include "tools/all.hpp"
#include "tools/first_look.hpp"
#include "tools/models_axis.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_config.hpp"
#include "tools/models_diagnosis.hpp"
#include "tools/models_evidence.hpp"
#include "tools/models_fit.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t most_keys = 24;
constexpr std::size_t shown_keys = 30;
constexpr std::int64_t least_samples = 20;
constexpr std::int64_t most_samples = 2000;

std::optional<std::string> name_in(const arguments& args,
                                   std::string_view name) {
  auto out = args.text_or_null(name);
  if (out && out->find_first_not_of(" \t") == out->npos)
    invalid_input(std::string(name) + ": the name is empty.");
  return out;
}

diagnosis_request read_request(const arguments& args) {
  diagnosis_request out;
  out.path = run_path_of(args);
  out.given = {.loss = name_in(args, "loss_key"),
               .validation = name_in(args, "val_loss_key")};
  if (out.given.loss && out.given.loss == out.given.validation)
    invalid_input("loss_key and val_loss_key are the same metric.");
  out.config_keys = distinct_texts(args, "config_keys", 100);
  out.summary_keys = distinct_texts(args, "summary_keys", most_keys);
  out.samples = std::clamp<std::int64_t>(args.integer("samples"), least_samples,
                                         most_samples);
  out.x_axis = x_axis_of(args);
  return out;
}

json::object no_history(const diagnosis_request& r, const subject& s) {
  return {{"diagnosis", "no_history"},
          {"message", "The run has logged no history yet; there is nothing to "
                      "judge. Its state and summary are all there is."},
          {"run_id", r.path.run},
          {"run_name", s.header.display_name},
          {"run_state", s.header.state}};
}

/// The given keys that no row holds.
json::array unobserved_of(const diagnosis_request& r, const evidence& e) {
  json::array out;
  const auto check = [&](const std::string& key) {
    const auto found = e.input.series.find(key);
    if (found == e.input.series.end() || found->second.logged == 0)
      out.emplace_back(key);
  };
  for (const auto& key : {r.given.loss, r.given.validation})
    if (key)
      check(*key);
  for (const auto& key : r.summary_keys)
    check(key);
  return out;
}

json::object picked(const json::object& from,
                    const std::vector<std::string>& keys) {
  json::object out;
  for (const auto& key : keys)
    if (const auto* found = find_dotted(from, key))
      out.emplace(key, *found);
  return out;
}

json::object coverage_of(const evidence& e, const diagnosis_request& r) {
  json::value first = nullptr, last = nullptr;
  for (const auto& row : e.rows)
    if (const auto x = wandb::number_in(row, r.x_axis)) {
      if (first.is_null())
        first = row.at(r.x_axis);
      last = row.at(r.x_axis);
    }
  return {{"x_axis", r.x_axis},
          {"first_x", std::move(first)},
          {"last_x", std::move(last)},
          {"samples_per_metric", r.samples}};
}

json::value step_range_of(const rows_list& rows) {
  std::optional<std::int64_t> low, high;
  for (const auto& row : rows)
    if (const auto step = wandb::step_of(row)) {
      low = std::min(low.value_or(*step), *step);
      high = std::max(high.value_or(*step), *step);
    }
  if (!low)
    return nullptr;
  return json::array{*low, *high};
}

json::value name_or_null(const std::optional<std::string>& name) {
  return name ? json::value(*name) : json::value(nullptr);
}

json::object answer_of(const diagnosis_request& r, const subject& s,
                       evidence e) {
  // A name that was never logged is no loss, and a model should hear of it.
  auto& keys = e.input.keys;
  auto unobserved = unobserved_of(r, e);
  if (s.indexed && keys.loss && !s.header.metrics->contains(*keys.loss)
      && e.input.series[*keys.loss].logged == 0)
    keys.loss.reset();
  json::object answer{{"run_id", r.path.run},
                      {"run_name", s.header.display_name},
                      {"run_state", s.header.state}};
  for (auto& [name, v] : diagnose(e.input))
    answer.emplace(name, std::move(v));
  auto known = s.metrics.empty() ? e.metrics : s.metrics;
  answer["available_keys_count"] = known.size();
  known.resize(std::min(known.size(), shown_keys));
  answer["available_keys"] = json::value_from(known);
  json::object detected{{"loss", name_or_null(keys.loss)},
                        {"val_loss", name_or_null(keys.validation)}};
  answer["detected_keys"] = std::move(detected);
  if (!unobserved.empty())
    answer["unobserved_keys"] = std::move(unobserved);
  const auto covered = static_cast<std::int64_t>(e.covered);
  answer["total_history_rows"] =
    std::max(s.header.line_count.value_or(0), covered);
  answer["rows_covered"] = covered;
  answer["step_range"] = step_range_of(e.rows);
  answer["coverage"] = coverage_of(e, r);
  json::object selection{{"source", r.summary_keys.empty()
                                      ? s.indexed ? "history_index" : "observed"
                                      : "explicit"},
                         {"config_keys", json::value_from(r.config_keys)},
                         {"summary_keys", json::value_from(r.summary_keys)},
                         {"series", json::value_from(e.metrics)}};
  answer["selection"] = std::move(selection);
  if (!r.config_keys.empty())
    answer["config"] = picked(s.config, r.config_keys);
  if (!r.summary_keys.empty())
    answer["summary"] = picked(s.summary, r.summary_keys);
  if (!s.unreadable.empty())
    answer["unreadable"] = json::value_from(s.unreadable);
  return answer;
}

task<tool_result> run(call_context& context, arguments args) {
  const auto r = read_request(args);
  const auto s = co_await read_subject(context, r);
  check_axis(s.header, r.path, r.x_axis);
  const bool none =
    s.header.line_count == 0 && s.header.last_step.value_or(-1) < 0;
  evidence e;
  if (!none) {
    context.progress(told_of_run, std::nullopt,
                     "Found the run; sampling its metrics");
    e = co_await evidence_by_metric(context, r, s);
  }
  if (!none && e.rows.empty())
    e = co_await evidence_by_row(context, r, s);
  tool_result out;
  if (e.rows.empty()) {
    out.structured = no_history(r, s);
    co_return out;
  }
  out.structured = answer_of(r, s, std::move(e));
  std::vector<cuttable> parts;
  for (const auto* name :
       {"config", "summary", "trends", "nan_warnings", "spikes",
        "available_keys"})
    parts.push_back({name, out.structured.if_contains(name)});
  parts.push_back(
    {"selection.series",
     out.structured.at("selection").get_object().if_contains("series")});
  fit(out.structured, std::move(parts), answer_budget(context.limits(), args),
      "Pass fewer summary_keys and config_keys.");
  co_return out;
}

} // namespace

extern const tool diagnose_run{
  .name = "diagnose_run_tool",
  .title = "Diagnose a run's training",
  .set = toolset::models,
  .description =
    "Judges how one W&B run's training went: training, converged, diverging; "
    "overfitting; NaN and infinite values and single spikes with their steps; "
    "the trend of each main metric, with recommendations. A heuristic, no "
    "proof; all_values tells whether a metric was read in full.\n"
    "When to use: first, when asked whether a run is healthy or what went "
    "wrong. For the numbers use get_run_history_tool, against another run "
    "compare_runs_tool.\n"
    "When detected_keys misses the loss, call again with loss_key, one of "
    "available_keys.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name", "run_id"],
    "properties": {
      "entity_name": {"type": "string", "description": "User or team."},
      "project_name": {"type": "string", "description": "Name of the project."},
      "run_id": {
        "type": "string",
        "description": "The short ID in the URL, not the display name."
      },
      "loss_key": {
        "type": "string",
        "maxLength": 1024,
        "description": "Training loss, like train/loss. Default: detected."
      },
      "val_loss_key": {
        "type": "string",
        "maxLength": 1024,
        "description": "Validation loss. Default: detected."
      },
      "config_keys": {
        "type": "array",
        "items": {"type": "string", "maxLength": 1024},
        "description": "Config to show with the verdict."
      },
      "summary_keys": {
        "type": "array",
        "items": {"type": "string", "maxLength": 1024},
        "maxItems": 24,
        "description": "Metrics to judge besides the losses. Default: the main ones."
      },
      "x_axis": {
        "type": "string",
        "default": "_step",
        "description": "Metric to order by, like epoch."
      },
      "samples": {
        "type": "integer",
        "default": 500,
        "description": "Points per metric, 20 to 2000, of what is too long to read in full."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["diagnosis", "run_id", "run_name", "run_state"],
    "$defs": {
      "at_step": {
        "type": "object",
        "properties": {
          "step": {"type": ["integer", "null"]},
          "value": {"type": ["number", "string"]}
        }
      },
      "all_values": {
        "type": "boolean",
        "description": "False: only samples were looked at."
      }
    },
    "properties": {
      "run_id": {"type": "string"},
      "run_name": {"type": "string", "description": "The display name."},
      "run_state": {"type": "string"},
      "diagnosis": {
        "type": "string",
        "enum": ["training", "improved", "interrupted", "converged",
                 "diverging", "insufficient_data", "no_loss_key", "no_history"],
        "description": "Of the training loss. It falls: training while the run goes on, improved when it has finished, interrupted when it ended otherwise."
      },
      "message": {"type": "string"},
      "loss_stats": {
        "type": ["object", "null"],
        "description": "Null with fewer than ten finite values.",
        "properties": {
          "key": {"type": "string"},
          "first_value": {"type": "number"},
          "last_value": {"type": ["number", "string"]},
          "last_finite_value": {"type": "number"},
          "min_step": {"type": ["integer", "null"]},
          "min_value": {"type": "number"},
          "tail_mean": {
            "type": "number",
            "description": "Of the last tenth."
          },
          "overall_mean": {"type": "number"},
          "trend": {"type": "string"},
          "values_judged": {"type": "integer"},
          "non_finite_left_out": {"type": "integer"},
          "total_steps": {
            "type": "integer",
            "description": "The run's last step; -1 when W&B does not know."
          },
          "ends_non_finite": {"type": "boolean"}
        }
      },
      "overfit_signal": {
        "type": "object",
        "properties": {
          "detected": {"type": "boolean"},
          "reason": {
            "type": "string",
            "enum": ["no_val_loss_key", "insufficient_data", "non_finite"]
          },
          "train_loss_trend": {"type": "string"},
          "val_loss_trend": {"type": "string"},
          "gap_early": {
            "type": ["number", "null"],
            "description": "Mean distance in the first half of the aligned points; null below ten."
          },
          "val_loss_lowest": {"$ref": "#/$defs/at_step"},
          "gap_late": {"type": ["number", "null"]},
          "gap_ratio": {"type": ["number", "null"]},
          "aligned_points": {
            "type": "integer",
            "description": "Rows that hold both losses."
          }
        }
      },
      "nan_warnings": {
        "type": ["object", "null"],
        "additionalProperties": {
          "type": "object",
          "properties": {
            "nan_count": {
              "type": "integer",
              "description": "NaN and infinities."
            },
            "total": {"type": "integer", "description": "Values looked at."},
            "fraction": {"type": "number"},
            "by_value": {"type": "object"},
            "first_step": {"type": ["integer", "null"]},
            "first_value": {"type": "string"},
            "all_values": {"$ref": "#/$defs/all_values"}
          }
        }
      },
      "spikes": {
        "type": "object",
        "description": "Metrics with single values far from those around them.",
        "additionalProperties": {
          "type": "object",
          "properties": {
            "count": {"type": "integer"},
            "first": {"$ref": "#/$defs/at_step"},
            "largest": {"$ref": "#/$defs/at_step"},
            "all_values": {"$ref": "#/$defs/all_values"}
          }
        }
      },
      "trends": {
        "type": "object",
        "additionalProperties": {
          "type": "object",
          "properties": {
            "trend": {
              "type": "string",
              "enum": ["decreasing", "increasing", "plateaued", "non_finite",
                       "insufficient_data"]
            },
            "points": {"type": "integer", "description": "Finite values."},
            "first": {"type": "number"},
            "last": {"type": ["number", "string"]},
            "lowest": {"$ref": "#/$defs/at_step"},
            "highest": {"$ref": "#/$defs/at_step"},
            "all_values": {"$ref": "#/$defs/all_values"}
          }
        }
      },
      "recommendations": {"type": "array", "items": {"type": "string"}},
      "available_keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": "The first 30 metric names."
      },
      "available_keys_count": {"type": "integer"},
      "detected_keys": {
        "type": "object",
        "properties": {
          "loss": {"type": ["string", "null"]},
          "val_loss": {"type": ["string", "null"]}
        }
      },
      "unobserved_keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Given keys that no row holds."
      },
      "total_history_rows": {"type": "integer"},
      "rows_covered": {
        "type": "integer",
        "description": "Rows that were looked at."
      },
      "step_range": {"type": ["array", "null"], "items": {"type": "integer"}},
      "coverage": {
        "type": "object",
        "properties": {
          "x_axis": {"type": "string"},
          "first_x": {"type": ["number", "null"]},
          "last_x": {"type": ["number", "null"]},
          "samples_per_metric": {"type": "integer"}
        }
      },
      "selection": {
        "type": "object",
        "properties": {
          "source": {
            "type": "string",
            "enum": ["history_index", "observed", "explicit"]
          },
          "config_keys": {"type": "array", "items": {"type": "string"}},
          "summary_keys": {"type": "array", "items": {"type": "string"}},
          "series": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The metrics that were judged."
          }
        }
      },
      "config": {"type": "object"},
      "summary": {"type": "object"},
      "unreadable": {
        "type": "array",
        "items": {"type": "string"},
        "description": "What W&B gave that is no JSON object: config, summary."
      },
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "the verdict on one run of 1,000 steps", .requests = 2},
  .tasks = task_support::optional,
  .run = run,
};

} // namespace mcp::tools
