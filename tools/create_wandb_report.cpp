// create_wandb_report_tool: writes a report into a project. One request looks
// the project up, one saves the report.
#include "protocol/wandb/markdown_blocks.hpp"
#include "protocol/wandb/markdown_inline.hpp"
#include "protocol/wandb/report_blocks.hpp"
#include "protocol/wandb/report_link.hpp"
#include "tools/all.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/models_run.hpp"
#include "tools/report_layout.hpp"
#include "tools/report_plots.hpp"
#include "tools/report_write.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t longest_title = 128; // characters; W&B's limit
constexpr std::size_t largest_markdown = 1u << 20;
constexpr std::size_t largest_spec = 4u << 20;
constexpr std::size_t name_length = 12;

constexpr std::string_view notice =
  "*This report was written by an AI assistant through the W&B MCP server.*";

struct request {
  std::string entity;
  std::string project;
  std::string title;
  std::string description;
  std::string markdown;
  json::value plots;
  json::array panels;
};

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

request read_request(const arguments& args) {
  request out{.entity = required_text(args, "entity_name"),
              .project = required_text(args, "project_name"),
              .title = required_text(args, "title"),
              .description = args.text_or_null("description").value_or(""),
              .markdown =
                args.text_or_null("markdown_report_text").value_or(""),
              .plots = value_or_null(args.all(), "plots_html"),
              .panels = {}};
  if (characters(out.title) > longest_title)
    invalid_input("title: at most 128 characters.");
  if (out.markdown.size() > largest_markdown)
    invalid_input("markdown_report_text: at most 1 MiB. Put long tables into a "
                  "run with log_analysis_to_wandb.");
  if (const auto* panels = args.array("panels"))
    out.panels = *panels;
  return out;
}

void append(json::array& to, json::array&& more) {
  for (auto& item : more)
    to.push_back(std::move(item));
}

json::array all_blocks(const request& r, report_plots& plots,
                       report_layout& layout) {
  auto body = wandb::markdown_blocks(r.markdown);
  append(body, std::move(plots.blocks));
  if (!layout.blocks.empty() && !layout.ordered)
    body.push_back(wandb::heading_block(2, wandb::markdown_line("Charts")));
  append(body, std::move(layout.blocks));
  if (body.empty())
    body.push_back(wandb::paragraph_block("This report has no content yet."));
  json::array out;
  out.push_back(wandb::markdown_block(notice));
  append(out, std::move(body));
  return out;
}

/// Saves it and gives W&B's id of it.
task<std::string> save(call_context& context, const request& r,
                       std::string spec) {
  static constexpr std::string_view document =
    R"(mutation UpsertView($entity: String!, $project: String!, $name: String!, $displayName: String!, $description: String, $type: String!, $spec: String!) {
  upsertView(input: {entityName: $entity, projectName: $project, name: $name, displayName: $displayName, description: $description, type: $type, createdUsing: WANDB_SDK, spec: $spec}) {
    inserted
    view { id }
  }
})";
  json::object variables{{"entity", r.entity},
                         {"project", r.project},
                         {"name", random_name(name_length)},
                         {"displayName", r.title},
                         {"description", r.description},
                         {"type", "runs"},
                         {"spec", std::move(spec)}};
  std::optional<failure> refusal;
  try {
    const auto data =
      co_await write_graphql(context, document, std::move(variables));
    if (const auto* view = object_at(data, {"upsertView", "view"}))
      if (auto id = text_at(*view, "id"); !id.empty())
        co_return id;
    refusal = failure{.code = errc::outcome_unknown,
                      .message = "W&B did not say where the report is."};
  } catch (const failure_exception& e) {
    refusal = e.reason;
  }
  throw_write_failure(
    *refusal, "report_creation_failed",
    "Error creating report: ", {{"project", r.entity + "/" + r.project}});
}

/// For clients that show the text alone, it names what is missing as well.
std::string text_of(const std::string& url, const json::object& answer) {
  std::string out = "The report was saved here: " + url;
  const auto skipped = answer.at("panels_skipped").as_array().size()
                       + answer.at("plots_skipped").as_array().size();
  if (skipped > 0)
    out += "\nNot in it (" + std::to_string(skipped) + "):";
  for (const auto* list : {"panels_skipped", "plots_skipped"})
    for (const auto& value : answer.at(list).as_array()) {
      const auto& item = value.get_object();
      const auto* index = item.if_contains("index");
      out += index
               ? "\n- panel " + std::to_string(index->to_number<std::int64_t>())
               : "\n- plot " + text_at(item, "label");
      if (const auto type = text_at(item, "type"); !type.empty())
        out += " (" + type + ")";
      out += ": " + text_at(item, "reason");
    }
  return out;
}

task<tool_result> run(call_context& context, arguments args) {
  const auto r = read_request(args);
  const auto place = co_await find_project(context, r.entity, r.project);

  const wandb::run_set all_runs{.entity = place.entity,
                                .project = place.project,
                                .project_id = place.internal_id};
  const wandb::id_source new_id = [] { return random_name(name_length); };
  auto layout = read_layout(r.panels, all_runs, new_id);
  auto plots = read_plots(r.plots);
  auto blocks = all_blocks(r, plots, layout);
  const auto count = blocks.size();
  auto spec = wandb::report_spec(std::move(blocks));
  if (spec.size() > largest_spec)
    throw tool_error("report_too_large",
                     "The report would be larger than 4 MiB; nothing was "
                     "saved. Leave out pictures or shorten the text.");
  context.progress(1, 2, "saving the report");
  const auto id = co_await save(context, r, std::move(spec));

  const auto url = wandb::report_link(context.limits().app_url, r.entity,
                                      r.project, r.title, id);
  json::value answer =
    json::object{{"url", url},
                 {"report_id", id},
                 {"blocks", count},
                 {"panels_rendered", layout.rendered},
                 {"panels_skipped", std::move(layout.skipped)},
                 {"plots_skipped", std::move(plots.skipped)}};
  const auto budget = response_budget(context.limits());
  auto text = text_of(url, answer.get_object());
  if (token_size(answer) > budget || token_size(std::string_view(text)) > budget) {
    answer.get_object()["truncated"] = true;
    answer.get_object()["truncation_note"] =
      "The report is saved whole; only this list of what was skipped is cut.";
    shrink(answer, budget);
    text = shorten_to(text, budget);
  }
  co_return tool_result{.structured = std::move(answer.get_object()),
                        .text = std::move(text),
                        .notes = std::move(layout.notes)};
}

} // namespace

extern const tool create_wandb_report{
  .name = "create_wandb_report_tool",
  .title = "Create a W&B report",
  .set = toolset::reports,
  .description =
    "Saves a W&B report (Markdown, native charts, SVG pictures) into the "
    "user's project and gives its link. Each call makes a new report.\n"
    "When to use: only when the user asks to create, save or share a report. "
    "Analyse first: metric names come from probe_project_tool or "
    "get_run_history_tool. To chart numbers you computed, call "
    "log_analysis_to_wandb first and pass its run_id as analysis_run_id. "
    "Answering a question needs no report.\n"
    "Always show the user the returned link, and say what panels_skipped "
    "lists. After outcome_unknown, look in W&B before calling again.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name", "title"],
    "properties": {
      "entity_name": {"type": "string", "minLength": 1, "description": "W&B team or user."},
      "project_name": {"type": "string", "minLength": 1, "description": "An existing project."},
      "title": {"type": "string", "minLength": 1, "maxLength": 128, "description": "Title of the report."},
      "description": {"type": "string", "description": "Subtitle."},
      "markdown_report_text": {"type": "string", "default": "",
        "description": "The body: GitHub Markdown with tables, # to ### headings, fenced code, and a line [TOC] for a table of contents. Findings and tables go here, curves into panels."},
      "plots_html": {"type": "object",
        "description": "Pictures by caption: SVG text (without scripts or outside links) or data:image URLs. HTML is not shown. {\"Loss by depth\": \"<svg xmlns=...>...</svg>\"}"},
      "panels": {"type": "array", "maxItems": 50, "items": {"type": "object"},
        "description": "Charts over the project's runs, by `type`:\n- line: y (metrics over steps), x (default _step)\n- bar: metrics (summary values, a bar per run)\n- scatter: x, y (summary metrics, or config:lr)\n- run_comparison: metrics, run_ids (curves of some runs)\n- markdown_table: headers, rows\n- markdown_panel: markdown\n- custom_chart: query {summaryTable|historyTable: {tableKey}}, chart_name (Vega id, wandb/line/v0), chart_fields {field: column}, chart_strings\n- custom_chart_table: table_name, chart_fields\nLayout: heading (text, level 1-3), markdown (text), panel_grid (panels sharing its runs); with any of these, all are placed in the order given.\nAll take title. Charts and grids take runs by filters, else analysis_run_id, else run_ids (list); default all runs. filters: Config(\"lr\") > 0.1 and State == \"finished\" and SummaryMetric(\"loss\") < 1. Also hide_run_sets, runset_query.\nExample: [{\"type\": \"heading\", \"text\": \"Training\"}, {\"type\": \"line\", \"title\": \"Loss\", \"y\": [\"loss\", \"val_loss\"], \"run_ids\": [\"abc12345\"]}]"}
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["url", "report_id", "blocks", "panels_rendered", "panels_skipped", "plots_skipped"],
    "properties": {
      "url": {"type": "string", "description": "The report in the W&B app: show it to the user."},
      "report_id": {"type": "string"},
      "blocks": {"type": "integer", "description": "Blocks of the report, the notice that it was generated counted."},
      "panels_rendered": {"type": "integer"},
      "panels_skipped": {"type": "array", "description": "Panels that are not in the report.",
        "items": {"type": "object", "required": ["index", "reason"], "properties": {
          "index": {"type": "integer", "description": "Place in `panels`, from 0."},
          "panel": {"type": "integer", "description": "Place in the grid's own panels, from 0."},
          "type": {"type": "string"},
          "reason": {"type": "string"}}}},
      "plots_skipped": {"type": "array", "description": "Pictures that are not in the report.",
        "items": {"type": "object", "required": ["label", "reason"], "properties": {
          "label": {"type": "string"}, "reason": {"type": "string"}}}},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .hints = {.read_only = false, .destructive = false, .idempotent = false},
  .budget = std::chrono::seconds(60),
  .cost = {.job = "a report with text and charts", .requests = 2},
  .run = run,
};

} // namespace mcp::tools
