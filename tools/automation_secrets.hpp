#pragma once

// Automations call other services, and people put those services' credentials
// into addresses and payloads. A model has no use for them, and what it reads
// may end up anywhere.

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace mcp::tools {

namespace json = boost::json;

/// The address without user name, password, query and fragment; segments of its
/// path that look like keys are replaced.
[[nodiscard]] std::string url_without_secrets(std::string_view url);

/// The value with "[redacted]" for every member whose name speaks of a
/// credential and for every text that looks like one.
[[nodiscard]] json::value without_secrets(const json::value& v);

/// A webhook's payload: JSON becomes a value without secrets. Text that is not
/// JSON is given only when no word in it speaks of a credential.
[[nodiscard]] json::value payload_without_secrets(std::string_view text);

} // namespace mcp::tools
