#pragma once

// One HTTP/1.1 connection of the load generator. It does little, so that it can
// do it often: requests are bytes made beforehand, answers are looked at where
// they lie.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mcp::bench {

/// An answer, as far as a load generator cares. The views are good until the
/// handler returns.
struct answer {
  int status = 0; // 0: the connection broke
  bool stream = false;
  std::string_view session; // Mcp-Session-Id
  /// The body; of an event stream the data of its last event.
  std::string_view body;
};

class client : public std::enable_shared_from_this<client> {
public:
  using handler = std::function<void(const answer&)>;

  client(boost::asio::io_context& io,
         const boost::asio::ip::tcp::endpoint& server)
      : socket_(io), server_(server) {}

  /// Sends one whole request, connecting first where needed, and calls `done`
  /// once with the answer. One request at a time.
  void ask(std::string_view request, handler done);

  /// Sends a request whose answer is a stream that stays open: `opened` is
  /// called with its head, `event` with each event's data.
  void listen(std::string_view request, handler opened,
              std::function<void(std::string_view)> event);

  void close();
  /// Of both directions, without those of TCP.
  std::uint64_t bytes() const { return bytes_; }

private:
  void connect();
  void write();
  void read();
  void look();
  bool read_head();
  bool read_body();
  void finish();
  void broke();

  /// With a plain executor: no type erasure per operation.
  boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                   boost::asio::io_context::executor_type>
    socket_;
  boost::asio::ip::tcp::endpoint server_;
  std::string_view request_;
  handler done_;
  std::function<void(std::string_view)> event_;
  std::array<char, 4096> piece_;
  std::string in_, spare_;
  std::size_t used_ = 0; // bytes of in_ that were looked at
  bool head_read_ = false;
  bool chunked_ = false;
  bool close_after_ = false;
  std::size_t length_ = 0;
  std::string chunks_; // payload of a chunked body
  std::string session_;
  answer answer_;
  std::uint64_t bytes_ = 0;
};

} // namespace mcp::bench
