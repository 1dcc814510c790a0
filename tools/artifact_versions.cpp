#include "tools/artifact_versions.hpp"

#include "protocol/json/write.hpp"
#include "protocol/near_names.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t most_tags = 20;
constexpr std::size_t longest_tag = 512;
constexpr std::size_t longest_shown = 100;
constexpr std::int64_t day_seconds = 24 * 60 * 60;

std::optional<wandb::timestamp> created(const json::object& artifact) {
  const auto text = text_at(artifact, "createdAt");
  const auto read = wandb::parse_timestamp(text);
  if (!read)
    return std::nullopt;
  return *read;
}

std::optional<wandb::timestamp>
date_argument(const arguments& args, std::string_view name, bool end_of_day) {
  const auto text = args.text_or_null(name);
  if (!text || text->empty())
    return std::nullopt;
  auto read = wandb::parse_timestamp(*text);
  if (!read)
    invalid_input(std::string(name)
                  + ": write a date like 2025-02-01 or 2025-02-01T10:00:00Z.");
  if (end_of_day && text->find_first_of("T ") == text->npos) {
    read->seconds += day_seconds - 1;
    read->micros = 999'999;
  }
  return *read;
}

// What a project has instead, when a type or collection is not there.
constexpr std::string_view hint_document = R"(query ArtifactTypesOf(
  $entity: String!, $project: String!, $collection: String!
) {
  project(name: $project, entityName: $entity) {
    artifactCollection(name: $collection) {
      name
      defaultArtifactType { name }
    }
    artifactTypes(first: 50) { edges { node { name } } }
  }
})";

json::object version_row(const std::string& collection,
                         const alias_names& aliases, const std::string& version,
                         const json::object& artifact) {
  const auto* type = object_at(artifact, {"artifactType"});
  json::object out{
    {"version", nullptr},
    {"name", collection},
    {"aliases", aliases.named},
    {"tags", names_of(artifact.if_contains("tags"))},
    {"state", value_or_null(artifact, "state")},
    {"size", whole_or_null(artifact, "size")},
    {"file_count", whole_or_null(artifact, "fileCount")},
    {"description", value_or_null(artifact, "description")},
    {"created_at", value_or_null(artifact, "createdAt")},
    {"digest", value_or_null(artifact, "digest")},
    {"type", type ? value_or_null(*type, "name") : json::value()}};
  if (!version.empty()) {
    out["version"] = version;
    out["name"] = collection + ":" + version;
  }
  return out;
}

} // namespace

bool version_filter::passes(const json::object& artifact) const {
  if (!tags.empty()) {
    const auto has = names_of(artifact.if_contains("tags"));
    for (const auto& tag : tags)
      if (std::find(has.begin(), has.end(), json::value(tag)) == has.end())
        return false;
  }
  if (!has_dates())
    return true;
  const auto when = created(artifact);
  return when && (!after || *when >= *after) && (!before || *when <= *before);
}

bool version_filter::ends_at(const json::object& artifact,
                             const version_order& order) const {
  if (!order.by_date)
    return false;
  const auto when = created(artifact);
  return when
         && (order.descending ? after && *when < *after
                              : before && *when > *before);
}

std::string version_filter::on_wire() const {
  const json::object committed{{"state", "COMMITTED"}};
  if (tags.empty())
    return write_json(committed);
  json::array all{committed};
  for (const auto& tag : tags) {
    json::object one{{"tag", tag}};
    all.push_back(std::move(one));
  }
  const json::object both{{"$and", std::move(all)}};
  return write_json(both);
}

version_order read_order(const arguments& args) {
  version_order out;
  out.given = args.text_or_null("order").value_or("-created_at");
  std::string_view field = out.given;
  out.descending = field.starts_with('-');
  if (out.descending || field.starts_with('+'))
    field.remove_prefix(1);
  out.by_date = field == "created_at";
  std::string_view wire;
  if (out.by_date)
    wire = "createdAt";
  else if (field == "updated_at")
    wire = "updatedAt";
  else if (field == "version")
    wire = "versionIndex";
  else
    invalid_input("order: use created_at, updated_at or version, with - in "
                  "front for the newest first.");
  out.on_wire = (out.descending ? "-" : "+") + std::string(wire);
  return out;
}

version_filter read_version_filter(const arguments& args) {
  version_filter out;
  out.tags = args.texts("tags");
  if (out.tags.size() > most_tags)
    invalid_input("tags: at most 20.");
  for (const auto& tag : out.tags)
    if (tag.find_first_not_of(" \t\r\n") == tag.npos
        || tag.size() > longest_tag)
      invalid_input("tags: a tag is empty or longer than 512 bytes.");
  out.after = date_argument(args, "created_after", false);
  out.before = date_argument(args, "created_before", true);
  if (out.after && out.before && *out.after > *out.before)
    invalid_input("created_after is later than created_before.");
  return out;
}

json::object scan_report(const collected& found, const page_wish& wish,
                         const version_order& order) {
  return {{"rows_examined", found.examined},
          {"row_cap", wish.filtered ? wish.most_rows : wish.wanted},
          // W&B's own filters see every row, whatever is read of them.
          {"filter_exhaustive", found.whole || !wish.filtered},
          {"order", order.given}};
}

json::object project_version(const json::object& edge,
                             const collection_place& place) {
  const auto& artifact = *object_at(edge, {"node"});
  const auto aliases = aliases_of(array_at(artifact, {"aliases"}), place);
  auto version = version_of(aliases, nullptr, json::object{});
  if (version.empty())
    version = text_at(edge, "version"); // its number in this collection
  if (!is_version_alias(version))
    version = version_of(aliases, nullptr, artifact);
  return version_row(place.name, aliases, version, artifact);
}

json::object registry_version(const json::object& edge,
                              const collection_place& place) {
  const auto& membership = *object_at(edge, {"node"});
  const auto& artifact = *object_at(membership, {"artifact"});
  const auto aliases = aliases_of(array_at(membership, {"aliases"}), place);
  return version_row(place.name, aliases,
                     version_of(aliases, &membership, artifact), artifact);
}

task<void> throw_collection_missing(call_context& context,
                                    collection_place place, std::string type) {
  const query_texts texts{.full = hint_document, .reduced = {}};
  json::object variables{{"entity", place.entity},
                         {"project", place.project},
                         {"collection", place.name}};
  const auto hint = co_await ask_wandb(context, texts, std::move(variables));
  const auto* project = object_at(hint.data, {"project"});
  json::object details;
  std::string message = "There is no collection \""
                        + shorten(place.name, longest_shown) + "\" of type \""
                        + shorten(type, longest_shown) + "\" in \""
                        + shorten(place.entity, longest_shown) + "/"
                        + shorten(place.project, longest_shown) + "\". ";
  const auto* own =
    project ? object_at(*project, {"artifactCollection", "defaultArtifactType"})
            : nullptr;
  if (own)
    message += "One of that name is of type \""
               + shorten(text_at(*own, "name"), longest_shown) + "\".";
  else
    message += "artifact_types holds the types of the project.";
  if (project && !own) {
    std::vector<std::string> types;
    for (const auto& name : names_of(project->if_contains("artifactTypes")))
      if (name.is_string())
        types.emplace_back(name.get_string());
    if (const auto near = near_names(type, types); !near.empty())
      message += " For the type: " + did_you_mean(near);
  }
  if (project)
    details["artifact_types"] = names_of(project->if_contains("artifactTypes"));
  throw tool_error("collection_not_found", message, std::move(details));
}

} // namespace mcp::tools
