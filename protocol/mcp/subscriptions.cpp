#include "protocol/mcp/subscriptions.hpp"

#include "protocol/mcp/stateless.hpp"
#include "protocol/mcp/tasks.hpp"

#include <algorithm>

namespace mcp {
namespace {

namespace json = boost::json;

bool wrong_flag(const json::object& in, std::string_view name, bool& out) {
  const auto* v = in.if_contains(name);
  if (!v || v->is_null())
    return false;
  if (!v->is_bool())
    return true;
  out = v->get_bool();
  return false;
}

bool wrong_names(const json::object& in, std::string_view name,
                 std::vector<std::string>& out) {
  const auto* v = in.if_contains(name);
  if (!v || v->is_null())
    return false;
  const auto* list = v->if_array();
  if (!list || list->size() > subscription_filter::max_names)
    return true;
  for (const auto& item : *list) {
    const auto* s = item.if_string();
    if (!s || s->size() > subscription_filter::max_name_bytes)
      return true;
    out.emplace_back(*s);
  }
  return false;
}

bool holds(const std::vector<std::string>& names, const json::object& params,
           std::string_view member) {
  const auto* v = params.if_contains(member);
  const auto* s = v ? v->if_string() : nullptr;
  return s && std::find(names.begin(), names.end(), *s) != names.end();
}

} // namespace

checked<subscription_filter>
read_subscription_filter(const json::object& params,
                         const json::object& client_capabilities) {
  const auto* given = params.if_contains("notifications");
  const auto* wanted = given ? given->if_object() : nullptr;
  if (!wanted)
    return refuse_malformed("subscriptions/listen needs \"notifications\", an "
                            "object");
  subscription_filter out;
  if (wrong_flag(*wanted, "toolsListChanged", out.tools)
      || wrong_flag(*wanted, "promptsListChanged", out.prompts)
      || wrong_flag(*wanted, "resourcesListChanged", out.resources))
    return refuse_malformed("toolsListChanged, promptsListChanged and "
                            "resourcesListChanged must be true or false");
  if (wrong_names(*wanted, "resourceSubscriptions", out.uris)
      || wrong_names(*wanted, "taskIds", out.tasks))
    return refuse_malformed(
      "resourceSubscriptions and taskIds must be lists of at most "
      + std::to_string(subscription_filter::max_names) + " strings of at most "
      + std::to_string(subscription_filter::max_name_bytes) + " bytes");
  if (!out.tasks.empty())
    if (auto why = check_tasks_declared(client_capabilities))
      return std::move(*why);
  return out;
}

subscription_filter honoured(const subscription_filter& wanted,
                             const server_features& f) {
  subscription_filter out;
  out.tools = wanted.tools && f.tools && f.tools_changed;
  out.prompts = wanted.prompts && f.prompts && f.prompts_changed;
  out.resources = wanted.resources && f.resources && f.resources_changed;
  if (f.resources && f.resources_subscribe)
    out.uris = wanted.uris;
  if (f.extensions.contains(tasks_extension))
    out.tasks = wanted.tasks;
  return out;
}

json::object to_json(const subscription_filter& filter) {
  json::object out;
  if (filter.tools)
    out["toolsListChanged"] = true;
  if (filter.prompts)
    out["promptsListChanged"] = true;
  if (filter.resources)
    out["resourcesListChanged"] = true;
  if (!filter.uris.empty())
    out["resourceSubscriptions"] = json::value_from(filter.uris);
  if (!filter.tasks.empty())
    out["taskIds"] = json::value_from(filter.tasks);
  return out;
}

bool wants(const subscription_filter& filter, const notification& n) {
  if (n.method == "notifications/tools/list_changed")
    return filter.tools;
  if (n.method == "notifications/prompts/list_changed")
    return filter.prompts;
  if (n.method == "notifications/resources/list_changed")
    return filter.resources;
  if (n.method == "notifications/resources/updated")
    return holds(filter.uris, n.params, "uri");
  return n.method == "notifications/tasks"
         && holds(filter.tasks, n.params, "taskId");
}

std::string write_acknowledgement(const jsonrpc::request_id& id,
                                  const subscription_filter& told) {
  return write_notification({"notifications/subscriptions/acknowledged",
                             json::object{{"notifications", to_json(told)}}},
                            id);
}

json::object subscription_end(const jsonrpc::request_id& id) {
  json::object meta;
  meta[meta_key::subscription_id] = json::parse(id);
  return {{"_meta", std::move(meta)}};
}

} // namespace mcp
