#pragma once

#include "net/http_server.hpp"
#include "net/response_head.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

namespace mcp::net {

/// The plain executor instead of any_io_executor: no type erasure per
/// operation.
using io_executor = boost::asio::io_context::executor_type;
using stream_socket =
  boost::asio::basic_stream_socket<boost::asio::ip::tcp, io_executor>;

class connection;

/// What a connection may be waiting for at most so long.
enum class deadline : std::uint8_t {
  idle,   // the next request
  header, // the rest of a header
  body,   // the rest of a body
  write,  // room in the socket for an answer
  quiet,  // a stream's next event; then a comment is sent
  linger, // the client's end of a connection that we ended
  none,
};

struct all_tag {};
struct due_tag {};
using all_hook = boost::intrusive::list_base_hook<
  boost::intrusive::tag<all_tag>,
  boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using due_hook = boost::intrusive::list_base_hook<
  boost::intrusive::tag<due_tag>,
  boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// The links of a connection in its server's lists.
struct server_links : all_hook, due_hook {
  std::chrono::steady_clock::time_point due{};
  deadline waits_for = deadline::none;
};

/// What the connections of one server share. Lives on the server's thread.
///
/// Deadlines: all that wait for the same thing wait equally long, so each kind
/// is a queue that stays sorted by itself; setting one is a relink, and one
/// timer looks at the heads. A timer per connection would cost memory and a
/// heap.
class server_core : public std::enable_shared_from_this<server_core> {
public:
  using clock = std::chrono::steady_clock;

  server_core(boost::asio::io_context& context,
              const http_server_options& wanted,
              std::shared_ptr<std::atomic<std::size_t>> open_connections);

  /// Links a connection in and counts it.
  void add(connection& c);
  /// Unlinks it; the timer rests when there is none left.
  void remove(connection& c);
  void set_deadline(connection& c, deadline what);
  void clear_deadline(connection& c);

  /// Calls `f` with each connection; `f` may close it, and others with it.
  void for_each(const std::function<void(connection&)>& f);

  boost::asio::io_context& io;
  const http_server_options options;
  const std::shared_ptr<std::atomic<std::size_t>> open;
  /// No new requests: every answer ends its connection.
  bool draining = false;
  std::size_t live = 0;
  /// Connections that are being told that there are too many.
  std::size_t rejecting = 0;
  /// Connections whose socket is not watched, because the client sent too far
  /// ahead; the timer asks for them whether the client is still there.
  std::size_t unwatched = 0;
  date_cache date;
  /// Scratch, used within one step: where a response head is built, and where
  /// received bytes land. So an idle connection owns no buffer.
  std::string head;
  std::array<char, std::size_t{64} * 1024> input;

private:
  template <class Tag>
  using list_of =
    boost::intrusive::list<server_links,
                           boost::intrusive::base_hook<std::conditional_t<
                             std::is_same_v<Tag, all_tag>, all_hook, due_hook>>,
                           boost::intrusive::constant_time_size<false>>;

  std::chrono::milliseconds patience(deadline what) const;
  void arm_timer();
  void tick();

  list_of<all_tag> all_;
  std::array<list_of<due_tag>, static_cast<std::size_t>(deadline::none)> due_;
  boost::asio::steady_timer timer_;
  std::chrono::milliseconds interval_;
  bool armed_ = false;
};

} // namespace mcp::net
