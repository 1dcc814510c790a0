#include "protocol/mcp/session_token.hpp"

#include "protocol/byte_reader.hpp"
#include "protocol/hex.hpp"
#include "protocol/mcp/utf8.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace mcp {
namespace {

// The id, before base64url:
//   1 format | 24 nonce | ciphertext of the claims | 16 authentication tag
// The claims:
//   16 fingerprint | 1 version | 1 capabilities | 8 created, big endian
//   | 1 length, name | 1 length, client version
constexpr std::uint8_t format = 1;
constexpr std::size_t nonce_bytes =
  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t max_name = 64;
constexpr std::size_t max_client_version = 32;
constexpr char kdf_context[crypto_kdf_CONTEXTBYTES + 1] = "mcpsess1";

void start_sodium() {
  // Idempotent and thread-safe; fails only without a source of randomness.
  if (sodium_init() < 0)
    throw std::runtime_error("libsodium can not start");
}

void put_text(std::string& out, std::string_view text, std::size_t max) {
  const auto cut = cut_utf8(text, max);
  out.push_back(static_cast<char>(cut.size()));
  out += cut;
}

const std::uint8_t* raw(std::string_view s) {
  return reinterpret_cast<const std::uint8_t*>(s.data());
}

} // namespace

std::size_t
array_hash::operator()(const std::array<std::uint8_t, 16>& a) const noexcept {
  // The bytes are a hash already.
  std::size_t out;
  std::memcpy(&out, a.data(), sizeof out);
  return out;
}

bool same_fingerprint(const key_fingerprint& a, const key_fingerprint& b) {
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

seal_keys::~seal_keys() {
  for (auto& k : keys_)
    sodium_memzero(k.data(), k.size());
}

seal_keys seal_keys::random() {
  start_sodium();
  seal_keys out;
  out.keys_.emplace_back();
  randombytes_buf(out.keys_[0].data(), key_bytes);
  return out;
}

result<seal_keys> seal_keys::parse(std::string_view content) {
  seal_keys out;
  if (content.size() == key_bytes) {
    out.keys_.emplace_back();
    std::memcpy(out.keys_[0].data(), content.data(), key_bytes);
    return out;
  }
  const failure malformed{
    .code = errc::bad_argument,
    .message = "a seal key file holds exactly 32 raw bytes, or lines of 64 "
               "hexadecimal digits, the newest key first"};
  while (!content.empty()) {
    const auto end = std::min(content.find('\n'), content.size());
    auto line = content.substr(0, end);
    content.remove_prefix(std::min(end + 1, content.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty() || line.starts_with('#'))
      continue;
    if (line.size() != 2 * key_bytes)
      return malformed;
    auto& k = out.keys_.emplace_back();
    for (std::size_t i = 0; i < key_bytes; ++i) {
      const int high = hex_digit(line[2 * i]);
      const int low = hex_digit(line[2 * i + 1]);
      if (high < 0 || low < 0)
        return malformed;
      k[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
  }
  if (out.keys_.empty())
    return malformed;
  return out;
}

struct session_sealer::derived {
  std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> seal;
  std::array<std::uint8_t, crypto_generichash_KEYBYTES> hash;

  key_fingerprint fingerprint(std::string_view api_key) const {
    key_fingerprint out;
    crypto_shorthash_siphashx24(out.data(), raw(api_key), api_key.size(),
                                hash.data());
    return out;
  }
};

session_sealer::session_sealer(const seal_keys& keys) {
  start_sodium();
  for (const auto& master : keys.keys_) {
    auto& d = keys_.emplace_back();
    crypto_kdf_derive_from_key(d.seal.data(), d.seal.size(), 1, kdf_context,
                               master.data());
    crypto_kdf_derive_from_key(d.hash.data(), d.hash.size(), 2, kdf_context,
                               master.data());
  }
}

session_sealer::~session_sealer() {
  for (auto& d : keys_)
    sodium_memzero(&d, sizeof d);
}

key_fingerprint session_sealer::fingerprint(std::string_view api_key) const {
  return keys_.front().fingerprint(api_key);
}

std::string session_sealer::seal(const session_claims& claims,
                                 std::string_view api_key) const {
  const auto& key = keys_.front();
  std::string plain;
  const auto print = key.fingerprint(api_key);
  plain.append(print.begin(), print.end());
  plain.push_back(static_cast<char>(claims.negotiated));
  const auto& can = claims.capabilities;
  plain.push_back(static_cast<char>(
    (can.roots ? 1 : 0) | (can.sampling ? 2 : 0) | (can.elicitation ? 4 : 0)
    | (can.elicitation_url ? 8 : 0) | (can.sampling_tools ? 16 : 0)
    | (can.sampling_context ? 32 : 0)));
  for (int shift = 56; shift >= 0; shift -= 8)
    plain.push_back(static_cast<char>(claims.created >> shift));
  put_text(plain, claims.client_name, max_name);
  put_text(plain, claims.client_version, max_client_version);

  std::string sealed(1 + nonce_bytes + plain.size() + tag_bytes, '\0');
  auto* out = reinterpret_cast<std::uint8_t*>(sealed.data());
  out[0] = format;
  randombytes_buf(out + 1, nonce_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + 1 + nonce_bytes, nullptr,
                                             raw(plain), plain.size(), out, 1,
                                             nullptr, out + 1, key.seal.data());

  std::string text(sodium_base64_encoded_len(
                     sealed.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                   '\0');
  sodium_bin2base64(text.data(), text.size(), out, sealed.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back(); // the terminating zero it counts
  return text;
}

std::optional<session_claims>
session_sealer::open(std::string_view id, std::string_view api_key) const {
  if (id.size() > max_id_length)
    return {};
  std::string sealed(id.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<std::uint8_t*>(sealed.data()),
                        sealed.size(), id.data(), id.size(), nullptr, &size,
                        nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING)
      != 0)
    return {};
  sealed.resize(size);
  if (sealed.size() < 1 + nonce_bytes + tag_bytes || sealed[0] != format)
    return {};
  const auto* in = raw(sealed);
  const auto cipher_bytes = sealed.size() - 1 - nonce_bytes;
  std::string plain(cipher_bytes - tag_bytes, '\0');
  for (const auto& key : keys_) {
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<std::uint8_t*>(plain.data()), nullptr, nullptr,
          in + 1 + nonce_bytes, cipher_bytes, in, 1, in + 1, key.seal.data())
        != 0)
      continue;
    byte_reader reader{plain};
    session_claims out;
    const auto print = reader.bytes(sizeof(key_fingerprint));
    const auto negotiated = version_from_number(reader.number(1));
    const auto can = reader.number(1);
    for (int i = 0; i < 8; ++i)
      out.created = static_cast<std::int64_t>(
        (static_cast<std::uint64_t>(out.created) << 8) | reader.number(1));
    out.client_name = reader.bytes(reader.number(1));
    out.client_version = reader.bytes(reader.number(1));
    if (!reader.good || !negotiated)
      return {};
    const auto expected = key.fingerprint(api_key);
    if (sodium_memcmp(print.data(), expected.data(), expected.size()) != 0)
      return {};
    out.negotiated = *negotiated;
    out.capabilities = {.roots = (can & 1) != 0,
                        .sampling = (can & 2) != 0,
                        .elicitation = (can & 4) != 0,
                        .elicitation_url = (can & 8) != 0,
                        .sampling_tools = (can & 16) != 0,
                        .sampling_context = (can & 32) != 0};
    return out;
  }
  return {};
}

session_tag session_sealer::tag(std::string_view id) {
  session_tag out;
  crypto_generichash(out.data(), out.size(), raw(id), id.size(), nullptr, 0);
  return out;
}

} // namespace mcp
