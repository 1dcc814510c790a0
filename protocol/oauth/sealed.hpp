#pragma once

// Nearly all that the authorization server must remember travels sealed with
// those whom it concerns: encrypted and authenticated (XChaCha20-Poly1305)
// under keys derived from the seal key, with the purpose authenticated beside
// it, so that nothing sealed for one purpose opens as another. What is sealed
// is a few hundred bytes, visible ASCII, and never the same twice.

#include "protocol/mcp/session_token.hpp"
#include "protocol/oauth/scope.hpp"
#include "protocol/secret.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::oauth {

/// What one user let one client do. All that comes from one consent has the
/// same `family`, which is what is revoked.
struct grant {
  secret key;              // the W&B API key
  std::string user;        // the W&B user's name, to be shown
  std::string client;      // client_tag() of the client's id
  std::string client_name; // as the consent page showed it
  scopes allowed;
  std::string audience; // the resource (RFC 8707)
  std::string family;   // 22 characters, from sealer::new_id()
};

/// A request that waits on the sign-in page for its user (RFC 6749, 4.1.1).
struct pending_request {
  std::string client_id, client_name;
  std::string redirect_uri;
  std::string state;
  std::string challenge; // S256
  std::string resource;
  scopes asked;
  /// Proves, with the cookie of the same value, that the form was filled in by
  /// the browser that it was made for.
  std::string browser;
  /// The user code of a device that asks (RFC 8628); then there is no
  /// redirect_uri, state and challenge.
  std::string user_code;
};

/// An authorization code (RFC 6749, 4.1.2).
struct code {
  grant what;
  std::string redirect_uri;
  std::string challenge;
  std::string id; // used once
};

/// An access token or a refresh token.
struct token {
  grant what;
  std::string id;         // a refresh token's is used once
  std::int64_t since = 0; // when the user agreed
};

/// A client that registered itself (RFC 7591); its id is this, sealed.
struct registration {
  std::string name, uri;
  std::vector<std::string> redirect_uris;
  bool confidential = false; // it has a secret
  std::int64_t issued = 0;
};

/// A device that waits for its user (RFC 8628); its device_code is this,
/// sealed.
struct device {
  std::string client; // client_tag()
  std::string id;     // under which the store keeps the rest
};

/// Somebody who signed in on a page of ours.
struct visitor {
  std::string user;              // the W&B user's name, to be shown
  std::vector<std::string> tags; // user_tags() of their key
};

/// What was in it, or that it was good once. Everything else that does not
/// open (damaged, foreign, of another purpose) looks the same: empty.
template <class T>
struct opened {
  T value;
  bool expired = false;
  std::int64_t expires = 0; // Unix time, seconds
};

/// Seals and opens all of the above. Immutable; safe from any thread. `expires`
/// and `now` are Unix times in seconds.
class sealer {
public:
  /// The same ring as for session ids; the keys used are others.
  explicit sealer(const seal_keys& keys);
  ~sealer();
  sealer(const sealer&) = delete;
  sealer& operator=(const sealer&) = delete;

  /// Longer text opens as nothing.
  static constexpr std::size_t max_length = 16 * 1024;
  // None of these begins a W&B key, because no W&B key has a '.'.
  static constexpr std::string_view client_prefix = "wbc.";
  static constexpr std::string_view code_prefix = "wbk.";
  static constexpr std::string_view access_prefix = "wba.";
  static constexpr std::string_view refresh_prefix = "wbr.";
  static constexpr std::string_view device_prefix = "wbd.";

  std::string seal(const pending_request& r, std::int64_t expires) const;
  std::string seal(const code& c, std::int64_t expires) const;
  std::string seal_access(const token& t, std::int64_t expires) const;
  std::string seal_refresh(const token& t, std::int64_t expires) const;
  /// Never expires.
  std::string seal(const registration& r) const;
  std::string seal(const device& d, std::int64_t expires) const;
  std::string seal(const visitor& v, std::int64_t expires) const;
  /// What a device gets when its user agrees.
  std::string seal(const grant& g, std::int64_t expires) const;

  std::optional<opened<pending_request>> open_request(std::string_view text,
                                                      std::int64_t now) const;
  std::optional<opened<code>> open_code(std::string_view text,
                                        std::int64_t now) const;
  std::optional<opened<token>> open_access(std::string_view text,
                                           std::int64_t now) const;
  std::optional<opened<token>> open_refresh(std::string_view text,
                                            std::int64_t now) const;
  std::optional<registration> open_client(std::string_view text) const;
  std::optional<opened<device>> open_device(std::string_view text,
                                            std::int64_t now) const;
  std::optional<opened<visitor>> open_visitor(std::string_view text,
                                              std::int64_t now) const;
  std::optional<opened<grant>> open_grant(std::string_view text,
                                          std::int64_t now) const;

  /// The secret of a client that registered itself, made from its id alone.
  std::string client_secret(std::string_view client_id) const;
  /// Whether `given` is that secret, under any key of the ring; constant time.
  bool is_client_secret(std::string_view client_id,
                        std::string_view given) const;

  /// Names a user without telling the key: 32 hexadecimal digits, the same on
  /// every instance with the same first key.
  std::string user_tag(std::string_view api_key) const;
  /// user_tag() under every key of the ring, newest first.
  std::vector<std::string> user_tags(std::string_view api_key) const;
  /// 128 random bits, as 22 characters of base64url.
  static std::string new_id();

private:
  enum class purpose : std::uint8_t;
  struct derived;
  struct plain;
  std::string put(purpose p, const plain& text) const;
  std::optional<secret> take(purpose p, std::string_view text) const;
  template <class T, class Read>
  std::optional<opened<T>> read(purpose p, std::string_view prefix,
                                std::string_view text, std::int64_t now,
                                Read contents) const;

  std::unique_ptr<std::vector<derived>> keys_;
};

/// Names a client in what is sealed: a hash of its id, 22 characters.
[[nodiscard]] std::string client_tag(std::string_view client_id);

} // namespace mcp::oauth
