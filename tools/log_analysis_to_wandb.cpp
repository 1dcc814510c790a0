// log_analysis_to_wandb: stores computed numbers as a small finished run, so
// that charts of a report can show them.
#include "protocol/json/write.hpp"
#include "protocol/wandb/filestream.hpp"
#include "protocol/wandb/report_link.hpp"
#include "tools/all.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/report_analysis.hpp"
#include "tools/report_upload.hpp"
#include "tools/report_write.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr int most_names = 3;
constexpr std::size_t name_length = 8;
constexpr std::size_t largest_post = 4u << 20;
// A sparse table is far larger than the rows it is made of.
constexpr std::size_t most_cells = 500'000;
constexpr std::size_t cells_per_value = 4;

json::object place_json(const call_context& context, const run_place& run) {
  return {{"run_id", run.run},
          {"run_url", wandb::run_link(context.limits().app_url, run.entity,
                                      run.project, run.run)}};
}

/// Makes the run and gives where it is.
task<run_place> create_run(call_context& context, const analysis& a,
                           std::string summary) {
  static constexpr std::string_view document =
    R"(mutation UpsertRun($name: String, $entity: String, $project: String, $displayName: String, $notes: String, $tags: [String!], $jobType: String, $config: JSONString, $summaryMetrics: JSONString) {
  upsertBucket(input: {name: $name, entityName: $entity, modelName: $project, displayName: $displayName, notes: $notes, tags: $tags, jobType: $jobType, config: $config, summaryMetrics: $summaryMetrics}) {
    inserted
    bucket { id name }
  }
})";
  run_place run{.entity = a.entity, .project = a.project, .run = {}};
  for (int i = 0; i < most_names; ++i) {
    run.run = random_name(name_length);
    json::array tags{"mcp-generated"};
    json::object variables{
      {"name", run.run},
      {"entity", a.entity},
      {"project", a.project},
      {"displayName", a.name},
      {"notes", "Numbers that an AI assistant computed and stored through the "
                "W&B MCP server."},
      {"tags", std::move(tags)},
      {"jobType", "mcp-analysis"},
      {"config", "{}"},
      {"summaryMetrics", summary}};
    std::optional<failure> why;
    try {
      const auto data =
        co_await write_graphql(context, document, std::move(variables));
      const auto* made = object_at(data, {"upsertBucket"});
      if (!made || !object_at(*made, {"bucket"}))
        why = failure{.code = errc::outcome_unknown,
                      .message = "W&B did not say whether it made the run."};
      else if (value_or_null(*made, "inserted") != json::value(false))
        co_return run;
    } catch (const failure_exception& e) {
      why = e.reason;
    }
    if (why)
      throw_write_failure(*why, "log_failed", "The run could not be created: ",
                          why->code == errc::outcome_unknown
                            ? place_json(context, run)
                            : json::object{});
  }
  throw tool_error("log_failed", "Three random run ids were all taken; try "
                                 "again.");
}

/// The table's file; empty, with the reason in `why_not`, when it could not be
/// stored. The run is useful without it.
task<std::optional<wandb::run_table>>
store_table(call_context& context, const analysis& a, run_place run,
            std::string key, std::string& why_not) {
  std::size_t values = 0;
  for (const auto& row : a.rows)
    values += row.as_object().size();
  const auto cells = a.rows.size() * a.columns.size();
  if (cells > most_cells && cells > cells_per_value * values) {
    why_not = "the rows have too few of the columns to make a table of them";
    co_return std::nullopt;
  }
  auto table = wandb::make_run_table(key, a.rows.size() - 1, a.columns, a.rows);
  auto upload = table;
  table.content.clear();
  try {
    co_await upload_table(context, std::move(run), std::move(upload));
    co_return table;
  } catch (const failure_exception& e) {
    why_not = e.reason.message;
  }
  co_return std::nullopt;
}

/// Sends the posts one after the other; the last one ends the run.
task<bool> stream(call_context& context, run_place run,
                  std::vector<wandb::filestream_post> posts) {
  for (std::size_t i = 0; i < posts.size(); ++i) {
    upstream_request request;
    request.path = wandb::filestream_path(run.entity, run.project, run.run);
    request.body = wandb::filestream_body(posts[i]);
    request.read = false;
    request.at_most = time_for_write(context);
    std::optional<failure> why;
    if (request.at_most <= std::chrono::milliseconds::zero()) {
      why = failure{.code = errc::upstream_timeout,
                    .message = "W&B was too slow to store all of the rows."};
    } else {
      try {
        co_await context.fetch(std::move(request));
      } catch (const failure_exception& e) {
        why = e.reason;
      }
    }
    if (why) {
      auto details = place_json(context, run);
      details.emplace("history_rows_sent", posts[i].offset);
      throw_write_failure(*why, "log_failed",
                          "The run exists, with its summary, but its rows were "
                          "not all stored and it is not finished: ",
                          std::move(details));
    }
  }
  co_return true;
}

json::array names_of(const json::object& object) {
  json::array out;
  for (const auto& member : object)
    out.emplace_back(member.key());
  return out;
}

task<tool_result> run(call_context& context, arguments args) {
  const auto a = read_analysis(args);
  const bool charts = args.array("charts") != nullptr;
  auto summary = summary_of(a);
  co_await find_project(context, a.entity, a.project);
  context.progress(1, 4, "creating the run");
  const auto place = co_await create_run(context, a, write_json(summary));

  context.progress(2, 4, "storing the table");
  const bool taken =
    std::find(a.columns.begin(), a.columns.end(), "rows") != a.columns.end();
  const std::string key = taken ? "rows_table" : "rows";
  std::string why_not;
  const auto table = co_await store_table(context, a, place, key, why_not);

  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
                         context.wall_time().time_since_epoch())
                         .count();
  auto lines = history_of(a, seconds);
  const auto keys = names_of(summary);
  if (table) {
    // The app finds tables in the history, and shows the summary's.
    lines.back().pop_back();
    lines.back() += ",\"" + key + "\":" + write_json(table->reference) + "}";
    summary[key] = table->reference;
  }
  const auto rows = lines.size();
  auto posts = wandb::filestream_posts(std::move(lines), largest_post);
  auto& last = posts.back();
  summary["_step"] = rows - 1;
  summary["_timestamp"] = seconds;
  last.summary = write_json(summary);
  if (table)
    last.uploaded.push_back(table->path);
  last.finished = true;
  context.progress(3, 4, "storing the rows");
  co_await stream(context, place, std::move(posts));

  auto answer = place_json(context, place);
  answer["logged_keys"] = keys;
  answer["table_columns"] = json::value_from(a.columns);
  answer["row_count"] = a.rows.size();
  answer["state"] = "finished";
  answer["history_rows"] = rows;
  answer["table_path"] = nullptr;
  if (table) {
    answer["table_key"] = key;
    answer["table_path"] = table->path;
  } else {
    answer["table_error"] = why_not;
  }
  const auto budget = response_budget(context.limits());
  json::value fitted = std::move(answer);
  if (token_size(fitted) > budget) {
    fitted.get_object()["truncated"] = true;
    fitted.get_object()["truncation_note"] =
      "All was stored; only the lists of names are cut here.";
    shrink(fitted, budget);
  }
  tool_result out{.structured = std::move(fitted.get_object())};
  if (charts)
    out.notes.push_back("charts was not used: draw them with "
                        "create_wandb_report_tool and this run_id as "
                        "analysis_run_id.");
  co_return out;
}

} // namespace

extern const tool log_analysis_to_wandb{
  .name = "log_analysis_to_wandb",
  .title = "Log an analysis as a run",
  .set = toolset::reports,
  .description =
    "Stores numbers you computed as a new finished run in the user's project: "
    "its history (a step per row), a table, and statistics of each numeric "
    "column in its summary.\n"
    "When to use: before create_wandb_report_tool, when a chart shall show "
    "numbers that no run holds; pass its run_id there as analysis_run_id. Only "
    "when the user wants data saved in W&B. A table for reading alone belongs "
    "in the report's markdown.\n"
    "Line charts take a column name, bar charts a key of logged_keys "
    "(latency_mean, or a scalar). After outcome_unknown, look at run_url "
    "before calling again.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name", "analysis_name", "data"],
    "properties": {
      "entity_name": {"type": "string", "minLength": 1, "description": "User or team."},
      "project_name": {"type": "string", "minLength": 1, "description": "An existing project."},
      "analysis_name": {"type": "string", "minLength": 1, "maxLength": 128, "description": "Display name of the run; date it."},
      "data": {"type": "array", "maxItems": 10000, "items": {"type": "object"},
        "description": "Rows, each from column to value; at most 200 columns: [{\"model\": \"a\", \"latency\": 120.5}, ...]"},
      "charts": {"type": "array", "items": {"type": "object"}, "description": "Not used: charts go into create_wandb_report_tool."},
      "scalars": {"type": "object",
        "description": "More summary values, all numbers, such as {\"p95\": 180}."}
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["run_id", "run_url", "logged_keys", "table_columns", "row_count", "state", "history_rows", "table_path"],
    "properties": {
      "run_id": {"type": "string", "description": "Pass it as analysis_run_id to create_wandb_report_tool."},
      "run_url": {"type": "string", "description": "The run in the W&B app."},
      "logged_keys": {"type": "array", "items": {"type": "string"}, "description": "Keys of the run's summary: scalars, _mcp_row_count, _mcp_columns, and COLUMN_mean, _min, _max, _median (of an even count the upper of the two in the middle)."},
      "table_columns": {"type": "array", "items": {"type": "string"}},
      "row_count": {"type": "integer"},
      "state": {"type": "string"},
      "history_rows": {"type": "integer"},
      "table_path": {"type": ["string", "null"], "description": "The table's file in the run."},
      "table_key": {"type": "string", "description": "What the table is logged as."},
      "table_error": {"type": "string", "description": "Why there is no table; history and summary are stored all the same."},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .hints = {.read_only = false, .destructive = false, .idempotent = false},
  .budget = std::chrono::seconds(60),
  .cost = {.job = "a hundred rows, with their table", .requests = 5},
  .run = run,
};

} // namespace mcp::tools
