#include "net/address_guard.hpp"
#include "tests/catch.hpp"

using namespace mcp::net;

TEST_CASE("addresses of the public Internet may be connected to", "[net]") {
  const std::string text = GENERATE(
    as<std::string>{}, "8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1",
    "192.169.0.1", "198.17.255.255", "223.255.255.255", "2606:4700::1111",
    "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1");
  CAPTURE(text);
  CHECK(is_public_address(boost::asio::ip::make_address(text)));
}

TEST_CASE("addresses of this machine and its network may not",
          "[net][attack]") {
  const std::string text = GENERATE(
    as<std::string>{}, "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3",
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1",
    "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
    "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "2001::1",
    "3fff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:a00:1::", "2002:c0a8:101::", "100::1", "5f00::1");
  CAPTURE(text);
  CHECK_FALSE(is_public_address(boost::asio::ip::make_address(text)));
}
