// get_run_history_tool: the rows of one run's history, thinned to a number that
// a model can read. One request says what run it is, one fetches the rows.
#include "tools/all.hpp"
#include "tools/first_look.hpp"
#include "tools/models_axis.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_history.hpp"
#include "tools/models_history_answer.hpp"
#include "tools/models_history_point.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::int64_t most_samples = 5000;
constexpr std::size_t most_keys = 100;
constexpr std::int64_t most_step = 9'000'000'000'000'000; // exact as a double

// The values of "retrieval_method".
constexpr std::string_view by_sample = "sdk_sample";
constexpr std::string_view by_scan = "sdk_bounded_scan";
constexpr std::string_view by_fallback = "sdk_sample_fallback";
constexpr std::string_view by_series = "batched_sampled_history";
constexpr std::string_view by_series_range = "batched_sampled_history_range";
constexpr std::string_view by_step = "sdk_exact_step_scan";
constexpr std::string_view by_narrowing = "sdk_bounded_compatibility_scan";

struct request {
  history_question asked;
  history_wish wish;
  bool system = false;

  bool bounded() const { return wish.min_step || wish.max_step; }
};

request read_request(const arguments& args) {
  request out;
  auto& [asked, wish, system] = out;
  wish.run = run_path_of(args);
  asked.keys = distinct_texts(args, "keys", most_keys);
  asked.requested_samples = args.integer("samples");
  asked.samples =
    std::clamp<std::int64_t>(asked.requested_samples, 1, most_samples);
  wish.samples = asked.samples;
  wish.min_step = asked.min_step = args.integer_or_null("min_step");
  wish.max_step = asked.max_step = args.integer_or_null("max_step");
  for (const auto& bound : {wish.min_step, wish.max_step})
    if (bound && (*bound < 0 || *bound > most_step))
      invalid_input("min_step and max_step must be from 0 to 9e15.");
  if (wish.min_step && wish.max_step && *wish.min_step > *wish.max_step)
    invalid_input("min_step is greater than max_step.");
  wish.members.x_axis = asked.x_axis = x_axis_of(args);
  for (const auto& key : asked.keys)
    if (key != "_step" && key != asked.x_axis)
      wish.members.keys.push_back(key);
  // Only the axis was asked for: it is the series then.
  if (wish.members.keys.empty() && !asked.keys.empty())
    wish.members.keys = {asked.x_axis};

  asked.target = args.number_or_null("target_x");
  const auto tolerance = args.number_or_null("tolerance");
  system = args.text_or_null("stream").value_or("default") == "system";
  if (tolerance && !asked.target)
    invalid_input("tolerance needs target_x.");
  if (tolerance && *tolerance < 0)
    invalid_input("tolerance must not be negative.");
  asked.tolerance = tolerance.value_or(0);
  if (asked.target && out.bounded())
    invalid_input("target_x can not be combined with min_step or max_step.");
  if (system && (asked.target || out.bounded()))
    invalid_input(
      "The system stream has no steps: leave out min_step, max_step and "
      "target_x.");
  return out;
}

/// True when the run is known to have logged none of the keys.
bool all_missing(const request& r, const run_header& run) {
  if (!run.metrics || r.system || r.asked.keys.empty())
    return false;
  return std::all_of(
    r.asked.keys.begin(), r.asked.keys.end(), [&run](const auto& key) {
      return !key.starts_with('_') && !run.metrics->contains(key);
    });
}

void keep_range(rows_list& rows, const history_wish& wish) {
  std::erase_if(rows, [&wish](const auto& row) {
    const auto step = wandb::step_of(row);
    return (wish.min_step && (!step || *step < *wish.min_step))
           || (wish.max_step && (!step || *step > *wish.max_step));
  });
}

/// The part of the range that a window request left unread: a server that takes
/// `samples` for a page size stops early, at rows as dense as they are logged.
std::optional<std::int64_t>
unread_from(const rows_list& rows, std::int64_t samples, std::int64_t upper) {
  if (rows.size() < 2 || static_cast<std::int64_t>(rows.size()) < samples)
    return std::nullopt;
  const auto first = wandb::step_of(rows.front());
  const auto last = wandb::step_of(rows.back());
  if (!first || !last || *last <= *first)
    return std::nullopt;
  const auto gap =
    (*last - *first) / static_cast<std::int64_t>(rows.size() - 1) + 1;
  if (upper - *last <= 4 * gap)
    return std::nullopt;
  return *last + 1;
}

void join(history_rows& out, history_rows more) {
  std::move(more.rows.begin(), more.rows.end(), std::back_inserter(out.rows));
  for (const auto& [name, count] : more.counts) {
    out.counts[name].rows += count.rows;
    out.counts[name].non_finite += count.non_finite;
  }
  out.scanned += more.scanned;
  out.matching += more.matching;
  out.unreadable += more.unreadable;
  out.partial = out.partial || more.partial;
  out.sampled = more.sampled; // the rows before were not: they were a page
}

struct retrieval {
  history_rows found;
  std::string_view method;
};

task<retrieval> fetch_rows(call_context& context, const request& r,
                           const run_header& run) {
  const auto& wish = r.wish;
  const bool by_keys = !wish.members.keys.empty();
  retrieval out;
  if (r.system) {
    out.method = by_sample;
    out.found = co_await fetch_events(context, wish);
    co_return out;
  }
  out.method = by_keys       ? r.bounded() ? by_series_range : by_series
               : r.bounded() ? by_scan
                             : by_sample;
  const auto from = wish.min_step.value_or(0);
  if (run.last_step && from > *run.last_step && *run.last_step >= 0)
    co_return out; // the range begins behind the end
  if (by_keys)
    out.found = co_await fetch_series(context, wish, run);
  else
    out.found = co_await fetch_window(context, wish);

  auto rest = wish;
  rest.told += static_cast<double>(wish.members.keys.size());
  if (!run.last_step || *run.last_step < 0) {
    // Nothing is known of the run's length, so the empty answer may be an
    // index that is not there yet: all rows are asked for and filtered here.
    if (out.found.rows.empty() && (r.bounded() || by_keys)) {
      rest.min_step = rest.max_step = std::nullopt;
      rest.samples = most_samples;
      auto all = co_await fetch_window(context, rest);
      keep_range(all.rows, wish);
      out.method = by_fallback;
      out.found = {.rows = {}, .sampled = all.sampled, .counts = {}};
      out.found.count(all.rows);
      out.found.scanned = all.scanned;
      out.found.unreadable = all.unreadable;
      out.found.matching = all.rows.size();
      out.found.rows = std::move(all.rows);
    }
    co_return out;
  }
  const auto upper =
    std::min(wish.max_step.value_or(*run.last_step), *run.last_step);
  rest.min_step = from;
  rest.max_step = upper;
  if (by_keys && out.found.rows.empty() && !all_missing(r, run)
      && *run.last_step > 0) {
    // Sampling knows nothing of these metrics, though they were logged.
    out.method = by_scan;
    out.found = co_await scan_windows(context, rest);
    co_return out;
  }
  if (!by_keys && r.bounded() && wish.members.x_axis == "_step")
    if (const auto next = unread_from(out.found.rows, wish.samples, upper)) {
      rest.min_step = *next;
      join(out.found, co_await scan_windows(context, rest));
    }
  co_return out;
}

task<retrieval> fetch_point(call_context& context, request& r,
                            const run_header& run, json::object& answer) {
  auto& asked = r.asked;
  retrieval out;
  out.method = asked.x_axis == "_step" ? by_step : by_narrowing;
  auto point =
    co_await find_point(context, r.wish, run, *asked.target, asked.tolerance);
  const std::string_view caveat =
    "Looked up by narrowing samples down: rows of an axis that does not grow "
    "with the steps may be missed.";
  const bool all = !point.found.sampled && !point.found.partial;
  if (point.found.rows.empty()) {
    json::object details{
      {"run_id", r.wish.run.run},       {"x_axis", asked.x_axis},
      {"target_x", *asked.target},      {"tolerance", asked.tolerance},
      {"retrieval_method", out.method}, {"rows_scanned", point.found.scanned}};
    if (point.nearest)
      details.emplace("nearest_x", *point.nearest);
    if (point.reach < asked.tolerance)
      details.emplace("searched_within", point.reach);
    if (out.method == by_narrowing)
      details.emplace("compatibility_caveat", caveat);
    throw tool_error("target_not_logged",
                     "No row was logged at that value of the x axis. Set "
                     "tolerance to accept a near one.",
                     std::move(details));
  }
  asked.target_met = point.exact;
  if (out.method == by_narrowing && !all)
    answer["compatibility_caveat"] = caveat;
  out.found = std::move(point.found);
  co_return out;
}

task<tool_result> run(call_context& context, arguments args) {
  auto r = read_request(args);
  const auto header = co_await read_run_header(context, r.wish.run);
  if (!r.system)
    check_axis(header, r.wish.run, r.asked.x_axis);
  r.wish.told = 1;
  context.progress(r.wish.told, std::nullopt,
                   "Found the run; reading its history");
  json::object answer{
    {"run_id", r.wish.run.run}, {"run_name", header.display_name},
    {"state", header.state},    {"total_steps", header.last_step.value_or(-1)},
    {"last_step", nullptr},     {"stream", r.system ? "system" : "default"}};
  if (header.last_step)
    answer["last_step"] = *header.last_step;
  retrieval got;
  if (r.asked.target)
    got = co_await fetch_point(context, r, header, answer);
  else
    got = co_await fetch_rows(context, r, header);
  answer["retrieval_method"] = got.method;
  if (r.wish.members.keys.size() > 1)
    answer["join"] = "outer"; // a row holds what was logged at its step
  std::optional<std::int64_t> all_rows;
  if (got.method == by_sample && !r.system && header.is_over())
    all_rows = header.line_count;
  add_history(answer, r.asked, std::move(got.found), header, all_rows,
              answer_budget(context.limits(), args));
  tool_result out{.structured = std::move(answer)};
  co_return out;
}

} // namespace

extern const tool get_run_history{
  .name = "get_run_history_tool",
  .title = "Get a run's metric history",
  .set = toolset::models,
  .description =
    "Gives metrics over steps of one W&B run, as rows sampled evenly.\n"
    "When to use: for curves, trends, the value at a step. For final values "
    "use query_wandb_tool with summary_keys; it also finds the run ID. For "
    "two runs use compare_runs_tool. Not for traces.\n"
    "Pass keys when the run logs many metrics; samples of 50 is enough for a "
    "look. Each metric is sampled by itself, so a row holds those logged at "
    "its step. NaN and infinities are the texts \"NaN\", \"Infinity\", "
    "\"-Infinity\"; what a row lacks was not logged there.",
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
      "keys": {
        "type": "array",
        "items": {"type": "string", "maxLength": 1024},
        "maxItems": 100,
        "description": "Metrics. Default: all."
      },
      "samples": {
        "type": "integer",
        "default": 500,
        "description": "Most rows; taken as 1 to 5000."
      },
      "min_step": {
        "type": "integer",
        "minimum": 0,
        "description": "First step."
      },
      "max_step": {
        "type": "integer",
        "minimum": 0,
        "description": "Last step, included."
      },
      "x_axis": {
        "type": "string",
        "default": "_step",
        "description": "Metric to sort by, like epoch."
      },
      "target_x": {
        "type": "number",
        "description": "Only rows where x_axis has this value."
      },
      "tolerance": {
        "type": "number",
        "minimum": 0,
        "description": "With target_x: take the nearest this far away."
      },
      "stream": {
        "type": "string",
        "enum": ["default", "system"],
        "default": "default",
        "description": "system: GPU, CPU and memory."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["rows", "run_id", "run_name", "state", "total_steps",
                 "sampled_points", "keys_returned", "retrieval_method",
                 "matching_rows", "sampled", "exact", "truncated"],
    "properties": {
      "rows": {
        "type": "array",
        "items": {"type": "object"},
        "description": "Ascending by x_axis; a row holds what was logged there."
      },
      "run_id": {"type": "string"},
      "run_name": {"type": "string", "description": "The display name."},
      "state": {"type": "string"},
      "total_steps": {
        "type": "integer",
        "description": "The run's last step, which is no count of rows; -1 when W&B does not know."
      },
      "last_step": {"type": ["integer", "null"]},
      "step_range": {
        "type": ["array", "null"],
        "items": {"type": "integer"},
        "description": "First and last step among the rows."
      },
      "sampled_points": {"type": "integer", "description": "Rows given."},
      "stream": {"type": "string", "enum": ["default", "system"]},
      "x_axis": {"type": "string"},
      "retrieval_method": {
        "type": "string",
        "enum": ["sdk_sample", "sdk_bounded_scan", "sdk_sample_fallback",
                 "batched_sampled_history", "batched_sampled_history_range",
                 "sdk_exact_step_scan", "sdk_bounded_compatibility_scan"]
      },
      "join": {
        "type": "string",
        "description": "outer: rows need not hold every key."
      },
      "requested_keys": {"type": "array", "items": {"type": "string"}},
      "keys_returned": {"type": "array", "items": {"type": "string"}},
      "keys_omitted": {
        "type": "integer",
        "description": "Metrics left out to keep the answer short."
      },
      "keys_omitted_by_limits": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Their names, as far as they fit."
      },
      "key_row_counts": {
        "type": "object",
        "additionalProperties": {
          "type": "object",
          "properties": {
            "observed": {
              "type": "integer",
              "description": "Rows W&B gave with this key."
            },
            "returned": {"type": "integer"}
          }
        }
      },
      "key_counts_exact": {"type": "boolean"},
      "unobserved_keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Asked for and not in what was read."
      },
      "missing_keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Of those, never logged by the run."
      },
      "available_keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": "With missing_keys: names that were logged."
      },
      "non_finite_counts": {
        "type": "object",
        "additionalProperties": {"type": "integer"}
      },
      "requested_samples": {"type": "integer"},
      "effective_samples": {"type": "integer"},
      "profile_limit_note": {"type": "string"},
      "matching_rows": {
        "type": "integer",
        "description": "Rows that fit the question, as far as known."
      },
      "matching_rows_exact": {"type": "boolean"},
      "unreadable_rows": {
        "type": "integer",
        "description": "More rows of W&B's that are no JSON objects."
      },
      "rows_scanned": {
        "type": "integer",
        "description": "Rows W&B gave, before they were joined and thinned."
      },
      "sampled": {
        "type": "boolean",
        "description": "Rows between those given were left out."
      },
      "exact": {
        "type": "boolean",
        "description": "All rows that fit are given; with target_x they have that very value."
      },
      "coverage": {
        "type": "object",
        "properties": {
          "first_x": {"type": ["number", "null"]},
          "last_x": {"type": ["number", "null"]},
          "requested_min_step": {"type": ["integer", "null"]},
          "requested_max_step": {"type": ["integer", "null"]},
          "target_x": {"type": ["number", "null"]},
          "tolerance": {"type": ["number", "null"]}
        }
      },
      "compatibility_caveat": {"type": "string"},
      "partial": {
        "type": "boolean",
        "description": "True when parts of the range were not read."
      },
      "source_truncated": {"type": "boolean", "description": "The same."},
      "source_values_truncated": {
        "type": "boolean",
        "description": "Long texts and nested values were cut."
      },
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "the loss curve of one run", .requests = 2},
  .tasks = task_support::optional,
  .run = run,
};

} // namespace mcp::tools
