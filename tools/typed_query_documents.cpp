#include "tools/typed_query_documents.hpp"

#include "protocol/json/write.hpp"

#include <algorithm>
#include <string>

namespace mcp::tools {
namespace {

constexpr std::string_view project_document =
  R"(query TypedProject($entity: String!, $project: String!) {
  project(name: $project, entityName: $entity) {
    id
    name
    entityName
    description
    access
    createdAt
    updatedAt
    runCount
  }
})";

constexpr std::string_view count_document =
  R"(query TypedRunCount($entity: String!, $project: String!, $filters: JSONString) {
  project(name: $project, entityName: $entity) {
    runCount(filters: $filters)
  }
})";

const std::string run_item = R"(
fragment RunItem on Run {
  name
  displayName
  state
  createdAt
  heartbeatAt
  computeSeconds
  historyLineCount
  group
  jobType
  tags
  user { username name }
  summaryMetrics(keys: $summaryKeys) @include(if: $withSummary)
  config(keys: $configKeys) @include(if: $withConfig)
  systemMetrics @include(if: $withSystem)
  sweepName @include(if: $withSweep)
})";

const std::string run_document =
  R"(query TypedRun($entity: String!, $project: String!, $run: String!, $summaryKeys: [String!], $configKeys: [String!], $withSummary: Boolean!, $withConfig: Boolean!, $withSystem: Boolean!, $withSweep: Boolean!) {
  project(name: $project, entityName: $entity) {
    run(name: $run) { ...RunItem }
  }
})"
  + run_item;

const std::string runs_document =
  R"(query TypedRuns($entity: String!, $project: String!, $filters: JSONString, $order: String, $first: Int!, $after: String, $count: Boolean!, $summaryKeys: [String!], $configKeys: [String!], $withSummary: Boolean!, $withConfig: Boolean!, $withSystem: Boolean!, $withSweep: Boolean!) {
  project(name: $project, entityName: $entity) {
    total: runCount(filters: $filters) @include(if: $count)
    page: runs(filters: $filters, order: $order, first: $first, after: $after) {
      pageInfo { endCursor hasNextPage }
      edges { cursor node { ...RunItem } }
    }
  }
})"
  + run_item;

const std::string sweep_item = R"(
fragment SweepItem on Sweep {
  name
  displayName
  state
  method
  description
  bestLoss
  createdAt
  updatedAt
  runCount
  runCountExpected
  config @include(if: $withConfig)
})";

const std::string sweep_document =
  R"(query TypedSweep($entity: String!, $project: String!, $sweep: String!, $withConfig: Boolean!) {
  project(name: $project, entityName: $entity) {
    sweep(sweepName: $sweep) { ...SweepItem }
  }
})"
  + sweep_item;

const std::string sweeps_document =
  R"(query TypedSweeps($entity: String!, $project: String!, $first: Int!, $after: String, $count: Boolean!, $withConfig: Boolean!) {
  project(name: $project, entityName: $entity) {
    total: totalSweeps @include(if: $count)
    page: sweeps(first: $first, after: $after) {
      pageInfo { endCursor hasNextPage }
      edges { cursor node { ...SweepItem } }
    }
  }
})"
  + sweep_item;

constexpr std::string_view reports_document =
  R"(query TypedReports($entity: String!, $project: String!, $view: String, $first: Int!, $after: String, $withSpec: Boolean!) {
  project(name: $project, entityName: $entity) {
    page: allViews(viewType: "runs", viewName: $view, first: $first, after: $after) {
      pageInfo { endCursor hasNextPage }
      edges {
        cursor
        node {
          id
          name
          displayName
          description
          createdAt
          updatedAt
          user { username }
          spec @include(if: $withSpec)
        }
      }
    }
  }
})";

/// W&B picks members by their top names; a dotted key may also be a path into
/// one of them.
json::value wire_keys(const std::vector<std::string>& keys) {
  if (keys.empty())
    return nullptr; // all
  std::vector<std::string> names = keys;
  for (const auto& key : keys)
    if (const auto dot = key.find('.'); dot != key.npos && dot > 0)
      names.push_back(key.substr(0, dot));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return json::value_from(names);
}

} // namespace

std::string_view document_of(const typed_query& q) {
  using enum typed_resource;
  switch (q.what) {
  case project:
    return project_document;
  case run:
    return run_document;
  case runs:
    return q.count_only ? count_document : runs_document;
  case sweep:
    return sweep_document;
  case sweeps:
    return sweeps_document;
  case reports:
    break;
  }
  return reports_document;
}

json::object variables_of(const typed_query& q, const typed_page& page) {
  using enum typed_resource;
  json::object out{{"entity", q.entity}, {"project", q.project}};
  if (q.what == runs)
    out["filters"] = write_json(q.filters);
  if (q.count_only || q.what == project)
    return out;
  if (q.what == run || q.what == runs) {
    out["summaryKeys"] = wire_keys(q.summary_keys);
    out["configKeys"] = wire_keys(q.config_keys);
    out["withSummary"] = q.summary;
    out["withSystem"] = q.system_metrics;
    out["withSweep"] = q.sweep;
  }
  if (q.what == run)
    out["run"] = q.selector;
  if (q.what == sweep)
    out["sweep"] = q.selector;
  if (q.what != reports)
    out["withConfig"] = q.config;
  if (!q.is_list())
    return out;
  out["first"] = page.first;
  out["after"] = page.after;
  if (q.what == runs)
    out["order"] = q.order;
  if (q.what == reports) {
    out["view"] = page.view.empty() ? json::value() : json::value(page.view);
    out["withSpec"] = q.spec;
  } else {
    out["count"] = page.count;
  }
  return out;
}

} // namespace mcp::tools
