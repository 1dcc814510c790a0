#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tools/weave_budget.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace json = boost::json;
using namespace mcp::tools;
using mcp::token_size;

namespace {

json::string text_of(std::size_t length) {
  return json::string(length, 'e');
}

/// `of` is repeated up to so many characters.
std::string text_of(std::size_t length, std::string_view of) {
  std::string out;
  while (out.size() < length)
    out += of;
  out.resize(length);
  return out;
}

json::object call(std::size_t n, std::size_t payload,
                  json::value exception = nullptr,
                  std::string_view of = "i") {
  json::object weave{{"status", "success"}, {"latency_ms", 12}};
  json::object summary{{"weave", weave}};
  return {{"id", "call-" + std::to_string(n)},
          {"op_name", "weave:///acme/bot/op/ask:9f"},
          {"started_at", "2025-02-01T10:00:00Z"},
          {"inputs", {{"q", text_of(payload, of)}}},
          {"output", text_of(payload, of)},
          {"summary", summary},
          {"exception", std::move(exception)}};
}

} // namespace

TEST_CASE("rows that fit stay as they are", "[tools]") {
  weave_budget b(100'000);
  b.add(0, call(0, 5000));
  b.add(1, call(1, 5000));
  CHECK(b.level() == 0);
  CHECK(b.note().empty());
  CHECK(b.rows()[1].at("output").as_string().size() == 5000);
}

TEST_CASE("the first thing to be cut is the payload's texts", "[tools]") {
  const std::size_t most = 20'000;
  weave_budget b(most);
  for (std::size_t i = 0; i < 10; ++i)
    b.add(i, call(i, 5000, {}, "word "));
  CHECK(b.level() == 1);
  CHECK(b.kept() == 10);
  CHECK(b.size() <= most);
  CHECK(b.size() >= most * 8 / 10);
  CHECK(b.note().starts_with("L1:"));
  const auto rows = b.rows();
  const auto& first = rows[0].as_object();
  CHECK(first.at("id") == "call-0");
  CHECK(first.at("op_name") == "weave:///acme/bot/op/ask:9f");
  // No more than needed, and the first rows are a step better at most.
  CHECK(first.at("output").as_string().size() == 1003);
  CHECK(rows[9].at("output").as_string().size() == 503);
}

TEST_CASE("payload that is not text goes at the second level", "[tools]") {
  weave_budget b(5000);
  for (std::size_t i = 0; i < 5; ++i) {
    auto row = call(i, 5);
    json::array numbers;
    numbers.resize(2000, 1);
    row["inputs"] = std::move(numbers);
    b.add(i, std::move(row));
  }
  CHECK(b.level() == 2);
  const auto rows = b.rows();
  REQUIRE(rows.size() == 5);
  CHECK_FALSE(rows[0].as_object().contains("inputs"));
  CHECK_FALSE(rows[0].as_object().contains("output"));
  CHECK(rows[0].at("status") == "success");
  CHECK(rows[0].at("latency_ms") == 12);
}

TEST_CASE("status and latency outlive the summary", "[tools]") {
  weave_budget b(4 * 1700);
  for (std::size_t i = 0; i < 4; ++i)
    b.add(i, call(i, 5, text_of(2000)));
  CHECK(b.level() == 3);
  const auto rows = b.rows();
  REQUIRE(rows.size() == 4);
  CHECK_FALSE(rows[3].as_object().contains("summary"));
  CHECK(rows[3].at("status") == "success");
  CHECK(rows[3].at("latency_ms") == 12);
  CHECK(rows[3].at("exception").as_string().size() == 503);
}

TEST_CASE("an exception that is an object is cut as well", "[tools]") {
  weave_budget b(1500);
  json::array frames;
  frames.resize(5000, 7);
  for (std::size_t i = 0; i < 3; ++i)
    b.add(i, call(i, 5, {{"frames", frames}}));
  CHECK(b.size() <= 1500);
  CHECK(b.rows()[0].at("exception").as_string().size() <= 503);
}

TEST_CASE("of too many rows the first are kept", "[tools]") {
  weave_budget b(12'000);
  for (std::size_t i = 0; i < 1000; ++i)
    b.add(i, call(i, 12'000, text_of(12'000)));
  CHECK(b.level() == 4);
  CHECK(b.size() <= 12'000);
  CHECK(b.size() >= 12'000 * 9 / 10);
  CHECK(b.seen() == 1000);
  const auto rows = b.rows();
  REQUIRE(rows.size() > 2);
  CHECK(rows.size() == b.kept());
  for (std::size_t i = 0; i < rows.size(); ++i)
    CHECK(rows[i].at("id").as_string() == "call-" + std::to_string(i));
  CHECK(b.note().find(std::to_string(rows.size()) + " of 1000 rows")
        != std::string::npos);
}

TEST_CASE("however many rows are asked for, none get fewer and the room is used",
          "[tools]") {
  const std::size_t most = 40'000;
  std::size_t kept = 0;
  int level = 0;
  for (const std::size_t n : {10, 20, 30, 40, 60, 80, 120, 160, 240, 500}) {
    weave_budget b(most);
    for (std::size_t i = 0; i < n; ++i)
      b.add(i, call(i, 3000, text_of(i % 7 * 100), "no such user "));
    INFO(n << " rows, " << b.note());
    CHECK(b.size() <= most);
    if (b.level() > 0)
      CHECK(b.size() >= most * 85 / 100);
    CHECK(b.kept() >= kept);
    CHECK(b.level() >= level);
    kept = b.kept();
    level = b.level();
  }
  CHECK(level == 4);
}

TEST_CASE("texts of any script fit", "[tools][attack]") {
  for (const std::string_view of :
       {"7", "a9", "\"", "\\n", "\xE9\xBE\x98", "\xF0\x9F\xAB\xA0", "\x01"}) {
    weave_budget b(8000);
    for (std::size_t i = 0; i < 40; ++i)
      b.add(i, call(i, 3000, {}, of));
    CHECK(b.size() <= 8000);
    CHECK(token_size(json::value(b.rows())) <= 8000 + 4);
  }
}

TEST_CASE("one row alone is made as small as it gets", "[tools]") {
  weave_budget b(50);
  b.add(0, call(0, 9000, text_of(9000)));
  b.add(1, call(1, 9000, text_of(9000)));
  CHECK(b.level() == 4);
  CHECK(b.kept() == 1);
  CHECK(b.rows()[0].at("id") == "call-0");
  CHECK(b.size() <= 500);
  CHECK_FALSE(b.fit(50));
}

TEST_CASE("the first rows are kept in whatever order they come", "[tools]") {
  weave_budget b(4000);
  for (std::size_t i = 300; i-- > 0;)
    b.add(i, call(i, 2000));
  const auto rows = b.rows();
  REQUIRE(rows.size() > 2);
  for (std::size_t i = 0; i < rows.size(); ++i)
    CHECK(rows[i].at("id").as_string() == "call-" + std::to_string(i));
}

TEST_CASE("rows come back in the order of their index", "[tools]") {
  weave_budget b(100'000);
  b.add(2, call(2, 1));
  b.add(0, call(0, 1));
  b.add(1, call(1, 1));
  const auto rows = b.rows();
  CHECK(rows[0].at("id") == "call-0");
  CHECK(rows[1].at("id") == "call-1");
  CHECK(rows[2].at("id") == "call-2");
}

TEST_CASE("a row is kept even when index 0 never came", "[tools]") {
  weave_budget b(10);
  b.add(1, call(1, 1));
  b.add(3, call(3, 1));
  CHECK(b.kept() == 1);
  CHECK(b.rows()[0].at("id") == "call-1");
}
