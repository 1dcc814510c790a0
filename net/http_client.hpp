#pragma once

// HTTP towards W&B: libcurl's multi interface driven by Asio. One client per
// I/O thread; everything happens on that thread, so there are no locks.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::net {

struct http_client_options {
  std::string user_agent;
  /// Extra trusted certificates (PEM), beside the system's; empty for none.
  /// Verification of peer and host name can not be turned off.
  std::string ca_file;
  /// False: with a `ca_file`, trust nothing but what is in it.
  bool trust_system = true;
  std::size_t max_connections_per_host = 1024;
  std::chrono::milliseconds connect_timeout{5000};
};

struct http_transfer {
  std::string method = "POST";
  std::string url; // http or https; no credentials in it
  /// "Name: value", without line breaks. The memory of those that start with
  /// "Authorization:" is overwritten once the transfer is over.
  std::vector<std::string> headers;
  std::string body;
  /// From start to the last byte.
  std::chrono::milliseconds deadline{30000};
  /// Bytes after decompression; more fails the transfer with `too_large`. With
  /// `on_line` it bounds one line instead.
  std::size_t max_response_bytes = std::size_t{32} << 20;
  /// When set, asked before so many more bytes of the body are collected; false
  /// fails the transfer with `too_large`.
  std::function<bool(std::size_t more)> may_collect;
  /// When set, asked of each address before it is connected to, after the name
  /// was resolved; when it says false the transfer ends as `connect_failed`.
  /// Such a transfer uses neither a proxy nor a connection of another one.
  std::function<bool(const boost::asio::ip::address&)> may_connect;
  /// When set, the body of a 2xx answer goes here line by line (LF or CRLF,
  /// empty lines skipped, also a last line without LF) and is not collected.
  /// 64 readable bytes follow each line. False ends the transfer: `stopped`.
  std::function<bool(std::string_view line)> on_line;
};

/// How a transfer ended.
enum class transfer_end {
  complete,       // the answer was read to its end, whatever its status
  stopped,        // `on_line` had enough
  resolve_failed, // the host name
  connect_failed, // also: refused, proxy trouble
  tls_failed,     // certificate or handshake
  timed_out,      // the deadline, or connecting took too long
  cut,            // the connection broke, or the body ended early
  too_large,
  unsupported, // not an http(s) URL, bad encoding of the body, ...
};

struct http_outcome {
  transfer_end end = transfer_end::complete;
  int status = 0; // 0 when no status line came
  std::string content_type;
  std::string retry_after;     // header as sent, else empty
  std::string ratelimit_reset; // header "RateLimit-Reset", else empty
  std::string location;        // header "Location", else empty
  std::string mcp_session_id;  // header "Mcp-Session-Id", else empty
  std::string body;            // decompressed; empty with `on_line` and 2xx
  /// Whether any part of the request may have reached the server: a write must
  /// not be repeated then.
  bool request_sent = false;
  /// With `connect_failed`: nobody listens there.
  bool refused = false;
  /// curl's own word for the trouble, for the log: no headers, no URL.
  std::string detail;
};

using transfer_id = std::uint64_t;

/// All functions: only on the thread that runs `io`.
/// - Connections are kept and reused; HTTP/2 where the host offers it (ALPN);
///   gzip accepted; proxies from the environment (http_proxy, https_proxy,
///   no_proxy) honoured; redirects are never followed (a 3xx is the answer), so
///   no header can reach another host; no cookies; only http and https.
class http_client {
public:
  http_client(boost::asio::io_context& io, http_client_options options);
  /// Aborts what runs, without calling back. Not from inside `on_line`.
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Starts a transfer. `on_done` is called exactly once, later, from the
  /// thread's event loop (never from inside `start`), unless it is cancelled.
  transfer_id start(http_transfer transfer,
                    std::function<void(http_outcome)> on_done);

  /// Aborts a transfer: the connection is closed (HTTP/2: the stream is reset)
  /// and nothing is called back. Unknown ids are fine: it has just ended. May
  /// be called from inside `on_line`.
  void cancel(transfer_id id);

  /// Transfers under way.
  std::size_t active() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace mcp::net
