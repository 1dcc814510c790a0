#include "tests/catch.hpp"
#include "tools/weave_budget.hpp"

#include <boost/json.hpp>

#include <string>

namespace json = boost::json;
using namespace mcp::tools;

namespace {

json::string text_of(std::size_t length) {
  return json::string(length, 'e');
}

json::object call(std::size_t n, std::size_t payload,
                  json::value exception = nullptr) {
  json::object weave{{"status", "success"}, {"latency_ms", 12}};
  json::object summary{{"weave", weave}};
  return {{"id", "call-" + std::to_string(n)},
          {"op_name", "weave:///acme/bot/op/ask:9f"},
          {"started_at", "2025-02-01T10:00:00Z"},
          {"inputs", {{"q", std::string(payload, 'i')}}},
          {"output", std::string(payload, 'o')},
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
  weave_budget b(6366 * 4);
  for (std::size_t i = 0; i < 10; ++i)
    b.add(i, call(i, 5000));
  CHECK(b.level() == 1);
  CHECK(b.kept() == 10);
  CHECK(b.bytes() <= 6366 * 4);
  CHECK(b.note().starts_with("L1:"));
  const auto rows = b.rows();
  const auto& first = rows[0].as_object();
  CHECK(first.at("id") == "call-0");
  CHECK(first.at("op_name") == "weave:///acme/bot/op/ask:9f");
  // No more than needed: 1000 of 5000 characters fit ten rows.
  CHECK(first.at("output").as_string().size() == 1003);
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
  weave_budget b(4 * 1100);
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
  CHECK(b.bytes() <= 1500);
  CHECK(b.rows()[0].at("exception").as_string().size() <= 503);
}

TEST_CASE("too many rows are sampled evenly", "[tools]") {
  weave_budget b(4000);
  for (std::size_t i = 0; i < 1000; ++i)
    b.add(i, call(i, 12'000, text_of(12'000)));
  CHECK(b.level() == 4);
  CHECK(b.bytes() <= 4000);
  CHECK(b.seen() == 1000);
  const auto rows = b.rows();
  REQUIRE(rows.size() > 2);
  CHECK(rows.size() == b.kept());
  CHECK(rows[0].at("id") == "call-0");
  // As far apart as each other, over all rows.
  const auto number = [&](std::size_t i) {
    return std::stoul(std::string(rows[i].at("id").as_string()).substr(5));
  };
  const auto stride = number(1);
  for (std::size_t i = 0; i < rows.size(); ++i)
    CHECK(number(i) == i * stride);
  CHECK(number(rows.size() - 1) + stride >= 1000);
  // The note says what there is, also after further halving.
  CHECK(b.note().find(std::to_string(rows.size()) + " of 1000 rows")
        != std::string::npos);
}

TEST_CASE("one row alone is made as small as it gets", "[tools]") {
  weave_budget b(50);
  b.add(0, call(0, 9000, text_of(9000)));
  b.add(1, call(1, 9000, text_of(9000)));
  CHECK(b.level() == 4);
  CHECK(b.kept() == 1);
  CHECK(b.rows()[0].at("id") == "call-0");
  CHECK(b.bytes() <= 400);
  CHECK_FALSE(b.tighten());
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

TEST_CASE("sampling keeps a row even when index 0 never came", "[tools]") {
  weave_budget b(10);
  b.add(1, call(1, 1));
  b.add(3, call(3, 1));
  CHECK(b.kept() == 1);
  CHECK(b.rows()[0].at("id") == "call-1");
}
