#include "protocol/mcp/request_state.hpp"

#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace mcp {
namespace {

namespace json = boost::json;

// The text, before base64url:
//   1 format | 24 nonce | ciphertext | 16 authentication tag
// The plain text: 8 end of life, big endian | the JSON
// The binding is not in there: it is authenticated beside it, as a hash.
constexpr std::uint8_t format = 1;
constexpr std::size_t nonce_bytes =
  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t frame_bytes = 1 + nonce_bytes + 8 + tag_bytes;
constexpr std::size_t max_sealed_bytes =
  frame_bytes + request_sealer::max_carried_bytes;
constexpr char kdf_context[crypto_kdf_CONTEXTBYTES + 1] = "mcpstate";
constexpr int base64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

const std::uint8_t* raw(std::string_view s) {
  return reinterpret_cast<const std::uint8_t*>(s.data());
}
std::uint8_t* raw(std::string& s) {
  return reinterpret_cast<std::uint8_t*>(s.data());
}

void put_number(std::string& out, std::uint64_t n) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(n >> shift));
}

/// One text for all spellings of the same JSON.
void put_canonical(std::string& out, const json::value& v) {
  if (const auto* object = v.if_object()) {
    std::vector<const json::key_value_pair*> members;
    for (const auto& m : *object)
      members.push_back(&m);
    std::sort(members.begin(), members.end(),
              [](auto* a, auto* b) { return a->key() < b->key(); });
    out += '{';
    for (const auto* m : members) {
      append_json(out, json::value(m->key()));
      out += ':';
      put_canonical(out, m->value());
      out += ',';
    }
    out += '}';
  } else if (const auto* array = v.if_array()) {
    out += '[';
    for (const auto& item : *array) {
      put_canonical(out, item);
      out += ',';
    }
    out += ']';
  } else if (const auto* d = v.if_double();
             d && std::trunc(*d) == *d && std::abs(*d) < 9e15) {
    out += std::to_string(static_cast<std::int64_t>(*d));
  } else {
    append_json(out, v);
  }
}

protocol_refusal not_ours() {
  return refuse_params("requestState is not one that this server made for this "
                       "request: send the request again without it");
}

} // namespace

struct request_sealer::derived {
  std::array<std::uint8_t, crypto_aead_xchacha20poly1305_ietf_KEYBYTES> seal;
  std::array<std::uint8_t, crypto_generichash_KEYBYTES> hash;

  using digest = std::array<std::uint8_t, crypto_generichash_BYTES>;
  digest bind(const std::string& request) const {
    digest out;
    crypto_generichash(out.data(), out.size(), raw(request), request.size(),
                       hash.data(), hash.size());
    return out;
  }
};

namespace {

/// The binding as one text that no other binding has.
std::string binding_text(const request_binding& r) {
  std::string out;
  for (const auto part : {r.user, r.method, r.name}) {
    put_number(out, part.size());
    out += part;
  }
  put_canonical(out, r.arguments);
  return out;
}

} // namespace

request_sealer::request_sealer(const seal_keys& keys) {
  if (sodium_init() < 0)
    throw std::runtime_error("libsodium can not start");
  for (const auto& master : keys.keys_) {
    auto& d = keys_.emplace_back();
    crypto_kdf_derive_from_key(d.seal.data(), d.seal.size(), 1, kdf_context,
                               master.data());
    crypto_kdf_derive_from_key(d.hash.data(), d.hash.size(), 2, kdf_context,
                               master.data());
  }
}

request_sealer::~request_sealer() {
  for (auto& d : keys_)
    sodium_memzero(&d, sizeof d);
}

result<std::string> request_sealer::seal(const request_binding& request,
                                         const json::value& carried,
                                         std::int64_t now,
                                         std::chrono::seconds lifetime) const {
  std::string plain;
  put_number(plain, static_cast<std::uint64_t>(now + lifetime.count()));
  append_json(plain, carried);
  if (plain.size() > 8 + max_carried_bytes)
    return failure{.code = errc::response_too_large,
                   .message = "the answers so far are too long to be carried "
                              "through another round"};
  const auto& key = keys_.front();
  const auto bound = key.bind(binding_text(request));
  std::string sealed(1 + nonce_bytes + plain.size() + tag_bytes, '\0');
  auto* out = raw(sealed);
  out[0] = format;
  randombytes_buf(out + 1, nonce_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    out + 1 + nonce_bytes, nullptr, raw(std::string_view(plain)), plain.size(),
    bound.data(), bound.size(), nullptr, out + 1, key.seal.data());
  std::string text(sodium_base64_encoded_len(sealed.size(), base64), '\0');
  sodium_bin2base64(text.data(), text.size(), out, sealed.size(), base64);
  text.pop_back(); // the terminating zero it counts
  return text;
}

checked<json::value> request_sealer::open(std::string_view state,
                                          const request_binding& request,
                                          std::int64_t now) const {
  if (state.size() > max_sealed_bytes * 4 / 3 + 4)
    return not_ours();
  std::string sealed(state.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(raw(sealed), sealed.size(), state.data(), state.size(),
                        nullptr, &size, nullptr, base64)
      != 0)
    return not_ours();
  if (size < frame_bytes || sealed[0] != static_cast<char>(format))
    return not_ours();
  const auto request_text = binding_text(request);
  const auto* in = raw(std::string_view(sealed));
  std::string plain(size - 1 - nonce_bytes - tag_bytes, '\0');
  for (const auto& key : keys_) {
    const auto bound = key.bind(request_text);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          raw(plain), nullptr, nullptr, in + 1 + nonce_bytes,
          size - 1 - nonce_bytes, bound.data(), bound.size(), in + 1,
          key.seal.data())
        != 0)
      continue;
    std::uint64_t end = 0;
    for (int i = 0; i < 8; ++i)
      end = (end << 8) | static_cast<std::uint8_t>(plain[i]);
    if (now > static_cast<std::int64_t>(end))
      return refuse_params("requestState is expired: send the request again "
                           "without it");
    auto carried = parse_json(std::string_view(plain).substr(8));
    if (!carried)
      return not_ours();
    return std::move(*carried);
  }
  return not_ours();
}

checked<std::optional<std::string>>
read_request_state(const json::object& params) {
  const auto* state = params.if_contains("requestState");
  if (!state)
    return std::optional<std::string>{};
  if (!state->is_string())
    return refuse_malformed("\"requestState\" must be a string");
  return std::optional<std::string>(state->get_string());
}

} // namespace mcp
