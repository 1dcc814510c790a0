// One Weave call with its inputs and output.
#include "protocol/json/write.hpp"
#include "tools/all.hpp"
#include "tools/completers.hpp"
#include "tools/models_json.hpp"
#include "tools/resource_parts.hpp"
#include "tools/resources.hpp"

namespace mcp::tools {
namespace {

// One id, one row: nothing is counted beside it.
json::object question(const text_values& values) {
  json::object filters{{"call_ids", json::array{values.find("call")->second}}};
  return {{"entity_name", values.find("entity")->second},
          {"project_name", values.find("project")->second},
          {"filters", std::move(filters)},
          {"limit", 1},
          {"return_full_data", true}};
}

task<resource_contents> call_text(call_context& context, std::string uri,
                                  text_values values) {
  const auto found =
    co_await tool_answer(query_weave_traces, context, question(values));
  const auto* rows = array_at(found, {"traces"});
  if (!rows || rows->empty())
    co_return resource_contents{};
  json::object answer{{"call", rows->front()}};
  if (const auto* about = object_at(found, {"metadata"})) {
    answer["truncated"] = value_or_null(*about, "truncated");
    if (const auto note = text_at(*about, "truncation_note"); !note.empty())
      answer["truncation_note"] = note;
  }
  co_return one_text(std::move(uri), json_type, write_json(answer));
}

task<resource_contents> read(call_context& context, std::string uri,
                             text_values values) {
  return or_absent(call_text(context, std::move(uri), std::move(values)));
}

} // namespace

const resource_template call_resource{
  .uri_template = "wandb://{entity}/{project}/calls/{call}",
  .name = "weave_call",
  .title = "Weave call",
  .description = "A Weave call by its ID: op, times, status, inputs, output, "
                 "costs and feedback.",
  .mime_type = json_type,
  .variables = {{.name = "entity", .complete = complete_entity},
                {.name = "project", .complete = complete_project},
                {.name = "call", .complete = complete_call}},
  .set = toolset::weave,
  .read = read,
};

} // namespace mcp::tools
