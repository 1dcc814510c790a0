#include "tools/typed_query_hints.hpp"

#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace mcp::tools {
namespace {

constexpr std::string_view document =
  R"(query TypedRunValues($entity: String!, $project: String!) {
  project(name: $project, entityName: $entity) {
    runs(order: "-created_at", first: 200) {
      edges { node { displayName state group jobType tags user { username } } }
    }
  }
})";
constexpr std::size_t most_values = 15;
constexpr std::size_t longest_value = 60;
constexpr int deepest = 20;

/// Every name in the filters, wherever it stands: what is none is not found.
void add_names(const json::value& filters, std::set<std::string>& names,
               int depth = 0) {
  if (depth > deepest)
    return;
  if (const auto* list = filters.if_array())
    for (const auto& inner : *list)
      add_names(inner, names, depth + 1);
  if (const auto* members = filters.if_object())
    for (const auto& [name, inner] : *members) {
      names.insert(std::string(name));
      add_names(inner, names, depth + 1);
    }
}

bool names_any(const std::set<std::string>& names,
               std::initializer_list<const char*> spellings) {
  return std::any_of(spellings.begin(), spellings.end(),
                     [&](const char* name) { return names.contains(name); });
}

struct counter {
  std::vector<std::pair<std::string, std::size_t>> seen = {};

  void add(const json::value* v) {
    if (const auto* list = v ? v->if_array() : nullptr)
      for (const auto& one : *list)
        add(&one);
    const auto* text = v ? v->if_string() : nullptr;
    if (!text || text->empty())
      return;
    const auto known =
      std::find_if(seen.begin(), seen.end(), [&](const auto& s) {
        return s.first == std::string_view(*text);
      });
    if (known != seen.end())
      ++known->second;
    else
      seen.emplace_back(std::string(*text), 1);
  }

  json::array most() {
    std::stable_sort(
      seen.begin(), seen.end(),
      [](const auto& a, const auto& b) { return a.second > b.second; });
    json::array out;
    for (std::size_t i = 0; i < seen.size() && i < most_values; ++i)
      out.emplace_back(shorten(seen[i].first, longest_value));
    return out;
  }
};

} // namespace

task<json::object> no_run_matched(call_context& context,
                                  const typed_query& q) {
  json::object out{{"note", "No run matches all of the filters."}};
  std::set<std::string> names;
  add_names(q.filters, names);
  struct field {
    std::string_view name;
    bool wanted;
    counter values = {};
  };
  std::array<field, 6> fields{{
    {"state", names.contains("state")},
    {"tags", names.contains("tags")},
    {"displayName", names_any(names, {"displayName", "display_name"})},
    {"group", names.contains("group")},
    {"jobType", names_any(names, {"jobType", "job_type"})},
    {"username", names_any(names, {"username", "user.username"})},
  }};
  if (std::none_of(fields.begin(), fields.end(),
                   [](const auto& f) { return f.wanted; }))
    co_return out;
  json::object data;
  try {
    json::object variables{{"entity", q.entity}, {"project", q.project}};
    data = co_await context.graphql(document, std::move(variables));
  } catch (const failure_exception&) {
    co_return out;
  }
  const auto* edges = array_at(data, {"project", "runs", "edges"});
  if (!edges)
    co_return out;
  for (const auto& edge : *edges)
    if (const auto* node = object_at(edge, {"node"}))
      for (auto& f : fields)
        f.values.add(f.name == "username" ? value_at(*node, {"user", f.name})
                                          : value_at(*node, {f.name}));
  if (edges->empty()) {
    out["note"] = "The project has no runs.";
    co_return out;
  }
  json::object known;
  for (auto& f : fields)
    if (f.wanted)
      known.emplace(f.name, f.values.most());
  out["note"] = "No run matches all of the filters. known_values are those of "
                "the newest "
                + std::to_string(edges->size()) + " runs.";
  // Half of the answer at most: what stands around it needs room as well.
  if (json_size(known) > response_budget(context.limits()) / 2) {
    out["note"] = "No run matches all of the filters.";
    co_return out;
  }
  out.emplace("runs_looked_at", edges->size());
  out.emplace("known_values", std::move(known));
  co_return out;
}

} // namespace mcp::tools
