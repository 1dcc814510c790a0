#pragma once

// Session ids are sealed, not stored: the id itself carries what is needed to
// spawn the session's actor again, on any instance that has the same seal key.
// It is encrypted and authenticated (XChaCha20-Poly1305), so a client can
// neither read nor change it, and it is bound to the API key it was made for.

#include "protocol/errors.hpp"
#include "protocol/mcp/version.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

namespace oauth {
class sealer;
}

/// Names an API key without telling it: a keyed hash (SipHash, 128 bits) under
/// a key derived from the seal key.
using key_fingerprint = std::array<std::uint8_t, 16>;

/// Names a session id in tables: BLAKE2b of the whole id.
using session_tag = std::array<std::uint8_t, 16>;

struct array_hash {
  std::size_t operator()(const std::array<std::uint8_t, 16>& a) const noexcept;
};

/// Compares in constant time.
[[nodiscard]] bool same_fingerprint(const key_fingerprint& a,
                                    const key_fingerprint& b);

/// What the client said it can do, as far as we ever use it.
struct client_capabilities {
  bool roots = false;
  bool sampling = false;
  bool elicitation = false; // by forms
  // Parts of the above; from 2025-11-25 on.
  bool elicitation_url = false;
  bool sampling_tools = false;
  bool sampling_context = false;
};

/// What a session id says.
struct session_claims {
  version negotiated = newest_version;
  std::string client_name;    // cut at 64 bytes, whole UTF-8 characters
  std::string client_version; // cut at 32 bytes
  client_capabilities capabilities;
  std::int64_t created = 0; // Unix time, seconds
};

/// One or more 32-byte keys: the first seals, all unseal, so that a key can be
/// replaced without ending anybody's session.
class seal_keys {
public:
  static constexpr std::size_t key_bytes = 32;
  /// One new random key.
  static seal_keys random();
  /// Reads a key file: exactly 32 raw bytes, or lines of 64 hexadecimal digits
  /// (newest first; empty lines and lines that start with '#' are skipped).
  static result<seal_keys> parse(std::string_view file_content);

  ~seal_keys();
  seal_keys(const seal_keys&) = default;
  seal_keys(seal_keys&&) noexcept = default;
  seal_keys& operator=(const seal_keys&) = default;
  seal_keys& operator=(seal_keys&&) noexcept = default;

private:
  friend class session_sealer;
  friend class request_sealer;
  friend class oauth::sealer;
  using key = std::array<std::uint8_t, key_bytes>;
  seal_keys() = default;
  std::vector<key> keys_;
};

/// Seals and opens session ids. Immutable; safe from any thread.
class session_sealer {
public:
  explicit session_sealer(const seal_keys& keys);
  ~session_sealer();
  session_sealer(const session_sealer&) = delete;
  session_sealer& operator=(const session_sealer&) = delete;

  static constexpr std::size_t max_id_length = 512;

  /// The key's name within this process and every instance with the same ring.
  key_fingerprint fingerprint(std::string_view api_key) const;

  /// A new session id: 90 to 250 visible ASCII characters, never the same
  /// twice.
  std::string seal(const session_claims& claims,
                   std::string_view api_key) const;

  /// Gives the claims when `id` was sealed by one of our keys for this very API
  /// key, else nothing: damaged, foreign and another user's ids look the same.
  std::optional<session_claims> open(std::string_view id,
                                     std::string_view api_key) const;

  static session_tag tag(std::string_view id);

private:
  struct derived;
  std::vector<derived> keys_;
};

} // namespace mcp
