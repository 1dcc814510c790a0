#include "tools/missing_run.hpp"

#include "protocol/json/write.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

#include <chrono>

namespace mcp::tools {
namespace {

constexpr std::string_view document =
  R"(query RunsOfThatName($entity: String!, $project: String!, $filters: JSONString) {
  project(name: $project, entityName: $entity) {
    runs(first: 3, filters: $filters, order: "-created_at") {
      edges { node { name displayName state createdAt } }
    }
  }
})";

} // namespace

task<tool_error> explain_missing_run(call_context& context, tool_error error) {
  const auto entity = text_at(error.details, "entity_name");
  const auto project = text_at(error.details, "project_name");
  const auto given = text_at(error.details, "run_id");
  if (entity.empty() || project.empty() || given.empty()
      || context.time_left() < std::chrono::seconds(2))
    co_return error;
  json::array found;
  try {
    json::object variables{
      {"entity", entity},
      {"project", project},
      {"filters", write_json(json::object{{"displayName", given}})}};
    const auto data = co_await context.graphql(document, std::move(variables));
    if (const auto* edges = array_at(data, {"project", "runs", "edges"}))
      for (const auto& edge : *edges) {
        const auto* node =
          edge.is_object() ? object_at(edge.get_object(), {"node"}) : nullptr;
        // A server that does not know the filter gives whatever it has.
        if (!node || text_at(*node, "displayName") != given)
          continue;
        json::object run{{"run_id", text_at(*node, "name")},
                         {"state", text_at(*node, "state")},
                         {"created_at", text_at(*node, "createdAt")}};
        found.push_back(std::move(run));
      }
  } catch (const failure_exception&) {
    co_return error; // that there is no such run is true all the same
  }
  if (found.empty())
    co_return error;
  std::string ids;
  for (const auto& run : found)
    (ids += ids.empty() ? "" : ", ") += text_at(run.get_object(), "run_id");
  auto details = std::move(error.details);
  details["did_you_mean"] = std::move(found);
  co_return tool_error(error.code,
                       "\"" + shorten(given, 100)
                         + "\" is a display name and no run ID. Runs of that "
                           "name, the newest first: "
                         + ids + ".",
                       std::move(details));
}

} // namespace mcp::tools
