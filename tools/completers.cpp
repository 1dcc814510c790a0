#include "tools/completers.hpp"

#include "protocol/json/write.hpp"
#include "protocol/wandb/history_rows.hpp"
#include "tools/models_config.hpp"
#include "tools/models_json.hpp"
#include "tools/registry_ask.hpp"
#include "tools/registry_names.hpp"
#include "tools/registry_organization.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t most_candidates = 200; // as in the documents
constexpr std::chrono::seconds kept_for{30};

using candidates = std::vector<std::string>;

/// A document whose lists are bounded; `variables` name all it declares.
task<json::object> look_up(call_context& context, std::string_view document,
                           json::object variables) {
  const query_texts texts{document, {}};
  auto found =
    co_await ask_wandb(context, texts, std::move(variables), kept_for);
  co_return std::move(found.data);
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// A filter on names for W&B, or null. Servers disagree on what is special in
/// a pattern, so it is the longest part of the text that nowhere is; whoever
/// asked compares the whole.
json::value name_filter(std::string_view typed) {
  std::string_view longest;
  for (std::size_t from = 0; from < typed.size(); ++from) {
    auto to = from;
    while (to < typed.size() && is_plain(typed[to]))
      ++to;
    if (to - from > longest.size())
      longest = typed.substr(from, to - from);
    from = to;
  }
  if (longest.empty())
    return nullptr;
  const json::object pattern{{"$regex", longest}};
  const json::object filter{{"name", pattern}};
  return json::value(write_json(filter));
}

/// The member `name` of a connection's nodes.
void add_names(candidates& to, const json::array* edges,
               std::string_view name = "name") {
  if (!edges)
    return;
  for (const auto& edge : *edges)
    if (const auto* node = object_at(edge, {"node"}))
      if (auto text = text_at(*node, name);
          !text.empty() && to.size() < most_candidates)
        to.push_back(std::move(text));
}

/// The variables "entity" and "project"; empty when one is not known.
json::object place_in(const text_values& known) {
  const auto entity = known.find("entity");
  const auto project = known.find("project");
  if (entity == known.end() || project == known.end())
    return {};
  return {{"entity", entity->second}, {"project", project->second}};
}

task<candidates> aliases_of_collection(call_context& context,
                                       json::object variables,
                                       std::string collection) {
  static constexpr std::string_view document =
    R"(query CompleteAlias($entity: String!, $project: String!, $name: String!) {
  project(name: $project, entityName: $entity) {
    artifactCollection(name: $name) {
      aliases(first: 200) { edges { node { alias } } }
    }
  }
})";
  variables["name"] = collection;
  const auto data = co_await look_up(context, document, std::move(variables));
  candidates out;
  add_names(
    out, array_at(data, {"project", "artifactCollection", "aliases", "edges"}),
    "alias");
  for (auto& alias : out)
    alias.insert(0, collection + ":");
  co_return out;
}

} // namespace

task<candidates> complete_entity(call_context& context, std::string,
                                 text_values) {
  static constexpr std::string_view document = R"(query CompleteEntity {
  viewer {
    username
    entity
    teams(first: 200) { edges { node { name } } }
  }
})";
  const json::object none;
  const auto data = co_await look_up(context, document, none);
  candidates out;
  const auto* viewer = object_at(data, {"viewer"});
  if (!viewer)
    co_return out;
  for (const auto* name : {"entity", "username"})
    if (auto text = text_at(*viewer, name); !text.empty())
      out.push_back(std::move(text));
  add_names(out, array_at(*viewer, {"teams", "edges"}));
  co_return out;
}

task<candidates> complete_project(call_context& context, std::string typed,
                                  text_values known) {
  static constexpr std::string_view document =
    R"(query CompleteProject($entity: String!, $filters: JSONString) {
  entity(name: $entity) {
    projects(filters: $filters, first: 200) { edges { node { name } } }
  }
})";
  candidates out;
  const auto entity = known.find("entity");
  if (entity == known.end())
    co_return out;
  json::object variables{{"entity", entity->second},
                         {"filters", name_filter(typed)}};
  const auto data = co_await look_up(context, document, std::move(variables));
  add_names(out, array_at(data, {"entity", "projects", "edges"}));
  co_return out;
}

task<candidates> complete_run(call_context& context, std::string typed,
                              text_values known) {
  static constexpr std::string_view document =
    R"(query CompleteRun($entity: String!, $project: String!, $filters: JSONString) {
  project(name: $project, entityName: $entity) {
    runs(filters: $filters, order: "-created_at", first: 200) {
      edges { node { name } }
    }
  }
})";
  candidates out;
  auto variables = place_in(known);
  if (variables.empty())
    co_return out;
  variables["filters"] = name_filter(typed);
  const auto data = co_await look_up(context, document, std::move(variables));
  add_names(out, array_at(data, {"project", "runs", "edges"}));
  co_return out;
}

task<candidates> complete_metric(call_context& context, std::string,
                                 text_values known) {
  static constexpr std::string_view document =
    R"(query CompleteMetric($entity: String!, $project: String!) {
  project(name: $project, entityName: $entity) {
    runs(order: "-created_at", first: 5) {
      edges { node { summaryMetrics } }
    }
  }
})";
  candidates out;
  auto variables = place_in(known);
  if (variables.empty())
    co_return out;
  const auto data = co_await look_up(context, document, std::move(variables));
  const auto* edges = array_at(data, {"project", "runs", "edges"});
  if (!edges)
    co_return out;
  for (const auto& edge : *edges) {
    const auto* run = object_at(edge, {"node"});
    const auto summary = run ? summary_in(*run) : std::nullopt;
    if (!summary)
      continue;
    each_leaf(*summary, [&out](const std::string& path, const json::value& v) {
      if ((v.is_number() || wandb::is_non_finite(v))
          && out.size() < most_candidates
          && std::find(out.begin(), out.end(), path) == out.end())
        out.push_back(path);
    });
  }
  std::stable_partition(out.begin(), out.end(), is_quality_name);
  co_return out;
}

task<candidates> complete_artifact(call_context& context, std::string typed,
                                   text_values known) {
  static constexpr std::string_view document =
    R"(query CompleteArtifact($entity: String!, $project: String!, $filters: JSONString) {
  project(name: $project, entityName: $entity) {
    artifactCollections(filters: $filters, first: 200) {
      edges { node { name } }
    }
  }
})";
  candidates out;
  auto variables = place_in(known);
  if (variables.empty())
    co_return out;
  if (const auto colon = typed.find(':'); colon != typed.npos)
    co_return co_await aliases_of_collection(context, std::move(variables),
                                             typed.substr(0, colon));
  variables["filters"] = name_filter(typed);
  const auto data = co_await look_up(context, document, std::move(variables));
  add_names(out, array_at(data, {"project", "artifactCollections", "edges"}));
  for (auto& name : out)
    name += ":latest";
  co_return out;
}

task<candidates> complete_report(call_context& context, std::string,
                                 text_values known) {
  static constexpr std::string_view document =
    R"(query CompleteReport($entity: String!, $project: String!) {
  project(name: $project, entityName: $entity) {
    allViews(viewType: "runs", first: 200) { edges { node { name } } }
  }
})";
  candidates out;
  auto variables = place_in(known);
  if (variables.empty())
    co_return out;
  const auto data = co_await look_up(context, document, std::move(variables));
  add_names(out, array_at(data, {"project", "allViews", "edges"}));
  co_return out;
}

task<candidates> complete_organization(call_context& context, std::string,
                                       text_values) {
  const auto access = co_await read_registry_access(context);
  candidates out;
  for (const auto& one : access.organizations)
    if (out.size() < most_candidates)
      out.push_back(one.name);
  co_return out;
}

task<candidates> complete_registry(call_context& context, std::string,
                                   text_values known) {
  // A user is in few organizations, so asking for all at once beats asking
  // first which there are.
  static constexpr std::string_view document =
    R"(query CompleteRegistry($filters: JSONString) {
  viewer {
    organizations {
      name
      orgEntity {
        name
        projects(filters: $filters, first: 200) { edges { node { name } } }
      }
    }
  }
})";
  const json::object pattern{{"$regex", registry_prefix}};
  const json::object filter{{"name", pattern}};
  json::object variables{{"filters", write_json(filter)}};
  const auto data = co_await look_up(context, document, std::move(variables));
  candidates found;
  const auto wanted = known.find("organization");
  if (const auto* all = array_at(data, {"viewer", "organizations"}))
    for (const auto& one : *all) {
      const auto* node = one.if_object();
      const auto* owner = node ? object_at(*node, {"orgEntity"}) : nullptr;
      if (owner
          && (wanted == known.end() || wanted->second == text_at(*node, "name")
              || wanted->second == text_at(*owner, "name")))
        add_names(found, array_at(*owner, {"projects", "edges"}));
    }
  candidates out;
  for (const auto& name : found)
    if (name.starts_with(registry_prefix))
      out.push_back(short_registry_name(name));
  co_return out;
}

} // namespace mcp::tools
