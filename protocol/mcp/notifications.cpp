#include "protocol/mcp/notifications.hpp"

#include "protocol/mcp/stateless.hpp"

namespace mcp {
namespace {

namespace json = boost::json;

/// An id back from its JSON text: ids are strings and integers only.
json::value id_value(const jsonrpc::request_id& id) {
  return json::parse(id);
}

} // namespace

notification log_notification(log_level level, json::value data,
                              std::string_view logger) {
  json::object params{{"level", to_string(level)}};
  if (!logger.empty())
    params["logger"] = logger;
  params["data"] = std::move(data);
  return {"notifications/message", std::move(params)};
}

notification progress_notification(const json::value& token, double done,
                                   std::optional<double> total,
                                   std::string_view message) {
  json::object params{{"progressToken", token}, {"progress", done}};
  if (total)
    params["total"] = *total;
  if (!message.empty())
    params["message"] = message;
  return {"notifications/progress", std::move(params)};
}

notification cancelled_notification(const jsonrpc::request_id& id,
                                    std::string_view reason) {
  json::object params{{"requestId", id_value(id)}};
  if (!reason.empty())
    params["reason"] = reason;
  return {"notifications/cancelled", std::move(params)};
}

notification list_changed_notification(changing_list list) {
  switch (list) {
  case changing_list::tools:
    return {"notifications/tools/list_changed"};
  case changing_list::prompts:
    return {"notifications/prompts/list_changed"};
  case changing_list::resources:
    break;
  }
  return {"notifications/resources/list_changed"};
}

notification resource_updated_notification(std::string_view uri) {
  return {"notifications/resources/updated", json::object{{"uri", uri}}};
}

notification elicitation_complete_notification(std::string_view id) {
  return {"notifications/elicitation/complete",
          json::object{{"elicitationId", id}}};
}

std::string
write_notification(const notification& n,
                   const std::optional<jsonrpc::request_id>& subscription) {
  if (!subscription)
    return jsonrpc::write_notification(n.method, n.params);
  auto params = n.params;
  auto& meta = params["_meta"];
  if (!meta.is_object())
    meta = json::object{};
  meta.get_object()[meta_key::subscription_id] = id_value(*subscription);
  return jsonrpc::write_notification(n.method, params);
}

} // namespace mcp
