#pragma once

// The token endpoint's decisions (RFC 6749, 4.1.3, 5.2 and 6; RFC 8628, 3.4),
// as far as they need no store.

#include "protocol/oauth/client.hpp"
#include "protocol/oauth/form.hpp"
#include "protocol/oauth/metadata.hpp"

#include <string>
#include <string_view>

namespace mcp::oauth {

/// How a client said who it is.
struct client_credentials {
  std::string id;
  secret password; // empty: none
  bool basic = false;
};

/// Reads client_id and client_secret from the form, or from "Authorization:
/// Basic" (RFC 6749, 2.3.1), whose two halves are form-encoded.
/// Errors: `invalid_request` both ways at once; `invalid_client` no client_id,
///         or a header that can not be read
[[nodiscard]] checked<client_credentials>
read_credentials(std::string_view authorization, const form& body);

/// Whether the client proved what it has to.
/// Errors: `invalid_client`, the same for a wrong and a missing secret
[[nodiscard]] checked<void> check_credentials(const client_credentials& given,
                                              const client& who,
                                              const sealer& seals);

/// What a code gives to whom (RFC 6749, 4.1.3).
/// Errors: `invalid_grant` another client's, another redirect_uri than it was
///         asked with, or a wrong code_verifier; `invalid_request` none;
///         `invalid_target` another resource
[[nodiscard]] checked<void> check_code(const code& c, const form& body,
                                       std::string_view client_id,
                                       const issuer& us);

/// Which scopes a refresh gives: all, or those asked for (RFC 6749, 6).
/// Errors: `invalid_grant` another client's token; `invalid_scope` more than
///         was granted; `invalid_target` another resource
[[nodiscard]] checked<scopes> check_refresh(const token& t, const form& body,
                                            std::string_view client_id,
                                            const issuer& us);

/// The 200 answer of the token endpoint (RFC 6749, 5.1).
[[nodiscard]] std::string write_tokens(std::string_view access,
                                       std::string_view refresh,
                                       std::int64_t lifetime_seconds,
                                       scopes allowed);

} // namespace mcp::oauth
