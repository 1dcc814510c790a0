#include "protocol/near_names.hpp"
#include "tools/models_budget.hpp"
#include "tools/typed_query.hpp"
#include "tools/typed_query_fields.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace mcp::tools {
namespace {

constexpr std::size_t longest_text = 1024;
constexpr std::size_t longest_include = 64;
constexpr std::size_t most_includes = 20;
constexpr std::size_t max_filter_bytes = 64 * 1024;
constexpr int max_filter_depth = 12;
constexpr std::int64_t default_limit = 50;
constexpr std::string_view default_order = "-created_at";

[[noreturn]] void refuse(const std::string& message) {
  throw tool_error("invalid_request", message);
}

struct resource_rules {
  std::string_view name;
  typed_resource what;
  std::string_view selector; // its argument; empty: it has none
  bool needs_selector;
  std::vector<std::string_view> includes;
};

const std::vector<resource_rules>& all_rules() {
  using enum typed_resource;
  static const std::vector<std::string_view> of_runs{"summary", "config",
                                                     "system_metrics", "sweep"};
  static const std::vector<resource_rules> rules{
    {"project", project, "", false, {}},
    {"run", run, "run_id", true, of_runs},
    {"runs", runs, "", false, of_runs},
    {"sweep", sweep, "sweep_id", true, {"config"}},
    {"sweeps", sweeps, "", false, {"config"}},
    {"reports", reports, "report_name", false, {"spec"}},
  };
  return rules;
}

const resource_rules& rules_of(const std::string& name) {
  std::string known;
  for (const auto& r : all_rules()) {
    if (r.name == name)
      return r;
    known += (known.empty() ? "" : ", ") + std::string(r.name);
  }
  refuse("resource: it is one of " + known + ".");
}

std::string checked(std::string text, const std::string& name) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos)
    refuse(name + ": it is empty.");
  if (text.size() > longest_text)
    refuse(name + ": longer than 1024 bytes.");
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(first, last - first + 1);
}

std::string required(const arguments& args, const char* name) {
  auto text = args.text_or_null(name);
  if (!text)
    throw tool_error("invalid_input",
                     std::string(name)
                       + ": missing. The typed form needs entity_name, "
                         "project_name and resource.");
  return checked(std::move(*text), name);
}

void check_filter(const json::value& v, int depth) {
  static constexpr std::array<std::string_view, 13> operators{
    "$and", "$or", "$nor", "$not", "$eq",  "$ne",    "$gt",
    "$gte", "$lt", "$lte", "$in",  "$nin", "$exists"};
  if (depth > max_filter_depth)
    refuse("filters: nested deeper than 12 levels.");
  if (const auto* number = v.if_double(); number && !std::isfinite(*number))
    refuse("filters: a number in it is not finite.");
  if (const auto* list = v.if_array())
    for (const auto& item : *list)
      check_filter(item, depth + 1);
  if (const auto* object = v.if_object())
    for (const auto& [name, value] : *object) {
      if (name.starts_with('$') && name != "$regex"
          && std::find(operators.begin(), operators.end(), name)
               == operators.end())
        refuse("filters: there is no operator \""
               + shorten(std::string_view(name), 40)
               + "\"; use $and $or $nor $eq $ne $gt $gte $lt $lte $in $nin "
                 "$exists $regex.");
      check_filter(value, depth + 1);
    }
}

/// Those of the filter itself and of its $and, $or, $nor and $not.
void check_fields(const json::value& filters) {
  if (const auto* list = filters.if_array())
    for (const auto& item : *list)
      check_fields(item);
  if (const auto* object = filters.if_object())
    for (const auto& [name, value] : *object) {
      if (name.starts_with('$'))
        check_fields(value);
      else
        check_run_filter_field(name);
    }
}

void read_filters(const arguments& args, typed_query& q) {
  if (const auto* filters = args.object("filters")) {
    if (q.what != typed_resource::runs)
      refuse("filters: only resource \"runs\" has them.");
    check_filter(*filters, 1);
    check_fields(*filters);
    if (json_size(*filters) > max_filter_bytes)
      refuse("filters: longer than 64 KiB.");
    q.filters = *filters;
  }
  q.order = default_order;
  if (const auto order = args.text_or_null("order")) {
    q.order = checked(*order, "order");
    if (q.order != default_order && q.what != typed_resource::runs)
      refuse("order: only resource \"runs\" can be sorted.");
    check_run_order(q.order);
  }
}

void read_selector(const arguments& args, const resource_rules& rules,
                   typed_query& q) {
  for (const auto* name : {"run_id", "sweep_id", "report_name"}) {
    auto given = args.text_or_null(name);
    if (!given)
      continue;
    if (rules.selector != name)
      refuse(std::string(name) + ": resource \"" + q.resource
             + "\" does not take it.");
    q.selector = checked(std::move(*given), name);
  }
  if (rules.needs_selector && q.selector.empty())
    refuse(std::string(rules.selector) + ": resource \"" + q.resource
           + "\" needs it.");
}

void read_include(const arguments& args, const resource_rules& rules,
                  typed_query& q) {
  const auto names = args.texts("include");
  if (names.size() > most_includes)
    refuse("include: more than 20 entries.");
  for (const auto& name : names) {
    if (name.size() > longest_include
        || std::find(rules.includes.begin(), rules.includes.end(), name)
             == rules.includes.end()) {
      const std::span<const std::string_view> known(rules.includes);
      const auto advice = did_you_mean(near_names(name, known));
      refuse("include: resource \"" + q.resource + "\" has no \""
             + shorten(name, longest_include) + "\" to include; "
             + (advice.empty() ? "" : advice + " ")
             + (known.empty() ? "It has nothing beside its own fields."
                              : "There are " + listed(known) + "."));
    }
    q.summary = q.summary || name == "summary";
    q.config = q.config || name == "config";
    q.system_metrics = q.system_metrics || name == "system_metrics";
    q.sweep = q.sweep || name == "sweep";
    q.spec = q.spec || name == "spec";
  }
  if (q.what == typed_resource::run)
    q.summary = true;
}

std::vector<std::string> read_keys(const arguments& args, const char* name,
                                   const typed_query& q,
                                   std::int64_t most_keys) {
  std::vector<std::string> keys;
  const auto* list = args.array(name);
  if (!list)
    return keys;
  if (q.what != typed_resource::run && q.what != typed_resource::runs)
    refuse(std::string(name) + ": only runs have keys.");
  if (list->empty() || std::ssize(*list) > most_keys)
    refuse(std::string(name) + ": give 1 to " + std::to_string(most_keys)
           + " keys.");
  for (auto& key : args.texts(name)) {
    if (key.size() > longest_text
        || key.find_first_not_of(" \t\r\n") == key.npos)
      refuse(std::string(name) + ": a key is empty or longer than 1024 bytes.");
    keys.push_back(std::move(key));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

/// Whole documents of many items would only be thrown away again.
bool has_whole_documents(const typed_query& q) {
  return (q.summary && q.summary_keys.empty())
         || (q.config && q.config_keys.empty()) || q.system_metrics || q.spec;
}

void read_limit(const arguments& args, const call_limits& limits,
                typed_query& q) {
  const auto given = args.integer_or_null("limit");
  q.requested_limit = given.value_or(default_limit);
  q.limit_given = given.has_value();
  if (q.requested_limit < 1)
    refuse("limit: it must be at least 1.");
  q.limit = std::min(q.requested_limit, limits.lists.max_items);
  if (!q.is_list() || !has_whole_documents(q)
      || q.limit <= limits.lists.max_full_detail)
    return;
  const auto most = std::to_string(limits.lists.max_full_detail);
  if (given)
    refuse("limit: whole summaries, configs, system_metrics or specs are given "
           "for at most "
           + most
           + " items. Name summary_keys or config_keys instead, or lower "
             "limit.");
  q.limit = limits.lists.max_full_detail;
}

void read_mode(const arguments& args, typed_query& q) {
  const auto mode = args.text_or_null("response_mode").value_or("items");
  if (mode != "items" && mode != "count")
    refuse("response_mode: it is items or count.");
  if (mode == "items")
    return;
  q.count_only = true;
  if (q.what != typed_resource::runs)
    refuse("response_mode: only resource \"runs\" can be counted.");
  if (!args.texts("include").empty() || args.array("summary_keys")
      || args.array("config_keys") || args.text_or_null("cursor"))
    refuse("response_mode: a count takes no include, keys or cursor.");
}

void read_cursor(const arguments& args, typed_query& q) {
  const auto text = args.text_or_null("cursor");
  if (!text)
    return;
  if (!q.is_list())
    refuse("cursor: only runs, sweeps and reports are lists.");
  q.place = wandb::open_cursor(*text, q.question());
  if (!q.place)
    throw tool_error(
      "invalid_cursor",
      "cursor: it belongs to another query. Pass next_cursor back with the "
      "same arguments (limit may differ), or leave cursor out to start again.");
}

} // namespace

std::string typed_query::question() const {
  const json::object all{
    {"resource", resource},
    {"entity", entity},
    {"project", project},
    {"selector", selector},
    {"filters", filters},
    {"order", order},
    {"include", json::array{summary, config, system_metrics, sweep, spec}},
    {"summary_keys", json::value_from(summary_keys)},
    {"config_keys", json::value_from(config_keys)}};
  return wandb::canonical_json(all);
}

typed_query read_typed_query(const arguments& args, const call_limits& limits) {
  typed_query q;
  q.entity = required(args, "entity_name");
  q.project = required(args, "project_name");
  const auto& rules = rules_of(required(args, "resource"));
  q.what = rules.what;
  q.resource = rules.name;
  read_selector(args, rules, q);
  read_filters(args, q);
  read_mode(args, q);
  read_include(args, rules, q);
  q.summary_keys = read_keys(args, "summary_keys", q, limits.lists.max_keys);
  q.config_keys = read_keys(args, "config_keys", q, limits.lists.max_keys);
  q.summary = q.summary || !q.summary_keys.empty();
  q.config = q.config || !q.config_keys.empty();
  read_limit(args, limits, q);
  read_cursor(args, q);
  return q;
}

} // namespace mcp::tools
