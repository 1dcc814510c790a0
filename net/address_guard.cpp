#include "net/address_guard.hpp"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <array>

namespace mcp::net {
namespace {

namespace ip = boost::asio::ip;

struct range_v4 {
  std::uint32_t network;
  int bits;
};
constexpr std::array<range_v4, 15> special_v4{{
  {0x00000000, 8},  // this network
  {0x0a000000, 8},  // private
  {0x64400000, 10}, // shared address space
  {0x7f000000, 8},  // loopback
  {0xa9fe0000, 16}, // link-local
  {0xac100000, 12}, // private
  {0xc0000000, 24}, // IETF protocol assignments
  {0xc0000200, 24}, // documentation
  {0xc0586300, 24}, // 6to4 relays
  {0xc0a80000, 16}, // private
  {0xc6120000, 15}, // benchmarking
  {0xc6336400, 24}, // documentation
  {0xcb007100, 24}, // documentation
  {0xe0000000, 4},  // multicast
  {0xf0000000, 4},  // reserved, broadcast
}};

bool is_public(std::uint32_t address) {
  return std::none_of(
    special_v4.begin(), special_v4.end(), [&](const range_v4& r) {
      return (address >> (32 - r.bits)) == (r.network >> (32 - r.bits));
    });
}

std::uint32_t four(const ip::address_v6::bytes_type& b, std::size_t at) {
  return (std::uint32_t{b[at]} << 24) | (std::uint32_t{b[at + 1]} << 16)
         | (std::uint32_t{b[at + 2]} << 8) | b[at + 3];
}

bool is_public(const ip::address_v6& address) {
  const auto b = address.to_bytes();
  const bool high_zero =
    std::all_of(b.begin(), b.begin() + 10, [](auto x) { return x == 0; });
  if (high_zero) // mapped, compatible, loopback, unspecified
    return b[10] == 0xff && b[11] == 0xff && is_public(four(b, 12));
  if (four(b, 0) == 0x0064ff9b) // NAT64
    return four(b, 4) == 0 && four(b, 8) == 0 && is_public(four(b, 12));
  if (b[0] == 0x20 && b[1] == 0x02) // 6to4
    return is_public(four(b, 2));
  if ((b[0] & 0xe0) != 0x20) // not global unicast, 2000::/3
    return false;
  // 2001::/23 is protocol assignments (Teredo among them), 2001:db8::/32 and
  // 3fff::/20 documentation.
  if (b[0] == 0x20 && b[1] == 0x01 && (b[2] & 0xfe) == 0)
    return false;
  if (four(b, 0) == 0x20010db8)
    return false;
  return !(b[0] == 0x3f && b[1] == 0xff && (b[2] & 0xf0) == 0);
}

} // namespace

bool is_public_address(const ip::address& address) {
  return address.is_v4() ? is_public(address.to_v4().to_uint())
                         : is_public(address.to_v6());
}

} // namespace mcp::net
