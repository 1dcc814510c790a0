#include "protocol/mcp/pagination.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace mcp {
namespace {

namespace json = boost::json;

// Before base64url: 8 bytes of the list's hash | 4 offset, big endian. It is no
// secret: whoever makes one up only chooses where to read on.
constexpr std::size_t hash_bytes = 8;
using cursor_bytes = std::array<unsigned char, hash_bytes + 4>;
constexpr int base64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

cursor_bytes list_hash(std::string_view kind, std::string_view fingerprint) {
  std::string list(kind);
  list += '\0';
  list += fingerprint;
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash;
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(list.data()),
                     list.size(), nullptr, 0);
  cursor_bytes out{};
  std::memcpy(out.data(), hash.data(), hash_bytes);
  return out;
}

protocol_refusal bad_cursor() {
  return refuse_params("\"cursor\" is not one of this list as it is now: list "
                       "again from the start, without a cursor");
}

} // namespace

std::string write_cursor(std::string_view kind, std::string_view fingerprint,
                         std::size_t offset) {
  auto bytes = list_hash(kind, fingerprint);
  for (std::size_t i = 0; i < 4; ++i)
    bytes[hash_bytes + i] = static_cast<unsigned char>(offset >> (24 - 8 * i));
  std::array<char, sodium_base64_ENCODED_LEN(sizeof(cursor_bytes), base64)> out;
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), base64);
  return out.data();
}

checked<std::size_t> read_cursor(std::string_view cursor, std::string_view kind,
                                 std::string_view fingerprint) {
  cursor_bytes bytes;
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), cursor.data(),
                        cursor.size(), nullptr, &size, nullptr, base64)
        != 0
      || size != bytes.size())
    return bad_cursor();
  const auto expected = list_hash(kind, fingerprint);
  if (!std::equal(expected.begin(), expected.begin() + hash_bytes,
                  bytes.begin()))
    return bad_cursor();
  std::size_t offset = 0;
  for (std::size_t i = hash_bytes; i < bytes.size(); ++i)
    offset = (offset << 8) | bytes[i];
  // Said outright: a refusal could be made from a number too.
  return {boost::system::in_place_value, offset};
}

checked<page_range> read_page(const json::object& params, std::string_view kind,
                              std::string_view fingerprint, std::size_t items,
                              std::size_t page_size) {
  page_range out;
  const auto* cursor = params.if_contains("cursor");
  if (cursor && !cursor->is_null()) {
    if (!cursor->is_string())
      return refuse_params("\"cursor\" must be a string");
    const auto offset = read_cursor(cursor->get_string(), kind, fingerprint);
    if (!offset)
      return offset.error();
    if (*offset >= items)
      return bad_cursor();
    out.begin = *offset;
  }
  out.end = std::min(items, out.begin + std::max<std::size_t>(page_size, 1));
  if (out.end < items)
    out.next_cursor = write_cursor(kind, fingerprint, out.end);
  return out;
}

} // namespace mcp
