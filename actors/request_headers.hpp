#pragma once

#include "net/header_list.hpp"

#include <forward_list>
#include <string>
#include <string_view>

namespace mcp {

/// The header fields that the MCP endpoint acts upon; empty when absent. Views
/// into the request, or into `joined`.
struct request_headers {
  std::string_view host;
  std::string_view origin;
  std::string_view authorization;
  std::string_view accept;
  std::string_view accept_encoding;
  std::string_view content_type;
  std::string_view session_id;       // Mcp-Session-Id
  std::string_view protocol_version; // MCP-Protocol-Version
  std::string_view last_event_id;
  std::string_view wanted_headers; // Access-Control-Request-Headers
  /// The name of one that came more than once although it must not: a proxy
  /// could check the one and we use the other (RFC 9112, 3.2 for Host).
  std::string_view repeated;
  /// Lists that came on several lines, which mean the same as on one (RFC 9110,
  /// 5.3).
  std::forward_list<std::string> joined;
};

/// Finds them in one pass.
[[nodiscard]] request_headers read_headers(const net::header_list& all);

} // namespace mcp
