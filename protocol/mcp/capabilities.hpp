#pragma once

// What the server offers and what the client can do, as each version writes
// it.

#include "protocol/mcp/refusal.hpp"
#include "protocol/mcp/session_token.hpp"
#include "protocol/mcp/version.hpp"

#include <boost/json.hpp>

#include <string_view>

namespace mcp {

inline constexpr std::string_view tasks_extension =
  "io.modelcontextprotocol/tasks";

/// What a server offers.
struct server_features {
  bool tools = true;
  bool tools_changed = false; // says when the list changes
  bool prompts = false;
  bool prompts_changed = false;
  bool resources = false;
  bool resources_changed = false;
  bool resources_subscribe = false; // says when a resource changes
  bool logging = false;
  bool completions = false;
  /// Extension id -> its settings. The session era has no extensions.
  boost::json::object extensions = {};
};

/// The "capabilities" of initialize and server/discover.
[[nodiscard]] boost::json::object
server_capabilities(const server_features& features, version v);

/// Whether `method` is a request that this version knows and these features
/// offer: prompts/list only with prompts, tasks/get only with the tasks
/// extension. Anything else is an unknown method. Notifications are not asked
/// about here.
[[nodiscard]] bool offers_method(std::string_view method, version v,
                                 const server_features& features);

/// How a request is refused that `offers_method` denies: -32601 with the method
/// that came, and what is near, or which protocol version has it.
[[nodiscard]] protocol_refusal refuse_method(std::string_view method, version v,
                                             const server_features& features);

/// Whether the answer to `method` may be "input_required" (2026-07-28, multi
/// round-trip requests).
[[nodiscard]] bool may_ask_for_input(std::string_view method);

/// Whether a client's capabilities name an extension.
[[nodiscard]] bool declares_extension(const boost::json::object& capabilities,
                                      std::string_view extension);

/// What a session keeps of a client's capabilities. A member that is null or
/// false counts as absent. `elicitation` means forms: {} and {"form":{}} do,
/// {"url":{}} alone does not.
[[nodiscard]] client_capabilities
read_client_capabilities(const boost::json::object& capabilities);

/// And back: the capabilities object that reads as these.
[[nodiscard]] boost::json::object to_json(const client_capabilities& can);

} // namespace mcp
