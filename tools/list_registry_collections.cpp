// list_registry_collections_tool: what is in a registry. A page of collections
// comes with their aliases and with the proof that the registry exists.
#include "tools/all.hpp"
#include "tools/artifact_record.hpp"
#include "tools/first_look.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/registry_names.hpp"
#include "tools/registry_organization.hpp"
#include "tools/registry_pages.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t most_items = 200;
constexpr std::int64_t most_aliases = 200;

constexpr std::string_view document = R"(query RegistryCollectionsPage(
  $organization: String!, $registry: String!, $registryFilter: JSONString,
  $collectionFilter: JSONString, $first: Int!, $after: String,
  $aliasLimit: Int!
) {
  organization(name: $organization) {
    name
    orgEntity {
      name
      project(name: $registry) { name }
      artifactCollections(
        projectFilters: $registryFilter, filters: $collectionFilter,
        collectionTypes: [PORTFOLIO], first: $first, after: $after
      ) {
        totalCount
        pageInfo { endCursor hasNextPage }
        edges {
          node {
            __typename
            name description createdAt updatedAt
            type: defaultArtifactType { name }
            tags { edges { node { name } } }
            aliases(first: $aliasLimit) {
              pageInfo { hasNextPage }
              edges { node { alias } }
            }
          }
        }
      }
    }
  }
})";

struct alias_list {
  std::vector<std::string> named;
  std::vector<std::string> versions;
  bool more = false;
};

alias_list read_aliases(const json::object& node) {
  alias_list out;
  const auto* connection = object_at(node, {"aliases"});
  const auto* edges = connection ? array_at(*connection, {"edges"}) : nullptr;
  if (!edges)
    return out;
  for (const auto& edge : *edges) {
    const auto* alias = object_at(edge, {"node"});
    auto name = alias ? text_at(*alias, "alias") : std::string();
    if (name.empty())
      continue;
    auto& to = is_version_alias(name) ? out.versions : out.named;
    if (std::find(to.begin(), to.end(), name) == to.end())
      to.push_back(std::move(name));
  }
  if (const auto* next = value_at(*connection, {"pageInfo", "hasNextPage"}))
    out.more = next->is_bool() && next->get_bool();
  return out;
}

/// Names that somebody chose come first: they are what a reader looks for.
json::object collection_row(const json::object& node) {
  const auto aliases = read_aliases(node);
  json::array shown;
  for (const auto* list : {&aliases.named, &aliases.versions})
    for (const auto& name : *list)
      shown.emplace_back(name);
  const auto* type = object_at(node, {"type"});
  json::object out{
    {"name", value_or_null(node, "name")},
    {"type", type ? value_or_null(*type, "name") : json::value()},
    {"description", value_or_null(node, "description")},
    {"tags", names_of(node.if_contains("tags"))},
    {"aliases", std::move(shown)},
    {"aliases_loaded", true},
    {"created_at", value_or_null(node, "createdAt")},
    {"updated_at", value_or_null(node, "updatedAt")},
    {"is_sequence", text_at(node, "__typename") == "ArtifactSequence"}};
  if (aliases.more)
    out["aliases_truncated"] = true;
  return out;
}

/// The aliases "v0", "v1", ... say little and can be most of the answer.
void drop_version_aliases(json::array& rows) {
  for (auto& row : rows) {
    auto& object = row.get_object();
    auto& aliases = object["aliases"].get_array();
    const auto kept =
      std::find_if(aliases.begin(), aliases.end(), [](const auto& a) {
        return is_version_alias(a.get_string());
      });
    if (kept == aliases.end())
      continue;
    aliases.erase(kept, aliases.end());
    object["aliases_truncated"] = true;
  }
}

verdict is_collection(const json::object& edge) {
  return object_at(edge, {"node"}) ? verdict::keep : verdict::drop;
}

task<tool_result> run(call_context& context, arguments args) {
  const auto given = name_argument(args, "registry_name");
  const auto full = full_registry_name(given);
  const auto named = optional_name(args, "organization");
  const page_wish wish{.wanted = limit_argument(args, "max_items", most_items)};
  const json::object by_name{{"name", full}};
  json::object variables{
    {"registry", full},
    {"registryFilter", filter_text(&by_name)},
    {"collectionFilter", filter_text(args.object("filter"))},
    {"first", wish.page_size(0)},
    {"after", nullptr},
    {"aliasLimit", most_aliases}};
  const query_texts texts{.full = document, .reduced = {}};
  auto where = co_await ask_organization(context, named, texts, variables);
  const bool exists =
    object_at(where.reply.data, {"organization", "orgEntity", "project"});
  variables["organization"] = where.name;
  page_source source{
    .first = std::move(where.reply),
    .variables = std::move(variables),
    .path = {"organization", "orgEntity", "artifactCollections"}};
  const auto found =
    co_await collect_pages(context, std::move(source), wish, is_collection);
  if (!exists && found.edges.empty())
    throw tool_error("registry_not_found",
                     "The organization \"" + shorten(where.name, 100)
                       + "\" has no registry \"" + shorten(given, 100)
                       + "\" that this user can read. list_registries_tool "
                         "shows those that there are.");

  json::array rows;
  for (const auto& edge : found.edges)
    rows.push_back(collection_row(*object_at(edge, {"node"})));
  const auto budget = answer_budget(context.limits(), args);
  if (token_size(json::value(rows)) > budget)
    drop_version_aliases(rows);
  json::object answer{{"registry", given},
                      {"registry_full_name", full},
                      {"organization", where.name},
                      {"total_count", nullptr}};
  if (found.total)
    answer["total_count"] = *found.total;
  add_list(answer, "collections", std::move(rows), found.more, wish.wanted,
           budget);
  tool_result out{.structured = std::move(answer)};
  co_return out;
}

} // namespace

extern const tool list_registry_collections{
  .name = "list_registry_collections_tool",
  .title = "List a registry's collections",
  .set = toolset::registry,
  .description =
    "Lists the collections of one W&B registry with type, tags and aliases. A "
    "collection holds the linked versions of one model or dataset.\n"
    "When to use: after list_registries_tool, to find a registered model or "
    "dataset or what carries an alias like production. It does not list "
    "versions: use list_artifact_versions_tool with source \"registry\" and "
    "the collection's name.",
  .input_schema = R"({
    "type": "object",
    "required": ["registry_name"],
    "properties": {
      "registry_name": {
        "type": "string",
        "description": "Short: model, not wandb-registry-model."
      },
      "organization": {
        "type": "string",
        "description": "Its display name. Needed only by users of several."
      },
      "filter": {
        "type": "object",
        "description": "MongoDB style, on name, tag, description, created_at, updated_at. $regex finds a part; it knows no ^ and $: {\"tag\": \"approved\"}"
      },
      "max_items": {
        "type": "integer",
        "minimum": 1,
        "default": 50,
        "description": "More than 200 is taken as 200."
      }
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["registry", "collections", "count", "truncated"],
    "properties": {
      "registry": {"type": "string", "description": "As it was given."},
      "registry_full_name": {"type": "string",
                             "description": "Its name as a project."},
      "organization": {"type": "string"},
      "collections": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "name": {"type": ["string", "null"]},
            "type": {"type": ["string", "null"],
                     "description": "The type of its artifacts."},
            "description": {"type": ["string", "null"]},
            "tags": {"type": "array", "items": {"type": "string"},
                     "description": "Of the collection, not of versions."},
            "aliases": {"type": "array", "items": {"type": "string"},
                        "description": "Of all versions; v0, v1 come last."},
            "aliases_loaded": {"type": "boolean"},
            "aliases_truncated": {"type": "boolean",
                                  "description": "There are more aliases."},
            "created_at": {"type": ["string", "null"]},
            "updated_at": {"type": ["string", "null"]},
            "is_sequence": {"type": "boolean"}
          }
        }
      },
      "count": {"type": "integer"},
      "returned_count": {"type": "integer"},
      "total_count": {"type": ["integer", "null"]},
      "limit": {"type": "integer"},
      "has_more": {"type": "boolean"},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "the collections of one registry of a named organization, "
                  "up to 99",
           .requests = 1},
  .is_filter =
    [](std::string_view name, const json::value& value) {
      return !value.is_array()
             && (name == "name" || name == "tag" || name == "description"
                 || name == "created_at" || name == "updated_at");
    },
  .run = run,
};

} // namespace mcp::tools
