#include "protocol/oauth/sealed.hpp"
#include "tests/catch.hpp"

#include <functional>
#include <set>

using namespace mcp;
using namespace mcp::oauth;

namespace {

constexpr std::int64_t now = 1'760'000'000;
const std::string api_key(40, 'k');

grant some_grant() {
  return {.key = secret(api_key),
          .user = "alice",
          .client = client_tag("c"),
          .client_name = "Claude",
          .allowed = {.write = true},
          .audience = "https://mcp.example/mcp",
          .family = sealer::new_id()};
}

token some_token() {
  return {.what = some_grant(), .id = sealer::new_id(), .since = now - 5};
}

} // namespace

TEST_CASE("what is sealed opens as it was", "[protocol][oauth]") {
  const sealer seals(seal_keys::random());
  const auto t = some_token();
  const auto text = seals.seal_access(t, now + 3600);
  CHECK(text.starts_with("wba."));
  CHECK(text.find(api_key) == text.npos);
  CHECK(text.size() < 600);
  const auto back = seals.open_access(text, now);
  REQUIRE(back.has_value());
  CHECK_FALSE(back->expired);
  CHECK(back->expires == now + 3600);
  CHECK(back->value.what.key.reveal() == api_key);
  CHECK(back->value.what.user == "alice");
  CHECK(back->value.what.allowed.write);
  CHECK(back->value.what.family == t.what.family);
  CHECK(back->value.since == now - 5);

  pending_request r;
  r.client_id = "c";
  r.redirect_uri = "https://x/cb";
  r.state = std::string("s\0t", 3);
  r.user_code = "BCDFGHJK";
  const auto request = seals.open_request(seals.seal(r, now + 1), now);
  REQUIRE(request.has_value());
  CHECK(request->value.state == r.state);
  CHECK(request->value.user_code == "BCDFGHJK");

  const registration reg{.name = "n",
                         .uri = "",
                         .redirect_uris = {"https://x/cb", "app:/cb"},
                         .confidential = true,
                         .issued = now};
  const auto c = seals.open_client(seals.seal(reg));
  REQUIRE(c.has_value());
  CHECK(c->redirect_uris == reg.redirect_uris);
  CHECK(c->confidential);

  const visitor v{.user = "alice", .tags = seals.user_tags(api_key)};
  const auto seen = seals.open_visitor(seals.seal(v, now + 1), now);
  REQUIRE(seen.has_value());
  CHECK(seen->value.tags == v.tags);
}

TEST_CASE("nothing is sealed the same way twice", "[protocol][oauth]") {
  const sealer seals(seal_keys::random());
  const auto t = some_token();
  std::set<std::string> texts, ids;
  for (int i = 0; i < 100; ++i) {
    texts.insert(seals.seal_access(t, now));
    ids.insert(sealer::new_id());
  }
  CHECK(texts.size() == 100);
  CHECK(ids.size() == 100);
}

TEST_CASE("a token says that it was good once", "[protocol][oauth]") {
  const sealer seals(seal_keys::random());
  const auto text = seals.seal_refresh(some_token(), now);
  CHECK_FALSE(seals.open_refresh(text, now - 1)->expired);
  CHECK(seals.open_refresh(text, now)->expired);
}

TEST_CASE("nothing opens as what it is not", "[protocol][oauth][attack]") {
  const sealer seals(seal_keys::random());
  const auto end = now + 100;
  const code c{.what = some_grant(),
               .redirect_uri = "https://x/cb",
               .challenge = "",
               .id = sealer::new_id()};
  struct kind {
    const char* name;
    std::string sealed;
    std::function<bool(const std::string&)> opens;
  };
  const std::vector<kind> kinds{
    {"request", seals.seal(pending_request{}, end),
     [&](const auto& t) { return seals.open_request(t, now).has_value(); }},
    {"code", seals.seal(c, end),
     [&](const auto& t) { return seals.open_code(t, now).has_value(); }},
    {"access", seals.seal_access(some_token(), end),
     [&](const auto& t) { return seals.open_access(t, now).has_value(); }},
    {"refresh", seals.seal_refresh(some_token(), end),
     [&](const auto& t) { return seals.open_refresh(t, now).has_value(); }},
    {"client", seals.seal(registration{}),
     [&](const auto& t) { return seals.open_client(t).has_value(); }},
    {"device", seals.seal(device{}, end),
     [&](const auto& t) { return seals.open_device(t, now).has_value(); }},
    {"visitor", seals.seal(visitor{}, end),
     [&](const auto& t) { return seals.open_visitor(t, now).has_value(); }},
    {"grant", seals.seal(some_grant(), end),
     [&](const auto& t) { return seals.open_grant(t, now).has_value(); }},
  };
  const auto bare = [](const std::string& t) {
    return t.starts_with("wb") && t[3] == '.' ? t.substr(4) : t;
  };
  for (const auto& made : kinds)
    for (const auto& opener : kinds) {
      CAPTURE(made.name, opener.name);
      CHECK(opener.opens(made.sealed) == (&made == &opener));
      if (&made == &opener)
        continue;
      // Nor with the prefix of the other one.
      for (const auto prefix :
           {sealer::client_prefix, sealer::code_prefix, sealer::access_prefix,
            sealer::refresh_prefix, sealer::device_prefix, std::string_view{}})
        CHECK_FALSE(opener.opens(std::string(prefix) + bare(made.sealed)));
    }
}

TEST_CASE("a token that was touched does not open",
          "[protocol][oauth][attack]") {
  const sealer seals(seal_keys::random());
  const sealer foreign(seal_keys::random());
  const auto good = seals.seal_access(some_token(), now + 100);
  REQUIRE(seals.open_access(good, now).has_value());
  CHECK_FALSE(foreign.open_access(good, now).has_value());
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto flipped = good;
    flipped[i] = flipped[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(seals.open_access(flipped, now).has_value());
    CHECK_FALSE(seals.open_access(good.substr(0, i), now).has_value());
  }
  for (const std::string& bad :
       {std::string(), std::string("wba."), good + "A", good + "=", "x" + good,
        " " + good, std::string("wba.") + std::string(100'000, 'A'),
        std::string("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9."),
        std::string("wba.\0\0", 6)}) {
    CAPTURE(bad.size());
    CHECK_FALSE(seals.open_access(bad, now).has_value());
  }
}

TEST_CASE("a key that was replaced still opens what it sealed",
          "[protocol][oauth]") {
  const std::string old_key(64, 'a'), new_key(64, 'b');
  const sealer before(seal_keys::parse(old_key).value());
  const sealer after(seal_keys::parse(new_key + "\n" + old_key).value());
  const sealer later(seal_keys::parse(new_key).value());
  const auto text = before.seal_access(some_token(), now + 1);
  CHECK(after.open_access(text, now).has_value());
  CHECK_FALSE(later.open_access(text, now).has_value());
  CHECK(after.is_client_secret("id", before.client_secret("id")));
  CHECK_FALSE(later.is_client_secret("id", before.client_secret("id")));
  CHECK(after.user_tags(api_key).back() == before.user_tag(api_key));
  CHECK(after.user_tag(api_key) != before.user_tag(api_key));
}

TEST_CASE("a client's secret is its own", "[protocol][oauth][attack]") {
  const sealer seals(seal_keys::random());
  const auto mine = seals.client_secret("a");
  CHECK(seals.is_client_secret("a", mine));
  CHECK_FALSE(seals.is_client_secret("b", mine));
  CHECK_FALSE(seals.is_client_secret("a", ""));
  CHECK_FALSE(seals.is_client_secret("a", mine + "x"));
}
