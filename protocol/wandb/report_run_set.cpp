#include "protocol/wandb/report_run_set.hpp"

#include <utility>

namespace mcp::wandb {
namespace {

json::object leaf(const run_condition& c) {
  const json::object key{{"section", c.section}, {"name", c.name}};
  return {{"op", c.op}, {"key", key}, {"value", c.value}, {"disabled", false}};
}

json::object all_of(json::array filters) {
  return {{"op", "AND"}, {"filters", std::move(filters)}};
}

/// Two forms of filters exist; only this one is read by old and new apps.
json::object filter_tree(const run_filter& filter) {
  json::array alternatives;
  for (const auto& conditions : filter) {
    json::array leaves;
    for (const auto& c : conditions)
      leaves.push_back(leaf(c));
    alternatives.push_back(all_of(std::move(leaves)));
  }
  if (alternatives.empty())
    alternatives.push_back(all_of({}));
  return {{"op", "OR"}, {"filters", std::move(alternatives)}};
}

} // namespace

json::object run_set_json(const run_set& runs, std::string id) {
  const json::object feed{{"version", 2},
                          {"columnVisible", json::object{{"run:name", false}}},
                          {"columnPinned", json::object{}},
                          {"columnWidths", json::object{}},
                          {"columnOrder", json::array{}},
                          {"pageSize", 10},
                          {"onlyShowSelected", false}};
  const json::object project{{"name", runs.project},
                             {"entityName", runs.entity},
                             {"id", runs.project_id}};
  const json::object created{{"section", "run"}, {"name", "createdAt"}};
  json::array keys;
  keys.push_back(json::object{{"key", created}, {"ascending", false}});
  const json::object selections{
    {"root", 1}, {"bounds", json::array{}}, {"tree", json::array{}}};
  return {{"id", std::move(id)},
          {"runFeed", feed},
          {"enabled", true},
          {"project", project},
          {"name", "Run set"},
          {"search", json::object{{"query", runs.search}}},
          {"filters", filter_tree(runs.filter)},
          {"grouping", json::array{}},
          {"sort", json::object{{"keys", std::move(keys)}}},
          {"selections", selections},
          {"expandedRowAddresses", json::array{}}};
}

} // namespace mcp::wandb
