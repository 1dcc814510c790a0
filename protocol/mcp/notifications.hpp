#pragma once

// Notifications to the client. All versions write them alike, except that those
// of a subscription name it.

#include "protocol/jsonrpc/message.hpp"
#include "protocol/mcp/log_level.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mcp {

struct notification {
  std::string method;
  boost::json::object params = {};
};

/// notifications/message; without "logger" when it is empty.
[[nodiscard]] notification log_notification(log_level level,
                                            boost::json::value data,
                                            std::string_view logger = {});

/// notifications/progress. `token` is the request's, as it came; `done` must
/// grow from one to the next.
[[nodiscard]] notification
progress_notification(const boost::json::value& token, double done,
                      std::optional<double> total = {},
                      std::string_view message = {});

/// notifications/cancelled, for a request of ours; on stdio also for a
/// subscription that we end. `id` is the JSON text of that request's id.
[[nodiscard]] notification cancelled_notification(const jsonrpc::request_id& id,
                                                  std::string_view reason = {});

enum class changing_list { tools, prompts, resources };

/// notifications/{tools,prompts,resources}/list_changed
[[nodiscard]] notification list_changed_notification(changing_list list);

/// notifications/resources/updated
[[nodiscard]] notification resource_updated_notification(std::string_view uri);

/// notifications/elicitation/complete; 2025-11-25 alone.
[[nodiscard]] notification
elicitation_complete_notification(std::string_view elicitation_id);

/// The message. With the JSON text of a subscriptions/listen request's id, it
/// is marked as belonging to that subscription.
[[nodiscard]] std::string
write_notification(const notification& n,
                   const std::optional<jsonrpc::request_id>& subscription = {});

} // namespace mcp
