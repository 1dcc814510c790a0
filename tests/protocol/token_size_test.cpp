#include "protocol/json/token_size.hpp"

#include "protocol/json/write.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

json::array samples() {
  std::ifstream file(MCP_TOKEN_SAMPLES);
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(text).as_array();
}

} // namespace

TEST_CASE("a text is never taken for less than its tokens, nor for far more",
          "[protocol][attack]") {
  for (const auto& sample : samples()) {
    const auto& s = sample.as_object();
    INFO(s.at("name").as_string().c_str());
    const std::string text(s.at("text").as_string());
    const auto tokens = s.at("tokens").to_number<double>();
    const auto estimate = static_cast<double>(token_size(text)) / 4;
    // A token or two is how a text begins and ends.
    CHECK(estimate + 2 >= tokens);
    CHECK(estimate <= s.at("most").to_number<double>() * tokens + 2);
  }
}

TEST_CASE("sizes of parts add up to the whole or more, but for a few tokens",
          "[protocol]") {
  for (const auto& sample : samples()) {
    const auto& s = sample.as_object();
    INFO(s.at("name").as_string().c_str());
    const std::string text(s.at("text").as_string());
    for (const std::size_t at : {text.size() / 3, text.size() / 2}) {
      auto cut = at;
      while ((static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
        --cut;
      const std::string_view whole = text;
      CHECK(token_size(whole.substr(0, cut)) + token_size(whole.substr(cut))
              + 4 * token_quarters
            >= token_size(whole));
    }
  }
}

TEST_CASE("a value has the size of its JSON", "[protocol]") {
  const json::value value{{"loss", 0.25}, {"names", {"a", "b\n"}}};
  CHECK(token_size(value) == token_size(std::string_view(write_json(value))));
  CHECK(token_size(value.as_object()) == token_size(value));
}

TEST_CASE("texts that are cut in the middle of a character have a size",
          "[protocol][attack]") {
  CHECK(token_size(std::string_view()) == 0);
  for (const std::string_view text : {"\xF0", "\xF0\x9F", "\xE4\xB8", "\xC3",
                                      "\x80", "\xFF", "\xF0\x9F\x98\x80\xF0"})
    CHECK(token_size(text) > 0);
}

TEST_CASE("tokens are rounded up", "[protocol]") {
  CHECK(tokens_of(0) == 0);
  CHECK(tokens_of(1) == 1);
  CHECK(tokens_of(4) == 1);
  CHECK(tokens_of(5) == 2);
}
