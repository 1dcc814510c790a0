#include "protocol/wandb/graphql_cursor.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>

using namespace mcp::wandb;
namespace json = boost::json;

TEST_CASE("a sealed cursor opens for its own question", "[protocol]") {
  const auto cursor = GENERATE(as<std::string>{}, "c", "Y3Vyc29yOjQ5",
                               std::string("a\0b", 3), std::string(2900, 'x'));
  const auto text = seal_cursor({'t', cursor}, "question");
  REQUIRE_FALSE(text.empty());
  CHECK(text.size() <= max_cursor_bytes);
  CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                               "uvwxyz0123456789-_")
        == text.npos);
  const auto place = open_cursor(text, "question");
  REQUIRE(place.has_value());
  CHECK(place->way == 't');
  CHECK(place->cursor == cursor);
  CHECK_FALSE(open_cursor(text, "another").has_value());
  CHECK_FALSE(open_cursor(text, "").has_value());
}

TEST_CASE("a cursor that was changed does not open", "[protocol]") {
  const auto text = seal_cursor({'p', "Y3Vyc29yOjQ5"}, "question");
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(open_cursor(changed, "question").has_value());
    CHECK_FALSE(open_cursor(text.substr(0, i), "question").has_value());
  }
  CHECK_FALSE(open_cursor(text + "A", "question").has_value());
  CHECK_FALSE(open_cursor(text + "=", "question").has_value());
  CHECK_FALSE(open_cursor("\xC3\xA9", "question").has_value());
  CHECK_FALSE(open_cursor(std::string(100'000, 'A'), "question").has_value());
}

TEST_CASE("parts of question and cursor do not run into each other",
          "[protocol]") {
  CHECK(seal_cursor({'p', "ab"}, "c") != seal_cursor({'p', "a"}, "bc"));
  CHECK_FALSE(open_cursor(seal_cursor({'p', "a"}, "bc"), "c").has_value());
}

TEST_CASE("a cursor too long to come back is not given", "[protocol]") {
  CHECK(seal_cursor({'p', std::string(4000, 'x')}, "question").empty());
}

TEST_CASE("equal values are the same text", "[protocol]") {
  const auto text = [](const char* t) {
    return canonical_json(json::parse(t));
  };
  CHECK(text(R"({"b":[{"y":1,"x":2}],"a":null})")
        == R"({"a":null,"b":[{"x":2,"y":1}]})");
  CHECK(text(R"([1,2])") != text(R"([2,1])"));
  CHECK(text("1") != text("\"1\""));
}
