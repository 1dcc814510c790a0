#include "tests/catch.hpp"
#include "tests/net/server_world.hpp"

#include <thread>

using namespace mcp::net;
using namespace mcp::net::test;

namespace {
const std::string get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
std::string post(const std::string& body, const std::string& target = "/p") {
  return "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}
} // namespace

TEST_CASE("a request reaches the handler whole and its answer the client",
          "[net]") {
  server_world w;
  const auto peer = w.client();
  peer->send("POST /mcp?x=1 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\n"
             "Content-Length: 4\r\n\r\nbody");
  REQUIRE(w.until([&] { return !w.pending.empty(); }));
  const auto& request = w.seen[0];
  CHECK(request.method == boost::beast::http::verb::post);
  CHECK(request.target == "/mcp?x=1");
  CHECK(request.headers["host"] == "h");
  CHECK(request.headers.count("X-A") == 2);
  CHECK(request.body == "body");
  CHECK(request.peer
        == "127.0.0.1:"
             + std::to_string(peer->socket().local_endpoint().port()));

  auto response = ok("fine");
  response.status = boost::beast::http::status::created;
  response.headers = {{"X-B", "3"}, {"X-Forged", "a\r\nX-Evil: 1"}};
  w.pending[0]->respond(response);
  w.pending[0]->respond(ok("twice")); // a second answer is ignored
  REQUIRE(w.until([&] { return !answers(peer->received).empty(); }));
  w.settle();
  const auto all = answers(peer->received);
  REQUIRE(all.size() == 1);
  CHECK(all[0].result_int() == 201);
  CHECK(all[0]["Content-Type"] == "text/plain");
  CHECK(all[0]["Content-Length"] == "4");
  CHECK(all[0]["X-B"] == "3");
  CHECK(all[0].count("X-Forged") == 0);
  CHECK(all[0].count("X-Evil") == 0);
  CHECK(all[0]["Date"].ends_with(" GMT"));
  CHECK(all[0].body() == "fine");
  CHECK_FALSE(peer->closed);
}

TEST_CASE("pipelined requests are answered in order, one at a time", "[net]") {
  server_world w;
  const bool at_once = GENERATE(true, false);
  CAPTURE(at_once);
  if (at_once)
    w.serve = echo_body();
  const auto peer = w.client();
  std::string bytes;
  for (int i = 0; i < 40; ++i)
    bytes += post("number " + std::to_string(i));
  peer->send(bytes);
  for (std::size_t i = 0; i < 40 && !at_once; ++i) {
    REQUIRE(w.until([&] { return w.pending.size() == i + 1; }));
    w.settle();
    REQUIRE(w.pending.size() == i + 1); // not before the answer
    w.pending[i]->respond(ok(w.seen[i].body));
  }
  REQUIRE(w.until([&] { return answers(peer->received).size() == 40; }));
  const auto all = answers(peer->received);
  for (int i = 0; i < 40; ++i)
    CHECK(all[i].body() == "number " + std::to_string(i));
  CHECK(w.aborts == 0);
}

TEST_CASE("a chunked body is read wherever it is split", "[net]") {
  server_world w;
  w.serve = echo_body();
  const std::string bytes = "POST / HTTP/1.1\r\nHost: x\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "5;x=y\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n"
                            "0\r\nTrailer: t\r\n\r\n";
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    CAPTURE(cut);
    const auto peer = w.client();
    peer->send(std::string_view{bytes}.substr(0, cut));
    w.settle();
    peer->send(std::string_view{bytes}.substr(cut));
    REQUIRE(w.until([&] { return !answers(peer->received).empty(); }));
    REQUIRE(answers(peer->received)[0].body() == "hello 0123456789");
    peer->close();
  }
}

TEST_CASE("a request may come byte by byte", "[net]") {
  server_world w;
  w.serve = [&](http_request request, std::shared_ptr<exchange> via) {
    via->respond(ok(request.body));
    w.seen.push_back(std::move(request));
  };
  const auto peer = w.client();
  for (const char c : "\r\n" + post("abc") + post("def")) {
    peer->send({&c, 1});
    w.settle();
  }
  REQUIRE(w.until([&] { return answers(peer->received).size() == 2; }));
  CHECK(answers(peer->received)[0].body() == "abc");
  CHECK(answers(peer->received)[1].body() == "def");
}

TEST_CASE("trailer fields don't become header fields", "[net]") {
  server_world w;
  const auto peer = w.client();
  peer->send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
             "0\r\nAuthorization: Bearer forged\r\n\r\n");
  REQUIRE(w.until([&] { return !w.seen.empty(); }));
  CHECK(w.seen[0].headers.count("Authorization") == 0);
}

TEST_CASE("64 bytes of capacity follow a body of any size and framing",
          "[net]") {
  server_world w;
  const auto size = GENERATE(as<std::size_t>{}, 0, 1, 15, 16, 1000, 16384,
                             16385, 65536, 1'000'000, 4 * 1024 * 1024);
  const bool chunked = GENERATE(false, true);
  CAPTURE(size, chunked);
  const std::string body(size, 'b');
  const auto peer = w.client();
  if (!chunked) {
    peer->send_all(post(body));
  } else {
    std::string bytes =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    char head[32];
    for (std::size_t at = 0; at < size; at += 70'000) {
      const auto part = body.substr(at, 70'000);
      std::snprintf(head, sizeof head, "%zx\r\n", part.size());
      bytes += head + part + "\r\n";
    }
    peer->send_all(bytes + "0\r\n\r\n");
  }
  REQUIRE(w.until([&] { return !w.seen.empty() || peer->closed; }));
  REQUIRE(w.seen.size() == 1);
  CHECK(w.seen[0].body.size() == size);
  if (size != 0)
    CHECK(w.seen[0].body.capacity() >= size + 64);
}

TEST_CASE("a client that expects 100-continue is asked for its body", "[net]") {
  server_world w;
  w.serve = echo_body();
  const auto peer = w.client();
  peer->send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
             "Content-Length: 4\r\n\r\n");
  REQUIRE(w.until([&] { return peer->got("\r\n\r\n"); }));
  CHECK(peer->received == "HTTP/1.1 100 Continue\r\n\r\n");
  peer->received.clear();
  peer->send("body");
  REQUIRE(w.until([&] { return !answers(peer->received).empty(); }));
  CHECK(answers(peer->received)[0].body() == "body");
}

TEST_CASE("HEAD gets the head of GET without a body", "[net]") {
  server_world w;
  w.serve = [](http_request, std::shared_ptr<exchange> via) {
    via->respond(ok("12345"));
  };
  const auto peer = w.client();
  peer->send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(w.until([&] { return peer->got("\r\n\r\n"); }));
  w.settle();
  const auto all = answers(peer->received, true);
  REQUIRE(all.size() == 1);
  CHECK(all[0]["Content-Length"] == "5");
  CHECK(peer->received.ends_with("\r\n\r\n"));
}

TEST_CASE("202 and 204 answers without a body keep the connection in step",
          "[net]") {
  server_world w;
  w.serve = [](http_request request, std::shared_ptr<exchange> via) {
    http_response response;
    response.status = request.target == "/202"
                        ? boost::beast::http::status::accepted
                        : boost::beast::http::status::no_content;
    via->respond(std::move(response));
  };
  const auto peer = w.client();
  peer->send("GET /202 HTTP/1.1\r\nHost: x\r\n\r\n"
             "GET /204 HTTP/1.1\r\nHost: x\r\n\r\n"
             "GET /202 HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(w.until([&] { return answers(peer->received).size() == 3; }));
  const auto all = answers(peer->received);
  CHECK(all[0]["Content-Length"] == "0");
  CHECK(all[1].count("Content-Length") == 0);
  CHECK(all[2].result_int() == 202);
}

TEST_CASE("the connection ends when either side says so", "[net]") {
  struct row {
    std::string_view request;
    bool stays;
  };
  const auto r = GENERATE(values<row>({
    {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
    {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false},
    {"GET / HTTP/1.0\r\n\r\n", false},
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  }));
  CAPTURE(r.request);
  server_world w;
  w.serve = echo_target();
  const auto peer = w.client();
  peer->send(r.request);
  REQUIRE(w.until([&] {
    return !answers(peer->received).empty() && (r.stays || peer->closed);
  }));
  w.settle();
  CHECK(answers(peer->received)[0].keep_alive() == r.stays);
  CHECK(peer->closed != r.stays);
  CHECK_FALSE(peer->reset);
}

TEST_CASE("an absolute request target becomes the origin form", "[net]") {
  server_world w;
  w.serve = echo_target();
  const auto answer =
    w.ask("GET http://host:80/mcp?x=1 HTTP/1.1\r\nHost: host\r\n\r\n");
  REQUIRE(answer.has_value());
  CHECK(answer->body() == "/mcp?x=1");
}

TEST_CASE("a large answer arrives whole, also at a slow reader", "[net]") {
  server_world w;
  std::string big(8'000'000, 'x');
  for (std::size_t i = 0; i < big.size(); i += 1000)
    big[i] = static_cast<char>('a' + i / 1000 % 26);
  w.serve = [&](http_request, std::shared_ptr<exchange> via) {
    via->respond(ok(big));
  };
  const auto peer = raw_peer::connect(w, w.server->endpoint());
  peer->send(get + get);
  REQUIRE(w.until([&] { return w.requests == 1; }));
  w.settle(); // the socket is full now
  CHECK(w.requests == 1);
  peer->listen();
  REQUIRE(w.until([&] { return peer->received.size() > 16'000'000; }));
  REQUIRE(w.until([&] { return answers(peer->received).size() == 2; }));
  CHECK(answers(peer->received)[0].body() == big);
  CHECK(answers(peer->received)[1].body() == big);
}

TEST_CASE("a client that leaves aborts its open request at once", "[net]") {
  server_world w;
  const auto peer = w.client();
  peer->send(get);
  REQUIRE(w.until([&] { return !w.pending.empty(); }));
  CHECK(w.aborts == 0);
  SECTION("by FIN") {
    peer->finish_sending();
  }
  SECTION("by RST") {
    peer->cut();
  }
  SECTION("behind an early next request") {
    peer->send(get);
    w.settle();
    peer->finish_sending();
  }
  REQUIRE(w.until([&] { return w.aborts == 1; }));
  REQUIRE(w.until([&] { return w.server->connections() == 0; }));
  CHECK(*w.open == 0);
  w.pending[0]->respond(ok("too late")); // a no-op
  w.pending.clear();
  w.settle();
  CHECK(w.aborts == 1);
  CHECK(w.handlers_gone == 1);
  CHECK(w.requests == 1);
}

TEST_CASE("a client that sends far ahead and leaves is noticed", "[net]") {
  http_server_options options;
  options.stream_keep_alive = std::chrono::milliseconds{20}; // a quick timer
  server_world w{options};
  const auto peer = w.client();
  peer->send(get);
  REQUIRE(w.until([&] { return !w.pending.empty(); }));
  peer->send_all(std::string(300'000, 'x'));
  w.settle();
  CHECK(w.aborts == 0);
  peer->cut();
  CHECK(w.until([&] { return w.aborts == 1; }));
}

TEST_CASE("an exchange may be answered from another thread", "[net]") {
  server_world w;
  const auto peer = w.client();
  for (std::size_t i = 0; i < 50; ++i) {
    peer->send(get);
    REQUIRE(w.until([&] { return w.pending.size() == i + 1; }));
    std::thread other{[via = std::move(w.pending[i])]() mutable {
      via->respond(ok("from afar"));
      via.reset();
    }};
    const bool answered =
      w.until([&] { return answers(peer->received).size() == i + 1; });
    other.join();
    REQUIRE(answered);
  }
}

TEST_CASE("an exchange dropped without an answer answers 500", "[net]") {
  server_world w;
  const auto peer = w.client();
  SECTION("within the handler") {
    w.serve = [](http_request, std::shared_ptr<exchange>) {};
    peer->send(get);
  }
  SECTION("by an exception of the handler") {
    w.serve = [](http_request, std::shared_ptr<exchange>) {
      throw std::runtime_error{"oops"};
    };
    peer->send(get);
  }
  SECTION("later") {
    peer->send(get);
    REQUIRE(w.until([&] { return !w.pending.empty(); }));
    w.pending.clear();
  }
  SECTION("on another thread") {
    peer->send(get);
    REQUIRE(w.until([&] { return !w.pending.empty(); }));
    std::thread{[via = std::move(w.pending[0])]() mutable {
      via.reset();
    }}.join();
  }
  REQUIRE(w.until([&] { return !answers(peer->received).empty(); }));
  CHECK(answers(peer->received)[0].result_int() == 500);
  CHECK(w.aborts == 0);
  w.serve = echo_target(); // the connection serves on
  peer->send(get);
  CHECK(w.until([&] { return answers(peer->received).size() == 2; }));
}

TEST_CASE("a late exchange keeps nothing of its connection", "[net]") {
  server_world w;
  const auto peer = w.client();
  peer->send(get);
  REQUIRE(w.until([&] { return !w.pending.empty(); }));
  peer->cut();
  REQUIRE(w.until([&] { return w.handlers_gone == 1; }));
  CHECK(w.pending.size() == 1); // still held
}

TEST_CASE("exchanges may outlive the server", "[net]") {
  server_world w;
  const auto peer = w.client();
  peer->send(get);
  REQUIRE(w.until([&] { return !w.pending.empty(); }));
  w.server.reset();
  w.pending[0]->respond(ok("nobody"));
  w.settle();
  CHECK(w.aborts == 0);
  REQUIRE(w.until([&] { return peer->closed; }));
  CHECK(peer->received.empty());
}

TEST_CASE("stopping lets requests finish and ends idle connections", "[net]") {
  server_world w;
  const auto idle = w.client();
  const auto busy = w.client();
  const auto half = w.client();
  busy->send(get);
  half->send(get.substr(0, 10));
  REQUIRE(w.until([&] { return !w.pending.empty(); }));
  REQUIRE(w.until([&] { return w.server->connections() == 3; }));
  w.settle();
  w.server->stop_accepting();
  REQUIRE(w.until([&] { return idle->closed; }));
  CHECK_FALSE(busy->closed);
  half->send(get.substr(10));
  REQUIRE(w.until([&] { return w.pending.size() == 2; }));
  w.pending[0]->respond(ok("one"));
  w.pending[1]->respond(ok("two"));
  REQUIRE(w.until([&] { return busy->closed && half->closed; }));
  CHECK_FALSE(answers(busy->received)[0].keep_alive());
  CHECK(answers(half->received)[0].body() == "two");
  busy->close();
  half->close();
  REQUIRE(w.until([&] { return w.server->connections() == 0; }));
  tcp::socket late{w.io};
  boost::system::error_code ec;
  late.connect(w.server->endpoint(), ec);
  CHECK(ec == asio::error::connection_refused);
}

TEST_CASE("closing all ends everything at once", "[net]") {
  server_world w;
  const auto idle = w.client();
  const auto busy = w.client();
  busy->send(get);
  REQUIRE(w.until([&] { return !w.pending.empty(); }));
  REQUIRE(w.until([&] { return w.server->connections() == 2; }));
  w.server->close_all();
  CHECK(w.server->connections() == 0);
  CHECK(w.aborts == 1);
  REQUIRE(w.until([&] { return idle->closed && busy->closed; }));
}

TEST_CASE("two servers share a port", "[net]") {
  server_world w;
  http_server second{w.io,
                     w.server->endpoint(),
                     {},
                     [&] { return std::make_unique<server_world::handler>(w); },
                     w.open};
  w.serve = echo_target();
  std::vector<std::shared_ptr<raw_peer>> peers;
  for (int i = 0; i < 40; ++i) {
    peers.push_back(w.client());
    peers.back()->send(get);
  }
  REQUIRE(w.until([&] { return w.requests == 40; }));
  CHECK(w.server->connections() > 0);
  CHECK(second.connections() > 0);
  CHECK(*w.open == 40);
}

TEST_CASE("a port in use by a stranger is an exception", "[net]") {
  event_loop loop;
  raw_server stranger{loop};
  CHECK_THROWS_AS(http_server(
                    loop.io, stranger.endpoint(), {}, [] { return nullptr; },
                    std::make_shared<std::atomic<std::size_t>>(0)),
                  boost::system::system_error);
}
