#include "tests/catch.hpp"
#include "tests/net/client_world.hpp"
#include "tests/net/server_world.hpp"

#include <cstdlib>

using namespace mcp::net;
using namespace mcp::net::test;
using namespace std::chrono_literals;

TEST_CASE("a transfer sends what it is given and gives what came", "[net]") {
  client_world w;
  auto transfer = w.to("/graphql?x=1", "POST");
  transfer.headers = {"Content-Type: application/json",
                      "Authorization: Basic c2VjcmV0"};
  transfer.body = R"({"query":"{viewer}"})";
  const auto outcome =
    w.answered(transfer,
               with_length("{}",
                           "Content-Type: application/json; charset=utf-8\r\n"
                           "retry-after:  17 \r\nRateLimit-Reset: 3\r\n",
                           "429 Slow Down"),
               false);
  REQUIRE(outcome.has_value());
  const auto& sent = w.server.peers[0]->received;
  CHECK(sent.starts_with("POST /graphql?x=1 HTTP/1.1\r\n"));
  CHECK(sent.find("Authorization: Basic c2VjcmV0\r\n") != std::string::npos);
  CHECK(sent.find("User-Agent: net-test\r\n") != std::string::npos);
  CHECK(sent.find("Accept-Encoding: gzip\r\n") != std::string::npos);
  CHECK(sent.find("Expect") == std::string::npos);
  CHECK(sent.ends_with("\r\n\r\n" + transfer.body));
  CHECK(outcome->end == transfer_end::complete);
  CHECK(outcome->status == 429);
  CHECK(outcome->content_type == "application/json; charset=utf-8");
  CHECK(outcome->retry_after == "17");
  CHECK(outcome->ratelimit_reset == "3");
  CHECK(outcome->body == "{}");
  CHECK(outcome->request_sent);
  CHECK(outcome->detail.empty());
  CHECK(w.client->active() == 0);
}

TEST_CASE("the method is the one asked for", "[net]") {
  const std::string method =
    GENERATE(as<std::string>{}, "GET", "POST", "PUT", "DELETE", "PATCH");
  const std::string body = GENERATE(as<std::string>{}, "", "abc");
  CAPTURE(method, body);
  client_world w;
  auto transfer = w.to("/", method);
  transfer.body = body;
  const auto outcome = w.answered(transfer, with_length("x"), false);
  REQUIRE(outcome.has_value());
  CHECK(outcome->body == "x");
  CHECK(w.server.peers[0]->received.starts_with(method + " / HTTP/1.1\r\n"));
  CHECK(w.server.peers[0]->received.ends_with("\r\n\r\n" + body));
}

TEST_CASE("HEAD has no body to wait for", "[net]") {
  client_world w;
  const auto outcome = w.answered(
    w.to("/", "HEAD"), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", false);
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == transfer_end::complete);
  CHECK(outcome->body.empty());
}

TEST_CASE("a connection is used again", "[net]") {
  client_world w;
  for (std::size_t i = 1; i <= 3; ++i) {
    w.start(w.to("/"));
    const auto peer = w.asked();
    REQUIRE(peer);
    peer->received.clear();
    peer->send(with_length("x"));
    REQUIRE(w.until([&] { return w.outcomes.size() == i; }));
  }
  CHECK(w.server.peers.size() == 1);
}

TEST_CASE("a redirect is an answer and is not followed", "[net]") {
  client_world w;
  raw_server other{w};
  auto transfer = w.to("/");
  transfer.headers = {"Authorization: Basic c2VjcmV0"};
  const std::string status =
    GENERATE(as<std::string>{}, "301 Moved", "302 Found", "307 Temporary",
             "308 Permanent");
  const auto outcome = w.answered(
    transfer, with_length("", "Location: " + other.url() + "\r\n", status),
    false);
  REQUIRE(outcome.has_value());
  CHECK(outcome->status == std::stoi(status));
  w.settle();
  CHECK(other.peers.empty());
  CHECK(w.server.peers.size() == 1);
}

TEST_CASE("an answer that doesn't come in time is given up", "[net]") {
  client_world w;
  auto transfer = w.to("/");
  transfer.deadline = 50ms;
  const bool begun = GENERATE(false, true);
  w.start(transfer);
  const auto peer = w.asked();
  REQUIRE(peer);
  if (begun)
    peer->send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
  const auto outcome = w.result();
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == transfer_end::timed_out);
  CHECK(outcome->request_sent);
  CHECK(w.until([&] { return peer->closed; }));
}

TEST_CASE("the deadline counts while a transfer waits for a connection",
          "[net]") {
  http_client_options options;
  options.max_connections_per_host = 1;
  client_world w{options};
  w.start(w.to("/held"));
  REQUIRE(w.asked());
  auto transfer = w.to("/waits");
  transfer.deadline = 50ms;
  w.start(transfer);
  const auto outcome = w.result();
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == transfer_end::timed_out);
  CHECK_FALSE(outcome->request_sent);
  CHECK(w.server.peers.size() == 1);
  CHECK(w.client->active() == 1);
}

TEST_CASE("a broken answer is told from a whole one", "[net]") {
  struct row {
    std::string_view bytes;
    transfer_end end;
  };
  const auto r = GENERATE(values<row>({
    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", transfer_end::cut},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
     transfer_end::cut},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
     transfer_end::cut},
    {"HTTP/1.1 200 OK\r\nContent-Le", transfer_end::cut},
    {"", transfer_end::cut},
    {"HTTP/1.1 200 OK\r\n\r\nuntil the end", transfer_end::complete},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     transfer_end::complete},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
     transfer_end::complete},
    {"SSH-2.0-OpenSSH_9.2\r\n", transfer_end::unsupported},
    {"HTTP/1.1 abc\r\n\r\n", transfer_end::unsupported},
    {"\x15\x03\x01 garbage", transfer_end::unsupported},
    {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n"
     "nope",
     transfer_end::unsupported},
    {"HTTP/1.1 200 OK\r\nContent-Encoding: weird\r\nContent-Length: 4\r\n\r\n"
     "nope",
     transfer_end::unsupported},
  }));
  CAPTURE(r.bytes);
  client_world w;
  const auto outcome = w.answered(w.to("/", "POST"), std::string{r.bytes});
  REQUIRE(outcome.has_value());
  CHECK(static_cast<int>(outcome->end) == static_cast<int>(r.end));
  CHECK(outcome->request_sent);
  CHECK(outcome->detail.empty() == (r.end == transfer_end::complete));
  CHECK(outcome->detail.find("127.0.0.1") == std::string::npos);
}

TEST_CASE("a connection reset within an answer is a cut", "[net]") {
  client_world w;
  w.start(w.to("/"));
  const auto peer = w.asked();
  REQUIRE(peer);
  peer->send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
  peer->cut();
  const auto outcome = w.result();
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == transfer_end::cut);
}

TEST_CASE("a POST that a dying connection swallowed is not repeated", "[net]") {
  const auto [method, again] =
    GENERATE(table<std::string, bool>({{"POST", false}, {"GET", true}}));
  CAPTURE(method);
  client_world w;
  REQUIRE(w.answered(w.to("/", "POST"), with_length("x"), false).has_value());
  const auto peer = w.server.peers[0];
  peer->received.clear();
  w.start(w.to("/second", method));
  REQUIRE(w.until([&] { return peer->got("/second"); }));
  peer->close(); // after the request, before any answer
  if (again) {
    const auto next = w.asked(1);
    REQUIRE(next);
    next->send(with_length("y"));
  }
  REQUIRE(w.until([&] { return w.outcomes.size() == 2; }));
  CHECK(w.outcomes[1].request_sent);
  const auto end = w.outcomes[1].end;
  CHECK((end == transfer_end::complete) == again);
  CHECK((end == transfer_end::cut) == !again);
  if (!again && w.server.peers.size() > 1)
    CHECK(w.server.peers[1]->received.empty());
}

TEST_CASE("what never reached a server is told apart", "[net]") {
  client_world w;
  http_transfer transfer;
  transfer_end expected{};
  SECTION("a port where nobody listens") {
    tcp::acceptor gone{w.io, {asio::ip::address_v4::loopback(), 0}};
    transfer.url =
      "http://127.0.0.1:" + std::to_string(gone.local_endpoint().port());
    gone.close();
    expected = transfer_end::connect_failed;
  }
  SECTION("a host that can't exist") {
    transfer.url = "http://" + std::string(70, 'a') + ".invalid/";
    expected = transfer_end::resolve_failed;
  }
  SECTION("TLS with a server that speaks none") {
    transfer.url = w.server.url();
    transfer.url.replace(0, 4, "https");
    w.start(transfer);
    REQUIRE(w.until([&] { return !w.server.peers.empty(); }));
    w.server.peers[0]->send("HTTP/1.1 400 Bad Request\r\n\r\n");
    expected = transfer_end::tls_failed;
  }
  SECTION("another protocol") {
    transfer.url = GENERATE(as<std::string>{}, "file:///etc/passwd",
                            "ftp://127.0.0.1/", "gopher://127.0.0.1/",
                            "telnet://127.0.0.1/", "", "no url at all");
    expected = transfer_end::unsupported;
  }
  SECTION("a password in the URL") {
    transfer.url = "http://user:secret@127.0.0.1/";
    expected = transfer_end::unsupported;
  }
  SECTION("a header that is two") {
    transfer = w.to("/");
    transfer.headers = {"X-A: 1\r\nX-B: 2"};
    expected = transfer_end::unsupported;
  }
  SECTION("a method that is no word") {
    transfer = w.to("/", "GET / HTTP/1.1\r\nX: y\r\n\r\nPOST");
    expected = transfer_end::unsupported;
  }
  CAPTURE(transfer.url);
  if (w.client->active() == 0)
    w.start(transfer);
  CHECK(w.outcomes.empty()); // not from inside start
  const auto outcome = w.result();
  REQUIRE(outcome.has_value());
  CHECK(static_cast<int>(outcome->end) == static_cast<int>(expected));
  CHECK_FALSE(outcome->request_sent);
  CHECK(outcome->refused == (expected == transfer_end::connect_failed));
  CHECK(outcome->status == 0);
  CHECK_FALSE(outcome->detail.empty());
  CHECK(outcome->detail.find("secret") == std::string::npos);
}

TEST_CASE("a compressed answer is unpacked", "[net]") {
  constexpr std::string_view packed{
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x48\xcd\xc9\xc9\x57"
    "\xb2\x52\x2a\xcf\x2f\xca\x49\x51\xaa\xe5\xaa\x26\x42\x04\x00\x8f\xc5\x26"
    "\x84\x36\x00\x00\x00",
    41};
  client_world w;
  const auto outcome = w.answered(
    w.to("/"), with_length(std::string{packed}, "Content-Encoding: gzip\r\n"));
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == transfer_end::complete);
  CHECK(outcome->body
        == "{\"hello\":\"world\"}\n{\"hello\":\"world\"}\n"
           "{\"hello\":\"world\"}\n");
}

namespace {
/// A gzip stream of zero bytes: one literal and then `matches` times "258 more
/// of the last byte", in the fixed code of RFC 1951. Its end is missing.
std::string gzip_bomb(std::size_t matches) {
  std::string out{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", 10};
  unsigned held = 0;
  int bits = 0;
  const auto put = [&](unsigned value, int count) { // lowest bit first
    held |= value << bits;
    for (bits += count; bits >= 8; bits -= 8, held >>= 8)
      out += static_cast<char>(held & 0xff);
  };
  put(1, 1);          // the last block
  put(1, 2);          // fixed codes
  put(0b00001100, 8); // literal 0: 00110000, highest bit first
  for (std::size_t i = 0; i < matches; ++i) {
    put(0b10100011, 8); // length 258: 11000101, highest bit first
    put(0, 5);          // distance 1
  }
  return out;
}
} // namespace

TEST_CASE("a gzip bomb is stopped by what it unpacks to", "[net]") {
  client_world w;
  auto transfer = w.to("/");
  transfer.max_response_bytes = 1'000'000;
  const auto bomb = gzip_bomb(400'000); // 100 MB out of 650 KB
  const auto outcome =
    w.answered(transfer, with_length(bomb, "Content-Encoding: gzip\r\n"));
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == transfer_end::too_large);
  CHECK(outcome->body.empty());
  CHECK(w.until([&] { return w.server.peers[0]->closed; }));
}

TEST_CASE("an answer is collected only while its owner allows", "[net]") {
  client_world w;
  auto transfer = w.to("/");
  std::size_t granted = 0;
  transfer.may_collect = [&granted](std::size_t more) {
    granted += more;
    return granted <= 1000;
  };
  const auto [size, end] = GENERATE(table<std::size_t, transfer_end>(
    {{1000, transfer_end::complete}, {1001, transfer_end::too_large}}));
  const auto outcome =
    w.answered(transfer, with_length(std::string(size, 'x'), ""));
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == end);
  CHECK(granted == size);
}

TEST_CASE("an answer may be as large as allowed and no larger", "[net]") {
  const auto [size, end] = GENERATE(table<std::size_t, transfer_end>(
    {{100'000, transfer_end::complete}, {100'001, transfer_end::too_large}}));
  CAPTURE(size);
  client_world w;
  auto transfer = w.to("/");
  transfer.max_response_bytes = 100'000;
  const auto outcome =
    w.answered(transfer, with_length(std::string(size, 'x')), false);
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == end);
}

TEST_CASE("endless headers are stopped", "[net]") {
  client_world w;
  std::string bytes = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 1000; ++i)
    bytes += "X-" + std::to_string(i) + ": " + std::string(1000, 'x') + "\r\n";
  const auto outcome = w.answered(w.to("/"), bytes, false);
  REQUIRE(outcome.has_value());
  CHECK(outcome->end != transfer_end::complete);
  CHECK(w.until([&] { return w.server.peers[0]->closed; }));
}

TEST_CASE("a cancelled transfer closes its connection and says nothing",
          "[net]") {
  client_world w;
  const auto id = w.start(w.to("/"));
  const auto peer = w.asked();
  REQUIRE(peer);
  const bool begun = GENERATE(false, true);
  if (begun) {
    peer->send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    w.settle();
  }
  w.client->cancel(id);
  CHECK(w.client->active() == 0);
  REQUIRE(w.until([&] { return peer->closed; }));
  CHECK(w.outcomes.empty());
  w.client->cancel(id); // unknown now
  w.client->cancel(4711);
}

TEST_CASE("a transfer may be cancelled before it began", "[net]") {
  client_world w;
  w.client->cancel(w.start(w.to("/")));
  http_transfer unsound;
  unsound.method = "";
  w.client->cancel(w.start(unsound));
  w.settle();
  CHECK(w.outcomes.empty());
}

TEST_CASE("a client that goes aborts its transfers silently", "[net]") {
  client_world w;
  w.start(w.to("/"));
  const auto peer = w.asked();
  REQUIRE(peer);
  w.client.reset();
  REQUIRE(w.until([&] { return peer->closed; }));
  CHECK(w.outcomes.empty());
}

TEST_CASE("a client may go from inside its own callback", "[net]") {
  client_world w;
  bool done = false;
  w.start(w.to("/held"));
  REQUIRE(w.asked());
  w.client->start(w.to("/"), [&](http_outcome) {
    w.client.reset();
    done = true;
  });
  const auto peer = w.asked(1);
  REQUIRE(peer);
  peer->send(with_length("x"));
  REQUIRE(w.until([&] { return done; }));
  CHECK(w.until([&] { return w.server.peers[0]->closed; }));
}

TEST_CASE("a callback may start and cancel others", "[net]") {
  client_world w;
  const auto other = w.start(w.to("/other"));
  REQUIRE(w.asked(0));
  w.client->start(w.to("/first"), [&](http_outcome) {
    w.client->cancel(other);
    w.start(w.to("/next"));
  });
  const auto peer = w.asked(1);
  REQUIRE(peer);
  peer->received.clear();
  peer->send(with_length("x"));
  REQUIRE(w.until([&] { return peer->got("/next"); }));
  peer->send(with_length("y"));
  REQUIRE(w.until([&] { return !w.outcomes.empty(); }));
  CHECK(w.outcomes[0].body == "y");
  CHECK(w.outcomes.size() == 1);
  CHECK(w.until([&] { return w.server.peers[0]->closed; }));
}

TEST_CASE("many transfers run at once over few connections", "[net]") {
  http_client_options options;
  options.max_connections_per_host = 4;
  client_world w{options};
  http_server served{
    w.io,
    {asio::ip::address_v4::loopback(), 0},
    {},
    [] {
      struct echo final : connection_handler {
        void on_request(http_request request,
                        std::shared_ptr<exchange> via) override {
          via->respond(ok(request.target + request.body));
        }
        void on_abort() override {}
      };
      return std::make_unique<echo>();
    },
    std::make_shared<std::atomic<std::size_t>>(0)};
  const auto base =
    "http://127.0.0.1:" + std::to_string(served.endpoint().port());
  int right = 0;
  int ended = 0;
  for (int i = 0; i < 200; ++i) {
    http_transfer transfer;
    transfer.url = base + "/" + std::to_string(i);
    transfer.body = std::string(i * 100, 'x');
    const auto expected = "/" + std::to_string(i) + transfer.body;
    w.client->start(transfer, [&, expected](http_outcome outcome) {
      ++ended;
      right += outcome.body == expected;
    });
  }
  CHECK(w.client->active() == 200);
  REQUIRE(w.until([&] { return ended == 200; }));
  CHECK(right == 200);
  CHECK(served.connections() <= 4);
}

TEST_CASE("a proxy of the environment is used", "[net]") {
  client_world w;
  const auto proxy = w.server.url();
  const char* const before = std::getenv("http_proxy");
  const std::string kept = before ? before : "";
  ::setenv("http_proxy", proxy.c_str(), 1);
  http_transfer transfer;
  transfer.method = "GET";
  transfer.url = "http://host.invalid/path";
  w.start(transfer);
  const auto peer = w.asked();
  before ? ::setenv("http_proxy", kept.c_str(), 1) : ::unsetenv("http_proxy");
  REQUIRE(peer);
  CHECK(peer->received.starts_with("GET http://host.invalid/path HTTP/1.1"));
  peer->send(with_length("by proxy"));
  const auto outcome = w.result();
  REQUIRE(outcome.has_value());
  CHECK(outcome->body == "by proxy");
}
