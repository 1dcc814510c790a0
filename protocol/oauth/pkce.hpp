#pragma once

#include <string_view>

namespace mcp::oauth {

/// A challenge of the method S256: 43 characters of base64url (RFC 7636, 4.2).
[[nodiscard]] bool is_challenge(std::string_view text);
/// 43 to 128 unreserved characters (RFC 7636, 4.1).
[[nodiscard]] bool is_verifier(std::string_view text);
/// Whether the challenge was made of this verifier by S256; in constant time.
[[nodiscard]] bool matches(std::string_view challenge,
                           std::string_view verifier);

} // namespace mcp::oauth
