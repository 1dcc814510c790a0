#include "tests/catch.hpp"
#include "tests/net/server_world.hpp"

using namespace mcp::net;
using namespace mcp::net::test;
using namespace std::chrono_literals;

namespace {

http_server_options quick() {
  http_server_options options;
  options.header_timeout = 40ms;
  options.body_timeout = 40ms;
  options.idle_timeout = 40ms;
  options.write_timeout = 40ms;
  return options;
}

std::string many_fields(int count) {
  std::string out = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < count; ++i)
    out += "a: b\r\n";
  return out + "\r\n";
}

} // namespace

TEST_CASE("a request that can't be served is refused and the connection ends",
          "[net]") {
  struct row {
    std::string request;
    int status;
  };
  const std::string begin = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::string chunked = begin + "Transfer-Encoding: chunked\r\n\r\n";
  const auto r = GENERATE_COPY(values<row>({
    {"nonsense\r\n\r\n", 400},
    {std::string("\0\1\2\3\r\n\r\n", 8), 400},
    {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS hello", 400},
    {"GET / HTTP/2.0\r\n\r\n", 505},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"GET / HTTP/0.9\r\n\r\n", 505},
    {"GET /\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n" + std::string(1, '\0'), 400},
    {"GET / HTTP/1.1\r\n: x\r\n\r\n", 400},
    {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n", 431},
    {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n", 431},
    {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a'), 431},
    {many_fields(1000), 431},
    {many_fields(10'000), 431},
    {begin + "Content-Length: 4194305\r\n\r\n", 413},
    {begin + "Content-Length: 99999999999999999999999\r\n\r\n", 400},
    {begin + "Content-Length: -1\r\n\r\n", 400},
    {begin + "Content-Length: +1\r\n\r\na", 400},
    {begin + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
    {begin + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400},
    {begin + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
     400},
    {begin + "Transfer-Encoding: gzip\r\n\r\n", 400},
    {begin + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
    {begin + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
     400},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {chunked + "400001\r\n", 413},
    {chunked + "ffffffffffffffff\r\n", 413},
    {chunked + "xyz\r\n", 400},
    {chunked + "1\r\nabcdef\r\n", 400},
    {chunked + "1;" + std::string(20'000, 'a'), 431},
    {chunked + "0\r\nT: " + std::string(20'000, 'a'), 431},
  }));
  CAPTURE(r.request.substr(0, 120), r.status);
  server_world w;
  const auto peer = w.client();
  peer->send_all(r.request);
  REQUIRE(w.until([&] { return peer->closed; }));
  CHECK_FALSE(peer->reset);
  const auto all = answers(peer->received);
  REQUIRE(all.size() == 1);
  CHECK(static_cast<int>(all[0].result_int()) == r.status);
  CHECK_FALSE(all[0].keep_alive());
  CHECK(all[0]["Content-Type"] == "application/json");
  CHECK(all[0].body().starts_with("{\"error\":\""));
  CHECK(w.requests == 0);
  peer->close();
  CHECK(w.until([&] { return w.server->connections() == 0; }));
}

TEST_CASE("a folded header line is joined, not smuggled", "[net]") {
  server_world w;
  const auto peer = w.client();
  peer->send("GET / HTTP/1.1\r\nX: a\r\n b\r\nHost: x\r\n\r\n");
  REQUIRE(w.until([&] { return !w.seen.empty() || peer->closed; }));
  REQUIRE(w.seen.size() == 1);
  CHECK(w.seen[0].headers["X"] == "a b");
}

TEST_CASE("the limits are exact", "[net]") {
  http_server_options options;
  options.max_body_bytes = 1000;
  const auto [size, status] =
    GENERATE(table<std::size_t, int>({{1000, 200}, {1001, 413}}));
  const bool chunked = GENERATE(false, true);
  CAPTURE(size, chunked);
  server_world w{options};
  w.serve = echo_target();
  std::string bytes = "POST / HTTP/1.1\r\nHost: x\r\n";
  if (chunked) {
    bytes += "Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + std::string(500, 'a')
             + "\r\n";
    char head[16];
    std::snprintf(head, sizeof head, "%zx\r\n", size - 500);
    bytes += head + std::string(size - 500, 'a') + "\r\n0\r\n\r\n";
  } else {
    bytes += "Content-Length: " + std::to_string(size) + "\r\n\r\n"
             + std::string(size, 'a');
  }
  const auto answer = w.ask(bytes);
  REQUIRE(answer.has_value());
  CHECK(static_cast<int>(answer->result_int()) == status);
}

TEST_CASE("a refused upload still gets to read why", "[net]") {
  server_world w;
  const auto peer = w.client();
  peer->send_all("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n"
                 + std::string(8'000'000, 'a'));
  REQUIRE(w.until([&] { return peer->closed; }));
  CHECK_FALSE(peer->reset);
  REQUIRE(answers(peer->received).size() == 1);
  CHECK(answers(peer->received)[0].result_int() == 413);
}

TEST_CASE("a slow header or body is answered 408", "[net]") {
  const std::string request =
    GENERATE(as<std::string>{}, "G", "GET / HTTP/1.1\r\nHost: x\r\n",
             "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc",
             "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
  CAPTURE(request);
  server_world w{quick()};
  const auto peer = w.client();
  peer->send(request);
  REQUIRE(w.until([&] { return peer->closed; }));
  REQUIRE(answers(peer->received).size() == 1);
  CHECK(answers(peer->received)[0].result_int() == 408);
}

TEST_CASE("bytes that trickle don't extend the time for a header", "[net]") {
  auto options = quick();
  options.idle_timeout = 60s;
  server_world w{options};
  const auto peer = w.client();
  peer->send("GET / HTTP/1.1\r\n");
  boost::system::error_code ec;
  REQUIRE(w.until([&] {
    // A field now and then, for as long as it is allowed to.
    if (!peer->closed)
      asio::write(peer->socket(), asio::buffer("a", 1), ec);
    return peer->closed;
  }));
  CHECK(peer->received.starts_with("HTTP/1.1 408 "));
}

TEST_CASE("an idle connection is closed without a word", "[net]") {
  server_world w{quick()};
  w.serve = echo_target();
  const auto fresh = w.client();
  const auto used = w.client();
  used->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(w.until([&] { return fresh->closed && used->closed; }));
  CHECK(fresh->received.empty());
  CHECK(answers(used->received).size() == 1);
}

TEST_CASE("an open request has no time limit of ours", "[net]") {
  server_world w{quick()};
  const auto patient = w.client();
  patient->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(w.until([&] { return !w.pending.empty(); }));
  const auto idle = w.client(); // its end shows that time has passed
  REQUIRE(w.until([&] { return idle->closed; }));
  CHECK_FALSE(patient->closed);
  CHECK(w.aborts == 0);
}

TEST_CASE("a reader that stalls loses its connection", "[net]") {
  server_world w{quick()};
  w.serve = [](http_request, std::shared_ptr<exchange> via) {
    via->respond(ok(std::string(20'000'000, 'x')));
  };
  const auto peer = raw_peer::connect(w, w.server->endpoint());
  peer->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(w.until([&] { return w.requests == 1; }));
  CHECK(w.until([&] { return w.server->connections() == 0; }));
}

TEST_CASE("one connection too many is told so", "[net]") {
  http_server_options options;
  options.max_connections = 2;
  server_world w{options};
  w.serve = echo_target();
  const auto first = w.client();
  const auto second = w.client();
  REQUIRE(w.until([&] { return *w.open == 2; }));
  const auto third = w.client();
  third->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(w.until([&] { return third->closed; }));
  const auto all = answers(third->received);
  REQUIRE(all.size() == 1);
  CHECK(all[0].result_int() == 503);
  CHECK(all[0].count("Retry-After") == 1);
  CHECK(*w.open == 2);
  first->close();
  REQUIRE(w.until([&] { return *w.open == 1; }));
  const auto answer = w.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(answer.has_value());
  CHECK(answer->result_int() == 200);
}

TEST_CASE("thousands of idle connections don't hinder a healthy one", "[net]") {
  server_world w;
  w.serve = echo_target();
  std::vector<tcp::socket> idle;
  for (int i = 0; i < 2000; ++i) {
    idle.emplace_back(w.io).connect(w.server->endpoint());
    if (i % 2 == 0)
      asio::write(idle.back(), asio::buffer("GET / HTT", 9));
    w.settle();
  }
  REQUIRE(w.until([&] { return w.server->connections() == 2000; }));
  const auto answer = w.ask("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(answer.has_value());
  CHECK(answer->body() == "/alive");
  idle.clear();
  CHECK(w.until([&] { return w.server->connections() == 0; }));
  CHECK(*w.open == 0);
}
