#include "net/http_server.hpp"

#include "net/connection.hpp"
#include "net/server_core.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>

#include <sys/socket.h>

namespace mcp::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int backlog = 4096;
/// Accepted in one step, before others get their turn.
constexpr int max_in_a_row = 64;
/// Connections beyond the limit that are told so; more are just closed.
constexpr std::size_t max_rejecting = 256;
/// How long to wait when there is no descriptor or memory for a connection.
constexpr std::chrono::milliseconds breather{100};

std::string text_of(const tcp::endpoint& peer) {
  const auto address = peer.address().to_string();
  const auto port = std::to_string(peer.port());
  return peer.address().is_v6() ? "[" + address + "]:" + port
                                : address + ":" + port;
}

bool is_exhaustion(const error_code& ec) {
  namespace errc = boost::system::errc;
  return ec == errc::too_many_files_open
         || ec == errc::too_many_files_open_in_system
         || ec == errc::no_buffer_space || ec == errc::not_enough_memory;
}

} // namespace

struct http_server::impl : std::enable_shared_from_this<http_server::impl> {
  using acceptor = asio::basic_socket_acceptor<tcp, io_executor>;

  impl(asio::io_context& io, const tcp::endpoint& where,
       const http_server_options& options, handler_factory handlers,
       std::shared_ptr<std::atomic<std::size_t>> open)
      : core{std::make_shared<server_core>(io, options, std::move(open))},
        factory{std::move(handlers)}, listener{io}, pause{io} {
    listener.open(where.protocol());
    listener.set_option(tcp::acceptor::reuse_address{true});
    const int on = 1;
    if (::setsockopt(listener.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on,
                     sizeof on)
        != 0)
      throw boost::system::system_error{
        error_code{errno, boost::system::system_category()}, "SO_REUSEPORT"};
    listener.bind(where);
    listener.listen(backlog);
    listener.non_blocking(true);
    endpoint = listener.local_endpoint();
  }

  void wait() {
    listener.async_wait(acceptor::wait_read,
                        [me = shared_from_this()](error_code ec) {
                          if (!ec && me->listener.is_open())
                            me->accept();
                        });
  }

  /// Accepts what is there. False when the system has no room for more.
  bool accept_some(int most) {
    for (int n = 0; n < most; ++n) {
      error_code ec;
      tcp::endpoint peer;
      auto socket = listener.accept(peer, ec);
      if (is_exhaustion(ec))
        return false;
      if (ec == asio::error::would_block || ec == asio::error::try_again)
        return true;
      if (!ec) // else: that client has left again
        serve(std::move(socket), peer);
    }
    return true;
  }

  void accept() {
    if (accept_some(max_in_a_row))
      return wait();
    // The listener stays readable: waiting for that would spin.
    pause.expires_after(breather);
    pause.async_wait([me = shared_from_this()](error_code ec) {
      if (!ec && me->listener.is_open())
        me->accept();
    });
  }

  void serve(stream_socket socket, const tcp::endpoint& peer) {
    auto& open = *core->open;
    const bool full = ++open > core->options.max_connections;
    if (full) {
      --open;
      if (core->rejecting < max_rejecting)
        make(std::move(socket), peer)->reject();
      return;
    }
    std::unique_ptr<connection_handler> handler;
    try {
      handler = factory();
    } catch (...) {
      --open; // no handler, no connection; the server serves on
      return;
    }
    make(std::move(socket), peer)->start(std::move(handler));
  }

  std::shared_ptr<connection> make(stream_socket socket,
                                   const tcp::endpoint& peer) {
    // Not make_shared: an exchange that outlives the connection refers to it
    // weakly, and must not keep its memory.
    return std::shared_ptr<connection>{
      new connection{core, std::move(socket), text_of(peer)}};
  }

  void stop_accepting() {
    if (!listener.is_open())
      return;
    core->draining = true;
    // Closing the listener would reset those that wait to be accepted.
    accept_some(backlog);
    error_code ignored;
    listener.close(ignored);
    pause.cancel();
    core->for_each([](connection& c) { c.close_if_idle(); });
  }

  void close_listener() {
    error_code ignored;
    listener.close(ignored);
    pause.cancel();
  }

  std::shared_ptr<server_core> core;
  handler_factory factory;
  acceptor listener;
  asio::steady_timer pause;
  tcp::endpoint endpoint;
};

http_server::http_server(asio::io_context& io, const tcp::endpoint& endpoint,
                         const http_server_options& options,
                         handler_factory factory,
                         std::shared_ptr<std::atomic<std::size_t>> open)
    : impl_{std::make_shared<impl>(io, endpoint, options, std::move(factory),
                                   std::move(open))} {
  impl_->wait();
}

http_server::~http_server() {
  impl_->close_listener();
  impl_->core->for_each([](connection& c) { c.close(); });
}

tcp::endpoint http_server::endpoint() const {
  return impl_->endpoint;
}

void http_server::stop_accepting() {
  impl_->stop_accepting();
}

void http_server::close_all() {
  impl_->close_listener();
  impl_->core->for_each([](connection& c) { c.abort(); });
}

std::size_t http_server::connections() const {
  return impl_->core->live;
}

} // namespace mcp::net
