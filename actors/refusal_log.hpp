#pragma once

#include <string>
#include <string_view>

namespace mcp {

/// An HTTP request that was refused, for the log.
struct refused_request {
  int status = 0;           // 401, 404, ...
  std::string_view target;  // as sent; its query string is left out
  std::string_view peer;    // "127.0.0.1:51234"; empty: not to be told
  std::string_view reason;  // words of ours, cut at the first ':' or ';'
  std::string request = {}; // connection and post: "17.3"; empty: none
};

/// Writes "http refused status=401 path=/mcp reason=authorization_required
/// peer=... request=..." at `info`.
void log_refusal(const refused_request& r);

/// A request's path as the log may show it: without query string, at most 120
/// bytes, '?' for what is no printable ASCII, and *** for a part that is long
/// enough to be a key or a token.
[[nodiscard]] std::string loggable_path(std::string_view target);

} // namespace mcp
