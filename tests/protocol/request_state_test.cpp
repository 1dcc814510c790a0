#include "protocol/mcp/request_state.hpp"
#include "tests/catch.hpp"

#include <set>
#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

constexpr std::int64_t noon = 1'780'000'000;

const json::object some_arguments{
  {"b", 1}, {"a", json::object{{"y", json::array{1, 2}}, {"x", nullptr}}}};
const json::object no_arguments;

request_binding binding(const json::object& arguments = some_arguments) {
  return {.user = "alice",
          .method = "tools/call",
          .name = "delete_run",
          .arguments = arguments};
}

const json::value carried{{"user_name", {{"action", "accept"}}}};

std::string ring_file(char first, char second) {
  return std::string(64, first) + "\n" + std::string(64, second) + "\n";
}

} // namespace

TEST_CASE("a state gives back what it carries", "[protocol]") {
  const request_sealer sealer(seal_keys::random());
  const auto what =
    GENERATE(as<std::string>{}, "{}", "null", R"(["é",1.5,{"a":true}])");
  const auto state = sealer.seal(binding(), json::parse(what), noon);
  REQUIRE(state.has_value());
  CHECK(state->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
                                 "tuvwxyz0123456789-_")
        == std::string::npos);
  const auto back = sealer.open(*state, binding(), noon);
  REQUIRE(back.has_value());
  CHECK(*back == json::parse(what));
}

TEST_CASE("no two states are the same, and none shows what it carries",
          "[protocol]") {
  const request_sealer sealer(seal_keys::random());
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i)
    CHECK(seen.insert(sealer.seal(binding(), carried, noon).value()).second);
}

TEST_CASE("a state is of one user and one request", "[protocol]") {
  const request_sealer sealer(seal_keys::random());
  const auto state = sealer.seal(binding(), carried, noon).value();
  CHECK(sealer.open(state, binding(), noon).has_value());
  auto other = binding();
  SECTION("user") {
    other.user = "bob";
  }
  SECTION("no user") {
    other.user = "";
  }
  SECTION("method") {
    other.method = "prompts/get";
  }
  SECTION("name") {
    other.name = "delete_runs";
  }
  SECTION("the same letters in other places") {
    other.method = "tools/calld";
    other.name = "elete_run";
  }
  const auto opened = sealer.open(state, other, noon);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == -32602);
}

TEST_CASE("arguments are compared as JSON", "[protocol]") {
  const request_sealer sealer(seal_keys::random());
  const auto state = sealer.seal(binding(), carried, noon).value();
  const auto opens = [&](const char* arguments) {
    const auto other = json::parse(arguments).as_object();
    return sealer.open(state, binding(other), noon).has_value();
  };
  CHECK(opens(R"({"a":{"x":null,"y":[1,2]},"b":1})"));
  CHECK(opens(R"({"a":{"x":null,"y":[1.0,2e0]},"b":1.0})"));
  CHECK_FALSE(opens(R"({"a":{"x":null,"y":[2,1]},"b":1})"));
  CHECK_FALSE(opens(R"({"a":{"x":null,"y":[1,2]},"b":"1"})"));
  CHECK_FALSE(opens(R"({"a":{"y":[1,2]},"b":1})"));
  CHECK_FALSE(opens(R"({"a":{"x":null,"y":[1,2]},"b":1,"c":0})"));
  CHECK_FALSE(opens(R"({"a":{"x":null,"y":[[1,2]]},"b":1})"));
  CHECK_FALSE(opens("{}"));
}

TEST_CASE("every changed character spoils a state", "[protocol]") {
  const request_sealer sealer(seal_keys::random());
  const auto state = sealer.seal(binding(), carried, noon).value();
  for (std::size_t i = 0; i < state.size(); ++i) {
    auto changed = state;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(sealer.open(changed, binding(), noon).has_value());
    CHECK_FALSE(sealer.open(state.substr(0, i), binding(), noon).has_value());
  }
  for (const auto* tail : {"-TAMPERED", "A", "=", "\n", " "}) {
    const auto opened = sealer.open(state + tail, binding(), noon);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == -32602);
  }
  for (const auto* other : {"", "x", "{}", "AAAA", "\xff\xff"})
    CHECK_FALSE(sealer.open(other, binding(), noon).has_value());
  CHECK_FALSE(
    sealer.open(std::string(1'000'000, 'A'), binding(), noon).has_value());
}

TEST_CASE("a state ends with its lifetime", "[protocol]") {
  const request_sealer sealer(seal_keys::random());
  const auto state =
    sealer.seal(binding(), carried, noon, std::chrono::seconds{60}).value();
  CHECK(sealer.open(state, binding(), noon + 60).has_value());
  const auto late = sealer.open(state, binding(), noon + 61);
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().message.find("expired") != std::string::npos);
  CHECK(late.error().code == -32602);
}

TEST_CASE("an older key of the ring still opens", "[protocol]") {
  const request_sealer before(seal_keys::parse(ring_file('a', 'b')).value());
  const request_sealer after(seal_keys::parse(ring_file('c', 'a')).value());
  const request_sealer later(seal_keys::parse(ring_file('d', 'c')).value());
  const auto state = before.seal(binding(), carried, noon).value();
  CHECK(after.open(state, binding(), noon).has_value());
  CHECK_FALSE(later.open(state, binding(), noon).has_value());
}

TEST_CASE("a session id is no state", "[protocol]") {
  const auto keys = seal_keys::random();
  const auto id = session_sealer(keys).seal({}, "alice");
  CHECK_FALSE(
    request_sealer(keys).open(id, binding(no_arguments), noon).has_value());
}

TEST_CASE("a state can carry so much and no more", "[protocol]") {
  const request_sealer sealer(seal_keys::random());
  const auto most = request_sealer::max_carried_bytes - 2; // the quotes
  const json::value fits(std::string(most, 'x'));
  const auto state = sealer.seal(binding(), fits, noon);
  REQUIRE(state.has_value());
  CHECK(sealer.open(*state, binding(), noon).has_value());
  const auto too_long =
    sealer.seal(binding(), json::value(std::string(most + 1, 'x')), noon);
  REQUIRE_FALSE(too_long.has_value());
  CHECK(too_long.error().code == errc::response_too_large);
}

TEST_CASE("requestState is a string or absent", "[protocol]") {
  CHECK_FALSE(read_request_state({}).value().has_value());
  CHECK(read_request_state({{"requestState", "s"}}).value() == "s");
  for (const auto* bad : {"null", "7", "{}"})
    CHECK_FALSE(
      read_request_state({{"requestState", json::parse(bad)}}).has_value());
}
