// get_run_history_tool: the rows of one run's history, thinned to a number that
// a model can read. One request says what run it is, one fetches the rows.
#include "tools/all.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_history.hpp"
#include "tools/models_history_answer.hpp"

#include <algorithm>
#include <map>

namespace mcp::tools {
namespace {

constexpr std::int64_t most_samples = 2000;
constexpr std::size_t most_keys = 100;
constexpr std::int64_t most_step = 9'000'000'000'000'000; // exact as a double
constexpr std::size_t shown_metrics = 50;

struct request {
  history_wish wish;
  std::vector<std::string> asked_keys; // as given, without repeats
  bool system = false;
  std::optional<double> target;
  double tolerance = 0;
};

std::vector<std::string> keys_of(const arguments& args) {
  std::vector<std::string> out;
  const auto* keys = args.array("keys");
  if (!keys)
    return out;
  for (const auto& item : *keys) {
    std::string key(item.as_string());
    if (key.find_first_not_of(" \t") == key.npos)
      invalid_input("keys: a metric name is empty.");
    if (std::find(out.begin(), out.end(), key) == out.end())
      out.push_back(std::move(key));
  }
  if (out.size() > most_keys)
    invalid_input("keys: at most 100 metrics at a time.");
  return out;
}

request read_request(const arguments& args) {
  request out;
  auto& wish = out.wish;
  wish.run = run_path_of(args);
  out.asked_keys = keys_of(args);
  wish.samples =
    std::clamp<std::int64_t>(args.integer("samples"), 1, most_samples);
  wish.min_step = args.integer_or_null("min_step");
  wish.max_step = args.integer_or_null("max_step");
  for (const auto& bound : {wish.min_step, wish.max_step})
    if (bound && (*bound < 0 || *bound > most_step))
      invalid_input("min_step and max_step must be from 0 to 9e15.");
  if (wish.min_step && wish.max_step && *wish.min_step > *wish.max_step)
    invalid_input("min_step is greater than max_step.");
  wish.members.x_axis = args.text_or_null("x_axis").value_or("_step");
  if (wish.members.x_axis.find_first_not_of(" \t") == std::string::npos)
    invalid_input("x_axis: the name is empty.");
  for (const auto& key : out.asked_keys)
    if (key != "_step" && key != wish.members.x_axis)
      wish.members.keys.push_back(key);
  // Only the axis was asked for: it is the series then.
  if (wish.members.keys.empty() && !out.asked_keys.empty())
    wish.members.keys = {wish.members.x_axis};

  out.target = args.number_or_null("target_x");
  const auto tolerance = args.number_or_null("tolerance");
  out.system = args.text_or_null("stream").value_or("default") == "system";
  if (tolerance && !out.target)
    invalid_input("tolerance needs target_x.");
  if (tolerance && *tolerance < 0)
    invalid_input("tolerance must not be negative.");
  out.tolerance = tolerance.value_or(0);
  if (out.target && (wish.min_step || wish.max_step))
    invalid_input("target_x can not be combined with min_step or max_step.");
  if (out.system && (out.target || wish.min_step || wish.max_step))
    invalid_input(
      "The system stream has no steps: leave out min_step, max_step and "
      "target_x.");
  return out;
}

/// The metrics asked for that the run never logged; empty when W&B does not
/// know.
std::vector<std::string> missing_of(const request& r, const run_header& run) {
  std::vector<std::string> out;
  if (!run.metrics || r.system)
    return out;
  for (const auto& key : r.asked_keys)
    if (!key.starts_with('_') && !run.metrics->contains(key))
      out.push_back(key);
  return out;
}

void keep_range(std::vector<wandb::history_row>& rows,
                const history_wish& wish) {
  std::erase_if(rows, [&wish](const auto& row) {
    const auto step = wandb::step_of(row);
    return (wish.min_step && (!step || *step < *wish.min_step))
           || (wish.max_step && (!step || *step > *wish.max_step));
  });
}

/// The part of the range that a window request left unread: a server that takes
/// `samples` for a page size stops early, at rows as dense as they are logged.
std::optional<std::int64_t>
unread_from(const std::vector<wandb::history_row>& rows, std::int64_t samples,
            std::int64_t upper) {
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

task<history_rows> fetch_rows(call_context& context, const request& r,
                              const run_header& run, bool all_missing) {
  const auto& wish = r.wish;
  const bool bounded = wish.min_step || wish.max_step;
  history_rows out;
  if (r.system) {
    out.rows = co_await fetch_events(context, wish);
    co_return out;
  }
  const auto from = wish.min_step.value_or(0);
  if (run.last_step && from > *run.last_step && *run.last_step >= 0)
    co_return out; // the range begins behind the end
  const bool by_keys = !wish.members.keys.empty();
  if (by_keys)
    out.rows = co_await fetch_series(context, wish);
  else
    out.rows = co_await fetch_window(context, wish);

  auto rest = wish;
  if (!run.last_step || *run.last_step < 0) {
    // Nothing is known of the run's length, so the empty answer may be an
    // index that is not there yet: all rows are asked for and filtered here.
    if (out.rows.empty() && (bounded || by_keys)) {
      rest.min_step = rest.max_step = std::nullopt;
      rest.samples = most_samples;
      out.rows = co_await fetch_window(context, rest);
      keep_range(out.rows, wish);
    }
    co_return out;
  }
  const auto upper =
    std::min(wish.max_step.value_or(*run.last_step), *run.last_step);
  rest.min_step = from;
  rest.max_step = upper;
  if (by_keys && out.rows.empty() && !all_missing && *run.last_step > 0) {
    // Sampling knows nothing of these metrics, though they were logged.
    co_return co_await scan_windows(context, rest);
  }
  if (!by_keys && bounded && wish.members.x_axis == "_step")
    if (const auto next = unread_from(out.rows, wish.samples, upper)) {
      rest.min_step = *next;
      auto more = co_await scan_windows(context, rest);
      std::move(more.rows.begin(), more.rows.end(),
                std::back_inserter(out.rows));
      out.partial = more.partial;
    }
  co_return out;
}

task<std::vector<wandb::history_row>>
fetch_point(call_context& context, const request& r, json::object& answer) {
  auto found = co_await find_point(context, r.wish, *r.target, r.tolerance);
  if (found.rows.empty()) {
    json::object details{{"run_id", r.wish.run.run},
                         {"x_axis", r.wish.members.x_axis},
                         {"target_x", *r.target},
                         {"tolerance", r.tolerance},
                         {"rows_scanned", found.rows_looked_at}};
    if (found.nearest)
      details.emplace("nearest_x", *found.nearest);
    throw tool_error("target_not_logged",
                     "No row was logged at that value of the x axis. Set "
                     "tolerance to accept a near one.",
                     std::move(details));
  }
  answer["exact"] = *found.nearest == *r.target;
  co_return std::move(found.rows);
}

using counts_by_key = std::map<std::string, std::size_t, std::less<>>;

/// Counts per metric, taken before rows are thinned.
struct tally {
  counts_by_key rows;
  counts_by_key non_finite;
};

tally count_keys(const std::vector<wandb::history_row>& rows) {
  tally out;
  const auto add = [](auto& counts, std::string_view key) {
    const auto found = counts.find(key);
    if (found != counts.end())
      ++found->second;
    else
      counts.emplace(std::string(key), 1);
  };
  for (const auto& row : rows)
    for (const auto& member : row) {
      if (member.key() == "_step")
        continue;
      add(out.rows, member.key());
      const auto* text = member.value().if_string();
      if (text && (*text == "nan" || *text == "inf" || *text == "-inf"))
        add(out.non_finite, member.key());
    }
  return out;
}

json::object counts_json(const counts_by_key& counts, std::string_view x_axis) {
  json::object out;
  for (const auto& [key, count] : counts)
    if (!wandb::is_row_place(key, x_axis))
      out.emplace(key, count);
  return out;
}

void add_missing(json::object& answer, const std::vector<std::string>& missing,
                 const run_header& run) {
  if (missing.empty())
    return;
  answer["missing_keys"] = json::value_from(missing);
  json::array known;
  for (const auto& name : *run.metrics)
    if (!name.starts_with('_') && known.size() < shown_metrics)
      known.emplace_back(name);
  answer["available_keys"] = std::move(known);
}

task<tool_result> run(call_context& context, arguments args) {
  const auto r = read_request(args);
  const auto& wish = r.wish;
  const auto& axis = wish.members.x_axis;
  const auto header = co_await read_run_header(context, wish.run);
  const auto missing = missing_of(r, header);

  json::object answer{{"run_id", wish.run.run},
                      {"run_name", header.display_name},
                      {"state", header.state},
                      {"total_steps", header.last_step.value_or(-1)},
                      {"last_step", nullptr}};
  if (header.last_step)
    answer["last_step"] = *header.last_step;
  if (axis != "_step")
    answer["x_axis"] = axis;
  if (r.system)
    answer["stream"] = "system";

  std::vector<wandb::history_row> rows;
  if (r.target) {
    rows = co_await fetch_point(context, r, answer);
  } else {
    const bool all_missing =
      !missing.empty() && missing.size() == r.asked_keys.size();
    auto fetched = co_await fetch_rows(context, r, header, all_missing);
    rows = std::move(fetched.rows);
    if (fetched.partial)
      answer["partial"] = true; // some of the range was not read
  }

  const auto counts = count_keys(rows);
  json::array names;
  for (const auto& [name, count] : counts.rows)
    names.emplace_back(name);
  answer["keys_returned"] = std::move(names);
  if (!r.asked_keys.empty())
    answer["key_row_counts"] = counts_json(counts.rows, axis);
  if (!counts.non_finite.empty() && counts.non_finite.size() <= most_keys)
    answer["non_finite_counts"] = counts_json(counts.non_finite, axis);
  add_missing(answer, missing, header);
  const auto samples = static_cast<std::size_t>(wish.samples);
  if (rows.size() > samples)
    rows = wandb::thin_rows(std::move(rows), samples, axis);
  add_rows(answer, std::move(rows), axis, response_budget(context.limits()));
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
    "When to use: for curves, trends, the value at a step. For final "
    "values "
    "use summaryMetrics with query_wandb_tool; it also finds the run ID. "
    "Not for traces.\n"
    "Pass keys when the run logs many metrics; samples of 50 is enough for "
    "a "
    "look. Each metric is sampled by itself, so a row holds those logged "
    "at "
    "its step. NaN and infinities are the texts \"nan\", \"inf\", "
    "\"-inf\".",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name", "run_id"],
    "properties": {
      "entity_name": {"type": "string", "description": "User or team."},
      "project_name": {"type": "string"},
      "run_id": {
        "type": "string",
        "description": "The short ID in the URL, not the display name."
      },
      "keys": {
        "type": ["array", "null"],
        "items": {"type": "string", "maxLength": 1024},
        "maxItems": 100,
        "default": null,
        "description": "Metrics; null for all."
      },
      "samples": {
        "type": "integer",
        "default": 500,
        "description": "Most rows; taken as 1 to 2000."
      },
      "min_step": {"type": ["integer", "null"], "minimum": 0, "default": null},
      "max_step": {
        "type": ["integer", "null"],
        "minimum": 0,
        "default": null,
        "description": "Included."
      },
      "x_axis": {
        "type": "string",
        "default": "_step",
        "description": "Metric to sort by, like epoch."
      },
      "target_x": {
        "type": ["number", "null"],
        "default": null,
        "description": "Only rows where x_axis has this value."
      },
      "tolerance": {
        "type": ["number", "null"],
        "minimum": 0,
        "default": null,
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
                 "sampled_points", "keys_returned"],
    "properties": {
      "rows": {"type": "array", "items": {"type": "object"}},
      "run_id": {"type": "string"},
      "run_name": {"type": "string"},
      "state": {"type": "string"},
      "total_steps": {"type": "integer"},
      "last_step": {"type": ["integer", "null"]},
      "step_range": {"type": ["array", "null"], "items": {"type": "integer"}},
      "sampled_points": {"type": "integer"},
      "keys_returned": {"type": "array", "items": {"type": "string"}},
      "keys_omitted": {"type": "integer"},
      "key_row_counts": {"type": "object"},
      "missing_keys": {"type": "array", "items": {"type": "string"}},
      "available_keys": {"type": "array", "items": {"type": "string"}},
      "non_finite_counts": {"type": "object"},
      "x_axis": {"type": "string"},
      "stream": {"type": "string"},
      "exact": {"type": "boolean"},
      "partial": {"type": "boolean"},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "the loss curve of one run", .requests = 2},
  .run = run,
};

} // namespace mcp::tools
