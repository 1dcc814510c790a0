#pragma once

// The headers that mirror parts of a stateless request's body, so that a proxy
// can route without parsing it: Mcp-Method, Mcp-Name and, for arguments that
// the tool's schema marks, Mcp-Param-NAME. Whoever acts on the body must hold
// them against it (2026-07-28, transports/streamable-http, "Request Metadata").

#include "protocol/errors.hpp"
#include "protocol/jsonrpc/message.hpp"
#include "protocol/mcp/refusal.hpp"

#include <boost/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// Gives the value of a request's header, whose name is matched in any case;
/// empty when there is none. A header that came twice must be given as one text
/// (joined by ", "), so that no second value goes unseen.
using header_lookup =
  std::function<std::optional<std::string_view>(std::string_view name)>;

/// What a header's value stands for: blanks around it are dropped, and
/// "=?base64?TEXT?=" is decoded (standard alphabet, padded, exact).
/// Gives nothing for bytes that no header may hold, and for a payload that is
/// not Base64 of UTF-8. Text that lacks one of the two marks stands for itself.
[[nodiscard]] std::optional<std::string>
decode_header_value(std::string_view header);

/// The header that stands for `value`: as it is where that is safe, else in
/// the Base64 form.
[[nodiscard]] std::string encode_header_value(std::string_view value);

/// An argument that a tool wants mirrored.
struct header_parameter {
  std::string header;            // "Mcp-Param-Region"
  std::vector<std::string> path; // members from the arguments down to it
};

/// Finds the "x-mcp-header" marks of an input schema.
/// Errors: `bad_argument` for a mark that makes the schema invalid: its value
///         is no header token; two are the same but for case; the property is
///         not a plain string, integer or boolean; or it is reached through
///         anything but "properties" (items, $defs, anyOf, ...). The message
///         says where. A client drops such a tool, so this is for startup.
[[nodiscard]] result<std::vector<header_parameter>>
header_parameters(const boost::json::object& input_schema);

/// Mcp-Method must be the method. Mcp-Name must be params.name (tools/call,
/// prompts/get), params.uri (resources/read) or params.taskId (tasks/get,
/// tasks/update, tasks/cancel) of a request whose params have that member as a
/// string: without it the request is refused for another reason.
/// Errors: -32020 missing, malformed or different.
[[nodiscard]] objection check_standard_headers(const jsonrpc::message& m,
                                               const header_lookup& headers);

/// Each marked argument that has a value must be mirrored by its header, and a
/// header must not stand for an argument that is absent or null. Numbers are
/// compared as numbers ("42.0" is 42). Other Mcp-Param headers mean nothing.
/// Errors: -32020 missing, malformed or different.
[[nodiscard]] objection
check_parameter_headers(const std::vector<header_parameter>& parameters,
                        const boost::json::object& arguments,
                        const header_lookup& headers);

} // namespace mcp
