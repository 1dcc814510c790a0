#pragma once

#include "net/exchange_impl.hpp"
#include "net/request_parser.hpp"
#include "net/server_core.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mcp::net {

/// Not an error: a socket that would have to wait.
inline bool is_try_again(const boost::system::error_code& ec) {
  return ec == boost::asio::error::would_block
         || ec == boost::asio::error::try_again
         || ec == boost::asio::error::interrupted;
}

/// One TCP connection of the HTTP server: a state machine over a non-blocking
/// socket. All of it runs on the server's thread.
///
/// Two things keep it fast and small. One read is always under way, into a
/// buffer of its own that holds a usual request and no more, and the same read
/// is the next request's beginning, the disconnect watch of a running one, and
/// the client's end: it is hardly ever cancelled or doubled. (Waiting for
/// readability would need no buffer, but Asio takes up every such wait with a
/// system call.) And it writes at once when it has something to write, within
/// the caller's step; it waits only for a full socket.
class connection : public server_links,
                   public std::enable_shared_from_this<connection> {
public:
  connection(std::shared_ptr<server_core> core, stream_socket socket,
             std::string peer);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Serves requests until the connection ends.
  void start(std::unique_ptr<connection_handler> handler);
  /// Answers 503 without reading and ends.
  void reject();

  // From the exchange.
  bool serves(const exchange_impl* via) const { return open_ == via; }
  void answer(http_response response);
  void
  open_stream(const std::vector<std::pair<std::string, std::string>>& headers);
  void append_event(std::string_view event);
  void end_stream();
  /// The exchange was dropped without an answer.
  void drop();
  /// Ends it like a client that left, but not within the caller's step.
  void abort_later();

  // From the server.
  void on_deadline(deadline what);
  /// For a connection that isn't watched: has the client left?
  void check_peer();
  /// Closes it when no request has begun.
  void close_if_idle();
  /// Closes it; an open exchange is told (`on_abort`).
  void abort();
  /// Closes it; nobody is told.
  void close();

private:
  enum class phase : std::uint8_t {
    idle,      // between requests
    reading,   // a request has begun
    waiting,   // the handler has it
    streaming, // it answers with an event stream
    answering, // an answer is being written
    lingering, // our side is closed; the client may still read
    closed,
  };

  void wait_readable();
  void on_read(std::size_t size);
  void on_input_end(bool orderly);
  void take(std::string_view fresh);
  std::size_t parse(std::string_view bytes, bool& need_more);
  void deliver();
  void refuse(boost::beast::http::status status, std::string_view why,
              std::string_view extra_header = {});
  bool will_close() const;

  void send(std::string_view fresh = {});
  std::size_t consume(std::size_t written, std::string_view fresh);
  void wait_writable();
  void settle_stream();
  void on_write_error();
  void written();
  void finish_answer();
  void send_soon();
  void append_chunk(std::string_view bytes);
  void linger();

  std::shared_ptr<server_core> core_;
  stream_socket socket_;
  /// Its own owner while it is open: in some states no wait holds it.
  std::shared_ptr<connection> self_;
  std::unique_ptr<connection_handler> handler_;
  std::unique_ptr<request_parser> parser_;
  std::string peer_;
  std::array<char, 1536> first_; // what a read brings
  std::string pending_;          // received, not yet parsed
  std::string out_;              // to be sent from sent_ on, before body_
  std::size_t sent_ = 0;
  std::shared_ptr<const std::string> body_; // to be sent from body_sent_ on
  std::size_t body_sent_ = 0;
  const exchange_impl* open_ = nullptr; // to compare with, not to follow
  std::weak_ptr<exchange_impl> via_;
  std::size_t unsent_events_ = 0; // bytes of the stream's events in out_
  std::size_t drained_ = 0;       // while lingering
  phase phase_ = phase::idle;
  bool read_armed_ = false;
  bool write_armed_ = false;
  bool unwatched_ = false;
  bool send_posted_ = false;
  bool in_handler_ = false;
  bool taking_ = false; // inside take(): it goes on with the next request
  bool counted_ = false;
  bool rejected_ = false;
  bool keep_alive_ = true;
  bool http_1_0_ = false;
  bool head_ = false;    // the request's method is HEAD
  bool chunked_ = false; // the stream's framing
  bool input_ended_ = false;
};

} // namespace mcp::net
