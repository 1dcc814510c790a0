#include "protocol/wandb/history_rows.hpp"
#include "protocol/wandb/history_thinning.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <set>
#include <string>

using namespace mcp;
using namespace mcp::wandb;
namespace json = boost::json;

namespace {

json::value rows_json(const std::vector<history_row>& rows) {
  json::array out;
  for (const auto& row : rows)
    out.emplace_back(row);
  return out;
}

std::vector<history_row> rows_of(std::string_view text) {
  auto rows = read_history_rows(json::parse(text).as_array(), {});
  REQUIRE(rows.has_value());
  return std::move(rows->rows);
}

std::vector<std::int64_t> steps_of(const std::vector<history_row>& rows) {
  std::vector<std::int64_t> out;
  for (const auto& row : rows)
    out.push_back(step_of(row).value_or(-1));
  return out;
}

} // namespace

TEST_CASE("rows are read from texts and from objects, and cleaned",
          "[protocol]") {
  struct row {
    std::string before, after;
  };
  const auto [before, after] = GENERATE(values<row>({
    {R"({"_step":1,"loss":0.5})", R"({"_step":1,"loss":0.5})"},
    {R"("{\"_step\":1,\"loss\":0.5}")", R"({"_step":1,"loss":0.5})"},
    {R"({"_step":1.0,"x":1.0})", R"({"_step":1,"x":1E0})"},
    {R"({"_step":0,"_runtime":2,"_timestamp":3,"_wandb":{"a":1},"_x":1})",
     R"({"_step":0,"_runtime":2,"_timestamp":3})"},
    {R"({"_step":0,"a":null,"b":"NaN","c":"Infinity","d":"-Infinity"})",
     R"({"_step":0,"b":"NaN","c":"Infinity","d":"-Infinity"})"},
    {R"("{\"_step\":0,\"b\":NaN,\"c\":Infinity,\"d\":[-Infinity]}")",
     R"({"_step":0,"b":"NaN","c":"Infinity","d":["-Infinity"]})"},
  }));
  CAPTURE(before);
  CHECK(rows_json(rows_of("[" + before + "]"))
        == json::parse("[" + after + "]"));
}

TEST_CASE("only the metrics asked for are kept, nested ones too",
          "[protocol]") {
  const auto text = R"([{"_step":0,"a":1,"b":2},{"_step":1,"b":3},
    {"_step":2,"v":{"loss":{"x":4}}},{"_step":3,"v.loss.x":5,"epoch":7}])";
  const auto rows =
    read_history_rows(json::parse(text).as_array(),
                      {.keys = {"a", "v.loss.x"}, .x_axis = "epoch"});
  REQUIRE(rows.has_value());
  CHECK(json::serialize(rows_json(rows->rows))
        == R"([{"_step":0,"a":1},{"_step":2,"v.loss.x":4},)"
           R"({"_step":3,"epoch":7,"v.loss.x":5}])");
}

TEST_CASE("one odd value or row hides no other", "[protocol]") {
  const auto read = read_history_rows(
    json::parse(R"(["{\"_step\":0,\"loss\":1e400,\"acc\":0.5}", 5, null,
      "{\"_step\":1,\"tokens\":18446744073709551616,\"acc\":0.6}",
      "{\"_step\":2,\"text\":\"\\ud800!\",\"acc\":0.7}", "{\"_step\":",
      "{\"_step\":3,\"acc\":-nan}"])")
      .as_array(),
    {});
  REQUIRE(read.has_value());
  CHECK(rows_json(read->rows) == json::parse(R"([
    {"_step":0,"loss":"1e400","acc":0.5},
    {"_step":1,"tokens":"18446744073709551616","acc":0.6},
    {"_step":2,"text":"\ufffd!","acc":0.7}, {"_step":3,"acc":"NaN"}])"));
  CHECK(read->unreadable == 2);
}

TEST_CASE("rows of which none can be read are W&B's fault", "[protocol]") {
  const auto text =
    GENERATE(as<std::string>{}, "[5]", R"(["{"])", R"(["[1]"])", "[[1]]");
  CAPTURE(text);
  const auto rows = read_history_rows(json::parse(text).as_array(), {});
  REQUIRE_FALSE(rows.has_value());
  CHECK(rows.error().code == errc::upstream_garbage);
}

TEST_CASE("series are joined by step without losing a row", "[protocol]") {
  const auto joined = join_series(
    {rows_of(R"([{"_step":0,"a":1},{"_step":5,"a":2},{"_step":5,"a":3}])"),
     rows_of(R"([{"_step":3,"b":1},{"_step":5,"b":2},{"_step":5,"b":3}])")},
    "_step");
  CHECK(json::serialize(rows_json(joined))
        == R"([{"_step":0,"a":1},{"_step":3,"b":1},{"_step":5,"a":2,"b":2},)"
           R"({"_step":5,"a":3,"b":3}])");
}

TEST_CASE("rows without a step are joined by their axis, the rest goes last",
          "[protocol]") {
  const auto joined =
    join_series({rows_of(R"([{"x":2,"a":1},{"x":1,"a":2},{"a":9}])"),
                 rows_of(R"([{"x":1,"b":3},{"x":"NaN","b":4}])")},
                "x");
  CHECK(json::serialize(rows_json(joined))
        == R"([{"x":1,"a":2,"b":3},{"x":2,"a":1},{"a":9},{"x":"NaN","b":4}])");
}

TEST_CASE("thinning keeps the first and the last row and spreads the others",
          "[protocol]") {
  const auto [total, count] = GENERATE(table<std::size_t, std::size_t>(
    {{100, 5}, {10000, 100}, {7, 6}, {3, 2}, {1000, 999}, {5, 5}, {5, 9}}));
  CAPTURE(total, count);
  std::vector<history_row> rows;
  for (std::size_t i = 0; i < total; ++i)
    rows.push_back({{"_step", i}, {"loss", 1.0}});
  const auto kept = steps_of(thin_rows(rows, count, "_step"));
  REQUIRE(kept.size() == std::min(total, count));
  CHECK(kept.front() == 0);
  CHECK(kept.back() == static_cast<std::int64_t>(total) - 1);
  CHECK(std::set<std::int64_t>(kept.begin(), kept.end()).size() == kept.size());
  const auto even = static_cast<std::int64_t>(total / kept.size());
  for (std::size_t i = 1; i < kept.size(); ++i)
    CHECK(kept[i] - kept[i - 1] <= even + 1 + even / 2);
  CHECK(thin_rows(rows, 1, "_step").at(0).at("_step") == total - 1);
  CHECK(thin_rows(rows, 0, "_step").empty());
}

TEST_CASE("thinning keeps metrics that are logged rarely", "[protocol]") {
  std::vector<history_row> rows;
  for (int i = 0; i < 100; ++i) {
    history_row row{{"_step", i}, {"loss", 1.0}};
    if (i % 10 == 9)
      row.emplace("val", 2.0);
    rows.push_back(std::move(row));
  }
  const auto kept = thin_rows(rows, 11, "_step");
  CHECK(steps_of(kept)
        == std::vector<std::int64_t>{0, 9, 19, 29, 39, 49, 59, 69, 79, 89, 99});
  const auto fewer = thin_rows(rows, 4, "_step"); // its rows do not all fit
  CHECK(fewer.size() == 4);
  CHECK(fewer.back().contains("val"));
}

TEST_CASE("a rare metric is kept whole even where the first row must go",
          "[protocol]") {
  std::vector<history_row> rows;
  for (int i = 0; i < 100; ++i) {
    const bool rare = i % 10 == 5;
    rows.push_back({{"_step", i}, {rare ? "val" : "loss", 1.0}});
  }
  const auto kept = thin_rows(rows, 11, "_step");
  CHECK(
    steps_of(kept)
    == std::vector<std::int64_t>{5, 15, 25, 35, 45, 55, 65, 75, 85, 95, 99});
}

TEST_CASE("what does not fit is thinned to equal shares", "[protocol]") {
  std::vector<history_row> rows;
  for (int i = 0; i < 1000; ++i)
    rows.push_back({{"_step", i}, {i % 5 == 0 ? "some" : "many", 1.0}});
  const auto kept = thin_rows(rows, 100, "_step");
  const auto some =
    std::count_if(kept.begin(), kept.end(),
                  [](const auto& row) { return row.contains("some"); });
  CHECK(kept.size() == 100);
  CHECK(some >= 49);
  CHECK(some <= 51);
}

TEST_CASE("metrics that are logged together count as one", "[protocol]") {
  std::vector<history_row> rows;
  for (int i = 0; i < 1000; ++i) {
    history_row row{{"_step", i}};
    for (int k = 0; k < 50; ++k)
      row.emplace("layer" + std::to_string(k), 1.0);
    rows.push_back(std::move(row));
  }
  const auto kept = steps_of(thin_rows(rows, 100, "_step"));
  REQUIRE(kept.size() == 100);
  for (std::size_t i = 1; i < kept.size(); ++i)
    CHECK(kept[i] - kept[i - 1] <= 12); // evenly spread
}

TEST_CASE("every metric keeps a row, as long as there is room", "[protocol]") {
  std::vector<history_row> rows;
  for (int i = 0; i < 20; ++i)
    rows.push_back({{"_step", i}, {"m" + std::to_string(i % 7), 1.0}});
  const auto kept = thin_rows(rows, 7, "_step");
  std::set<std::string> metrics;
  for (const auto& row : kept)
    for (const auto& member : row)
      metrics.insert(std::string(member.key()));
  CHECK(kept.size() == 7);
  CHECK(metrics.size() == 8); // and "_step"
  CHECK(thin_rows(rows, 3, "_step").size() == 3);
}

TEST_CASE("texts stand for the numbers that JSON lacks, and no others",
          "[protocol]") {
  struct row {
    std::string before, after;
    bool non_finite;
  };
  const auto c = GENERATE(values<row>({{"NaN", "NaN", true},
                                       {"nan", "NaN", true},
                                       {"Infinity", "Infinity", true},
                                       {"-inf", "-Infinity", true},
                                       {"nano", "nano", false},
                                       {"", "", false}}));
  json::value v = json::array{json::string(c.before)};
  clean_non_finite(v);
  CHECK(v.at(0) == json::string(c.after));
  CHECK(is_non_finite(v.at(0)) == c.non_finite);
}
