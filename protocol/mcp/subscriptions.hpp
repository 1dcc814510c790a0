#pragma once

// subscriptions/listen (2026-07-28): one long answer that carries the
// notifications which the client asked for.

#include "protocol/jsonrpc/message.hpp"
#include "protocol/mcp/capabilities.hpp"
#include "protocol/mcp/notifications.hpp"
#include "protocol/mcp/refusal.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// What a client wants to be told.
struct subscription_filter {
  static constexpr std::size_t max_names = 1000;
  static constexpr std::size_t max_name_bytes = 2048;

  bool tools = false;
  bool prompts = false;
  bool resources = false;
  std::vector<std::string> uris = {};  // of resources
  std::vector<std::string> tasks = {}; // ids, with the tasks extension
};

/// Reads "notifications" of the params. Members that we do not know are passed
/// over: whoever sent them sees it in the acknowledgement.
/// Takes:  the capabilities that the request declares.
/// Errors: -32602 when it is missing or mistyped, or names too many or too
///         long; -32021 for tasks without the extension.
[[nodiscard]] checked<subscription_filter>
read_subscription_filter(const boost::json::object& params,
                         const boost::json::object& client_capabilities);

/// What is left of `wanted` when the server has only `features`.
[[nodiscard]] subscription_filter honoured(const subscription_filter& wanted,
                                           const server_features& features);

/// As the wire has it; what is not wanted is absent.
[[nodiscard]] boost::json::object to_json(const subscription_filter& filter);

/// Whether a notification goes to a subscription. Messages of requests (log,
/// progress) never do.
[[nodiscard]] bool wants(const subscription_filter& filter,
                         const notification& n);

/// notifications/subscriptions/acknowledged: the first message, with what the
/// server will tell. `id` is the JSON text of the listen request's id.
[[nodiscard]] std::string
write_acknowledgement(const jsonrpc::request_id& id,
                      const subscription_filter& told);

/// The result that ends a subscription: only "_meta" with its id. It still
/// needs a result_frame.
[[nodiscard]] boost::json::object
subscription_end(const jsonrpc::request_id& id);

} // namespace mcp
