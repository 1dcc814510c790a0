#include "actors/runtime.hpp"
#include "actors/scheduler.hpp"
#include "actors/stdio_connection.hpp"
#include "net/stdio.hpp"
#include "protocol/jsonrpc/id_finder.hpp"
#include "server/ready_line.hpp"
#include "server/serve.hpp"
#include "server/shared_actors.hpp"
#include "server/wiring.hpp"

#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>

#include <future>
#include <thread>
#include <unistd.h>

namespace mcp {
namespace {

constexpr std::size_t max_line_bytes = 4 * 1024 * 1024;

} // namespace

int serve_stdio(const settings& s, const hosted& what) {
  runtime threads(1, http_client_options_of(s));
  auto& system = threads.system();
  auto client = system.spawn(wandb_client, s.wandb_api_key,
                             upstream_options_of(s), &threads);
  auto services = std::make_shared<stdio_services>();
  services->server = what.info;
  auto common =
    std::make_optional<shared_actors>(system, what, seal_keys::random());
  services->session = common->services();
  services->stateless = common->stateless();
  services->hub = common->hub();
  services->tasks = common->tasks();

  jsonrpc::id_finder dropped;
  std::unique_ptr<net::line_channel> channel;
  services->write = [&channel](std::string message) {
    channel->write(std::move(message));
  };
  auto peer = system.spawn(stdio_connection, client, services);
  channel = std::make_unique<net::line_channel>(
    threads.io(0), STDIN_FILENO, STDOUT_FILENO, max_line_bytes,
    net::line_channel::callbacks{
      .on_line =
        [peer](std::string line) {
          const actor_scope scope;
          caf::anon_send(peer, line_atom_v, std::move(line));
        },
      .on_too_long =
        [services, &dropped] {
          const auto whose = std::exchange(dropped, {});
          if (!whose.is_notification())
            services->write(jsonrpc::write_error(
              whose.id(), {.code = errc::invalid_request,
                           .message = "the message is longer than 4 MiB"}));
        },
      .on_dropped = [&dropped](std::string_view piece) { dropped.feed(piece); },
      .on_end =
        [peer] {
          const actor_scope scope;
          caf::anon_send(peer, gone_atom_v);
        }});
  spdlog::info("wandb-mcp-server {} ready on stdio ({}), {}", MCP_VERSION,
               s.transport_reason, at_a_glance(s));

  // A signal ends the input; what runs is answered.
  boost::asio::signal_set signals(threads.io(0), SIGTERM, SIGINT);
  signals.async_wait([peer](auto error, int) {
    const actor_scope scope;
    if (!error)
      caf::anon_send(peer, gone_atom_v);
  });
  threads.on_each_thread([&](std::size_t) { channel->start(); });

  {
    caf::scoped_actor waiting{system};
    waiting->wait_for(caf::actor_cast<caf::actor>(peer));
  }
  std::promise<void> flushed;
  threads.on_each_thread(
    [&](std::size_t) { channel->flush([&flushed] { flushed.set_value(); }); });
  flushed.get_future().wait();
  threads.on_each_thread([&](std::size_t) {
    signals.cancel();
    channel.reset();
  });
  common.reset();
  caf::anon_send_exit(client, caf::exit_reason::user_shutdown);
  return 0;
}

} // namespace mcp
