#include "net/sse.hpp"
#include "tests/catch.hpp"
#include "tests/net/server_world.hpp"

#include <thread>

using namespace mcp::net;
using namespace mcp::net::test;
using namespace std::chrono_literals;

namespace {

const std::string get = "GET /s HTTP/1.1\r\nHost: x\r\n\r\n";

/// A world with one request waiting for its answer.
struct stream_world : server_world {
  explicit stream_world(http_server_options options = {},
                        std::string_view request = get)
      : server_world{options}, peer{
                                 raw_peer::connect(*this, server->endpoint())} {
    peer->send(request);
    REQUIRE(until([&] { return !pending.empty(); }));
    via = pending[0];
    pending.clear();
  }
  std::shared_ptr<raw_peer> peer;
  std::shared_ptr<exchange> via;
};

} // namespace

TEST_CASE("a stream carries its events and the connection serves on", "[net]") {
  stream_world w;
  w.peer->listen();
  w.via->open_stream({{"Mcp-Session-Id", "abc"}});
  CHECK(w.via->write(sse_event("one"), false));
  REQUIRE(w.until([&] { return w.peer->got("data: one\n\n"); }));
  CHECK(w.via->write(sse_event("two"), true));
  w.via->close_stream();
  CHECK_FALSE(w.via->write(sse_event("three"), true));
  REQUIRE(w.until([&] { return !answers(w.peer->received).empty(); }));
  const auto first = answers(w.peer->received)[0];
  CHECK(first["Content-Type"] == "text/event-stream");
  CHECK(first["Cache-Control"] == "no-cache, no-transform");
  CHECK(first["X-Accel-Buffering"] == "no");
  CHECK(first["Mcp-Session-Id"] == "abc");
  CHECK(first.body() == "data: one\n\ndata: two\n\n");
  w.serve = echo_target();
  w.peer->send(get);
  REQUIRE(w.until([&] { return answers(w.peer->received).size() == 2; }));
  CHECK(answers(w.peer->received)[1].body() == "/s");
  CHECK(w.aborts == 0);
}

TEST_CASE("events written in one step leave together", "[net]") {
  server_world w;
  w.serve = [](http_request, std::shared_ptr<exchange> via) {
    via->open_stream({});
    for (int i = 0; i < 10; ++i)
      via->write(sse_event("e"), true);
    via->close_stream();
  };
  const auto peer = raw_peer::connect(w, w.server->endpoint());
  peer->send(get);
  REQUIRE(w.until([&] { return w.requests == 1; }));
  // All is there for the first read.
  REQUIRE(w.until([&] { return peer->socket().available() > 0; }));
  std::string bytes(peer->socket().available(), '\0');
  asio::read(peer->socket(), asio::buffer(bytes));
  CHECK(answers(bytes).size() == 1);
}

TEST_CASE("an HTTP/1.0 client gets a stream that ends with the connection",
          "[net]") {
  stream_world w{{}, "GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"};
  w.peer->listen();
  w.via->open_stream({});
  w.via->write(sse_event("one"), true);
  w.via->close_stream();
  REQUIRE(w.until([&] { return w.peer->closed; }));
  CHECK_FALSE(w.peer->got("chunked"));
  CHECK(w.peer->received.ends_with("\r\n\r\ndata: one\n\n"));
}

TEST_CASE("a quiet stream gets comments", "[net]") {
  http_server_options options;
  options.stream_keep_alive = 20ms;
  stream_world w{options};
  w.peer->listen();
  w.via->open_stream({});
  REQUIRE(w.until([&] {
    const auto first = w.peer->received.find(sse_keep_alive());
    return first != std::string::npos
           && w.peer->received.find(sse_keep_alive(), first + 1)
                != std::string::npos;
  }));
  w.via->close_stream();
  REQUIRE(w.until([&] { return !answers(w.peer->received).empty(); }));
}

TEST_CASE("a stream for a reader that doesn't read fills up, and drains",
          "[net]") {
  http_server_options options;
  options.stream_high_water = 64 * 1024;
  stream_world w{options};
  w.via->open_stream({});
  const auto event = sse_event(std::string(1000, 'e'));
  std::size_t written = 0;
  // The system's buffers come first; they are finite.
  while (written < 50'000'000 && w.via->write(event, false)) {
    written += event.size();
    w.settle();
  }
  REQUIRE(written < 50'000'000);
  const auto important = sse_event("important");
  CHECK(w.via->write(important, true)); // there is room for what must be sent
  CHECK_FALSE(w.via->write(event, false));
  CHECK(w.aborts == 0);
  w.peer->listen();
  REQUIRE(w.until([&] { return w.peer->got(important); }));
  CHECK(w.via->write(event, false));
  w.via->close_stream();
  REQUIRE(w.until([&] { return !answers(w.peer->received).empty(); }));
  CHECK(answers(w.peer->received)[0].body().size()
        == written + important.size() + event.size());
}

TEST_CASE("a stream that must send too much to a stalled reader is ended",
          "[net]") {
  http_server_options options;
  options.stream_high_water = 64 * 1024;
  stream_world w{options};
  w.via->open_stream({});
  const auto event = sse_event(std::string(1000, 'e'));
  std::size_t written = 0;
  while (written < 50'000'000 && w.via->write(event, true)) {
    written += event.size();
    w.settle();
  }
  REQUIRE(written < 50'000'000);
  REQUIRE(w.until([&] { return w.server->connections() == 0; }));
  CHECK(w.aborts == 1);
  CHECK_FALSE(w.via->write(event, true));
}

TEST_CASE("one event may be larger than the high water mark", "[net]") {
  http_server_options options;
  options.stream_high_water = 1024;
  stream_world w{options};
  w.peer->listen();
  w.via->open_stream({});
  const auto event = sse_event(std::string(3'000'000, 'e'));
  CHECK(w.via->write(event, true));
  w.via->close_stream();
  REQUIRE(w.until([&] { return w.peer->received.size() > 3'000'000; }));
  REQUIRE(w.until([&] { return !answers(w.peer->received).empty(); }));
  CHECK(answers(w.peer->received)[0].body() == event);
}

TEST_CASE("a stalled stream reader loses its connection in time", "[net]") {
  http_server_options options;
  options.write_timeout = 40ms;
  stream_world w{options};
  w.via->open_stream({});
  while (w.via->write(sse_event(std::string(1000, 'e')), false))
    w.settle();
  REQUIRE(w.until([&] { return w.server->connections() == 0; }));
  CHECK(w.aborts == 1);
}

TEST_CASE("a reader that leaves its stream aborts it", "[net]") {
  stream_world w;
  w.peer->listen();
  w.via->open_stream({});
  REQUIRE(w.until([&] { return w.peer->got("\r\n\r\n"); }));
  w.peer->close();
  REQUIRE(w.until([&] { return w.aborts == 1; }));
  CHECK_FALSE(w.via->write(sse_event("late"), true));
  w.via->close_stream();
  w.settle();
  CHECK(w.aborts == 1);
}

TEST_CASE("a dropped stream ends", "[net]") {
  stream_world w;
  w.peer->listen();
  w.via->open_stream({});
  w.via->write(sse_event("one"), true);
  w.via.reset();
  REQUIRE(w.until([&] { return !answers(w.peer->received).empty(); }));
  CHECK(answers(w.peer->received)[0].body() == "data: one\n\n");
  CHECK(w.aborts == 0);
}

TEST_CASE("writes keep their order when the writer changes threads", "[net]") {
  stream_world w;
  w.peer->listen();
  w.via->open_stream({});
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const auto event = sse_event(std::to_string(i));
    expected += event;
    if (i % 2 == 0) {
      // Waits for the hop to the connection's thread...
      std::thread{[&] { w.via->write(event, true); }}.join();
    } else {
      // ... where this one is already.
      asio::post(w.io, [&w, event] { w.via->write(event, true); });
      asio::post(w.io, [] {});
    }
    if (i % 2 == 1)
      w.settle();
  }
  w.via->close_stream();
  REQUIRE(w.until([&] { return !answers(w.peer->received).empty(); }));
  CHECK(answers(w.peer->received)[0].body() == expected);
}

TEST_CASE("a write on the connection's thread waits for earlier foreign ones",
          "[net]") {
  stream_world w;
  w.peer->listen();
  w.via->open_stream({});
  w.settle();
  asio::post(w.io, [&w] {
    std::thread{[&w] { w.via->write(sse_event("first"), true); }}.join();
    w.via->write(sse_event("second"), true);
    w.via->close_stream();
  });
  REQUIRE(w.until([&] { return !answers(w.peer->received).empty(); }));
  CHECK(answers(w.peer->received)[0].body()
        == sse_event("first") + sse_event("second"));
}
