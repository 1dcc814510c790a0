#pragma once

// How clients find their way in: RFC 9728 (the protected resource), RFC 8414
// (the authorization server), and the WWW-Authenticate header of RFC 6750, 3.

#include "protocol/oauth/scope.hpp"

#include <string>
#include <string_view>

namespace mcp::oauth {

/// This server as an authorization server and as what it protects.
struct issuer {
  /// "https://mcp.example.com": scheme, host and port alone; the issuer.
  std::string url;
  /// Whether there is an introspection endpoint (RFC 7662).
  bool introspection = false;

  /// The protected resource: "https://mcp.example.com/mcp".
  [[nodiscard]] std::string resource() const { return url + "/mcp"; }
  /// Whether a `resource` parameter (RFC 8707) means us: the MCP endpoint, or
  /// the server as a whole, with or without a slash at the end.
  [[nodiscard]] bool is_resource(std::string_view asked) const;
};

/// The protected resource metadata (RFC 9728, 2), as JSON.
[[nodiscard]] std::string resource_metadata(const issuer& us);
/// The authorization server metadata (RFC 8414, 2), as JSON. Also what OpenID
/// discovery gives, which some clients try first.
[[nodiscard]] std::string server_metadata(const issuer& us);

enum class challenge_reason {
  no_token,           // nothing was sent: no error code (RFC 6750, 3.1)
  invalid_token,      // 401
  insufficient_scope, // 403
};

/// The value of WWW-Authenticate, which sends the client to the metadata (RFC
/// 9728, 5.1) and says what to ask for.
[[nodiscard]] std::string www_authenticate(const issuer& us,
                                           challenge_reason why,
                                           std::string_view description);

} // namespace mcp::oauth
