#pragma once

// Sockets on the loopback interface and the loop that drives them: everything
// in a test runs in one thread, event by event, until what it waits for is
// there.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::net::test {

namespace asio = boost::asio;
using asio::ip::tcp;

struct event_loop {
  asio::io_context io{1};

  /// Runs events until `done`. False when it hung: the guard is for that alone.
  bool until(const std::function<bool()>& done) {
    const auto guard =
      std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!done()) {
      if (std::chrono::steady_clock::now() > guard)
        return false;
      io.restart();
      io.run_one_for(std::chrono::milliseconds{20});
    }
    return true;
  }

  /// Runs what is ready now.
  void settle() {
    io.restart();
    while (io.poll() != 0)
      io.restart();
  }
};

/// One end of a TCP connection that sends what it is told and keeps what comes.
class raw_peer : public std::enable_shared_from_this<raw_peer> {
public:
  explicit raw_peer(tcp::socket socket) : socket_{std::move(socket)} {}

  static std::shared_ptr<raw_peer> connect(event_loop& loop,
                                           const tcp::endpoint& to) {
    auto peer = std::make_shared<raw_peer>(tcp::socket{loop.io});
    peer->socket_.connect(to);
    return peer;
  }
  /// Connects and reads from then on.
  static std::shared_ptr<raw_peer> open(event_loop& loop,
                                        const tcp::endpoint& to) {
    auto peer = connect(loop, to);
    peer->listen();
    return peer;
  }

  void listen() {
    socket_.async_read_some(
      asio::buffer(buffer_),
      [me = shared_from_this()](boost::system::error_code ec, std::size_t n) {
        me->received.append(me->buffer_, n);
        if (!ec)
          return me->listen();
        me->closed = true;
        me->reset = ec == asio::error::connection_reset;
      });
  }

  /// For amounts that a socket takes at once.
  void send(std::string_view bytes) {
    asio::write(socket_, asio::buffer(bytes.data(), bytes.size()));
  }
  /// For any amount.
  void send_all(std::string bytes) {
    auto held = std::make_shared<std::string>(std::move(bytes));
    asio::async_write(socket_, asio::buffer(*held),
                      [held, me = shared_from_this()](auto, std::size_t) {});
  }
  void finish_sending() {
    boost::system::error_code ignored; // the other side may have left
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  /// Closes with RST.
  void cut() {
    socket_.set_option(tcp::socket::linger{true, 0});
    close();
  }
  bool got(std::string_view text) const {
    return received.find(text) != std::string::npos;
  }
  tcp::socket& socket() { return socket_; }

  std::string received;
  bool closed = false;
  bool reset = false;

private:
  tcp::socket socket_;
  char buffer_[16 * 1024];
};

/// A server that does nothing by itself: the test answers.
class raw_server {
public:
  explicit raw_server(event_loop& loop)
      : acceptor_{loop.io, {asio::ip::address_v4::loopback(), 0}} {
    accept();
  }
  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:"
           + std::to_string(acceptor_.local_endpoint().port())
           + std::string{path};
  }
  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

  std::vector<std::shared_ptr<raw_peer>> peers;

private:
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code ec, tcp::socket s) {
      if (ec)
        return;
      peers.push_back(std::make_shared<raw_peer>(std::move(s)));
      peers.back()->listen();
      accept();
    });
  }
  tcp::acceptor acceptor_;
};

using answer = boost::beast::http::response<boost::beast::http::string_body>;

/// The whole answers at the beginning of `bytes`. `bodiless`: they answer HEAD.
inline std::vector<answer> answers(std::string_view bytes,
                                   bool bodiless = false) {
  std::vector<answer> all;
  while (!bytes.empty()) {
    boost::beast::http::response_parser<boost::beast::http::string_body> parser;
    parser.eager(true);
    parser.skip(bodiless);
    parser.body_limit(boost::none);
    boost::system::error_code ec;
    while (!bytes.empty() && !ec && !parser.is_done())
      bytes.remove_prefix(
        parser.put(asio::const_buffer{bytes.data(), bytes.size()}, ec));
    if (!parser.is_done())
      break;
    all.push_back(parser.release());
  }
  return all;
}

} // namespace mcp::net::test
