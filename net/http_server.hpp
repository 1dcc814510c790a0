#pragma once

// HTTP/1.1 for servers, on Boost.Beast. It knows nothing of MCP: whoever makes
// the server gives it a handler per connection and gets requests; an answer
// goes back through the request's `exchange`.

#include "net/header_list.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp::net {

struct http_server_options {
  std::size_t max_header_bytes = 16 * 1024;         // more: 431
  std::size_t max_body_bytes = 4 * 1024 * 1024;     // more: 413
  std::chrono::milliseconds header_timeout{10'000}; // slower: 408
  std::chrono::milliseconds body_timeout{30'000};   // slower: 408
  std::chrono::milliseconds idle_timeout{75'000};   // between requests: closed
  std::chrono::milliseconds write_timeout{30'000};  // a reader that stalls
  std::size_t max_connections = 20'000; // of the whole process; more: 503
  /// A stream that is quiet this long gets a comment line, so that proxies keep
  /// it open and a dead peer is noticed.
  std::chrono::milliseconds stream_keep_alive{15'000};
  /// Bytes a stream may hold back for a slow reader; then it is full.
  std::size_t stream_high_water = 256 * 1024;
};

struct http_request {
  boost::beast::http::verb method = boost::beast::http::verb::unknown;
  std::string target; // origin form, as sent: "/mcp?x=1"
  header_list headers;
  /// At least 64 bytes of capacity follow the text (for parse_padded_json).
  std::string body;
  std::string peer; // "127.0.0.1:51234"
};

struct http_response {
  boost::beast::http::status status = boost::beast::http::status::ok;
  std::string content_type; // no header when empty
  std::vector<std::pair<std::string, std::string>> headers;
  /// Shared, so that a prepared answer goes out to many without a copy.
  std::shared_ptr<const std::string> body; // null: empty
};

/// One request's way back. Safe from any thread: calls hop to the connection's
/// thread when they are not there already (then they act at once). Everything
/// is a no-op after the client left. Dropping the last reference without an
/// answer answers 500.
class exchange {
public:
  virtual ~exchange() = default;
  exchange() = default;
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  /// Answers the request. Content-Length, Date, Connection and HEAD without a
  /// body are seen to here.
  virtual void respond(http_response response) = 0;

  /// Answers with an event stream (200, text/event-stream, no-cache,
  /// X-Accel-Buffering: no) that stays open; `headers` are added.
  virtual void
  open_stream(std::vector<std::pair<std::string, std::string>> headers) = 0;
  /// Appends bytes to the stream; whole events (see sse.hpp). Gives false when
  /// the reader is too slow and the stream is full, or when there is no stream
  /// (any more): the bytes are not sent. What counts is what waits already, so
  /// one event may be larger than the high water mark.
  /// `must_send` events are queued all the same, up to four times the high
  /// water mark; beyond that the connection is closed.
  virtual bool write(std::string event, bool must_send) = 0;
  /// Ends the stream after what is queued; the connection serves on.
  virtual void close_stream() = 0;
};

/// What a connection does with its requests. Called on the connection's thread,
/// one request at a time: the next comes after the answer (or stream) ended.
class connection_handler {
public:
  virtual ~connection_handler() = default;
  virtual void on_request(http_request request,
                          std::shared_ptr<exchange> via) = 0;
  /// The client left while the exchange was open (it may have only closed its
  /// sending side; that counts). Called at most once per request.
  virtual void on_abort() = 0;
  /// The server itself refused a request that this handler never saw, because
  /// it was malformed, too large or too slow; for a log. `target` is empty when
  /// it did not come; `why` is a sentence of ours.
  virtual void on_refused(boost::beast::http::status /*status*/,
                          std::string_view /*target*/,
                          std::string_view /*peer*/, std::string_view /*why*/) {
  }
};

/// Accepts on one io_context. For a port shared by several threads, make one
/// server per thread on the same endpoint: SO_REUSEPORT spreads connections.
class http_server {
public:
  using handler_factory = std::function<std::unique_ptr<connection_handler>()>;

  /// Binds and listens; throws boost::system::system_error when it can't.
  /// `open_connections` counts over all servers of the process.
  http_server(boost::asio::io_context& io,
              const boost::asio::ip::tcp::endpoint& endpoint,
              const http_server_options& options, handler_factory factory,
              std::shared_ptr<std::atomic<std::size_t>> open_connections);
  /// Closes everything; handlers are not told (see close_all). Before `io`
  /// goes.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Where it listens: the port chosen when 0 was asked for.
  boost::asio::ip::tcp::endpoint endpoint() const;

  /// Stops accepting; idle connections are closed, running exchanges go on and
  /// their connections close after the answer ("Connection: close"). On the
  /// server's thread only.
  void stop_accepting();
  /// Closes every connection at once; open exchanges are aborted (`on_abort`).
  /// On the server's thread.
  void close_all();
  /// Connections open on this server's thread.
  std::size_t connections() const;

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace mcp::net
