#include "tools/models_run.hpp"

#include "protocol/json/parse.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

namespace mcp::tools {
namespace {

constexpr std::size_t longest_shown = 100;

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

std::string required(const arguments& args, std::string_view name) {
  auto text = args.text(name);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos)
    throw tool_error("invalid_input", std::string(name) + ": it is empty.");
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(first, last - first + 1);
}

void read_keys(const json::object& keys, run_header& out) {
  out.last_step = integer_in(keys, "lastStep");
  if (const auto* names = object_at(keys, {"keys"})) {
    out.metrics.emplace();
    for (const auto& member : *names)
      out.metrics->insert(std::string(member.key()));
  }
}

} // namespace

run_path run_path_of(const arguments& args) {
  return {.entity = required(args, "entity_name"),
          .project = required(args, "project_name"),
          .run = required(args, "run_id")};
}

const json::object& run_in(const json::object& data, const run_path& path) {
  const auto* project = object_at(data, {"project"});
  if (!project)
    throw tool_error("project_not_found",
                     "There is no project \""
                       + shorten(path.project, longest_shown) + "\" of \""
                       + shorten(path.entity, longest_shown)
                       + "\" that this user can read. "
                         "query_wandb_entity_projects lists the projects.");
  const auto* run = object_at(*project, {"run"});
  if (!run)
    throw tool_error("run_not_found",
                     "There is no run with the ID \""
                       + shorten(path.run, longest_shown)
                       + "\" in this project. Give the run ID of the URL, not "
                         "the display name; query_wandb_tool finds it with "
                         "runs(filters: \"{\\\"displayName\\\": ...}\").");
  return *run;
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
    }
  }
})";
  const auto data = co_await context.graphql(document, path.variables());
  const auto& run = run_in(data, path);
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
    if (const auto parsed = parse_json(*text); parsed && parsed->is_object())
      read_keys(parsed->get_object(), out);
  }
  co_return out;
}

} // namespace mcp::tools
