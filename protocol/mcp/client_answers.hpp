#pragma once

// The client's answers to what a server asked (client_requests.hpp): results
// in the session era, members of "inputResponses" in the stateless one.

#include "protocol/errors.hpp"
#include "protocol/mcp/client_requests.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mcp {

enum class elicit_action {
  accept,
  decline, // the user said no
  cancel,  // the user did not answer
};

[[nodiscard]] std::string_view to_string(elicit_action action);

struct elicit_answer {
  elicit_action action = elicit_action::cancel;
  boost::json::object content = {}; // of an accepted form
};

/// Errors: `invalid_params` for an action that is none, an accepted form
///         without content, or content that does not fit the schema of
///         `asked` (see read_form_content).
[[nodiscard]] result<elicit_answer>
read_elicit_answer(const boost::json::value& answer,
                   const client_request& asked);

struct sampling_answer {
  std::string role = {};           // "assistant", "user"
  std::string model = {};          // empty when the client does not say
  std::string stop_reason = {};    // "endTurn", ...; empty when unknown
  boost::json::array content = {}; // blocks, each with a "type"
  std::string text = {};           // of all text blocks, joined
};

/// Errors: `invalid_params` for a role that is none, content that is neither a
///         block nor several, and a block without type or a text without text.
[[nodiscard]] result<sampling_answer>
read_sampling_answer(const boost::json::value& answer);

struct client_root {
  std::string uri;
  std::string name = {};
};

/// Errors: `invalid_params` when it is no list of roots with a "uri" each.
[[nodiscard]] result<std::vector<client_root>>
read_roots_answer(const boost::json::value& answer);

/// Whether `answer` is one that `asked` can have; the readers above, for
/// whoever only passes it on.
/// Errors: as above; also when `asked` is no question we know.
[[nodiscard]] result<void> check_answer(const boost::json::value& answer,
                                        const client_request& asked);

/// The failure that a client's JSON-RPC error stands for: `not_permitted`, with
/// the method and the client's message, cut at 200 bytes.
[[nodiscard]] failure client_said_no(const client_request& asked,
                                     const boost::json::object& error);

} // namespace mcp
