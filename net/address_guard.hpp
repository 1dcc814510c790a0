#pragma once

#include <boost/asio/ip/address.hpp>

namespace mcp::net {

/// Whether an address is somewhere on the public Internet: none of the special
/// ranges of RFC 6890 and its like. Loopback, private, shared (100.64/10),
/// link-local, unique local, multicast, documentation, benchmarking, reserved
/// and unspecified addresses are not, nor is an IPv6 address that stands for
/// such an IPv4 one (mapped, compatible, NAT64, 6to4), nor Teredo.
[[nodiscard]] bool is_public_address(const boost::asio::ip::address& address);

} // namespace mcp::net
