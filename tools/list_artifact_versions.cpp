// list_artifact_versions_tool: the versions of one collection, in a project or
// in a registry. Mostly one request; dates are filtered here, over a bounded
// number of rows.
#include "tools/all.hpp"
#include "tools/artifact_path.hpp"
#include "tools/artifact_versions.hpp"
#include "tools/first_look.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/registry_names.hpp"
#include "tools/registry_organization.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t most_items = 200;
constexpr std::size_t longest_shown = 100;

constexpr std::string_view project_document = R"(query ArtifactVersionsPage(
  $entity: String!, $project: String!, $type: String!, $collection: String!,
  $filters: JSONString, $order: String, $first: Int!, $after: String
) {
  project(name: $project, entityName: $entity) {
    artifactType(name: $type) {
      artifactCollection(name: $collection) {
        artifacts(
          filters: $filters, order: $order, first: $first, after: $after
        ) {
          totalCount
          pageInfo { endCursor hasNextPage }
          edges {
            version
            node {
              versionIndex state description size fileCount digest createdAt
              artifactType { name }
              tags { name }
              aliases(artifactCollectionName: $collection) {
                alias
                artifactCollection {
                  name
                  project { name entity { name } }
                }
              }
            }
          }
        }
      }
    }
  }
})";

constexpr std::string_view registry_document = R"(query RegistryVersionsPage(
  $organization: String!, $registry: String!, $collection: String!,
  $registryFilter: JSONString, $collectionFilter: JSONString, $order: String,
  $first: Int!, $after: String
) {
  organization(name: $organization) {
    name
    orgEntity {
      name
      project(name: $registry) {
        name
        artifactCollection(name: $collection) { name }
      }
      artifactMemberships(
        projectFilters: $registryFilter, collectionFilters: $collectionFilter,
        order: $order, first: $first, after: $after
      ) {
        pageInfo { endCursor hasNextPage }
        edges {
          node {
            versionIndex
            aliases { alias }
            artifact {
              versionIndex state description size fileCount digest createdAt
              artifactType { name }
              tags { name }
            }
          }
        }
      }
    }
  }
})";

struct request {
  version_order order;
  version_filter filter;
  page_wish wish;
  std::size_t budget = 0; // of the answer
};

tool_result finish(const request& r, const collected& found,
                   json::object answer, json::array rows) {
  answer["total_count"] = nullptr;
  if (!r.wish.filtered && found.total)
    answer["total_count"] = *found.total;
  else if (found.whole && !found.more)
    answer["total_count"] = rows.size();
  answer["project_exhaustive"] = found.whole && !found.more;
  answer["scan"] = scan_report(found, r.wish, r.order);
  add_list(answer, "versions", std::move(rows), found.more, r.wish.wanted,
           r.budget);
  if (answer.at("has_more") == true)
    answer["project_exhaustive"] = false;
  return {.structured = std::move(answer)};
}

std::string qualified(const arguments& args) {
  auto name = name_argument(args, "collection_name");
  const auto entity = optional_name(args, "entity_name");
  const auto project = optional_name(args, "project_name");
  if (name.find('/') == name.npos && project)
    name = (entity ? *entity + "/" : std::string()) + *project + "/" + name;
  else if (entity && std::count(name.begin(), name.end(), '/') == 1)
    name = *entity + "/" + name;
  return name;
}

task<tool_result> from_project(call_context& context, arguments args,
                               request r) {
  const auto type = optional_name(args, "type_name");
  if (!type)
    invalid_input("type_name is missing: a project's collection needs the type "
                  "of the artifact, like model or dataset. For a collection in "
                  "a registry give registry_name instead.");
  auto parts = split_path(qualified(args), "collection_name");
  const auto place =
    co_await resolve_place(context, std::move(parts), "collection_name");
  if (place.looked_up)
    context.progress(0, std::nullopt,
                     "Reading the collection of "
                       + shorten(place.entity, longest_shown));

  r.wish.filtered = r.filter.has_dates();
  json::object variables{{"entity", place.entity},
                         {"project", place.project},
                         {"type", *type},
                         {"collection", place.name},
                         {"filters", r.filter.on_wire()},
                         {"order", r.order.on_wire},
                         {"first", r.wish.page_size(0)},
                         {"after", nullptr}};
  const query_texts texts{.full = project_document, .reduced = {}};
  auto first = co_await ask_wandb(context, texts, variables);
  throw_errors(first);
  if (!object_at(first.data, {"project"}))
    throw tool_error("project_not_found",
                     "There is no project \""
                       + shorten(place.entity, longest_shown) + "/"
                       + shorten(place.project, longest_shown)
                       + "\" that this user can read. "
                         "query_wandb_entity_projects lists projects.");
  const std::vector<std::string> path{"project", "artifactType",
                                      "artifactCollection", "artifacts"};
  if (!object_at(first.data, {"project", "artifactType", "artifactCollection"}))
    co_await throw_collection_missing(context, place, *type);

  const auto take = [&r](const json::object& edge) {
    const auto* artifact = object_at(edge, {"node"});
    if (!artifact)
      return verdict::drop;
    if (r.filter.ends_at(*artifact, r.order))
      return verdict::end;
    return r.filter.passes(*artifact) ? verdict::keep : verdict::drop;
  };
  page_source source{
    .first = std::move(first), .variables = std::move(variables), .path = path};
  const auto found =
    co_await collect_pages(context, std::move(source), r.wish, take);
  json::array rows;
  for (const auto& edge : found.edges)
    rows.push_back(project_version(edge, place));
  json::object answer{{"collection", place.text("")}, {"source", "project"}};
  co_return finish(r, found, std::move(answer), std::move(rows));
}

task<tool_result> from_registry(call_context& context, arguments args,
                                request r) {
  const auto registry = optional_name(args, "registry_name");
  if (!registry)
    invalid_input("registry_name is missing: source \"registry\" needs the "
                  "registry that the collection is in.");
  const auto parts =
    split_path(name_argument(args, "collection_name"), "collection_name");
  const auto named = optional_name(args, "organization");
  const auto type = optional_name(args, "type_name");
  const auto full = full_registry_name(*registry);

  // Tags, dates and types of a registry's versions are sorted out here.
  r.wish.filtered = r.filter.has_dates() || !r.filter.tags.empty() || type;
  const json::object by_registry{{"name", full}};
  const json::object by_name{{"name", parts.name}};
  json::object variables{{"registry", full},
                         {"collection", parts.name},
                         {"registryFilter", filter_text(&by_registry)},
                         {"collectionFilter", filter_text(&by_name)},
                         {"order", r.order.on_wire},
                         {"first", r.wish.page_size(0)},
                         {"after", nullptr}};
  const query_texts texts{.full = registry_document, .reduced = {}};
  auto where = co_await ask_organization(context, named, texts, variables);
  const auto* project =
    object_at(where.reply.data, {"organization", "orgEntity", "project"});
  const bool has_registry = project;
  const bool has_collection =
    project && object_at(*project, {"artifactCollection"});
  variables["organization"] = where.name;

  const auto take = [&r, &type](const json::object& edge) {
    const auto* artifact = object_at(edge, {"node", "artifact"});
    if (!artifact || !r.filter.passes(*artifact))
      return verdict::drop;
    const auto* its = object_at(*artifact, {"artifactType"});
    const bool fits = !type || (its && text_at(*its, "name") == *type);
    return fits ? verdict::keep : verdict::drop;
  };
  page_source source{
    .first = std::move(where.reply),
    .variables = std::move(variables),
    .path = {"organization", "orgEntity", "artifactMemberships"}};
  const auto found =
    co_await collect_pages(context, std::move(source), r.wish, take);
  if (found.edges.empty() && !has_registry)
    throw tool_error("registry_not_found",
                     "The organization \"" + shorten(where.name, longest_shown)
                       + "\" has no registry \""
                       + shorten(*registry, longest_shown)
                       + "\" that this user can read. list_registries_tool "
                         "shows those that there are.");
  if (found.edges.empty() && !has_collection)
    throw tool_error("collection_not_found",
                     "The registry has no collection \""
                       + shorten(parts.name, longest_shown)
                       + "\". list_registry_collections_tool shows those that "
                         "there are.");

  const collection_place place{
    .entity = where.entity, .project = full, .name = parts.name};
  json::array rows;
  for (const auto& edge : found.edges)
    rows.push_back(registry_version(edge, place));
  json::object answer{{"collection", parts.name},
                      {"source", "registry"},
                      {"registry", *registry},
                      {"organization", where.name}};
  if (optional_name(args, "entity_name"))
    answer["note"] = "entity_name was not used: a registry belongs to an "
                     "organization (argument organization).";
  co_return finish(r, found, std::move(answer), std::move(rows));
}

/// Who names a registry means it. What then belongs to the other source alone
/// is a contradiction, not something to leave out.
bool is_of_registry(const arguments& args) {
  const auto source = args.text_or_null("source");
  const bool registry =
    source ? *source == "registry"
           : optional_name(args, "registry_name").has_value();
  const auto refuse = [&](const char* argument) {
    if (optional_name(args, argument))
      invalid_input(std::string(argument) + " belongs to source \""
                    + (registry ? "project" : "registry")
                    + "\", and the call asks for source \""
                    + (registry ? "registry" : "project")
                    + "\". Leave one of them out.");
  };
  if (registry) {
    refuse("project_name");
  } else {
    refuse("registry_name");
    refuse("organization");
  }
  return registry;
}

task<tool_result> run(call_context& context, arguments args) {
  request r;
  r.budget = answer_budget(context.limits(), args);
  r.order = read_order(args);
  r.filter = read_version_filter(args);
  r.wish.wanted = limit_argument(args, "max_items", most_items);
  if (is_of_registry(args))
    co_return co_await from_registry(context, std::move(args), std::move(r));
  co_return co_await from_project(context, std::move(args), std::move(r));
}

} // namespace

extern const tool list_artifact_versions{
  .name = "list_artifact_versions_tool",
  .title = "List artifact versions",
  .set = toolset::registry,
  .description =
    "Lists the versions of one W&B artifact collection.\n"
    "When to use: to find a version by tag, alias or date. For metadata, "
    "lineage and files of one use get_artifact_details_tool; for collections, "
    "list_registry_collections_tool.\n"
    "A project's collection needs type_name and a path, a registry's "
    "needs registry_name.",
  .input_schema = R"({
    "type": "object",
    "required": ["collection_name"],
    "properties": {
      "collection_name": {
        "type": "string",
        "description": "entity/project/name; a bare name with project_name or in a registry."
      },
      "entity_name": {"type": "string", "description": "User or team."},
      "project_name": {"type": "string", "description": "Name of the project."},
      "registry_name": {
        "type": "string",
        "description": "Short: model."
      },
      "organization": {
        "type": "string",
        "description": "Of the registry; for users of several."
      },
      "type_name": {
        "type": "string",
        "description": "Like model, dataset."
      },
      "source": {
        "type": "string",
        "enum": ["project", "registry"],
        "description": "Where the collection is: registry when registry_name is given, else project."
      },
      "max_items": {
        "type": "integer",
        "minimum": 1,
        "default": 50,
        "description": "At most 200."
      },
      "order": {
        "type": "string",
        "default": "-created_at",
        "description": "+ or - and created_at, updated_at or version."
      },
      "tags": {
        "type": "array",
        "items": {"type": "string"},
        "description": "All required."
      },
      "created_after": {
        "type": "string",
        "description": "ISO 8601."
      },
      "created_before": {
        "type": "string",
        "description": "Included; a day means all of it."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["collection", "source", "versions", "count", "truncated"],
    "properties": {
      "collection": {"type": "string"},
      "source": {"type": "string"},
      "registry": {"type": "string"},
      "organization": {"type": "string"},
      "note": {"type": "string", "description": "What of the call was not used."},
      "versions": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "version": {"type": ["string", "null"], "description": "Like v3."},
            "name": {"type": "string"},
            "aliases": {"type": "array", "items": {"type": "string"},
                        "description": "In this collection, without v3."},
            "tags": {"type": "array", "items": {"type": "string"}},
            "state": {"type": ["string", "null"],
                      "description": "PENDING, COMMITTED or DELETED."},
            "size": {"type": ["integer", "null"], "description": "In bytes."},
            "file_count": {"type": ["integer", "null"]},
            "description": {"type": ["string", "null"]},
            "created_at": {"type": ["string", "null"]},
            "digest": {"type": ["string", "null"]},
            "type": {"type": ["string", "null"]}
          }
        }
      },
      "count": {"type": "integer"},
      "returned_count": {"type": "integer"},
      "total_count": {
        "type": ["integer", "null"],
        "description": "Versions that match; null when not all were read."
      },
      "limit": {"type": "integer"},
      "has_more": {"type": "boolean"},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"},
      "project_exhaustive": {
        "type": "boolean",
        "description": "Whether versions holds all that match."
      },
      "scan": {
        "type": "object",
        "properties": {
          "rows_examined": {"type": "integer"},
          "row_cap": {"type": "integer",
                      "description": "At most so many are examined."},
          "filter_exhaustive": {
            "type": "boolean",
            "description": "False: a match may lie behind what was examined."
          },
          "order": {"type": "string"}
        }
      }
    }
  })",
  .cost = {.job = "the versions of a project's collection, up to 99",
           .requests = 1},
  .run = run,
};

} // namespace mcp::tools
