#include "tests/catch.hpp"
#include "tests/net/client_world.hpp"

using namespace mcp::net;
using namespace mcp::net::test;

namespace {

/// A transfer whose lines are collected.
struct lines_world : client_world {
  http_transfer by_line() {
    auto transfer = to("/");
    transfer.on_line = [this](std::string_view line) {
      // Readable behind the line, as promised: the sanitizer looks.
      for (std::size_t i = 0; i < 64; ++i)
        sum = sum + line.data()[line.size() + i];
      lines.emplace_back(line);
      return lines.size() < enough;
    };
    return transfer;
  }
  std::vector<std::string> lines;
  std::size_t enough = 1000;
  volatile int sum = 0;
};

std::string chunk(std::string_view bytes) {
  char head[16];
  std::snprintf(head, sizeof head, "%zx\r\n", bytes.size());
  return head + std::string{bytes} + "\r\n";
}

const std::string begin = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                          "Content-Type: application/jsonl\r\n\r\n";

} // namespace

TEST_CASE("lines are handed on wherever the chunks are cut", "[net]") {
  const std::string text = "{\"a\":1}\r\n\n{\"b\":2}\n\r\n{\"c\":3}";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    lines_world w;
    w.start(w.by_line());
    const auto peer = w.asked();
    REQUIRE(peer);
    if (cut > 0)
      peer->send(begin + chunk(text.substr(0, cut)));
    else
      peer->send(begin);
    w.settle();
    if (cut < text.size())
      peer->send(chunk(text.substr(cut)));
    peer->send("0\r\n\r\n");
    const auto outcome = w.result();
    REQUIRE(outcome.has_value());
    CHECK(outcome->end == transfer_end::complete);
    CHECK(outcome->body.empty());
    CHECK(w.lines
          == std::vector<std::string>{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"});
  }
}

TEST_CASE("only a 2xx answer is read by line", "[net]") {
  lines_world w;
  const auto outcome = w.answered(
    w.by_line(), with_length("line\nline\n", "", "400 Bad Request"), false);
  REQUIRE(outcome.has_value());
  CHECK(w.lines.empty());
  CHECK(outcome->body == "line\nline\n");
}

TEST_CASE("a reader that has enough ends the transfer", "[net]") {
  lines_world w;
  w.enough = 2;
  w.start(w.by_line());
  const auto peer = w.asked();
  REQUIRE(peer);
  peer->send(begin + chunk("1\n2\n3\n4\n"));
  const auto outcome = w.result();
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == transfer_end::stopped);
  CHECK(outcome->status == 200);
  CHECK(w.lines == std::vector<std::string>{"1", "2"});
  CHECK(w.until([&] { return peer->closed; }));
}

TEST_CASE("the limit is for one line, not for all", "[net]") {
  lines_world w;
  auto transfer = w.by_line();
  transfer.max_response_bytes = 1000;
  const std::size_t longest = GENERATE(1000, 1001);
  CAPTURE(longest);
  std::string body;
  for (int i = 0; i < 20; ++i)
    body += std::string(900, 'x') + "\n";
  body += std::string(longest, 'y') + "\nlast\n";
  const auto outcome = w.answered(transfer, with_length(body), false);
  REQUIRE(outcome.has_value());
  const bool fits = longest == 1000;
  CHECK((outcome->end == transfer_end::complete) == fits);
  CHECK((outcome->end == transfer_end::too_large) == !fits);
  CHECK(w.lines.size() == (fits ? 22 : 20));
}

TEST_CASE("a cut stream of lines is told from a whole one", "[net]") {
  lines_world w;
  const auto outcome = w.answered(w.by_line(), begin + chunk("1\n2\nhal"));
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == transfer_end::cut);
  CHECK(w.lines == std::vector<std::string>{"1", "2"});
}

TEST_CASE("a transfer may be cancelled from inside its lines", "[net]") {
  lines_world w;
  transfer_id id = 0;
  auto transfer = w.to("/");
  int lines = 0;
  transfer.on_line = [&](std::string_view) {
    ++lines;
    w.client->cancel(id);
    return true;
  };
  const bool at_the_end = GENERATE(false, true);
  id = w.start(transfer);
  const auto peer = w.asked();
  REQUIRE(peer);
  peer->send(begin + chunk(at_the_end ? "1" : "1\n2\n") + "0\r\n\r\n");
  REQUIRE(w.until([&] { return w.client->active() == 0; }));
  w.settle();
  CHECK(lines == 1);
  CHECK(w.outcomes.empty());
}

TEST_CASE("lines may start and cancel other transfers", "[net]") {
  lines_world w;
  const auto other = w.start(w.to("/other"));
  REQUIRE(w.asked(0));
  auto transfer = w.to("/lines");
  bool started = false;
  transfer.on_line = [&](std::string_view) {
    if (!std::exchange(started, true)) {
      w.client->cancel(other);
      w.start(w.to("/started"));
    }
    return true;
  };
  w.start(transfer);
  const auto peer = w.asked(1);
  REQUIRE(peer);
  peer->send(begin + chunk("1\n2\n"));
  const auto third = w.asked(2);
  REQUIRE(third);
  CHECK(third->got("GET /started "));
  CHECK(w.until([&] { return w.server.peers[0]->closed; }));
  peer->send("0\r\n\r\n");
  third->send(with_length("x"));
  REQUIRE(w.until([&] { return w.outcomes.size() == 2; }));
  CHECK(w.client->active() == 0);
}

TEST_CASE("an exception of the reader ends that transfer alone", "[net]") {
  lines_world w;
  auto transfer = w.to("/");
  transfer.on_line = [](std::string_view) -> bool {
    throw std::runtime_error{"secret"};
  };
  const auto outcome = w.answered(transfer, with_length("1\n2\n"), false);
  REQUIRE(outcome.has_value());
  CHECK(outcome->end == transfer_end::unsupported);
  CHECK(outcome->detail.find("secret") == std::string::npos);
}
