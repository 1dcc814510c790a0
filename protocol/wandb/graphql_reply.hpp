#pragma once

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <string_view>

namespace mcp::wandb {

struct graphql_document_reply {
  boost::json::object data;  // content of "data"
  boost::json::array errors; // content of "errors"; empty when there were none
};

/// Reads the body of a 2xx answer of the GraphQL endpoint.
/// Errors: `upstream_garbage` not a JSON object with a "data" object or with
///         "errors"; what `graphql_failure` says when errors came without data.
[[nodiscard]] result<graphql_document_reply>
read_graphql_reply(std::string_view body);

/// The failure that a non-empty "errors" list means: all messages, joined and
/// cut at 500 characters; `unauthorized`, `not_permitted` or `not_found` when a
/// message or its extensions say so, else `upstream_error`.
[[nodiscard]] failure graphql_failure(const boost::json::array& errors);

/// The failure that a non-2xx HTTP answer of W&B means, from its status, its
/// body (GraphQL errors, {"detail": ...}, {"error": ...} or text) and the value
/// of its Retry-After header (seconds or an HTTP date; may be empty). A date is
/// counted from `now`.
/// The message never holds more than 500 characters of the body.
[[nodiscard]] failure http_failure(
  int status, std::string_view body, std::string_view retry_after,
  std::string_view service_name,
  std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

} // namespace mcp::wandb
