#pragma once

// What MCP's Streamable HTTP transport and the documented sign-in ask of HTTP
// headers. Pure functions over header values.

#include "protocol/errors.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// Whether an Accept header admits a media type ("application/json"): ranges
/// (`*/*`, `application/*`), parameters and q-values per RFC 9110, 12.5.1. The
/// most specific range decides; q=0 means no. An empty header admits nothing,
/// because MCP clients must send one.
[[nodiscard]] bool accepts(std::string_view accept_header,
                           std::string_view media_type);

/// Which forms of an answer a client takes.
struct answer_forms {
  bool json = false;
  bool stream = false; // text/event-stream
};

/// Reads an Accept header. MCP wants clients to take both forms; `lenient` lets
/// those in that send no Accept header, which then means both.
[[nodiscard]] answer_forms accepted_forms(std::string_view accept_header,
                                          bool lenient = false);

/// Whether an Accept-Encoding header admits a content coding ("gzip"): a weight
/// of 0 means no, and "*" stands for those that are not named (RFC 9110,
/// 12.5.3). An empty header admits none.
[[nodiscard]] bool accepts_coding(std::string_view accept_encoding,
                                  std::string_view coding);
/// Whether an Accept header asks for HTML by its name, as browsers do; `*/*`
/// alone, which many programs send, does not.
[[nodiscard]] bool wants_page(std::string_view accept_header);

/// Whether a Content-Type header says this type, in any case, with or without
/// parameters.
[[nodiscard]] bool is_media_type(std::string_view content_type,
                                 std::string_view type);

/// Whether a Content-Type header says JSON, with or without parameters.
[[nodiscard]] bool is_json_content(std::string_view content_type);

/// The credential of "Authorization: Bearer X" (scheme in any case, white space
/// around X left out); empty when there is none, or the scheme is another. A
/// view into the header.
[[nodiscard]] std::string_view
bearer_token(std::string_view authorization_header);

/// How a credential was refused; `hint` is for the person who set it up.
struct credential_refusal {
  std::string error; // "Authorization required", "Invalid API key format"
  std::string hint;
};

/// The W&B key that a Bearer credential (see above) is; a view into it.
/// A W&B key is an optional prefix ended by "-", then at least 40 of
/// [A-Za-z0-9_]; at most 256 characters in all. The hint names the usual
/// mistakes: a placeholder, quotes, "Bearer" twice, blanks within, a key cut
/// short, an access token where no sign-in is.
[[nodiscard]] boost::system::result<std::string_view, credential_refusal>
read_key(std::string_view bearer);

/// Whether `key` has the form of a W&B API key.
[[nodiscard]] bool has_key_form(std::string_view key);

/// The text without the white space and line breaks that pasting adds around
/// it.
[[nodiscard]] std::string_view without_blanks(std::string_view pasted);

/// Which Host and Origin headers are welcome (DNS rebinding, MCP "Security
/// Warning" of the transport).
struct origin_rules {
  /// Host names (or host:port) that Host may carry. Empty: only loopback names
  /// when `loopback`, else any.
  std::vector<std::string> allowed_hosts;
  /// The name under which clients find us, allowed in any case; may be empty.
  std::string public_host = {};
  /// Origins ("https://app.example") that browsers may send; "*" for any.
  std::vector<std::string> allowed_origins;
  /// We listen on a loopback address.
  bool loopback = true;
};

[[nodiscard]] bool host_allowed(std::string_view host_header,
                                const origin_rules& rules);

/// An absent Origin is fine: only browsers send one. A present one must be
/// listed, or name the very host of the Host header, or be a loopback origin
/// when we listen on loopback.
[[nodiscard]] bool origin_allowed(std::string_view origin_header,
                                  std::string_view host_header,
                                  const origin_rules& rules);

/// "[::1]:8080" -> "[::1]", "LOCALHOST:80" -> "localhost".
[[nodiscard]] std::string host_without_port(std::string_view host);
[[nodiscard]] bool is_loopback_name(std::string_view host_name);

} // namespace mcp
