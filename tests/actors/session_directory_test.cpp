#include "tests/actors/world.hpp"

#include <string>

using namespace mcp;
using namespace mcp::testing;

namespace {

struct doorkeeper : world {
  session_sealer sealer;
  std::shared_ptr<directory_options> options =
    std::make_shared<directory_options>();
  std::int64_t unix_now = 1'760'000'000;
  wandb_client_pool_actor pool;
  session_directory_actor directory;

  explicit doorkeeper(const seal_keys& keys = seal_keys::random())
      : sealer(keys) {
    options->idle_ttl = std::chrono::seconds(100);
    options->max_age = std::chrono::seconds(1000);
    options->max_sessions_per_key = 2;
    options->sweep_every = std::chrono::seconds(10);
    options->unix_time = [this] { return unix_now; };
    pool = spawn(wandb_client_pool, std::make_shared<upstream_options>(),
                 &gateway, pool_options{});
    directory =
      spawn(session_directory, &sealer, pool, services_for_tests(), options);
    run();
  }
  ~doorkeeper() {
    caf::anon_send(directory, finish_atom_v);
    run();
  }

  template <class R, class... Ts>
  R ask(Ts... xs) {
    R got{};
    bool answered = false;
    system.spawn(
      [&](caf::event_based_actor* me, int) {
        me->request(directory, caf::infinite, xs...).then([&](R& r) {
          got = r;
          answered = true;
        });
      },
      world::nothing);
    run();
    REQUIRE(answered);
    return got;
  }
  result<opened_session> open(const std::string& key) {
    return *ask<open_outcome>(open_atom_v, session_claims{}, secret(key));
  }
  result<found_session> find(const std::string& id, const std::string& key) {
    return *ask<find_outcome>(find_atom_v, id, secret(key));
  }
  bool end(const std::string& id, const std::string& key) {
    return ask<bool>(finish_atom_v, id, secret(key));
  }
  void pass(std::chrono::seconds d) {
    unix_now += d.count();
    for (auto left = d; left.count() > 0; left -= std::chrono::seconds(10))
      advance(std::chrono::seconds(10));
  }
  std::size_t busy(const session_actor& s) {
    // A call that never ends keeps a session busy.
    std::string text = R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                       R"("params":{"name":"fetch"}})";
    text.reserve(text.size() + 64);
    auto envelope = jsonrpc::read_envelope(text);
    auto batch = std::make_shared<message_batch>();
    batch->messages.push_back(std::move(*envelope->messages[0]));
    caf::anon_send(s, inbound{peer().first, 0, 1, batch});
    run();
    return gateway.sent.size();
  }
};

} // namespace

TEST_CASE("a session is found by its id and its own key", "[actors]") {
  doorkeeper w;
  const auto opened = w.open(alice_key);
  REQUIRE(opened.has_value());
  const auto found = w.find(opened->id, alice_key);
  REQUIRE(found.has_value());
  CHECK(found->session == opened->session);
}

TEST_CASE(
  "another user's, an unknown, an ended and an expired id look the same",
  "[actors]") {
  doorkeeper w;
  const auto opened = w.open(alice_key);
  const auto foreign = w.find(opened->id, bob_key);
  const auto unknown = w.find("AAAA", alice_key);
  REQUIRE(w.end(opened->id, alice_key));
  const auto ended = w.find(opened->id, alice_key);
  const auto old = w.open(alice_key);
  w.unix_now += 1000;
  const auto expired = w.find(old->id, alice_key);
  for (const auto* r : {&foreign, &unknown, &ended, &expired}) {
    REQUIRE_FALSE(r->has_value());
    CHECK(r->error().code == errc::not_found);
    CHECK(r->error().message == foreign.error().message);
  }
}

TEST_CASE("another user's key does not end a session", "[actors]") {
  doorkeeper w;
  const auto opened = w.open(alice_key);
  CHECK_FALSE(w.end(opened->id, bob_key));
  CHECK(w.find(opened->id, alice_key).has_value());
  CHECK(w.end(opened->id, alice_key));
  CHECK_FALSE(w.end(opened->id, alice_key));
}

TEST_CASE("an idle session is freed, and its id spawns it again", "[actors]") {
  doorkeeper w;
  const auto opened = w.open(alice_key);
  w.pass(120s);
  const auto again = w.find(opened->id, alice_key);
  REQUIRE(again.has_value());
  CHECK(again->session != opened->session);
  CHECK(again->negotiated == newest_version);
}

TEST_CASE("a busy session is not freed", "[actors]") {
  doorkeeper w;
  const auto opened = w.open(alice_key);
  REQUIRE(w.busy(opened->session) == 1);
  // The budget of the call is 20 s; look before it is over.
  w.options->idle_ttl = std::chrono::seconds(1);
  w.pass(10s);
  CHECK(w.find(opened->id, alice_key)->session == opened->session);
}

TEST_CASE("an id is good on another instance with the same key", "[actors]") {
  const auto keys = seal_keys::random();
  std::string id;
  {
    doorkeeper before(keys);
    id = before.open(alice_key)->id;
  }
  doorkeeper after(keys);
  CHECK(after.find(id, alice_key).has_value());
  CHECK_FALSE(after.find(id, bob_key).has_value());
}

TEST_CASE("the session that was idle longest makes room for a new one",
          "[actors]") {
  doorkeeper w;
  const auto first = w.open(alice_key);
  w.advance(1s);
  const auto second = w.open(alice_key);
  w.advance(1s);
  const auto third = w.open(alice_key);
  REQUIRE(third.has_value());
  CHECK(w.find(second->id, alice_key)->session == second->session);
  // The first is gone from memory, not from the world.
  const auto again = w.find(first->id, alice_key);
  REQUIRE(again.has_value());
  CHECK(again->session != first->session);
}

TEST_CASE("when all sessions of a key are busy, the next one has to wait",
          "[actors]") {
  doorkeeper w;
  const auto first = w.open(alice_key);
  const auto second = w.open(alice_key);
  w.busy(first->session);
  w.busy(second->session);
  const auto third = w.open(alice_key);
  REQUIRE_FALSE(third.has_value());
  CHECK(third.error().code == errc::rate_limited);
  CHECK(third.error().retry_after.has_value());
  // Nobody else is affected.
  CHECK(w.open(bob_key).has_value());
}

TEST_CASE("made-up keys do not fill the memory with sessions", "[actors]") {
  doorkeeper w;
  w.options->max_sessions = 20;
  const auto first = w.open(alice_key);
  for (int i = 0; i < 100; ++i) {
    w.advance(1s);
    REQUIRE(w.open(std::string(40, 'x') + std::to_string(i)).has_value());
  }
  // Freed, and still good.
  const auto again = w.find(first->id, alice_key);
  REQUIRE(again.has_value());
  CHECK(again->session != first->session);
}

TEST_CASE("ended ids are forgotten when they would have expired", "[actors]") {
  doorkeeper w;
  const auto opened = w.open(alice_key);
  w.end(opened->id, alice_key);
  w.pass(1010s);
  CHECK_FALSE(w.find(opened->id, alice_key).has_value());
}
