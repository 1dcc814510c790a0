#include "protocol/wandb/timestamp.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;

TEST_CASE("ISO 8601 times are read in all their spellings", "[protocol]") {
  struct spelled {
    const char* text;
    std::int64_t seconds;
    std::int32_t micros;
  };
  const auto s = GENERATE(values<spelled>({
    {"2021-01-01T00:00:00Z", 1609459200, 0},
    {"2021-01-01T00:00:00+00:00", 1609459200, 0},
    {"2021-01-01", 1609459200, 0},
    {"20210101", 1609459200, 0},
    {"2021-01-01 00:00:00", 1609459200, 0},
    {"2021-01-01T00:00:00.999Z", 1609459200, 999000},
    {"2021-01-01T00:00:00,5", 1609459200, 500000},
    {"2021-01-01T00:00:00.1234567891Z", 1609459200, 123456},
    {"2021-01-01T00:00:00-05:00", 1609477200, 0},
    {"2021-01-01T05:30+0530", 1609459200, 0},
    {"20210101T053015+05:30:15", 1609459200, 0},
    {"2021-01-01T01+01", 1609459200, 0},
    {"2020-W53-5", 1609459200, 0},
    {"2020W535", 1609459200, 0},
    {"2021-W01", 1609718400, 0},
    {"1970-01-01", 0, 0},
    {"1969-12-31T23:59:59.5Z", -1, 500000},
    {"2024-02-29", 1709164800, 0},
  }));
  CAPTURE(s.text);
  const auto t = wandb::parse_timestamp(s.text);
  REQUIRE(t.has_value());
  CHECK(t->seconds == s.seconds);
  CHECK(t->micros == s.micros);
}

TEST_CASE("what is no ISO 8601 time is an error", "[protocol]") {
  const std::string text = GENERATE(
    "", "invalid_datetime", "2021-01-01T00:00:00z", "Jan 1 2021", "2021",
    "2021-13-01", "2021-02-30", "2023-02-29", "2021-1-1", "2021-01-01T24:00",
    "2021-01-01T12:60", "2021-01-01T12:00:61", "2021-01-01T",
    "2021-01-01T12:", "2021-01-01T12:00:00.", "2021-01-01T12:00:00+",
    "2021-01-01T12:00:00+25", "2021-01-01T12:00:00Zx", "2021-W54", "2021-W53",
    "2021-W00", "2021-W01-8", "0000-01-01", "1609459200", "-2021-01-01",
    "\xff\xfe", "2021-01-01\n");
  CAPTURE(text);
  const auto t = wandb::parse_timestamp(text);
  REQUIRE_FALSE(t.has_value());
  CHECK(t.error().code == errc::bad_argument);
}

TEST_CASE("a time is written with Z and a fraction when it has one",
          "[protocol]") {
  CHECK(wandb::format_timestamp({1738404000, 0}) == "2025-02-01T10:00:00Z");
  CHECK(wandb::format_timestamp({1738404000, 1200})
        == "2025-02-01T10:00:00.001200Z");
  CHECK(wandb::format_timestamp({-1, 500000}) == "1969-12-31T23:59:59.500000Z");
}
