// list_registries_tool: which registries an organization has. One request when
// the organization is named, else one more that is remembered.
#include "tools/all.hpp"
#include "tools/first_look.hpp"
#include "tools/models_json.hpp"
#include "tools/registry_names.hpp"
#include "tools/registry_organization.hpp"
#include "tools/registry_pages.hpp"

namespace mcp::tools {
namespace {

constexpr std::size_t most_items = 200;

constexpr std::string_view document = R"(query RegistriesPage(
  $organization: String!, $filters: JSONString, $first: Int!, $after: String
) {
  organization(name: $organization) {
    name
    orgEntity {
      name
      projects(filters: $filters, first: $first, after: $after) {
        pageInfo { endCursor hasNextPage }
        edges {
          node {
            name description access createdAt updatedAt
            allowAllArtifactTypes: allowAllArtifactTypesInRegistry
            entity { name }
            artifactTypes(includeAll: true) { edges { node { name } } }
          }
        }
      }
    }
  }
})";

constexpr std::string_view older_document = R"(query RegistriesPage(
  $organization: String!, $filters: JSONString, $first: Int!, $after: String
) {
  organization(name: $organization) {
    name
    orgEntity {
      name
      projects(filters: $filters, first: $first, after: $after) {
        pageInfo { endCursor hasNextPage }
        edges {
          node {
            name description access createdAt
            entity { name }
            artifactTypes(first: 100) { edges { node { name } } }
          }
        }
      }
    }
  }
})";

json::value visibility_of(const json::object& node) {
  auto access = text_at(node, "access");
  if (access.empty())
    return nullptr;
  if (access == "PRIVATE")
    return "organization";
  for (auto& c : access)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return json::value(access);
}

json::array type_names(const json::object& node) {
  json::array out;
  if (const auto* edges = array_at(node, {"artifactTypes", "edges"}))
    for (const auto& edge : *edges)
      if (const auto* type = object_at(edge, {"node"}))
        if (auto name = text_at(*type, "name"); !name.empty())
          out.emplace_back(std::move(name));
  return out;
}

json::object registry_row(const json::object& node,
                          const organization_answer& where) {
  const auto full = text_at(node, "name");
  const auto* owner = object_at(node, {"entity"});
  auto entity = owner ? text_at(*owner, "name") : std::string();
  json::object out{{"name", short_registry_name(full)},
                   {"full_name", full},
                   {"organization", where.name},
                   {"entity", entity.empty() ? where.entity : entity},
                   {"description", value_or_null(node, "description")},
                   {"visibility", visibility_of(node)},
                   {"artifact_types", type_names(node)},
                   {"created_at", value_or_null(node, "createdAt")},
                   {"updated_at", value_or_null(node, "updatedAt")}};
  if (const auto* any = node.if_contains("allowAllArtifactTypes");
      any && any->is_bool())
    out.emplace("allows_any_type", any->get_bool());
  return out;
}

// An organization's entity can hold ordinary projects as well.
verdict is_registry(const json::object& edge) {
  const auto* node = object_at(edge, {"node"});
  return node && text_at(*node, "name").starts_with(registry_prefix)
           ? verdict::keep
           : verdict::drop;
}

task<tool_result> run(call_context& context, arguments args) {
  const auto named = optional_name(args, "organization");
  const page_wish wish{.wanted = limit_argument(args, "max_items", most_items)};
  const json::object variables{
    {"filters", registry_filter_text(args.object("filter"))},
    {"first", wish.page_size(0)},
    {"after", nullptr}};
  const query_texts texts{.full = document, .reduced = older_document};
  auto where = co_await ask_organization(context, named, texts, variables);
  page_source source{.first = std::move(where.reply),
                     .variables = variables,
                     .path = {"organization", "orgEntity", "projects"}};
  source.variables["organization"] = where.name;
  const auto found =
    co_await collect_pages(context, std::move(source), wish, is_registry);

  json::array rows;
  for (const auto& edge : found.edges)
    rows.push_back(registry_row(*object_at(edge, {"node"}), where));
  json::object answer{{"organization", where.name}, {"total_count", nullptr}};
  if (found.whole)
    answer["total_count"] = rows.size();
  add_list(answer, "registries", std::move(rows), found.more, wish.wanted,
           answer_budget(context.limits(), args));
  tool_result out{.structured = std::move(answer)};
  co_return out;
}

} // namespace

extern const tool list_registries{
  .name = "list_registries_tool",
  .title = "List registries",
  .set = toolset::registry,
  .description =
    "Lists the W&B registries of an organization: where it keeps its approved "
    "models and datasets.\n"
    "When to use: first, to find registered models or data. For artifacts of "
    "one project that were never registered use list_artifact_versions_tool.\n"
    "Gives each registry's name, visibility and artifact types. Next: "
    "list_registry_collections_tool with a name, then "
    "list_artifact_versions_tool and get_artifact_details_tool.",
  .input_schema = R"({
    "type": "object",
    "properties": {
      "organization": {
        "type": "string",
        "description": "Its display name. Needed only by users of several."
      },
      "filter": {
        "type": "object",
        "description": "MongoDB style, on name, description, created_at, updated_at. $regex finds a part; it knows no ^ and $: {\"name\": {\"$regex\": \"model\"}}"
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
    "required": ["registries", "count", "truncated"],
    "properties": {
      "organization": {"type": "string"},
      "registries": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "name": {"type": "string",
                     "description": "To pass on as registry_name."},
            "full_name": {"type": "string",
                          "description": "Its name as a project."},
            "organization": {"type": "string"},
            "entity": {"type": "string"},
            "description": {"type": ["string", "null"]},
            "visibility": {
              "type": ["string", "null"],
              "description": "organization, restricted, or W&B's own word."
            },
            "artifact_types": {"type": "array", "items": {"type": "string"}},
            "allows_any_type": {"type": "boolean"},
            "created_at": {"type": ["string", "null"]},
            "updated_at": {"type": ["string", "null"]}
          }
        }
      },
      "count": {"type": "integer"},
      "returned_count": {"type": "integer"},
      "total_count": {"type": ["integer", "null"],
                      "description": "Null when not all were read."},
      "limit": {"type": "integer"},
      "has_more": {"type": "boolean"},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"}
    }
  })",
  .cost = {.job = "the registries of a named organization, up to 99",
           .requests = 1},
  .is_filter =
    [](std::string_view name, const json::value& value) {
      return !value.is_array()
             && (name == "name" || name == "description"
                 || name == "created_at" || name == "updated_at");
    },
  .run = run,
};

} // namespace mcp::tools
