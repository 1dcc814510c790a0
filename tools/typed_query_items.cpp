#include "tools/typed_query_items.hpp"

#include "protocol/json/lenient.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/typed_query_links.hpp"

#include <optional>
#include <utility>

namespace mcp::tools {
namespace {

constexpr int max_depth = 12;
constexpr std::size_t max_members = 500;
constexpr std::size_t max_text = 16'000;

json::value bounded(const json::value& v, int depth) {
  if (const auto* text = v.if_string())
    return text->size() <= max_text ? v : json::value(shorten(*text, max_text));
  if (!v.is_structured())
    return v;
  if (depth == 0)
    return json::string("...");
  if (const auto* list = v.if_array()) {
    json::array out;
    for (const auto& item : *list) {
      if (out.size() == max_members)
        break;
      out.push_back(bounded(item, depth - 1));
    }
    if (list->size() > out.size())
      out.push_back(
        json::object{{"_truncated_items", list->size() - out.size()}});
    return out;
  }
  const auto& object = v.get_object();
  json::object out;
  for (const auto& [name, value] : object) {
    if (out.size() == max_members)
      break;
    out.emplace(name, bounded(value, depth - 1));
  }
  if (object.size() > out.size())
    out["_truncated_keys"] = object.size() - max_members;
  return out;
}

/// W&B stores a config entry as {"value": ..., "desc": ...}.
const json::value& unwrapped(const json::value& v) {
  const auto* object = v.if_object();
  const auto* value = object ? object->if_contains("value") : nullptr;
  const bool is_wrapper =
    value
    && (object->size() == 1
        || (object->size() == 2 && object->contains("desc")));
  return is_wrapper ? *value : v;
}

/// The member of that name or, when there is none, what the dotted path leads
/// to. Null pointer: neither.
const json::value* find_key(const json::object& from, std::string_view key) {
  if (const auto* exact = from.if_contains(key))
    return &unwrapped(*exact);
  for (auto dot = key.find('.'); dot != key.npos; dot = key.find('.', dot + 1))
    if (const auto* head = from.if_contains(key.substr(0, dot)))
      if (const auto* inner = unwrapped(*head).if_object())
        if (const auto* found = find_key(*inner, key.substr(dot + 1)))
          return found;
  return nullptr;
}

/// JSON text or, from servers that parse it themselves, an object. Empty when
/// there is none; nothing when there is one that can not be read.
std::optional<json::object> document_in(const json::object& node,
                                        std::string_view name) {
  const auto* member = node.if_contains(name);
  if (!member || member->is_null())
    return json::object{};
  json::value v = *member;
  if (const auto* text = member->if_string()) {
    if (text->empty() || *text == "null")
      return json::object{};
    v = read_document(*text);
  }
  if (auto* object = v.if_object())
    return std::move(*object);
  return std::nullopt;
}

/// Says of a member that it is there and can not be read.
void add_unreadable(json::object& item, std::string_view name) {
  item[name] = nullptr;
  auto& names = item["unreadable"];
  if (!names.is_array())
    names = json::array();
  names.get_array().emplace_back(name);
}

void add_whole(json::object& item, const json::object& node,
               std::string_view member, std::string_view name) {
  if (const auto all = document_in(node, member))
    item.emplace(name, normalized(*all));
  else
    add_unreadable(item, name);
}

/// The picked members under `name`, those not there under "missing_`name`_keys"
void add_document(json::object& item, const json::object& node,
                  std::string_view member, std::string_view name,
                  const std::vector<std::string>& keys) {
  const auto all = document_in(node, member);
  if (!all) {
    add_unreadable(item, name);
    return;
  }
  json::object picked;
  json::array missing;
  for (const auto& key : keys)
    if (const auto* found = find_key(*all, key))
      picked.emplace(key, normalized(*found));
    else
      missing.emplace_back(key);
  if (keys.empty()) {
    json::object shown;
    for (const auto& [key, value] : *all)
      if (name != "config" || (key != "_wandb" && key != "wandb_version"))
        shown.emplace(key, name == "config" ? unwrapped(value) : value);
    item.emplace(name, normalized(shown));
    return;
  }
  item.emplace(name, std::move(picked));
  if (!missing.empty())
    item.emplace("missing_" + std::string(name) + "_keys", std::move(missing));
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value() : json::value(text);
}

json::object person(const json::object& node) {
  json::object out;
  if (const auto* user = object_at(node, {"user"}))
    out = {{"username", value_or_null(*user, "username")},
           {"name", value_or_null(*user, "name")}};
  return out;
}

json::value sweep_reference(const typed_query& q, const std::string& name,
                            const std::string& base) {
  if (name.empty())
    return nullptr;
  return json::object{{"id", name},
                      {"name", name},
                      {"entity", q.entity},
                      {"project", q.project},
                      {"url", base + "/sweeps/" + url_segment(name)}};
}

json::object run_item(const typed_query& q, const json::object& node,
                      const std::string& base) {
  const auto id = text_at(node, "name");
  const auto name = text_at(node, "displayName");
  json::object item{
    {"id", text_or_null(id)},
    {"display_name", text_or_null(name.empty() ? id : name)},
    {"state", value_or_null(node, "state")},
    {"entity", q.entity},
    {"project", q.project},
    {"url", base + "/runs/" + url_segment(id)},
    {"created_at", value_or_null(node, "createdAt")},
    {"heartbeat_at", value_or_null(node, "heartbeatAt")},
    {"duration", value_or_null(node, "computeSeconds")},
    {"history_line_count", value_or_null(node, "historyLineCount")},
    {"group", value_or_null(node, "group")},
    {"job_type", value_or_null(node, "jobType")},
    {"tags", value_or_null(node, "tags")},
    {"user", nullptr}};
  if (auto user = person(node); !user.empty())
    item["user"] = std::move(user);
  if (q.summary)
    add_document(item, node, "summaryMetrics", "summary", q.summary_keys);
  if (q.config)
    add_document(item, node, "config", "config", q.config_keys);
  if (q.system_metrics)
    add_whole(item, node, "systemMetrics", "system_metrics");
  if (q.sweep)
    item.emplace("sweep", sweep_reference(q, text_at(node, "sweepName"), base));
  return item;
}

json::object sweep_item(const typed_query& q, const json::object& node,
                        const std::string& base) {
  const auto id = text_at(node, "name");
  const auto name = text_at(node, "displayName");
  json::object item{
    {"id", text_or_null(id)},
    {"name", text_or_null(name.empty() ? id : name)},
    {"state", value_or_null(node, "state")},
    {"method", value_or_null(node, "method")},
    {"description", value_or_null(node, "description")},
    {"entity", q.entity},
    {"project", q.project},
    {"run_count", value_or_null(node, "runCount")},
    {"expected_run_count", value_or_null(node, "runCountExpected")},
    {"best_loss", value_or_null(node, "bestLoss")},
    {"created_at", value_or_null(node, "createdAt")},
    {"updated_at", value_or_null(node, "updatedAt")},
    {"url", base + "/sweeps/" + url_segment(id)}};
  if (q.config) {
    // Usually YAML, which is given as the text it is.
    const auto text = text_at(node, "config");
    auto parsed = read_document(text);
    item.emplace("config", normalized(parsed.is_object() ? std::move(parsed)
                                                         : text_or_null(text)));
  }
  return item;
}

json::object report_item(const typed_query& q, const json::object& node,
                         const std::string& base) {
  const auto id = text_at(node, "id");
  const auto title = text_at(node, "displayName");
  json::object item{{"id", text_or_null(id)},
                    {"name", value_or_null(node, "name")},
                    {"display_name", value_or_null(node, "displayName")},
                    {"description", value_or_null(node, "description")},
                    {"user", nullptr},
                    {"created_at", value_or_null(node, "createdAt")},
                    {"updated_at", value_or_null(node, "updatedAt")},
                    {"url", report_page(base, title, id)}};
  if (const auto* user = object_at(node, {"user"}))
    item["user"] = json::object{{"username", value_or_null(*user, "username")}};
  if (q.spec)
    add_whole(item, node, "spec", "spec");
  return item;
}

json::object project_item(const typed_query& q, const json::object& node,
                          const std::string& base) {
  return {{"id", value_or_null(node, "id")},
          {"name", value_or_null(node, "name")},
          {"entity", q.entity},
          {"description", value_or_null(node, "description")},
          {"run_count", value_or_null(node, "runCount")},
          {"visibility", value_or_null(node, "access")},
          {"created_at", value_or_null(node, "createdAt")},
          {"updated_at", value_or_null(node, "updatedAt")},
          {"url", base}};
}

} // namespace

json::value normalized(const json::value& v) {
  return bounded(v, max_depth);
}

json::value read_document(std::string_view text) {
  auto parsed = read_lenient(text);
  return parsed ? std::move(*parsed) : json::value();
}

json::object item_of(const typed_query& q, const json::object& node,
                     std::string_view app_url) {
  using enum typed_resource;
  const auto base = project_url(app_url, q.entity, q.project);
  switch (q.what) {
  case project:
    return project_item(q, node, base);
  case run:
  case runs:
    return run_item(q, node, base);
  case sweep:
  case sweeps:
    return sweep_item(q, node, base);
  case reports:
    break;
  }
  return report_item(q, node, base);
}

} // namespace mcp::tools
