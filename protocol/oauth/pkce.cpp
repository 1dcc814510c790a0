#include "protocol/oauth/pkce.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace mcp::oauth {
namespace {

constexpr std::size_t challenge_length = 43;
constexpr int base64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

bool is_base64url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

} // namespace

bool is_challenge(std::string_view text) {
  return text.size() == challenge_length
         && std::all_of(text.begin(), text.end(), is_base64url);
}

bool is_verifier(std::string_view text) {
  return text.size() >= 43 && text.size() <= 128
         && std::all_of(text.begin(), text.end(), [](char c) {
              return is_base64url(c) || c == '.' || c == '~';
            });
}

bool matches(std::string_view challenge, std::string_view verifier) {
  if (!is_challenge(challenge) || !is_verifier(verifier))
    return false;
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
  crypto_hash_sha256(hash.data(),
                     reinterpret_cast<const unsigned char*>(verifier.data()),
                     verifier.size());
  std::array<char, challenge_length + 1> expected;
  sodium_bin2base64(expected.data(), expected.size(), hash.data(), hash.size(),
                    base64);
  return sodium_memcmp(expected.data(), challenge.data(), challenge_length)
         == 0;
}

} // namespace mcp::oauth
