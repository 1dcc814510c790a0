#include "protocol/mcp/completion.hpp"
#include "protocol/mcp/log_level.hpp"
#include "protocol/mcp/pagination.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

using texts = std::vector<std::string>;

struct rank_case {
  const char* typed;
  texts candidates;
  texts values;
};

} // namespace

TEST_CASE("levels compare by their severity", "[protocol]") {
  const char* const names[] = {"debug", "info",     "notice", "warning",
                               "error", "critical", "alert",  "emergency"};
  std::optional<log_level> before;
  for (const auto* name : names) {
    const auto level = parse_log_level(name);
    REQUIRE(level.has_value());
    CHECK(to_string(*level) == name);
    if (before)
      CHECK(*before < *level);
    CHECK(reaches(*level, log_level::debug));
    CHECK(reaches(*level, *level));
    CHECK(reaches(log_level::error, level) == (*level <= log_level::error));
    CHECK_FALSE(reaches(*level, {}));
    before = level;
  }
  for (const auto* bad : {"", "warn", "INFO", "fatal", " info"})
    CHECK_FALSE(parse_log_level(bad).has_value());
}

TEST_CASE("pages follow one another to the end", "[protocol]") {
  const auto size = GENERATE(as<std::size_t>{}, 0, 1, 2, 5, 7);
  const auto page = GENERATE(as<std::size_t>{}, 0, 1, 2, 5, 100);
  CAPTURE(size, page);
  std::size_t seen = 0;
  json::object params;
  for (int i = 0; i < 10; ++i) {
    const auto range = read_page(params, "tools", "v1", size, page);
    REQUIRE(range.has_value());
    CHECK(range->begin == seen);
    CHECK(range->end <= size);
    CHECK(range->end - range->begin <= std::max<std::size_t>(page, 1));
    seen = range->end;
    if (!range->next_cursor)
      break;
    CHECK(range->next_cursor->size() == 16);
    params["cursor"] = *range->next_cursor;
  }
  CHECK(seen == size);
}

TEST_CASE("a cursor is of one list as it was", "[protocol]") {
  const auto cursor = write_cursor("tools", "v1", 2);
  CHECK(read_cursor(cursor, "tools", "v1").value() == 2);
  const auto far = write_cursor("tools", "v1", 0xFFFFFFFF);
  CHECK(read_cursor(far, "tools", "v1").value() == 0xFFFFFFFF);
  CHECK_FALSE(read_cursor(cursor, "prompts", "v1").has_value());
  CHECK_FALSE(read_cursor(cursor, "tools", "v2").has_value());
  CHECK_FALSE(read_cursor(write_cursor("a", "bc", 1), "ab", "c").has_value());
  for (const auto& bad :
       {std::string(), std::string("2"), cursor + "A", cursor.substr(1),
        cursor.substr(0, 15), std::string("!!!!!!!!!!!!!!!!"),
        std::string(100'000, 'A')}) {
    CAPTURE(bad.substr(0, 20));
    const auto read = read_cursor(bad, "tools", "v1");
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == -32602);
  }
}

TEST_CASE("a cursor behind the end or of another type is refused",
          "[protocol]") {
  for (const auto& bad : {json::value(write_cursor("tools", "v1", 3)),
                          json::value(""), json::value(2)}) {
    const auto range = read_page({{"cursor", bad}}, "tools", "v1", 3, 10);
    REQUIRE_FALSE(range.has_value());
    CHECK(range.error().code == -32602);
  }
}

TEST_CASE("a cursor of null is none", "[protocol]") {
  const auto range = read_page({{"cursor", nullptr}}, "tools", "v1", 3, 2);
  REQUIRE(range.has_value());
  CHECK(range->begin == 0);
  CHECK(range->end == 2);
}

TEST_CASE("completions come best first", "[protocol]") {
  const rank_case all[] = {
    {"", {"b", "a"}, {"b", "a"}},
    {"x", {"b", "a"}, {}},
    {"te",
     {"latest", "my-test", "Test", "test2"},
     {"Test", "test2", "my-test", "latest"}},
    {"TE", {"latest", "my-test", "Test"}, {"Test", "my-test", "latest"}},
    {"loss",
     {"trainLoss", "glossary", "val/loss", "loss"},
     {"loss", "trainLoss", "val/loss", "glossary"}},
    {"loss", {"glosss", "xloss yloss loss"}, {"xloss yloss loss", "glosss"}},
    {"1", {"v10", "v1.1", "10"}, {"10", "v1.1", "v10"}},
    {"a", {"a", "a", "b"}, {"a"}},
    {"é", {"café", "été"}, {"été", "café"}},
  };
  for (const auto& c : all) {
    CAPTURE(c.typed, c.candidates);
    const auto matches = match_completion(c.typed, c.candidates);
    CHECK(matches.values == c.values);
    CHECK(matches.total == c.values.size());
    CHECK_FALSE(matches.has_more());
  }
}

TEST_CASE("at most a hundred completions are told, and how many there are",
          "[protocol]") {
  texts many;
  for (int i = 0; i < 250; ++i)
    many.push_back("run-" + std::to_string(i));
  const auto matches = match_completion("run", many);
  const auto answer = completion_result(matches).at("completion");
  CHECK(answer.at("values").as_array().size() == 100);
  CHECK(answer.at("values").at(99) == "run-99");
  CHECK(answer.at("total") == 250);
  CHECK(answer.at("hasMore").as_bool());
  CHECK(json::serialize(completion_result({}))
        == R"({"completion":{"values":[],"total":0,"hasMore":false}})");
}

TEST_CASE("completion/complete says what is typed, and where", "[protocol]") {
  const auto prompt =
    read_completion(json::parse(R"({"ref":{"type":"ref/prompt","name":"p"},
      "argument":{"name":"a","value":"te"},
      "context":{"arguments":{"b":"x","c":7}}})")
                      .as_object());
  REQUIRE(prompt.has_value());
  CHECK(prompt->of == completion_question::subject::prompt);
  CHECK(prompt->name == "p");
  CHECK(prompt->argument == "a");
  CHECK(prompt->typed == "te");
  CHECK(prompt->context.size() == 1);
  const auto resource = read_completion(
    json::parse(R"({"ref":{"type":"ref/resource","uri":"a://{b}"},
      "argument":{"name":"b","value":""},"context":7})")
      .as_object());
  REQUIRE(resource.has_value());
  CHECK(resource->of == completion_question::subject::resource_template);
  CHECK(resource->name == "a://{b}");
}

TEST_CASE("what completion/complete lacks is named", "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, R"({})", R"({"ref":7,"argument":{}})",
    R"({"ref":{"type":"ref/tool","name":"p"},
        "argument":{"name":"a","value":""}})",
    R"({"ref":{"type":"ref/prompt","uri":"p"},
        "argument":{"name":"a","value":""}})",
    R"({"ref":{"type":"ref/resource","name":"p"},
        "argument":{"name":"a","value":""}})",
    R"({"ref":{"type":"ref/prompt","name":"p"}})",
    R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a"}})",
    R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"value":"a"}})");
  CAPTURE(text);
  const auto read = read_completion(json::parse(text).as_object());
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == errc::invalid_params);
}
