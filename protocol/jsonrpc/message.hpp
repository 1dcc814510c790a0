#pragma once

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::jsonrpc {

/// An id as JSON text: `7` and `"7"` differ and go back as they came. It means
/// something only beside the request that carried it.
using request_id = std::string;

enum class message_kind { request, notification, response };

/// One JSON-RPC 2.0 message (https://www.jsonrpc.org/specification).
struct message {
  message_kind kind = message_kind::notification;
  request_id id;                            // empty for a notification
  std::string method;                       // empty for a response
  boost::json::object params;               // empty when absent
  std::optional<boost::json::value> result; // a response has one of these two
  std::optional<boost::json::object> error;
};

/// A message that could not be read, with the id to answer it under.
struct rejected {
  std::optional<request_id> id; // empty: answer with "id": null
  failure why;
  /// It is a notification: nobody is told (JSON-RPC 2.0, 4.1).
  bool unanswered = false;
};

using read_message = boost::system::result<message, rejected>;

/// What one HTTP body or one line holds.
struct envelope {
  bool batch = false;                 // an array, also one of one
  std::vector<read_message> messages; // at least one
};

struct reader_limits {
  std::size_t max_depth = 64;
  std::size_t max_values = 250'000;
  std::size_t max_batch = 100;
  std::size_t max_id_bytes = 4096;
};

/// The text of an id: of a string, an integer, or a number that is written with
/// a fraction or an exponent and is an integer all the same (1.0 is 1). Empty
/// for everything else, and for one longer than allowed.
[[nodiscard]] std::optional<request_id>
read_id(const boost::json::value& id,
        std::size_t max_bytes = reader_limits{}.max_id_bytes);

/// Reads one body: a message, or an array of them.
/// Takes:  UTF-8 text; 64 readable bytes must follow it (see
/// parse_padded_json). Gives:  each message or why it is none. Member names are
/// matched by exact
///         case; an object that names a member twice is refused; ids are
///         strings or integers; "params" is an object, because MCP has no
///         other, and null counts as absent. A single message beyond a limit is
///         rejected under its id.
/// Errors: `parse_error`     not JSON, not UTF-8; a batch that is too deep, too
///                           large, or names a member twice
///         `invalid_request` an empty array, or more messages than allowed
[[nodiscard]] result<envelope> read_envelope(std::string_view padded_text,
                                             const reader_limits& = {});

/// {"jsonrpc":"2.0","id":ID,"result":RESULT}; `result_json` is taken as it is.
[[nodiscard]] std::string write_result(const request_id& id,
                                       std::string_view result_json);

/// {"jsonrpc":"2.0","id":ID,"error":{"code":..,"message":..,"data":..}} without
/// "data" when it is null. An empty optional writes "id":null.
[[nodiscard]] std::string write_error(const std::optional<request_id>& id,
                                      int code, std::string_view message,
                                      const boost::json::value& data = nullptr);
[[nodiscard]] std::string write_error(const std::optional<request_id>& id,
                                      const failure& why);

/// {"jsonrpc":"2.0","method":METHOD,"params":PARAMS}
[[nodiscard]] std::string write_notification(std::string_view method,
                                             const boost::json::object& params);

} // namespace mcp::jsonrpc
