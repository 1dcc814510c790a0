// list_entities_tool: which names the user can use as an entity.
#include "tools/all.hpp"
#include "tools/models_viewer.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

task<tool_result> run(call_context& context, arguments) {
  const auto viewer = co_await read_viewer(context);
  json::array entities;
  std::vector<std::string_view> seen;
  const auto add = [&](const std::string& name, std::string_view type) {
    if (name.empty() || std::find(seen.begin(), seen.end(), name) != seen.end())
      return;
    seen.push_back(name);
    json::object entity{{"name", name}, {"type", type}};
    if (name == viewer.default_entity)
      entity.emplace("default", true);
    entities.push_back(std::move(entity));
  };
  add(viewer.username, "user");
  for (const auto& team : viewer.teams)
    add(team, "team");
  // W&B may name a default entity that the list of teams leaves out.
  add(viewer.default_entity, "team");
  const auto count = entities.size();
  const auto total = viewer.more_teams ? json::value() : json::value(count);
  tool_result out{.structured = {{"entities", std::move(entities)},
                                 {"count", count},
                                 {"returned_count", count},
                                 {"total_count", total},
                                 {"has_more", viewer.more_teams},
                                 {"truncated", viewer.more_teams}}};
  co_return out;
}

} // namespace

extern const tool list_entities{
  .name = "list_entities_tool",
  .title = "List W&B entities",
  .set = toolset::models,
  .description =
    R"(Lists the W&B entities (the user's own name and their teams) that this connection can read.
When to use: first, whenever an entity name is needed and the user has not said one. Use query_wandb_entity_projects next to see an entity's projects.
Gives the user first, then teams; the one W&B uses by default is marked default.)",
  .input_schema = R"({"type":"object","properties":{}})",
  .output_schema = R"({
    "type": "object",
    "required": ["entities", "count"],
    "properties": {
      "entities": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["name", "type"],
          "properties": {
            "name": {"type": "string"},
            "type": {"type": "string", "enum": ["user", "team"]},
            "default": {"type": "boolean"}
          }
        }
      },
      "count": {
        "type": "integer",
        "description": "The same as returned_count."
      },
      "returned_count": {"type": "integer"},
      "total_count": {
        "type": ["integer", "null"],
        "description": "Null when there are more teams than W&B gives at once."
      },
      "has_more": {"type": "boolean"},
      "truncated": {"type": "boolean"}
    }
  })",
  .cost = {.job = "the user's entities", .requests = 1},
  .run = run,
};

} // namespace mcp::tools
