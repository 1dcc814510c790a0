#include "protocol/mcp/version.hpp"
#include "tests/catch.hpp"

using namespace mcp;

TEST_CASE("each era has its versions, and neither knows the other's",
          "[protocol]") {
  for (const auto v : supported_versions) {
    CAPTURE(to_string(v));
    CHECK(era_of(v) == era::session);
    CHECK(parse_version(to_string(v)) == v);
    CHECK_FALSE(parse_stateless_version(to_string(v)).has_value());
    CHECK(version_from_number(static_cast<std::uint8_t>(v)) == v);
  }
  for (const auto v : stateless_versions) {
    CAPTURE(to_string(v));
    CHECK(era_of(v) == era::stateless);
    CHECK(parse_stateless_version(to_string(v)) == v);
    CHECK_FALSE(parse_version(to_string(v)).has_value());
    // No session id can say that it has none.
    CHECK_FALSE(version_from_number(static_cast<std::uint8_t>(v)).has_value());
  }
}

TEST_CASE("initialize never answers a version without sessions", "[protocol]") {
  for (const auto* asked : {"2026-07-28", "2026-07-29", "2099-01-01", ""})
    CHECK(negotiate(asked) == version::v2025_11_25);
}

TEST_CASE("the versions of both eras are named, newest first", "[protocol]") {
  CHECK(spoken_versions()
        == std::vector<std::string>{"2026-07-28", "2025-11-25", "2025-06-18",
                                    "2025-03-26"});
}
