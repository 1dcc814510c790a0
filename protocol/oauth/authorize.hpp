#pragma once

// The authorization endpoint (RFC 6749, 4.1.1; RFC 7636; RFC 8707; RFC 9207).

#include "protocol/oauth/client.hpp"
#include "protocol/oauth/form.hpp"
#include "protocol/oauth/metadata.hpp"

#include <string>
#include <variant>

namespace mcp::oauth {

/// Why a request is turned down, and whom to tell: the person at the browser
/// alone when the client or its redirect URI can not be trusted, since sending
/// them anywhere would make this an open redirect (RFC 9700, 4.11).
struct tell_person {
  std::string problem; // a sentence
};
struct tell_client {
  std::string location; // the redirect URI with error, state and iss
};

using authorize_outcome =
  std::variant<pending_request, tell_person, tell_client>;

/// Checks a request of a client that is known already: redirect_uri must be one
/// of its own and may be left out only if it has just one; response_type is
/// code; code_challenge of the method S256 must be there; resource must be us
/// or absent; state is at most 2048 bytes. `browser` is left empty.
[[nodiscard]] authorize_outcome
check_authorize(const form& query, const client& who, const issuer& us);

/// The redirect URI with the code, state and iss.
[[nodiscard]] std::string answer_with_code(const pending_request& r,
                                           std::string_view code,
                                           const issuer& us);
/// The redirect URI with an error of RFC 6749, 4.1.2.1, state and iss.
[[nodiscard]] std::string answer_with_error(const pending_request& r,
                                            std::string_view error,
                                            std::string_view description,
                                            const issuer& us);

} // namespace mcp::oauth
