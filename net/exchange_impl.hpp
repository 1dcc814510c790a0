#pragma once

#include "net/server_core.hpp"

#include <mutex>
#include <variant>

namespace mcp::net {

/// The exchange of a connection. It refers to the connection weakly, so that a
/// late answer keeps nothing of a closed connection but this object.
///
/// Order: an actor may write from a foreign thread and then, resumed elsewhere,
/// from the connection's own. So a call that finds earlier ones still waiting
/// for the hop lets them go first.
class exchange_impl final : public exchange,
                            public std::enable_shared_from_this<exchange_impl> {
public:
  exchange_impl(io_executor executor, std::weak_ptr<connection> owner,
                std::size_t high_water);
  ~exchange_impl() override;

  void respond(http_response response) override;
  void open_stream(
    std::vector<std::pair<std::string, std::string>> headers) override;
  bool write(std::string event, bool must_send) override;
  void close_stream() override;

  // For the connection, on its thread.

  /// So many bytes of `write` have left.
  void left(std::size_t bytes) { queued_ -= bytes; }
  /// The connection closed: all is a no-op from now on.
  void forget() { gone_ = true; }

private:
  struct stream_start {
    std::vector<std::pair<std::string, std::string>> headers;
  };
  struct stream_end {};
  struct stream_overrun {};
  using step = std::variant<http_response, stream_start, std::string,
                            stream_end, stream_overrun>;
  enum class stage : std::uint8_t { open, streaming, done };

  void submit(step s);
  void drain();
  void apply(connection& to, step& s);

  const io_executor executor_;
  const std::weak_ptr<connection> owner_;
  const std::size_t high_water_;
  std::atomic<stage> stage_ = stage::open;
  std::atomic<bool> gone_ = false;
  std::atomic<std::size_t> queued_ = 0;  // bytes written and not yet sent
  std::atomic<std::size_t> waiting_ = 0; // size of steps_, to ask without lock
  std::mutex mutex_;
  std::vector<step> steps_; // guarded by mutex_
};

} // namespace mcp::net
