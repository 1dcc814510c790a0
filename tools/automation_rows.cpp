#include "tools/automation_rows.hpp"

#include "protocol/json/parse.hpp"
#include "tools/automation_secrets.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/tool.hpp"
#include "tools/typed_query_items.hpp"

#include <array>
#include <utility>

namespace mcp::tools {
namespace {

constexpr std::size_t longest_text = 1000;

json::value short_text(const json::object& from, std::string_view name) {
  const auto text = text_at(from, name);
  return text.empty() ? json::value()
                      : json::value(shorten(text, longest_text));
}

/// JSON text becomes what it says; W&B nests it in itself. What is no JSON
/// stays a text.
json::value decoded(const json::value& v) {
  const auto* text = v.if_string();
  if (!text)
    return normalized(v);
  auto parsed = read_document(*text);
  if (parsed.is_structured())
    return normalized(parsed);
  return json::value(shorten(*text, longest_text));
}

void add_members(json::object& out, const json::value& from) {
  const auto v = decoded(from);
  if (const auto* object = v.if_object())
    for (const auto& [name, value] : *object)
      out.insert_or_assign(name, value);
}

/// What makes the event: of metrics {kind, name, threshold, ..., run_filter},
/// of states {states, run_filter}, of artifacts the filter itself.
json::value event_filter(const json::object& event) {
  static constexpr std::array<std::pair<const char*, const char*>, 3> kinds{
    {{"threshold_filter", "threshold"},
     {"change_filter", "change"},
     {"zscore_filter", "zscore"}}};
  const auto whole = decoded(value_or_null(event, "filter"));
  const auto* object = whole.if_object();
  if (!object)
    return whole;
  if (const auto* inner = object->if_contains("filter"))
    return decoded(*inner);
  json::object out;
  if (const auto* metric = object_at(*object, {"run_metric_filter"})) {
    for (const auto& [member, kind] : kinds)
      if (const auto* filter = metric->if_contains(member)) {
        out["kind"] = kind;
        add_members(out, *filter);
      }
  } else if (const auto* old = object->if_contains("metric_filter")) {
    out["kind"] = "threshold";
    add_members(out, *old);
  }
  if (const auto* states = object->if_contains("run_state_filter"))
    add_members(out, *states);
  if (out.empty())
    return whole;
  if (const auto* runs = object->if_contains("run_filter"))
    out["run_filter"] = decoded(*runs);
  return out;
}

json::value integration_id(const json::object& action) {
  const auto* integration = object_at(action, {"integration"});
  return integration ? value_or_null(*integration, "id") : json::value();
}

json::object action_of(const json::object& trigger) {
  const auto* action = object_at(trigger, {"action"});
  if (!action)
    return {{"type", nullptr}};
  const auto type = text_at(*action, "__typename");
  if (type == "NotificationTriggeredAction")
    return {{"type", "NOTIFICATION"},
            {"integration_id", integration_id(*action)},
            {"title", short_text(*action, "title")},
            {"message", short_text(*action, "message")},
            {"severity", short_text(*action, "severity")}};
  if (type == "GenericWebhookTriggeredAction")
    return {{"type", "GENERIC_WEBHOOK"},
            {"integration_id", integration_id(*action)},
            {"request_payload",
             payload_without_secrets(text_at(*action, "requestPayload"))}};
  if (type == "NoOpTriggeredAction")
    return {{"type", "NO_OP"}};
  if (type == "QueueJobTriggeredAction")
    return {{"type", "QUEUE_JOB"}};
  if (type == "PushNotificationTriggeredAction")
    return {{"type", "PUSH_NOTIFICATION"}};
  return {{"type", shorten(type, 100)}};
}

json::object scope_of(const json::object& trigger) {
  const auto* scope = object_at(trigger, {"scope"});
  if (!scope)
    return {{"type", nullptr}};
  const auto type = text_at(*scope, "__typename");
  return {{"type", type == "Project" ? "PROJECT"
                   : type == "ArtifactPortfolio" || type == "ArtifactSequence"
                     ? "ARTIFACT_COLLECTION"
                     : shorten(type, 100)},
          {"id", value_or_null(*scope, "id")},
          {"name", value_or_null(*scope, "name")}};
}

} // namespace

json::object automation_row(const json::object& trigger,
                            const std::string& project) {
  json::object event{{"type", nullptr}, {"filter", nullptr}};
  if (const auto* found = object_at(trigger, {"event"}))
    event = {{"type", value_or_null(*found, "eventType")},
             {"filter", event_filter(*found)}};
  return {{"id", value_or_null(trigger, "id")},
          {"name", value_or_null(trigger, "name")},
          {"enabled", value_or_null(trigger, "enabled")},
          {"description", short_text(trigger, "description")},
          {"created_at", value_or_null(trigger, "createdAt")},
          {"updated_at", value_or_null(trigger, "updatedAt")},
          {"project", project},
          {"scope", scope_of(trigger)},
          {"event", std::move(event)},
          {"action", action_of(trigger)}};
}

json::object integration_row(const json::object& node) {
  const auto type = text_at(node, "__typename");
  if (type == "SlackIntegration")
    return {{"type", "slack"},
            {"id", value_or_null(node, "id")},
            {"team_name", value_or_null(node, "teamName")},
            {"channel_name", value_or_null(node, "channelName")}};
  if (type == "GenericWebhookIntegration")
    return {
      {"type", "webhook"},
      {"id", value_or_null(node, "id")},
      {"name", value_or_null(node, "name")},
      {"url_endpoint", url_without_secrets(text_at(node, "urlEndpoint"))}};
  return {{"type", shorten(type, 100)}, {"id", value_or_null(node, "id")}};
}

list_end list_end_of(const json::object& connection,
                     const json::value& before) {
  list_end out;
  if (const auto* info = object_at(connection, {"pageInfo"})) {
    const auto* more = info->if_contains("hasNextPage");
    out.more = more && more->is_bool() && more->get_bool();
    out.cursor = text_at(*info, "endCursor");
  }
  if (out.more && (out.cursor.empty() || json::value(out.cursor) == before))
    throw failure_exception(
      {.code = errc::upstream_garbage,
       .message = "W&B answered with pages that can not be followed."});
  return out;
}

std::string selector_of(std::string_view argument, std::string text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    invalid_input(std::string(argument)
                  + ": it is empty. Leave it out instead.");
  if (text.size() > 512)
    invalid_input(std::string(argument) + ": longer than 512 bytes.");
  return text;
}

} // namespace mcp::tools
