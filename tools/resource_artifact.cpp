// One version of an artifact.
#include "tools/all.hpp"
#include "tools/completers.hpp"
#include "tools/resource_parts.hpp"
#include "tools/resources.hpp"

namespace mcp::tools {
namespace {

constexpr std::int64_t most_files = 50;

// A name with a slash would be read as a path to something else than the URI
// names.
bool has_slash(const text_values& values) {
  for (const auto& [name, value] : values)
    if (value.find('/') != value.npos)
      return true;
  return false;
}

task<resource_contents> none() {
  co_return resource_contents{};
}

task<resource_contents> read(call_context& context, std::string uri,
                             text_values values) {
  if (has_slash(values))
    return none();
  json::object args{{"artifact_name", values.at("entity") + "/"
                                        + values.at("project") + "/"
                                        + values.at("artifact")},
                    {"include_files", true},
                    {"max_files", most_files}};
  return tool_contents(get_artifact_details, context, std::move(uri),
                       std::move(args));
}

} // namespace

const resource_template artifact_resource{
  .uri_template = "wandb://{entity}/{project}/artifacts/{artifact}",
  .name = "wandb_artifact",
  .title = "W&B artifact version",
  .description =
    "An artifact version, as name:v3 or name:alias: metadata, lineage and its "
    "first 50 files. In a registry the entity is the organization and the "
    "project wandb-registry-NAME.",
  .mime_type = json_type,
  .variables = {{.name = "entity", .complete = complete_entity},
                {.name = "project", .complete = complete_project},
                {.name = "artifact", .complete = complete_artifact}},
  .set = toolset::registry,
  .read = read,
};

} // namespace mcp::tools
