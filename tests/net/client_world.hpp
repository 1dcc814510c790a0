#pragma once

#include "net/http_client.hpp"
#include "tests/net/loopback.hpp"

#include <optional>

namespace mcp::net::test {

/// A client, a server that the test plays, and what came of the transfers.
struct client_world : event_loop {
  explicit client_world(http_client_options options = {}) : server{*this} {
    options.user_agent = "net-test";
    client.emplace(io, options);
  }

  http_transfer to(std::string_view path, std::string method = "GET") {
    http_transfer transfer;
    transfer.method = std::move(method);
    transfer.url = server.url(path);
    return transfer;
  }

  transfer_id start(http_transfer transfer) {
    return client->start(std::move(transfer), [this](http_outcome outcome) {
      outcomes.push_back(std::move(outcome));
    });
  }

  /// Waits for the header of the n-th request on the n-th connection.
  std::shared_ptr<raw_peer> asked(std::size_t connection = 0) {
    const bool came = until([&] {
      return server.peers.size() > connection
             && server.peers[connection]->got("\r\n\r\n");
    });
    return came ? server.peers[connection] : nullptr;
  }

  /// Runs one transfer that is answered with `bytes`, and then closed.
  std::optional<http_outcome> answered(http_transfer transfer,
                                       std::string bytes, bool close = true) {
    start(std::move(transfer));
    const auto peer = asked();
    if (!peer)
      return {};
    peer->send_all(std::move(bytes));
    if (close) {
      settle();
      peer->finish_sending();
    }
    return result();
  }

  std::optional<http_outcome> result() {
    if (!until([&] { return !outcomes.empty(); }))
      return {};
    return outcomes.back();
  }

  raw_server server;
  std::vector<http_outcome> outcomes;
  std::optional<http_client> client;
};

inline std::string with_length(const std::string& body,
                               const std::string& headers = {},
                               const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

} // namespace mcp::net::test
