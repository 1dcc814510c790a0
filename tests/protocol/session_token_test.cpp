#include "protocol/mcp/session_token.hpp"
#include "tests/catch.hpp"

#include <set>
#include <string>

using namespace mcp;

namespace {

const std::string alice_key(40, 'a');
const std::string bob_key(40, 'b');

session_claims some_claims() {
  session_claims c;
  c.negotiated = version::v2025_06_18;
  c.client_name = "claude";
  c.client_version = "1.2.3";
  c.capabilities = {.roots = true, .sampling = false, .elicitation = true};
  c.created = 1'760'000'000;
  return c;
}

std::string ring_file(char first, char second) {
  return "# newest first\n" + std::string(64, first) + "\n\n"
         + std::string(64, second) + "\r\n";
}

} // namespace

TEST_CASE("a session id gives back what was sealed in it", "[protocol]") {
  const session_sealer sealer(seal_keys::random());
  const auto id = sealer.seal(some_claims(), alice_key);
  const auto claims = sealer.open(id, alice_key);
  REQUIRE(claims.has_value());
  CHECK(claims->negotiated == version::v2025_06_18);
  CHECK(claims->client_name == "claude");
  CHECK(claims->client_version == "1.2.3");
  CHECK(claims->capabilities.roots);
  CHECK_FALSE(claims->capabilities.sampling);
  CHECK(claims->capabilities.elicitation);
  CHECK(claims->created == 1'760'000'000);
}

TEST_CASE("a session id is visible ASCII, bounded, and never the same",
          "[protocol]") {
  const session_sealer sealer(seal_keys::random());
  auto claims = some_claims();
  claims.client_name = std::string(100'000, 'n');
  claims.client_version = std::string(100'000, 'v');
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto id = sealer.seal(claims, alice_key);
    CHECK(id.size() <= session_sealer::max_id_length);
    CHECK(id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu"
                               "vwxyz0123456789-_")
          == std::string::npos);
    CHECK(seen.insert(id).second);
  }
}

TEST_CASE("a long client name is cut between characters", "[protocol]") {
  const session_sealer sealer(seal_keys::random());
  auto claims = some_claims();
  claims.client_name = std::string(63, 'n') + "é";
  const auto opened = sealer.open(sealer.seal(claims, alice_key), alice_key);
  REQUIRE(opened.has_value());
  CHECK(opened->client_name == std::string(63, 'n'));
}

TEST_CASE("another user's key does not open a session id", "[protocol]") {
  const session_sealer sealer(seal_keys::random());
  const auto id = sealer.seal(some_claims(), alice_key);
  CHECK_FALSE(sealer.open(id, bob_key).has_value());
  CHECK_FALSE(sealer.open(id, "").has_value());
  CHECK_FALSE(sealer.open(id, alice_key + "a").has_value());
}

TEST_CASE("every changed character spoils a session id", "[protocol]") {
  const session_sealer sealer(seal_keys::random());
  const auto id = sealer.seal(some_claims(), alice_key);
  for (std::size_t i = 0; i < id.size(); ++i) {
    auto changed = id;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(sealer.open(changed, alice_key).has_value());
    CHECK_FALSE(sealer.open(id.substr(0, i), alice_key).has_value());
  }
  CHECK_FALSE(sealer.open(id + "A", alice_key).has_value());
  CHECK_FALSE(sealer.open(id + "=", alice_key).has_value());
}

TEST_CASE("what never was a session id opens nothing", "[protocol]") {
  const session_sealer sealer(seal_keys::random());
  const auto id = GENERATE(as<std::string>{}, "", "A", "1868a90c", "\xff\xfe",
                           std::string(512, 'A'), std::string(513, 'A'),
                           std::string(1'000'000, 'A'), std::string(64, '\0'),
                           "../../etc/passwd");
  CHECK_FALSE(sealer.open(id, alice_key).has_value());
}

TEST_CASE("instances with one key know each other's ids", "[protocol]") {
  const auto keys = seal_keys::parse(std::string(32, 'k'));
  REQUIRE(keys.has_value());
  const session_sealer one(*keys), two(*keys);
  CHECK(two.open(one.seal(some_claims(), alice_key), alice_key).has_value());
  CHECK(one.fingerprint(alice_key) == two.fingerprint(alice_key));
  const session_sealer stranger(seal_keys::random());
  CHECK_FALSE(
    stranger.open(one.seal(some_claims(), alice_key), alice_key).has_value());
  CHECK(one.fingerprint(alice_key) != stranger.fingerprint(alice_key));
  CHECK(one.fingerprint(alice_key) != one.fingerprint(bob_key));
}

TEST_CASE("a replaced key opens old ids until it leaves the ring",
          "[protocol]") {
  const session_sealer old(*seal_keys::parse(std::string(64, '1')));
  const session_sealer ring(*seal_keys::parse(ring_file('2', '1')));
  const session_sealer after(*seal_keys::parse(std::string(64, '2') + "\n"));
  const auto id = old.seal(some_claims(), alice_key);
  CHECK(ring.open(id, alice_key).has_value());
  CHECK_FALSE(ring.open(id, bob_key).has_value());
  CHECK_FALSE(after.open(id, alice_key).has_value());
  CHECK(after.open(ring.seal(some_claims(), alice_key), alice_key).has_value());
}

TEST_CASE("a malformed key file is refused", "[protocol]") {
  const auto content =
    GENERATE(as<std::string>{}, "", "\n\n", "short", std::string(31, 'x'),
             std::string(33, 'x'), std::string(64, 'g'), std::string(63, 'a'),
             "# only a comment\n");
  CHECK_FALSE(seal_keys::parse(content).has_value());
}
