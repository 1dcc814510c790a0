#include "tools/typed_query_fields.hpp"

#include "protocol/near_names.hpp"
#include "tools/models_budget.hpp"
#include "tools/tool.hpp"

#include <algorithm>
#include <array>

namespace mcp::tools {
namespace {

constexpr std::size_t longest_shown = 60;
constexpr std::size_t most_shown = 10;

constexpr std::array<std::string_view, 24> fields{
  "state",     "displayName", "display_name", "name",         "tags",
  "group",     "jobType",     "job_type",     "createdAt",    "created_at",
  "updatedAt", "updated_at",  "heartbeatAt",  "heartbeat_at", "username",
  "user",      "duration",    "runtime",      "host",         "sweep",
  "sweepName", "notes",       "project",      "commit"};

/// What a path may begin with.
constexpr std::array<std::string_view, 5> roots{
  "config", "summary_metrics", "summaryMetrics", "systemMetrics", "keys_info"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_known(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == name.npos)
    return holds(fields, name);
  const auto root = name.substr(0, dot);
  return holds(roots, root) || holds(fields, root);
}

[[noreturn]] void refuse(const std::string& argument, std::string_view name,
                         const std::string& advice) {
  throw tool_error("invalid_request",
                   argument + ": runs have no field \""
                     + shorten(name, longest_shown) + "\"; " + advice);
}

std::vector<std::string> near_fields(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == name.npos)
    return near_names(name, std::span<const std::string_view>(fields));
  std::vector<std::string> out =
    near_names(name.substr(0, dot), std::span<const std::string_view>(roots));
  for (auto& root : out)
    root += name.substr(dot);
  return out;
}

} // namespace

bool is_run_filter(std::string_view name, const json::value& value) {
  // "name" is the run's id there, and a user may be meant as an entity.
  return is_known(name) && name != "name" && name != "user"
         && name != "project" && !value.is_array();
}

void check_run_filter_field(std::string_view name) {
  if (is_known(name))
    return;
  if (const auto near = near_fields(name); !near.empty())
    refuse("filters", name, did_you_mean(near));
}

void check_run_order(const std::string& order) {
  std::string_view name = order;
  if (name.starts_with('+') || name.starts_with('-'))
    name.remove_prefix(1);
  if (is_known(name))
    return;
  auto advice = did_you_mean(near_fields(name));
  if (advice.empty())
    advice = "for a metric use summary_metrics." + shorten(name, longest_shown)
             + ", for the config config." + shorten(name, longest_shown)
             + ".value; else "
             + listed(std::span<const std::string_view>(fields)) + ".";
  refuse("order", name, advice);
}

std::vector<std::string> unknown_run_fields(const json::object& filters) {
  std::vector<std::string> out;
  for (const auto& [name, value] : filters) {
    if (name.starts_with('$')) {
      std::vector<std::string> inner;
      if (const auto* list = value.if_array()) {
        for (const auto& item : *list)
          if (const auto* object = item.if_object())
            for (auto& one : unknown_run_fields(*object))
              inner.push_back(std::move(one));
      }
      std::move(inner.begin(), inner.end(), std::back_inserter(out));
    } else if (!is_known(name)) {
      out.push_back(shorten(std::string_view(name), longest_shown));
    }
    if (out.size() >= most_shown)
      break;
  }
  return out;
}

} // namespace mcp::tools
