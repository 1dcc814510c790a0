#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace mcp::net {

/// libcurl's multi interface on an io_context: curl says which sockets and
/// which time it waits for, and is called when they come. All on the thread of
/// `io`.
///
/// curl must not be changed from inside its own callbacks (a body callback,
/// say): ask `inside()` first, and do it in `on_outside`.
class curl_loop : public std::enable_shared_from_this<curl_loop> {
public:
  struct callbacks {
    /// A transfer ended; its handle has been removed already.
    std::function<void(CURL*, CURLcode)> on_done;
    /// Called after each time that curl had its turn.
    std::function<void()> on_outside;
  };

  curl_loop(boost::asio::io_context& io, long max_connections_per_host,
            callbacks on);
  ~curl_loop();
  curl_loop(const curl_loop&) = delete;
  curl_loop& operator=(const curl_loop&) = delete;

  void add(CURL* transfer);
  /// Ends a transfer without a word; a connection in use is closed.
  void remove(CURL* transfer);
  /// Transfers that were added and not removed.
  std::size_t size() const { return size_; }
  bool inside() const { return inside_; }
  /// Nothing is called back any more; also from inside `on_done`.
  void shut();

private:
  using clock = std::chrono::steady_clock;
  struct watch;

  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
  static int on_open(void* self, curl_socket_t fd, curlsocktype);
  static int on_close(void* self, curl_socket_t fd);
  void forget(curl_socket_t fd);
  static int on_timer(CURLM*, long milliseconds, void* self);
  void arm(int fd, const std::shared_ptr<watch>& w);
  void ready(int fd, const std::shared_ptr<watch>& w, int events);
  bool is_current(int fd, const std::shared_ptr<watch>& w) const;
  void arm_timer();
  void kick();
  void turn(curl_socket_t fd, int events);

  boost::asio::io_context& io_;
  callbacks on_;
  CURLM* multi_;
  std::unordered_map<int, std::shared_ptr<watch>> watches_;
  /// Sockets of connections: we hear of their end, so they stay with Asio from
  /// one transfer to the next. curl has others, whose end it does not tell.
  std::unordered_set<int> connections_;
  boost::asio::steady_timer timer_;
  clock::time_point deadline_ = clock::time_point::max(); // what curl wants
  clock::time_point armed_ = clock::time_point::max(); // what the timer is at
  std::size_t size_ = 0;
  bool kicked_ = false;
  bool inside_ = false;
  bool shut_ = false;
};

} // namespace mcp::net
