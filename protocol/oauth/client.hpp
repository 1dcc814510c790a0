#pragma once

// Who may ask for tokens. Three ways in: registering itself (RFC 7591), a
// Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document),
// and the operator's file.

#include "protocol/errors.hpp"
#include "protocol/oauth/refusal.hpp"
#include "protocol/oauth/sealed.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mcp::oauth {

struct client {
  enum class origin { registered, document, configured };
  std::string id;
  std::string name; // at most 128 bytes, never empty
  std::string uri;  // its web site, https, or empty
  std::vector<std::string> redirect_uris;
  origin from = origin::registered;
  /// It has to show a secret (RFC 6749, 2.1).
  bool confidential = false;
  secret configured_secret; // of a configured client
};

/// Reads the body of a registration (RFC 7591, 2): redirect_uris (1 to 16),
/// client_name, client_uri, token_endpoint_auth_method ("none", or with a
/// secret "client_secret_basic", the default, or "client_secret_post").
/// Whatever grant_types and response_types ask for, the client gets those of
/// the metadata; with the device code alone it needs no redirect_uris. Other
/// members are ignored, and null is as good as absent.
/// Errors: `invalid_redirect_uri`, `invalid_client_metadata`
[[nodiscard]] checked<registration> read_registration(std::string_view body,
                                                      std::int64_t now);

/// The 201 answer (RFC 7591, 3.2.1): what the client got, whatever it asked
/// for; with client_secret when `with_secret` is not empty.
[[nodiscard]] std::string write_registration(std::string_view client_id,
                                             const registration& r,
                                             std::string_view with_secret);

[[nodiscard]] client to_client(std::string_view id, registration r);

/// Whether a client id is the URL of a document: https, a host name with a dot
/// and no address, maybe a port, a path that is more than "/", no fragment,
/// query, user information or dot segments; at most 512 characters.
[[nodiscard]] bool is_document_url(std::string_view client_id);

/// Reads the document found at `url`: "client_id" must be that very URL, and
/// no secret may be in it.
/// Errors: `invalid_client`
[[nodiscard]] checked<client> read_document(std::string_view url,
                                            std::string_view text);

/// Reads the operator's file: a JSON array of {"client_id", "client_name",
/// "redirect_uris", "client_secret" (or none), "client_uri"}.
/// Errors: `bad_argument` saying which entry and why.
[[nodiscard]] result<std::vector<client>>
read_client_file(std::string_view text);

/// Whether the client may be sent there.
[[nodiscard]] bool may_redirect(const client& c, std::string_view uri);

} // namespace mcp::oauth
