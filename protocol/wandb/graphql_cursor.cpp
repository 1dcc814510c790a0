#include "protocol/wandb/graphql_cursor.hpp"

#include "protocol/json/write.hpp"

#include <boost/json.hpp>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <vector>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

// version, way, fingerprint (96 bits), then W&B's cursor
constexpr char version_byte = 1;
constexpr std::size_t fingerprint_bytes = 12;
constexpr std::size_t header_bytes = 1 + 1 + fingerprint_bytes;
constexpr auto variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string fingerprint(const list_place& place, std::string_view question) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  std::string text(1, place.way);
  text += place.cursor;
  text += '\0'; // neither part can pass for some of the other
  text += question;
  crypto_hash_sha256(digest.data(),
                     reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return {reinterpret_cast<const char*>(digest.data()), fingerprint_bytes};
}

json::value sorted(const json::value& v) {
  if (const auto* list = v.if_array()) {
    json::array out;
    for (const auto& item : *list)
      out.push_back(sorted(item));
    return out;
  }
  const auto* object = v.if_object();
  if (!object)
    return v;
  std::vector<std::string_view> names;
  for (const auto& member : *object)
    names.push_back(member.key());
  std::sort(names.begin(), names.end());
  json::object out;
  for (const auto name : names)
    out.emplace(name, sorted(object->at(name)));
  return out;
}

} // namespace

std::string seal_cursor(const list_place& place, std::string_view question) {
  std::string plain{version_byte, place.way};
  plain += fingerprint(place, question);
  plain += place.cursor;
  if (sodium_base64_ENCODED_LEN(plain.size(), variant) > max_cursor_bytes)
    return {};
  std::string out(sodium_base64_encoded_len(plain.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(),
                    reinterpret_cast<const unsigned char*>(plain.data()),
                    plain.size(), variant);
  out.pop_back(); // the terminating zero it counts
  return out;
}

std::optional<list_place> open_cursor(std::string_view text,
                                      std::string_view question) {
  if (text.size() > max_cursor_bytes)
    return std::nullopt;
  std::string plain(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(plain.data()),
                        plain.size(), text.data(), text.size(), nullptr, &size,
                        &end, variant)
        != 0
      || end != text.data() + text.size() || size <= header_bytes)
    return std::nullopt;
  plain.resize(size);
  list_place out{.way = plain[1], .cursor = plain.substr(header_bytes)};
  if (plain[0] != version_byte
      || plain.substr(2, fingerprint_bytes) != fingerprint(out, question))
    return std::nullopt;
  return out;
}

std::string canonical_json(const json::value& value) {
  return write_json(sorted(value));
}

} // namespace mcp::wandb
