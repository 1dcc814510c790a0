#pragma once

// What a server asks of its client: an answer of its model, something of its
// user, its roots. In the session era these are JSON-RPC requests of ours; in
// the stateless era they are members of an "input_required" result, and the
// answers come with the client's next try.

#include "protocol/jsonrpc/message.hpp"
#include "protocol/mcp/refusal.hpp"
#include "protocol/mcp/version.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp {

/// One question, in the shape of the newest version; what older ones do not
/// know is taken out when it is written.
struct client_request {
  std::string method;
  boost::json::object params;
};

/// An elicitation that shows a form (elicitation_form.hpp makes the schema).
[[nodiscard]] client_request elicit_form(std::string_view message,
                                         boost::json::object requested_schema);

/// An elicitation that sends the user to a URL. `id` names it in
/// notifications/elicitation/complete; only 2025-11-25 has that.
[[nodiscard]] client_request
elicit_url(std::string_view message, std::string_view url, std::string_view id);

/// What to ask of the client's model.
struct sampling_request {
  boost::json::array messages; // {"role":..., "content":...}
  int max_tokens = 1000;
  std::string system_prompt = {};
  std::optional<double> temperature = {};
  std::vector<std::string> stop_sequences = {};
  boost::json::object model_preferences = {};
  std::string include_context = {}; // "none", "thisServer", "allServers"
  boost::json::array tools = {};
  std::string tool_choice = {}; // "auto", "required", "none"
};

/// {"role":"user","content":{"type":"text","text":TEXT}}
[[nodiscard]] boost::json::object user_text(std::string_view text);
[[nodiscard]] client_request create_message(const sampling_request& what);
[[nodiscard]] client_request list_roots();

/// What a client must declare to be asked this: {"sampling":{"tools":{}}},
/// {"elicitation":{"form":{}}}, {"elicitation":{"url":{}}}, {"roots":{}}.
[[nodiscard]] boost::json::object needed_capability(const client_request& r);

/// Whether a client with these capabilities can be asked `r` in version `v`.
/// Elicitation came with 2025-06-18; its URLs, choices of several and a model's
/// use of tools with 2025-11-25.
[[nodiscard]] bool can_ask(const client_request& r,
                           const boost::json::object& capabilities, version v);

/// The question as a JSON-RPC request of the session era.
[[nodiscard]] std::string write_client_request(const jsonrpc::request_id& id,
                                               const client_request& r,
                                               version v);

/// Questions by their keys, in the order to show them.
using input_requests = std::vector<std::pair<std::string, client_request>>;

/// The member "inputRequests": {KEY: {"method":..., "params":...}, ...}.
[[nodiscard]] boost::json::object to_json(const input_requests& questions);

/// A result that asks: {"resultType":"input_required","inputRequests":...,
/// "requestState":...}. At least one of the two must be there.
[[nodiscard]] boost::json::object
input_required_result(const input_requests& questions,
                      const std::optional<std::string>& state);

/// "inputResponses" of a request's params: key -> answer; empty when absent.
/// Errors: -32602 when it, or an answer in it, is not an object, or there are
///         more than 100.
[[nodiscard]] checked<boost::json::object>
read_input_responses(const boost::json::object& params);

} // namespace mcp
