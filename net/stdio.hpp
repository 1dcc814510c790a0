#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mcp::net {

/// Newline-delimited messages over two file descriptors (0 and 1 for stdio).
/// Everything on the io_context's thread, but `write`, which is safe from any.
class line_channel {
public:
  struct callbacks {
    /// One line without its line break; never empty. 64 bytes of capacity
    /// follow the text.
    std::function<void(std::string line)> on_line;
    /// A line longer than allowed was dropped; called at its line break.
    std::function<void()> on_too_long;
    /// When set, given the pieces of such a line before that.
    std::function<void(std::string_view piece)> on_dropped = {};
    /// Input ended or the output is gone; nothing is called after this.
    std::function<void()> on_end;
  };

  /// Duplicates both descriptors; pipes, sockets, terminals and files all work.
  line_channel(boost::asio::io_context& io, int input, int output,
               std::size_t max_line_bytes, callbacks on);
  ~line_channel();

  void start();
  /// Queues one message; a line feed is added. Order is kept.
  void write(std::string message);
  /// Writes out what is queued, then calls `done`.
  void flush(std::function<void()> done);

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace mcp::net
