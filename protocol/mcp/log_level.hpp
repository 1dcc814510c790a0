#pragma once

#include <optional>
#include <string_view>

namespace mcp {

/// The severities of RFC 5424, 6.2.1, from the least to the most severe: they
/// compare in that order.
enum class log_level {
  debug,
  info,
  notice,
  warning,
  error,
  critical,
  alert,
  emergency,
};

/// "debug", ..., "emergency".
[[nodiscard]] std::string_view to_string(log_level level);
/// Exact names only; empty for any other.
[[nodiscard]] std::optional<log_level> parse_log_level(std::string_view text);

/// Whether a message goes to a client that asked for `wanted` and what is more
/// severe. A client that asked for nothing gets nothing: that is the rule of
/// the stateless era. In the session era a server may choose a level for
/// clients that set none, and then passes it here.
[[nodiscard]] constexpr bool reaches(log_level level,
                                     std::optional<log_level> wanted) {
  return wanted && level >= *wanted;
}

} // namespace mcp
