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
  docs.path = "https://docs.example/mcp";
  docs.headers = {"Mcp-Session-Id: s"};
  docs.max_bytes = 1000;
  w.ask(1, docs);
  REQUIRE(w.gateway.sent.size() == 1);
  const auto& sent = w.gateway.sent[0].transfer;
  CHECK(sent.url == "https://docs.example/mcp");
  CHECK(header_of(sent, "Authorization").empty());
  CHECK(header_of(sent, "Mcp-Session-Id") == "s");
  CHECK(sent.max_response_bytes == 1000);
}

TEST_CASE("only the documentation service may say that it has moved",
          "[actors]") {
  const auto [to, code] =
    GENERATE(table<service, int>({{service::docs, 307},
                                  {service::docs, 308},
                                  {service::docs, 302},
                                  {service::api, 307},
                                  {service::trace, 308}}));
  CAPTURE(int(to), code);
  asking w;
  auto request = asking::read("{}");
  request.to = to;
  w.ask(1, request);
  REQUIRE(w.gateway.sent.size() == 1);
  net::http_outcome o;
  o.status = code;
  o.location = "https://elsewhere.example/";
  w.gateway.finish(0, std::move(o));
  w.run();
  REQUIRE(w.replies->size() == 1);
  const auto& outcome = *w.replies->at(0).outcome;
  REQUIRE(outcome.has_value() == (to == service::docs && code != 302));
  if (outcome)
    CHECK(outcome->location == "https://elsewhere.example/");
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

TEST_CASE("a write that may have been carried out says so", "[actors]") {
  struct ending {
    net::transfer_end end;
    int status;
    bool request_sent;
    errc code;
  };
  using end = net::transfer_end;
  constexpr auto unknown = errc::outcome_unknown;
  const auto c = GENERATE(values<ending>({
    {end::cut, 0, true, unknown},
    {end::cut, 200, true, unknown},
    {end::timed_out, 0, true, unknown},
    {end::too_large, 200, true, unknown},
    {end::unsupported, 0, true, unknown},
    {end::complete, 429, true, unknown},
    {end::complete, 503, true, unknown},
    {end::complete, 500, true, unknown},
    {end::complete, 504, true, unknown},
    {end::complete, 408, true, unknown},
    // Refused, or never sent.
    {end::complete, 400, true, errc::upstream_error},
    {end::complete, 401, true, errc::unauthorized},
    {end::complete, 404, true, errc::not_found},
    {end::complete, 302, true, errc::upstream_error},
    {end::connect_failed, 0, false, errc::upstream_unavailable},
    {end::tls_failed, 0, false, errc::upstream_unavailable},
    {end::timed_out, 0, false, errc::upstream_timeout},
  }));
  CAPTURE(int(c.end), c.status, c.request_sent);
  asking w;
  auto write = asking::read("x");
  write.read = false;
  w.ask(1, write);
  net::http_outcome o;
  o.end = c.end;
  o.status = c.status;
  o.request_sent = c.request_sent;
  if (c.status == 429)
    o.retry_after = "1";
  w.gateway.finish(0, std::move(o));
  w.run();
  w.advance(30s);
  CHECK(w.gateway.sent.size() == 1);
  CHECK(w.error_of(0) == c.code);
  const auto& why = (*w.replies)[0].outcome->error();
  if (c.end == end::complete)
    CHECK(why.http_status == c.status);
  if (c.code == unknown)
    CHECK_FALSE(why.retry_after.has_value());
}

TEST_CASE("an upload goes to the URL it was given, without a key", "[actors]") {
  asking w;
  upstream_request put;
  put.to = service::storage;
  put.method = "PUT";
  put.path = "https://storage.example/bucket/file?signature=1";
  put.content_type = "application/octet-stream";
  put.headers = {"X-Signed: yes"};
  put.body = "bytes";
  put.read = false;
  w.ask(1, put);
  REQUIRE(w.gateway.sent.size() == 1);
  const auto& t = w.gateway.sent[0].transfer;
  CHECK(t.method == "PUT");
  CHECK(t.url == "https://storage.example/bucket/file?signature=1");
  CHECK(header_of(t, "Authorization").empty());
  CHECK(header_of(t, "Content-Type") == "application/octet-stream");
  CHECK(header_of(t, "X-Signed") == "yes");
  w.answer(0, "");
  CHECK((*w.replies)[0].outcome->has_value());
}

TEST_CASE("W&B can not send an upload anywhere it likes", "[actors]") {
  asking w;
  w.options->api_url = "http://wandb.internal:8080";
  const auto [url, allowed] = GENERATE(table<std::string, bool>(
    {{"http://wandb.internal:8080/storage/x", true},
     {"https://elsewhere.example/x", true},
     {"http://wandb.internal:80800/x", false},
     {"http://wandb.internal:8080@evil.example/x", false},
     {"http://wandb.internal:8080", false},
     {"http://169.254.169.254/latest", false},
     {"HTTP://wandb.internal:8080/x", false},
     {"file:///etc/passwd", false},
     {"ftp://a/b", false},
     {"//evil.example/x", false},
     {"", false}}));
  CAPTURE(url);
  upstream_request put;
  put.to = service::storage;
  put.path = url;
  put.read = false;
  w.ask(1, put);
  CHECK(w.gateway.sent.size() == (allowed ? 1 : 0));
  if (!allowed)
    CHECK(w.error_of(0) == errc::not_permitted);
}

TEST_CASE("no path leads the key to another host", "[actors]") {
  const auto to = GENERATE(service::api, service::trace);
  const auto path =
    GENERATE(as<std::string>{}, "@evil.example/", ".evil.example",
             ":80@evil.example/", "https://evil.example/", "");
  CAPTURE(int(to), path);
  asking w;
  auto request = asking::read("{}");
  request.to = to;
  request.path = path;
  w.ask(1, request);
  CHECK(w.gateway.sent.empty());
  CHECK(w.error_of(0) == errc::internal);
}

TEST_CASE("one request may be given less time than its call has", "[actors]") {
  asking w;
  w.options->request_timeout = 2s;
  w.ask(1, asking::read("{}"));
  REQUIRE(w.gateway.sent.size() == 1);
  CHECK(w.gateway.sent[0].transfer.deadline == 2s);
  w.gateway.fail(0, net::transfer_end::timed_out);
  w.run();
  CHECK(w.gateway.sent.size() == 1); // a second one would need as long
  CHECK(w.error_of(0) == errc::upstream_timeout);
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
    w.ask(i, asking::read(std::to_string(i)));
  CHECK(w.gateway.sent.size() == 2);
  CHECK(w.replies->empty());
  w.advance(2 * w.options->refusal_pause);
  REQUIRE(w.replies->size() == 1);
  CHECK(w.error_of(0) == errc::server_busy);
  CHECK((*w.replies)[0].id == 5);
  w.answer(0, "one");
  CHECK(w.gateway.sent.size() == 3);
  CHECK(w.gateway.sent[2].transfer.body == "3");
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

TEST_CASE("a call is given so many bytes and no more", "[actors]") {
  asking w;
  const auto memory = std::make_shared<call_memory>(10);
  for (const char* body : {"1", "2"}) {
    auto request = asking::read(body);
    request.memory = memory;
    w.ask(1, std::move(request));
  }
  w.answer(0, "12345678");
  CHECK(w.body_of(0) == "12345678");
  w.answer(1, "123");
  CHECK(w.error_of(1) == errc::response_too_large);
}

TEST_CASE("the calls of one user share what one user may hold", "[actors]") {
  asking w;
  w.options->max_bytes_per_user = 10;
  const auto client =
    w.spawn(wandb_client, secret(bob_key), w.options, &w.gateway);
  const auto ask = [&](const char* body, std::shared_ptr<call_memory> memory) {
    auto request = asking::read(body);
    request.memory = std::move(memory);
    caf::anon_send(client, fetch_request{w.from, 1,
                                         std::make_shared<upstream_request>(
                                           std::move(request)),
                                         w.now() + 30s});
    w.run();
  };
  auto first = std::make_shared<call_memory>(100);
  ask("1", first);
  w.answer(0, "1234567890");
  CHECK(w.body_of(0) == "1234567890");
  ask("2", std::make_shared<call_memory>(100));
  w.answer(1, "1");
  CHECK(w.error_of(1) == errc::server_busy);
  CHECK((*w.replies)[1].outcome->error().retry_after == 1000ms);

  // The first call ends: there is room again. The scripted gateway keeps the
  // transfer, which a real one does not.
  w.gateway.sent[0].transfer.may_collect = {};
  first.reset();
  ask("3", std::make_shared<call_memory>(100));
  w.answer(2, "1");
  CHECK(w.body_of(2) == "1");
}

TEST_CASE("a shared answer counts for everybody it is given to", "[actors]") {
  asking w;
  const auto roomy = std::make_shared<call_memory>(100);
  const auto tight = std::make_shared<call_memory>(3);
  for (const auto& memory : {roomy, tight}) {
    auto request = asking::read("same");
    request.memory = memory;
    w.ask(1, std::move(request));
  }
  REQUIRE(w.gateway.sent.size() == 1);
  w.answer(0, "1234");
  CHECK(w.body_of(0) == "1234");
  CHECK(w.error_of(1) == errc::response_too_large);
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

TEST_CASE("an answer that is not approved of is not reused", "[actors]") {
  asking w;
  auto brief = asking::read("docs");
  brief.reuse_for = 60s;
  brief.reusable = [](std::string_view body) { return body == "good"; };
  for (const auto* body : {"bad", "good"}) {
    w.ask(1, brief);
    w.answer(w.gateway.sent.size() - 1, body);
  }
  CHECK(w.gateway.sent.size() == 2);
  w.ask(2, brief);
  CHECK(w.gateway.sent.size() == 2);
  CHECK(w.body_of(2) == "good");
  // Another header is another question.
  brief.headers = {"Mcp-Session-Id: s"};
  w.ask(3, brief);
  CHECK(w.gateway.sent.size() == 3);
}

TEST_CASE("an answer too long to keep is not kept", "[actors]") {
  asking w;
  auto brief = asking::read("long");
  brief.reuse_for = 60s;
  w.ask(1, brief);
  w.answer(0, std::string(300 * 1024, 'x'));
  w.ask(2, brief);
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
