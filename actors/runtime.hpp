#pragma once

#include "actors/upstream_gateway.hpp"
#include "net/http_client.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace caf {
class actor_system;
}

namespace mcp {

/// The threads of the server: one per core, each with its own io_context and
/// HTTP client, and the actor system that runs on them.
class runtime : public upstream_gateway {
public:
  runtime(std::size_t threads, const net::http_client_options& http);
  /// Ends the actors, then the threads. Everything that lives on a thread (HTTP
  /// servers, say) must have been closed with `on_each_thread` before.
  ~runtime() override;

  caf::actor_system& system();
  std::size_t size() const;
  boost::asio::io_context& io(std::size_t thread);

  /// Runs `job(i)` on each thread i and waits for all. Not from an I/O thread.
  void on_each_thread(const std::function<void(std::size_t)>& job);

  std::uint64_t start(net::http_transfer transfer,
                      std::function<void(net::http_outcome)> on_done) override;
  void cancel(std::uint64_t transfer) override;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace mcp
