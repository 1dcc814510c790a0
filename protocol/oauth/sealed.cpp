#include "protocol/oauth/sealed.hpp"

#include "protocol/byte_reader.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

namespace mcp::oauth {
namespace {

// The text behind its prefix, before base64url:
//   24 nonce | ciphertext | 16 authentication tag
// The plain text: 8 end of life, big endian | fields, each 2 length | bytes
constexpr std::size_t nonce_bytes =
  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr char kdf_context[crypto_kdf_CONTEXTBYTES + 1] = "mcpoauth";
constexpr int base64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();

const std::uint8_t* raw(std::string_view s) {
  return reinterpret_cast<const std::uint8_t*>(s.data());
}
std::uint8_t* raw(std::string& s) {
  return reinterpret_cast<std::uint8_t*>(s.data());
}

std::string to_base64(const std::uint8_t* data, std::size_t size) {
  std::string text(sodium_base64_encoded_len(size, base64), '\0');
  sodium_bin2base64(text.data(), text.size(), data, size, base64);
  text.pop_back(); // the terminating zero it counts
  return text;
}

/// Reads what `plain` wrote, in the same order.
struct reader : byte_reader {
  std::int64_t time() { return static_cast<std::int64_t>(number(8)); }
  bool flag() { return number(1) != 0; }
  std::string_view view() { return bytes(number(2)); }
  std::string text() { return std::string(view()); }
};

} // namespace

enum class sealer::purpose : std::uint8_t {
  request = 1,
  code,
  access,
  refresh,
  client,
  device,
  visitor,
  grant,
};

struct sealer::derived {
  std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> seal;
  std::array<std::uint8_t, crypto_generichash_KEYBYTES> secrets, users;

  template <std::size_t N>
  std::array<std::uint8_t, N>
  hash(const std::array<std::uint8_t, crypto_generichash_KEYBYTES>& key,
       std::string_view text) const {
    std::array<std::uint8_t, N> out;
    crypto_generichash(out.data(), out.size(), raw(text), text.size(),
                       key.data(), key.size());
    return out;
  }
};

/// Plain text in the making; overwritten when it goes, as it may hold a key.
struct sealer::plain {
  std::string bytes;

  explicit plain(std::int64_t expires) {
    // So long that it never has to move, and leave a copy behind.
    bytes.reserve(max_length);
    number(static_cast<std::uint64_t>(expires), 8);
  }
  ~plain() { sodium_memzero(bytes.data(), bytes.size()); }
  plain(const plain&) = delete;
  plain& operator=(const plain&) = delete;

  plain& number(std::uint64_t n, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
      bytes.push_back(static_cast<char>(n >> shift));
    return *this;
  }
  plain& time(std::int64_t t) {
    return number(static_cast<std::uint64_t>(t), 8);
  }
  plain& flag(bool b) { return number(b ? 1 : 0, 1); }
  plain& text(std::string_view t) {
    if (bytes.size() + t.size() + 2 > max_length)
      throw std::length_error("too long to be sealed");
    number(t.size(), 2);
    bytes += t;
    return *this;
  }
  plain& put(const grant& g) {
    return text(g.key.reveal())
      .text(g.user)
      .text(g.client)
      .text(g.client_name)
      .flag(g.allowed.write)
      .text(g.audience)
      .text(g.family);
  }
};

namespace {

grant read_grant(reader& in) {
  grant g;
  g.key = secret(in.view());
  g.user = in.text();
  g.client = in.text();
  g.client_name = in.text();
  g.allowed.write = in.flag();
  g.audience = in.text();
  g.family = in.text();
  return g;
}

token read_token(reader& in) {
  token t;
  t.what = read_grant(in);
  t.id = in.text();
  t.since = in.time();
  return t;
}

} // namespace

sealer::sealer(const seal_keys& keys)
    : keys_(std::make_unique<std::vector<derived>>()) {
  if (sodium_init() < 0)
    throw std::runtime_error("libsodium can not start");
  for (const auto& master : keys.keys_) {
    auto& d = keys_->emplace_back();
    crypto_kdf_derive_from_key(d.seal.data(), d.seal.size(), 1, kdf_context,
                               master.data());
    crypto_kdf_derive_from_key(d.secrets.data(), d.secrets.size(), 2,
                               kdf_context, master.data());
    crypto_kdf_derive_from_key(d.users.data(), d.users.size(), 3, kdf_context,
                               master.data());
  }
}

sealer::~sealer() {
  for (auto& d : *keys_)
    sodium_memzero(&d, sizeof d);
}

std::string sealer::put(purpose p, const plain& text) const {
  const auto kind = static_cast<std::uint8_t>(p);
  std::string sealed(nonce_bytes + text.bytes.size() + tag_bytes, '\0');
  auto* out = raw(sealed);
  randombytes_buf(out, nonce_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    out + nonce_bytes, nullptr, raw(std::string_view(text.bytes)),
    text.bytes.size(), &kind, 1, nullptr, out, keys_->front().seal.data());
  return to_base64(out, sealed.size());
}

std::optional<secret> sealer::take(purpose p, std::string_view text) const {
  if (text.size() > max_length * 4 / 3 + 64)
    return {};
  std::string sealed(text.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(raw(sealed), sealed.size(), text.data(), text.size(),
                        nullptr, &size, nullptr, base64)
        != 0
      || size < nonce_bytes + tag_bytes)
    return {};
  const auto kind = static_cast<std::uint8_t>(p);
  const auto* in = raw(std::string_view(sealed));
  std::string bytes(size - nonce_bytes - tag_bytes, '\0');
  for (const auto& key : *keys_) {
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          raw(bytes), nullptr, nullptr, in + nonce_bytes, size - nonce_bytes,
          &kind, 1, in, key.seal.data())
        != 0)
      continue;
    secret out(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    return out;
  }
  return {};
}

template <class T, class Read>
std::optional<opened<T>> sealer::read(purpose p, std::string_view prefix,
                                      std::string_view text, std::int64_t now,
                                      Read contents) const {
  if (!text.starts_with(prefix))
    return {};
  const auto bytes = take(p, text.substr(prefix.size()));
  if (!bytes)
    return {};
  reader in{{bytes->reveal()}};
  opened<T> out;
  out.expires = in.time();
  out.expired = now >= out.expires;
  out.value = contents(in);
  if (!in.good || !in.rest.empty())
    return {};
  return out;
}

std::string sealer::seal(const pending_request& r, std::int64_t expires) const {
  plain p(expires);
  p.text(r.client_id).text(r.client_name).text(r.redirect_uri).text(r.state);
  p.text(r.challenge).text(r.resource).flag(r.asked.write);
  p.text(r.browser).text(r.user_code);
  return put(purpose::request, p);
}

std::optional<opened<pending_request>>
sealer::open_request(std::string_view text, std::int64_t now) const {
  return read<pending_request>(purpose::request, {}, text, now, [](reader& in) {
    pending_request r;
    r.client_id = in.text();
    r.client_name = in.text();
    r.redirect_uri = in.text();
    r.state = in.text();
    r.challenge = in.text();
    r.resource = in.text();
    r.asked.write = in.flag();
    r.browser = in.text();
    r.user_code = in.text();
    return r;
  });
}

std::string sealer::seal(const code& c, std::int64_t expires) const {
  plain p(expires);
  p.put(c.what).text(c.redirect_uri).text(c.challenge).text(c.id);
  return std::string(code_prefix) + put(purpose::code, p);
}

std::optional<opened<code>> sealer::open_code(std::string_view text,
                                              std::int64_t now) const {
  return read<code>(purpose::code, code_prefix, text, now, [](reader& in) {
    code c;
    c.what = read_grant(in);
    c.redirect_uri = in.text();
    c.challenge = in.text();
    c.id = in.text();
    return c;
  });
}

std::string sealer::seal_access(const token& t, std::int64_t expires) const {
  plain p(expires);
  p.put(t.what).text(t.id).time(t.since);
  return std::string(access_prefix) + put(purpose::access, p);
}

std::optional<opened<token>> sealer::open_access(std::string_view text,
                                                 std::int64_t now) const {
  return read<token>(purpose::access, access_prefix, text, now, read_token);
}

std::string sealer::seal_refresh(const token& t, std::int64_t expires) const {
  plain p(expires);
  p.put(t.what).text(t.id).time(t.since);
  return std::string(refresh_prefix) + put(purpose::refresh, p);
}

std::optional<opened<token>> sealer::open_refresh(std::string_view text,
                                                  std::int64_t now) const {
  return read<token>(purpose::refresh, refresh_prefix, text, now, read_token);
}

std::string sealer::seal(const registration& r) const {
  plain p(for_ever);
  p.text(r.name).text(r.uri).number(r.redirect_uris.size(), 1);
  for (const auto& uri : r.redirect_uris)
    p.text(uri);
  p.flag(r.confidential).time(r.issued);
  return std::string(client_prefix) + put(purpose::client, p);
}

std::optional<registration> sealer::open_client(std::string_view text) const {
  auto out =
    read<registration>(purpose::client, client_prefix, text, 0, [](reader& in) {
      registration r;
      r.name = in.text();
      r.uri = in.text();
      for (auto left = in.number(1); left > 0 && in.good; --left)
        r.redirect_uris.push_back(in.text());
      r.confidential = in.flag();
      r.issued = in.time();
      return r;
    });
  if (!out)
    return {};
  return std::move(out->value);
}

std::string sealer::seal(const device& d, std::int64_t expires) const {
  plain p(expires);
  p.text(d.client).text(d.id);
  return std::string(device_prefix) + put(purpose::device, p);
}

std::optional<opened<device>> sealer::open_device(std::string_view text,
                                                  std::int64_t now) const {
  return read<device>(purpose::device, device_prefix, text, now,
                      [](reader& in) {
                        device d;
                        d.client = in.text();
                        d.id = in.text();
                        return d;
                      });
}

std::string sealer::seal(const visitor& v, std::int64_t expires) const {
  plain p(expires);
  p.text(v.user).number(v.tags.size(), 1);
  for (const auto& tag : v.tags)
    p.text(tag);
  return put(purpose::visitor, p);
}

std::optional<opened<visitor>> sealer::open_visitor(std::string_view text,
                                                    std::int64_t now) const {
  return read<visitor>(purpose::visitor, {}, text, now, [](reader& in) {
    visitor v;
    v.user = in.text();
    for (auto left = in.number(1); left > 0 && in.good; --left)
      v.tags.push_back(in.text());
    return v;
  });
}

std::string sealer::seal(const grant& g, std::int64_t expires) const {
  plain p(expires);
  p.put(g);
  return put(purpose::grant, p);
}

std::optional<opened<grant>> sealer::open_grant(std::string_view text,
                                                std::int64_t now) const {
  return read<grant>(purpose::grant, {}, text, now, read_grant);
}

std::string sealer::client_secret(std::string_view client_id) const {
  const auto& key = keys_->front();
  const auto hash = key.hash<32>(key.secrets, client_id);
  return to_base64(hash.data(), hash.size());
}

bool sealer::is_client_secret(std::string_view client_id,
                              std::string_view given) const {
  bool same = false;
  for (const auto& key : *keys_) {
    const auto hash = key.hash<32>(key.secrets, client_id);
    const auto ours = to_base64(hash.data(), hash.size());
    same |= ours.size() == given.size()
            && sodium_memcmp(ours.data(), given.data(), ours.size()) == 0;
  }
  return same;
}

std::vector<std::string> sealer::user_tags(std::string_view api_key) const {
  std::vector<std::string> out;
  for (const auto& key : *keys_) {
    const auto hash = key.hash<16>(key.users, api_key);
    auto& text = out.emplace_back(2 * hash.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    text.pop_back();
  }
  return out;
}

std::string sealer::user_tag(std::string_view api_key) const {
  return user_tags(api_key).front();
}

std::string sealer::new_id() {
  std::array<std::uint8_t, 16> bits;
  randombytes_buf(bits.data(), bits.size());
  return to_base64(bits.data(), bits.size());
}

std::string client_tag(std::string_view client_id) {
  std::array<std::uint8_t, 16> hash;
  crypto_generichash(hash.data(), hash.size(), raw(client_id), client_id.size(),
                     nullptr, 0);
  return to_base64(hash.data(), hash.size());
}

} // namespace mcp::oauth
