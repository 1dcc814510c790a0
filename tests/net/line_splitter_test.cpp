#include "net/line_splitter.hpp"
#include "tests/catch.hpp"

#include <vector>

using namespace mcp::net;

TEST_CASE("a line that is too long is reported once and skipped", "[net]") {
  std::vector<std::string> seen;
  line_splitter lines{5,
                      {.on_line =
                         [&](std::string_view line) {
                           seen.emplace_back(line);
                           return true;
                         },
                       .on_too_long =
                         [&] {
                           seen.emplace_back("!");
                           return true;
                         }}};
  const std::string text = "12345\n123456\nabc\n1234567890\n\nlast";
  const auto step = GENERATE(as<std::size_t>{}, 1, 2, 3, 7, 100);
  CAPTURE(step);
  for (std::size_t at = 0; at < text.size(); at += step)
    CHECK(lines.feed(std::string_view{text}.substr(at, step)));
  CHECK(lines.finish());
  CHECK(seen == std::vector<std::string>{"12345", "!", "abc", "!", "last"});
}

TEST_CASE("the pieces of a line that is skipped make up the line", "[net]") {
  std::vector<std::string> skipped{""};
  line_splitter lines{5,
                      {.on_line = [](std::string_view) { return true; },
                       .on_too_long = [] { return true; },
                       .on_skipped =
                         [&](std::string_view piece, bool last) {
                           skipped.back() += piece;
                           if (last)
                             skipped.emplace_back();
                         }}};
  const std::string text = "12345\n123456\nabc\n1234567890\n\nlast one";
  const auto step = GENERATE(as<std::size_t>{}, 1, 2, 3, 7, 100);
  CAPTURE(step);
  for (std::size_t at = 0; at < text.size(); at += step)
    CHECK(lines.feed(std::string_view{text}.substr(at, step)));
  CHECK(lines.finish());
  CHECK(skipped
        == std::vector<std::string>{"123456", "1234567890", "last one", ""});
}

TEST_CASE("a splitter stops when it is told to", "[net]") {
  int calls = 0;
  line_splitter lines{100,
                      {.on_line = [&](std::string_view) { return ++calls < 2; },
                       .on_too_long = [] { return true; }}};
  CHECK_FALSE(lines.feed("1\n2\n3\n" + std::string(100, '\n')));
  CHECK(calls == 2);
}
