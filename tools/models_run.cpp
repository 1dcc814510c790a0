#include "tools/models_run.hpp"

#include "protocol/json/lenient.hpp"
#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/models_older.hpp"

#include <algorithm>
#include <array>

namespace mcp::tools {
namespace {

constexpr std::size_t longest_shown = 100;
constexpr std::size_t longest_name = 1024;

std::optional<std::int64_t> integer_in(const json::object& from,
                                       std::string_view name) {
  const auto* found = from.if_contains(name);
  if (!found || !found->is_number())
    return std::nullopt;
  boost::system::error_code error;
  const auto out = found->to_number<std::int64_t>(error);
  if (error)
    return std::nullopt;
  return out;
}

/// A step that can be counted on from; -1 for what is below 0.
std::optional<std::int64_t> step_in(const json::object& from,
                                    std::string_view name) {
  const auto found = integer_in(from, name);
  if (!found || *found > 9'000'000'000'000'000)
    return std::nullopt;
  return std::max<std::int64_t>(*found, -1);
}

void read_keys(const json::object& keys, run_header& out) {
  out.last_step = step_in(keys, "lastStep");
  if (const auto* names = object_at(keys, {"keys"})) {
    out.metrics.emplace();
    for (const auto& [name, about] : *names) {
      out.metrics->insert(std::string(name));
      const auto* facts = about.if_object();
      if (!facts)
        continue;
      const auto* grows = facts->if_contains("monotonic");
      if (grows && grows->is_bool() && grows->get_bool())
        out.growing.insert(std::string(name));
      std::int64_t rows = 0;
      if (const auto* types = array_at(*facts, {"typeCounts"}))
        for (const auto& type : *types)
          if (const auto* one = type.if_object())
            rows += std::max<std::int64_t>(
              integer_in(*one, "count").value_or(0), 0);
      if (rows > 0)
        out.row_counts.emplace(name, rows);
    }
  }
}

/// The step of the newest row: `historyTail` is the JSON text of a list that
/// ends with the JSON text of that row.
std::optional<std::int64_t> tail_step(const json::object& run) {
  const auto text = text_at(run, "historyTail");
  if (text.empty())
    return std::nullopt;
  const auto list = read_lenient(text);
  const auto* rows = list ? list->if_array() : nullptr;
  if (!rows)
    return std::nullopt;
  if (rows->empty())
    return -1;
  const auto& newest = rows->back();
  if (const auto* row = newest.if_object())
    return step_in(*row, "_step");
  if (const auto* inner = newest.if_string())
    if (const auto row = read_lenient(*inner); row && row->is_object())
      return step_in(row->get_object(), "_step");
  return std::nullopt;
}

} // namespace

bool run_header::is_over() const {
  static constexpr std::array<std::string_view, 5> ends{
    "finished", "failed", "crashed", "killed", "preempted"};
  return std::find(ends.begin(), ends.end(), state) != ends.end();
}

std::optional<std::int64_t>
run_header::rows_with(std::string_view metric) const {
  const auto found = row_counts.find(metric);
  if (!is_over() || found == row_counts.end())
    return std::nullopt;
  return found->second;
}

std::string required_text(const arguments& args, std::string_view name) {
  const auto text = args.text(name);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos)
    invalid_input(std::string(name) + ": it is empty.");
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(first, last - first + 1);
}

std::vector<std::string>
distinct_texts(const arguments& args, std::string_view name, std::size_t most) {
  std::vector<std::string> out;
  for (auto& text : args.texts(name)) {
    if (text.find_first_not_of(" \t") == text.npos)
      invalid_input(std::string(name) + ": a name in it is empty.");
    if (text.size() > longest_name)
      invalid_input(std::string(name) + ": a name in it is longer than "
                    + std::to_string(longest_name) + " bytes.");
    if (std::find(out.begin(), out.end(), text) == out.end())
      out.push_back(std::move(text));
  }
  if (out.size() > most)
    invalid_input(std::string(name) + ": at most " + std::to_string(most)
                  + " at a time.");
  return out;
}

std::string x_axis_of(const arguments& args) {
  auto out = args.text_or_null("x_axis").value_or("_step");
  if (out.find_first_not_of(" \t") == out.npos)
    invalid_input("x_axis: the name is empty.");
  return out;
}

run_path run_path_of(const arguments& args) {
  return {.entity = required_text(args, "entity_name"),
          .project = required_text(args, "project_name"),
          .run = required_text(args, "run_id")};
}

void project_not_found(const std::string& entity, const std::string& project) {
  throw tool_error("project_not_found",
                   "There is no project \"" + shorten(project, longest_shown)
                     + "\" of \"" + shorten(entity, longest_shown)
                     + "\" that this user can read. "
                       "query_wandb_entity_projects lists the projects.");
}

void run_not_found(const std::string& run, json::object details) {
  const auto shown = shorten(run, longest_shown);
  const json::object call{
    {"entity_name", text_at(details, "entity_name")},
    {"project_name", text_at(details, "project_name")},
    {"resource", "runs"},
    {"filters", json::object{{"displayName", shown}}}};
  throw tool_error("run_not_found",
                   "There is no run with the ID \"" + shown
                     + "\" in this project. Give the run ID of the URL, not "
                       "the display name; query_wandb_tool finds it with "
                     + write_json(call) + ".",
                   std::move(details));
}

const json::object& run_in(const json::object& data, const run_path& path) {
  const auto* project = object_at(data, {"project"});
  if (!project)
    project_not_found(path.entity, path.project);
  const auto* run = object_at(*project, {"run"});
  if (!run)
    run_not_found(path.run, {{"entity_name", path.entity},
                             {"project_name", path.project},
                             {"run_id", path.run}});
  return *run;
}

run_header header_in(const json::object& run, const run_path& path) {
  run_header out;
  out.display_name = text_at(run, "displayName");
  if (out.display_name.empty())
    out.display_name = path.run;
  out.state = text_at(run, "state");
  out.line_count = integer_in(run, "historyLineCount");
  const auto* keys = run.if_contains("historyKeys");
  if (const auto* object = keys ? keys->if_object() : nullptr) {
    read_keys(*object, out);
  } else if (const auto* text = keys ? keys->if_string() : nullptr) {
    // Older servers send it as JSON text.
    if (const auto parsed = read_lenient(*text); parsed && parsed->is_object())
      read_keys(parsed->get_object(), out);
  }
  // The index of a run that still goes on lags behind its rows.
  if (const auto tail = tail_step(run))
    out.last_step = std::max(out.last_step.value_or(-1), *tail);
  return out;
}

task<run_header> read_run_header(call_context& context, run_path path) {
  static constexpr std::string_view document =
    R"(query RunHeader($entity: String!, $project: String!, $run: String!) {
  project(name: $project, entityName: $entity) {
    run(name: $run) {
      name
      displayName
      state
      historyLineCount
      historyKeys
      historyTail
    }
  }
})";
  static constexpr std::string_view older =
    R"(query RunHeader($entity: String!, $project: String!, $run: String!) {
  project(name: $project, entityName: $entity) {
    run(name: $run) { name displayName state }
  }
})";
  const query_texts texts{document, older};
  const auto data =
    co_await graphql_or_reduced(context, texts, path.variables());
  co_return header_in(run_in(data, path), path);
}

} // namespace mcp::tools
