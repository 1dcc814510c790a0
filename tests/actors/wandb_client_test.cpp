#include "tests/actors/world.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace mcp;
using namespace mcp::testing;

namespace {

/// One client and somebody who asks it.
struct asking : world {
  std::shared_ptr<upstream_options> options =
    std::make_shared<upstream_options>();
  wandb_client_actor client;
  fetcher_actor from;
  std::shared_ptr<std::vector<fetch_reply>> replies;

  asking() {
    options->max_in_flight = 2;
    options->max_waiting = 2;
    options->breaker_failures = 3;
    client = spawn(wandb_client, secret(alice_key), options, &gateway);
    std::tie(from, replies) = fetcher();
    run();
  }

  static upstream_request read(std::string body) {
    upstream_request r;
    r.path = "/graphql";
    r.body = std::move(body);
    return r;
  }
  void ask(std::uint64_t id, upstream_request what,
           clock::duration budget = 30s) {
    caf::anon_send(
      client, fetch_request{from, id,
                            std::make_shared<upstream_request>(std::move(what)),
                            now() + budget});
    run();
  }
  void answer(std::size_t i, std::string body, int status = 200) {
    gateway.answer(i, std::move(body), status);
    run();
  }
  errc error_of(std::size_t reply) {
    REQUIRE(replies->size() > reply);
    REQUIRE_FALSE((*replies)[reply].outcome->has_value());
    return (*replies)[reply].outcome->error().code;
  }
  std::string body_of(std::size_t reply) {
    REQUIRE(replies->size() > reply);
    REQUIRE((*replies)[reply].outcome->has_value());
    return *(**(*replies)[reply].outcome).body;
  }
};

class collecting_reader : public row_reader {
public:
  explicit collecting_reader(std::size_t enough) : enough_(enough) {}
  bool row(std::string_view line) override {
    if (line == "bad")
      throw failure_exception(
        {.code = errc::upstream_garbage, .message = "bad row"});
    rows.emplace_back(line);
    return rows.size() < enough_;
  }
  std::vector<std::string> rows;

private:
  std::size_t enough_;
};

std::string header_of(const net::http_transfer& t, const std::string& name) {
  for (const auto& h : t.headers)
    if (h.starts_with(name + ": "))
      return h.substr(name.size() + 2);
  return {};
}

} // namespace

TEST_CASE("a request carries the user's key and goes where it should",
          "[actors]") {
  asking w;
  auto traces = asking::read("{}");
  traces.to = service::trace;
  traces.path = "/calls/query_stats";
  w.ask(1, asking::read("{}"));
  w.ask(2, traces);
  REQUIRE(w.gateway.sent.size() == 2);
  const auto& api = w.gateway.sent[0].transfer;
  CHECK(api.url == "https://api.wandb.ai/graphql");
  // base64("api:" and forty a's)
  CHECK(
    header_of(api, "Authorization")
    == "Basic YXBpOmFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=");
  CHECK(w.gateway.sent[1].transfer.url
        == "https://trace.wandb.ai/calls/query_stats");
}

TEST_CASE("the documentation service is never sent a key", "[actors]") {
  asking w;
  auto docs = asking::read("{}");
  docs.to = service::docs;
  w.ask(1, docs);
  REQUIRE(w.gateway.sent.size() == 1);
  CHECK(header_of(w.gateway.sent[0].transfer, "Authorization").empty());
}

TEST_CASE("identical reads at the same time are one request", "[actors]") {
  asking w;
  w.ask(1, asking::read("same"));
  w.ask(2, asking::read("same"));
  w.ask(3, asking::read("other"));
  REQUIRE(w.gateway.sent.size() == 2);
  w.answer(0, "answer");
  REQUIRE(w.replies->size() == 2);
  CHECK(w.body_of(0) == "answer");
  CHECK(w.body_of(1) == "answer");
  // And no longer: a later read is a new request.
  w.ask(4, asking::read("same"));
  CHECK(w.gateway.sent.size() == 3);
}

TEST_CASE("writes are never shared", "[actors]") {
  asking w;
  auto write = asking::read("same");
  write.read = false;
  w.ask(1, write);
  w.ask(2, write);
  CHECK(w.gateway.sent.size() == 2);
}

TEST_CASE("a transfer ends only when its last waiter left", "[actors]") {
  asking w;
  w.ask(1, asking::read("same"));
  w.ask(2, asking::read("same"));
  caf::anon_send(w.client, fetch_abandon{w.from.address(), 1});
  w.run();
  CHECK_FALSE(w.gateway.sent[0].cancelled);
  caf::anon_send(w.client, fetch_abandon{w.from.address(), 2});
  w.run();
  CHECK(w.gateway.sent[0].cancelled);
  // The end may cross the abort, and finds nobody.
  w.answer(0, "late");
  CHECK(w.replies->empty());
}

TEST_CASE("a read is tried again after transient trouble", "[actors]") {
  asking w;
  const auto status = GENERATE(429, 500, 502, 503, 504);
  CAPTURE(status);
  w.ask(1, asking::read("x"));
  w.answer(0, "", status);
  CHECK(w.gateway.sent.size() == 1); // not before a pause
  w.advance(1s);
  REQUIRE(w.gateway.sent.size() == 2);
  w.answer(1, "fine");
  CHECK(w.body_of(0) == "fine");
}

TEST_CASE("a refusal is not tried again", "[actors]") {
  asking w;
  struct refusal {
    int status;
    errc code;
  };
  const auto c = GENERATE(values<refusal>({{400, errc::upstream_error},
                                           {401, errc::unauthorized},
                                           {403, errc::not_permitted},
                                           {404, errc::not_found},
                                           {422, errc::upstream_error},
                                           {302, errc::upstream_error}}));
  CAPTURE(c.status);
  w.ask(1, asking::read("x"));
  w.answer(0, "", c.status);
  w.advance(10s);
  CHECK(w.gateway.sent.size() == 1);
  CHECK(w.error_of(0) == c.code);
}

TEST_CASE("attempts are bounded", "[actors]") {
  asking w;
  w.options->breaker_failures = 100;
  w.ask(1, asking::read("x"));
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(w.gateway.sent.size() == i + 1);
    w.answer(i, "", 503);
    w.advance(5s);
  }
  CHECK(w.gateway.sent.size() == 3);
  CHECK(w.error_of(0) == errc::upstream_unavailable);
}

TEST_CASE("a write is sent once, whatever happens", "[actors]") {
  asking w;
  auto write = asking::read("x");
  write.read = false;
  w.ask(1, write);
  w.gateway.fail(0, net::transfer_end::cut);
  w.run();
  w.advance(30s);
  CHECK(w.gateway.sent.size() == 1);
  CHECK(w.error_of(0) == errc::upstream_unavailable);
}

TEST_CASE("Retry-After is waited for, for all of the user's requests",
          "[actors]") {
  asking w;
  w.ask(1, asking::read("x"));
  net::http_outcome limited;
  limited.status = 429;
  limited.retry_after = "4";
  w.gateway.finish(0, std::move(limited));
  w.run();
  w.ask(2, asking::read("y"));
  w.advance(3s);
  CHECK(w.gateway.sent.size() == 1);
  w.advance(2s);
  CHECK(w.gateway.sent.size() == 3);
}

TEST_CASE("a Retry-After past the deadline fails at once and says how long",
          "[actors]") {
  asking w;
  w.ask(1, asking::read("x"), 10s);
  net::http_outcome limited;
  limited.status = 429;
  limited.retry_after = "60";
  w.gateway.finish(0, std::move(limited));
  w.run();
  CHECK(w.error_of(0) == errc::rate_limited);
  CHECK((*w.replies)[0].outcome->error().retry_after == 60s);
}

TEST_CASE("a host that keeps failing is left alone, then probed", "[actors]") {
  asking w;
  for (std::uint64_t i = 0; i < 3; ++i) {
    auto write = asking::read("x" + std::to_string(i));
    write.read = false;
    w.ask(i, write);
    w.gateway.fail(i, net::transfer_end::connect_failed);
    w.run();
  }
  w.ask(7, asking::read("later"));
  CHECK(w.gateway.sent.size() == 3);
  CHECK(w.error_of(3) == errc::upstream_unavailable);
  CHECK((*w.replies)[3].outcome->error().retry_after.has_value());
  // Another service of the same user is not affected.
  auto traces = asking::read("t");
  traces.to = service::trace;
  w.ask(8, traces);
  CHECK(w.gateway.sent.size() == 4);
  w.advance(11s);
  w.ask(9, asking::read("probe"));
  REQUIRE(w.gateway.sent.size() == 5);
  w.answer(4, "back");
  w.ask(10, asking::read("more"));
  CHECK(w.gateway.sent.size() == 6);
}

TEST_CASE("an abandoned probe does not leave the host alone for ever",
          "[actors]") {
  asking w;
  for (std::uint64_t i = 0; i < 3; ++i) {
    auto write = asking::read("x" + std::to_string(i));
    write.read = false;
    w.ask(i, write);
    w.gateway.fail(i, net::transfer_end::connect_failed);
    w.run();
  }
  w.advance(11s);
  w.ask(9, asking::read("probe"));
  REQUIRE(w.gateway.sent.size() == 4);
  caf::anon_send(w.client, fetch_abandon{w.from.address(), 9});
  w.run();
  w.ask(10, asking::read("next probe"));
  CHECK(w.gateway.sent.size() == 5);
}

TEST_CASE("requests over the limit wait; too many are refused", "[actors]") {
  asking w;
  for (std::uint64_t i = 1; i <= 5; ++i)
    w.ask(i, asking::read("r" + std::to_string(i)));
  CHECK(w.gateway.sent.size() == 2);
  REQUIRE(w.replies->size() == 1);
  CHECK(w.error_of(0) == errc::server_busy);
  CHECK((*w.replies)[0].id == 5);
  w.answer(0, "one");
  CHECK(w.gateway.sent.size() == 3);
  CHECK(w.gateway.sent[2].transfer.body == "r3");
}

TEST_CASE("a request that waited past its deadline is not sent", "[actors]") {
  asking w;
  w.ask(1, asking::read("a"));
  w.ask(2, asking::read("b"));
  w.ask(3, asking::read("c"), 5s);
  w.advance(6s);
  w.answer(0, "one");
  CHECK(w.gateway.sent.size() == 2);
  CHECK(w.error_of(1) == errc::upstream_timeout);
}

TEST_CASE("rows go to the reader and are not collected", "[actors]") {
  asking w;
  auto reader = std::make_shared<collecting_reader>(2);
  auto rows = asking::read("q");
  rows.rows = reader;
  w.ask(1, rows);
  REQUIRE(w.gateway.sent.size() == 1);
  const auto& on_line = w.gateway.sent[0].transfer.on_line;
  CHECK(on_line("one"));
  CHECK_FALSE(on_line("two"));
  w.gateway.fail(0, net::transfer_end::stopped);
  w.run();
  REQUIRE(w.replies->size() == 1);
  REQUIRE((*w.replies)[0].outcome->has_value());
  CHECK_FALSE((**(*w.replies)[0].outcome).complete);
  CHECK(reader->rows.size() == 2);
}

TEST_CASE("a stream that broke after its first row is not tried again",
          "[actors]") {
  asking w;
  auto rows = asking::read("q");
  rows.rows = std::make_shared<collecting_reader>(99);
  w.ask(1, rows);
  w.gateway.sent[0].transfer.on_line("one");
  w.gateway.fail(0, net::transfer_end::cut);
  w.run();
  w.advance(10s);
  CHECK(w.gateway.sent.size() == 1);
  CHECK(w.error_of(0) == errc::upstream_unavailable);
}

TEST_CASE("what the reader refuses fails the request", "[actors]") {
  asking w;
  auto rows = asking::read("q");
  rows.rows = std::make_shared<collecting_reader>(99);
  w.ask(1, rows);
  CHECK_FALSE(w.gateway.sent[0].transfer.on_line("bad"));
  w.gateway.fail(0, net::transfer_end::stopped);
  w.run();
  CHECK(w.error_of(0) == errc::upstream_garbage);
}

TEST_CASE("an answer is reused only as long as was asked", "[actors]") {
  asking w;
  auto brief = asking::read("viewer");
  brief.reuse_for = 60s;
  w.ask(1, brief);
  w.answer(0, "me");
  w.ask(2, brief);
  CHECK(w.gateway.sent.size() == 1);
  CHECK(w.body_of(1) == "me");
  w.advance(61s);
  w.ask(3, brief);
  CHECK(w.gateway.sent.size() == 2);
}

TEST_CASE("one key has one client, also after the pool forgot it", "[actors]") {
  world w;
  auto options = std::make_shared<upstream_options>();
  auto pool = w.spawn(wandb_client_pool, options, &w.gateway, pool_options{});
  key_fingerprint alice{}, bob{};
  alice[0] = 1;
  bob[0] = 2;
  const auto acquire = [&](const key_fingerprint& who, const std::string& key) {
    wandb_client_actor got;
    auto self = w.system.spawn(
      [&](caf::event_based_actor* me, int) {
        me->request(pool, caf::infinite, acquire_atom_v, who, secret(key))
          .then([&](wandb_client_actor& c) { got = c; });
      },
      world::nothing);
    w.run();
    return got;
  };
  auto first = acquire(alice, alice_key);
  CHECK(acquire(alice, alice_key) == first);
  CHECK(acquire(bob, bob_key) != first);
  w.advance(61s);
  w.advance(61s);
  // Still held here, so still the one.
  CHECK(acquire(alice, alice_key) == first);
}

TEST_CASE("a crowd of made-up keys does not stay in the pool", "[actors]") {
  world w;
  auto pool = w.spawn(wandb_client_pool, std::make_shared<upstream_options>(),
                      &w.gateway, pool_options{.linger = 60s, .crowd = 10});
  std::vector<caf::weak_actor_ptr> clients;
  for (std::uint8_t i = 1; i <= 25; ++i) {
    key_fingerprint who{};
    who[0] = i;
    w.system.spawn(
      [&](caf::event_based_actor* me, int) {
        me->request(pool, caf::infinite, acquire_atom_v, who, secret(alice_key))
          .then([&](wandb_client_actor& c) {
            clients.push_back(caf::actor_cast<caf::weak_actor_ptr>(c));
          });
      },
      world::nothing);
    w.run();
  }
  REQUIRE(clients.size() == 25);
  const auto alive = std::count_if(clients.begin(), clients.end(),
                                   [](auto& c) { return bool(c.lock()); });
  CHECK(alive < 15);
}
