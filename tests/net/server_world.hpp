#pragma once

#include "net/http_server.hpp"
#include "tests/net/loopback.hpp"

#include <optional>

namespace mcp::net::test {

using mcp::net::exchange;
using mcp::net::http_request;
using mcp::net::http_response;

inline std::shared_ptr<const std::string> text(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

inline http_response ok(std::string body) {
  http_response response;
  response.content_type = "text/plain";
  response.body = text(std::move(body));
  return response;
}

/// A server with one handler for all connections, which keeps requests open
/// unless the test says otherwise, and counts.
struct server_world : event_loop {
  struct handler final : connection_handler {
    explicit handler(server_world& w) : world{w} {}
    ~handler() override { ++world.handlers_gone; }
    void on_request(http_request request,
                    std::shared_ptr<exchange> via) override {
      ++world.requests;
      world.serve(std::move(request), std::move(via));
    }
    void on_abort() override { ++world.aborts; }
    server_world& world;
  };

  explicit server_world(http_server_options options = {}) { listen(options); }
  ~server_world() { server.reset(); }

  void listen(const http_server_options& options) {
    server.emplace(
      io, tcp::endpoint{asio::ip::address_v4::loopback(), 0}, options,
      [this] { return std::make_unique<handler>(*this); }, open);
  }

  std::shared_ptr<raw_peer> client() {
    return raw_peer::open(*this, server->endpoint());
  }

  /// Sends the bytes on a new connection and gives the first answer.
  std::optional<answer> ask(std::string bytes) {
    const auto peer = client();
    peer->send_all(std::move(bytes));
    until([&] { return !answers(peer->received).empty() || peer->closed; });
    auto all = answers(peer->received);
    peer->close();
    if (all.empty())
      return {};
    return std::move(all.front());
  }

  std::function<void(http_request, std::shared_ptr<exchange>)> serve =
    [this](http_request request, std::shared_ptr<exchange> via) {
      seen.push_back(std::move(request));
      pending.push_back(std::move(via));
    };
  std::vector<http_request> seen;
  std::vector<std::shared_ptr<exchange>> pending;
  int requests = 0;
  int aborts = 0;
  int handlers_gone = 0;
  std::shared_ptr<std::atomic<std::size_t>> open =
    std::make_shared<std::atomic<std::size_t>>(0);
  std::optional<http_server> server;
};

/// Answers each request with its target.
inline auto echo_target() {
  return [](http_request request, std::shared_ptr<exchange> via) {
    via->respond(ok(request.target));
  };
}

/// Answers each request with its body.
inline auto echo_body() {
  return [](http_request request, std::shared_ptr<exchange> via) {
    via->respond(ok(request.body));
  };
}

} // namespace mcp::net::test
