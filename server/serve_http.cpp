#include "actors/connection_port.hpp"
#include "actors/runtime.hpp"
#include "actors/session_directory.hpp"
#include "actors/wandb_client_pool.hpp"
#include "server/authorization.hpp"
#include "server/pages/pages.hpp"
#include "server/ready_line.hpp"
#include "server/serve.hpp"
#include "server/shared_actors.hpp"
#include "server/wiring.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <thread>

namespace mcp {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

/// Directories are split finer than threads, so that one busy key queues behind
/// few others.
constexpr std::size_t shards_per_thread = 4;

result<seal_keys> load_seal_keys(const settings& s) {
  if (s.seal_key_file.empty())
    return seal_keys::random();
  std::ifstream in(s.seal_key_file, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  if (!in)
    return failure{.code = errc::bad_argument,
                   .message =
                     "--seal_key_file: can not read " + s.seal_key_file};
  return seal_keys::parse(content.str());
}

/// Connections are descriptors; the soft limit of many systems is 1024.
void raise_descriptor_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

asio::ip::address listen_address(const settings& s) {
  return s.host == "localhost" ? asio::ip::address_v4::loopback()
                               : asio::ip::make_address(s.host);
}

/// Threads share a port by SO_REUSEPORT, which would also let two servers share
/// it without a word. So somebody else's listener is looked for first.
void refuse_taken_port(const asio::ip::tcp::endpoint& endpoint) {
  asio::io_context io;
  asio::ip::tcp::acceptor probe(io, endpoint.protocol());
  probe.set_option(asio::socket_base::reuse_address(true));
  probe.bind(endpoint);
  probe.listen();
}

/// What is wrong, and what to do.
std::string listening_trouble(const settings& s,
                              const boost::system::error_code& why) {
  const auto port = std::to_string(s.port);
  if (why == boost::system::errc::address_in_use)
    return "port " + port + " is in use. Choose another by --port (0: a free "
           "one), or see who has it: ss -ltnp 'sport = :" + port + "'";
  if (why == boost::system::errc::permission_denied)
    return "this user may not take port " + port
           + ". Choose one from 1024 on by --port";
  if (why == boost::system::errc::address_not_available)
    return s.host + " is no address of this machine. Choose one by --host "
           "(0.0.0.0: all of them)";
  return why.message();
}

/// The listeners, one per thread, all on one port.
class listeners {
public:
  listeners(runtime& threads, const settings& s,
            const net::http_server::handler_factory& factory)
      : threads_(threads), servers_(threads.size()) {
    net::http_server_options options;
    options.max_connections = s.max_connections;
    auto open = std::make_shared<std::atomic<std::size_t>>(0);
    endpoint_ = {listen_address(s), s.port};
    refuse_taken_port(endpoint_);
    threads_.on_each_thread([&](std::size_t i) {
      servers_[i] = std::make_unique<net::http_server>(
        threads_.io(i), endpoint_, options, factory, open);
      endpoint_ = servers_[i]->endpoint();
    });
  }

  ~listeners() {
    threads_.on_each_thread([this](std::size_t i) {
      if (servers_[i])
        servers_[i]->close_all();
      servers_[i].reset();
    });
  }

  const asio::ip::tcp::endpoint& endpoint() const { return endpoint_; }

  void stop_accepting() {
    threads_.on_each_thread(
      [this](std::size_t i) { servers_[i]->stop_accepting(); });
  }

  std::size_t connections() {
    std::size_t sum = 0;
    threads_.on_each_thread(
      [&](std::size_t i) { sum += servers_[i]->connections(); });
    return sum;
  }

private:
  runtime& threads_;
  asio::ip::tcp::endpoint endpoint_;
  std::vector<std::unique_ptr<net::http_server>> servers_;
};

/// Waits for a signal, then until the connections ended or `grace` is over.
void wait_for_the_end(listeners& doors, const directory_shards& directory,
                      const notice_hub_actor& hub, server_health& health,
                      std::chrono::seconds grace) {
  asio::io_context waiting;
  asio::signal_set signals(waiting, SIGTERM, SIGINT);
  int received = 0;
  signals.async_wait([&](auto, int number) { received = number; });
  waiting.run();
  spdlog::info("signal {}: stopping, {} s for what runs", received,
               grace.count());
  health.draining = true;
  doors.stop_accepting();
  for (const auto& shard : directory.all())
    caf::anon_send(shard, drain_atom_v);
  caf::anon_send(hub, drain_atom_v);

  // A second signal ends the waiting.
  waiting.restart();
  bool again = false;
  signals.async_wait([&](auto error, int) { again = !error; });
  const auto end = std::chrono::steady_clock::now() + grace;
  asio::steady_timer pause(waiting);
  std::function<void()> look = [&] {
    if (again || doors.connections() == 0
        || std::chrono::steady_clock::now() >= end) {
      signals.cancel();
      return;
    }
    pause.expires_after(milliseconds(20));
    pause.async_wait([&](auto) { look(); });
  };
  look();
  waiting.run();
}

/// Actors end by themselves once told; a stuck one must not keep the process.
void await_actors(caf::actor_system& system) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (system.registry().running() > 0) {
    if (std::chrono::steady_clock::now() >= end) {
      spdlog::error("{} actors did not end", system.registry().running());
      spdlog::shutdown();
      std::_Exit(1);
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
}

} // namespace

int serve_http(const settings& s, const hosted& what) {
  raise_descriptor_limit();
  auto keys = load_seal_keys(s);
  if (!keys) {
    spdlog::critical("{}", keys.error().message);
    return 2;
  }
  const session_sealer sealer(*keys);
  std::unique_ptr<authorization> sign_in;
  if (s.has_oauth()) {
    auto opened = authorization::open(s, *keys);
    if (!opened) {
      spdlog::critical("{}", opened.error().message);
      return 2;
    }
    sign_in = std::move(*opened);
  }
  auto rules = std::make_shared<directory_options>();
  rules->idle_ttl = s.session_ttl;
  rules->max_age = s.session_max_age;
  rules->max_sessions_per_key = s.max_sessions_per_key;
  rules->label_length = s.log_privacy == "strict" ? 0 : s.session_prefix_length;
  rules->unix_time = unix_seconds;

  if (s.auth_disabled)
    spdlog::warn("AUTHENTICATION IS DISABLED: everybody who reaches {}:{} uses "
                 "the server's own W&B API key",
                 s.host, s.port);

  runtime threads(thread_count(s), http_client_options_of(s));
  auto common =
    std::make_optional<shared_actors>(threads.system(), what, *keys);
  const auto shard_count = threads.size() * shards_per_thread;
  rules->max_sessions = std::max<std::size_t>(1, s.max_sessions / shard_count);
  auto health = std::make_shared<server_health>();
  auto pool = threads.system().spawn(wandb_client_pool,
                                     upstream_options_of(s, health->reach),
                                     &threads, pool_options{});
  std::vector<session_directory_actor> shards;
  for (std::size_t i = 0; i < shard_count; ++i)
    shards.push_back(threads.system().spawn(session_directory, &sealer, pool,
                                            common->services(), rules));
  const directory_shards directory(std::move(shards));

  auto services = std::make_shared<connection_services>();
  services->sealer = &sealer;
  services->directory = directory;
  services->origins = origin_rules_of(s);
  services->lenient_accept = s.accept == "lenient";
  services->server = what.info;
  services->features = what.services->features;
  services->stateless = common->stateless();
  services->pool = pool;
  services->hub = common->hub();
  services->tasks = common->tasks();
  services->log_peers = s.log_privacy != "strict";
  if (s.auth_disabled)
    services->fixed_key = s.wandb_api_key;
  services->unix_time = unix_seconds;
  services->probe = probes(health);
  services->page =
    pages(health, what.services->catalog,
          {.key_url = s.app_url + "/authorize",
           .url = s.public_url.empty() ? "" : s.public_url + "/mcp",
           .offers_sign_in = s.has_oauth(),
           .needs_key = !s.auth_disabled});
  services->refusal_page = refusal_page;
  if (sign_in)
    services->oauth =
      sign_in->start(threads, pool, sealer, what.services->catalog);

  int exit_code = 0;
  try {
    listeners doors(threads, s, connection_factory(threads.system(), services));
    health->ready = true;
    const auto at = doors.endpoint();
    spdlog::info("wandb-mcp-server {} ready at http://{}:{}/mcp, by HTTP ({}), "
                 "{} threads; {}",
                 MCP_VERSION,
                 at.address().is_v6() ? "[" + at.address().to_string() + "]"
                                      : at.address().to_string(),
                 at.port(), s.transport_reason, threads.size(),
                 at_a_glance(s));
    wait_for_the_end(doors, directory, common->hub(), *health,
                     s.shutdown_grace);
  } catch (const boost::system::system_error& e) {
    spdlog::critical("can't listen on {}:{}: {}", s.host, s.port,
                     listening_trouble(s, e.code()));
    exit_code = 1;
  }
  for (const auto& shard : directory.all())
    caf::anon_send(shard, finish_atom_v);
  caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
  if (sign_in)
    sign_in->stop();
  common.reset();
  services->directory = {};
  services.reset();
  await_actors(threads.system());
  spdlog::info("stopped");
  return exit_code;
}

} // namespace mcp
