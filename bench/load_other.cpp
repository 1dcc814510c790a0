// Loads that are no stream of requests over open connections.
#include "bench/client.hpp"
#include "bench/load.hpp"

#include <boost/asio/ip/address.hpp>

#include <stdexcept>

namespace mcp::bench {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

asio::ip::tcp::endpoint endpoint_of(const target& to) {
  return {asio::ip::make_address(to.host), to.port};
}

double since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

/// One client that comes, asks and goes, again and again.
class visitor : public std::enable_shared_from_this<visitor> {
public:
  visitor(asio::io_context& io, const load_options& options,
          const request_writer& writer, load_result& into,
          clock::time_point end)
      : io_(io), options_(options), writer_(writer), into_(into), end_(end) {}

  void come() {
    if (clock::now() >= end_)
      return;
    begin_ = clock::now();
    connection_ = std::make_shared<client>(io_, endpoint_of(options_.server));
    step(writer_.initialize(++id_), [](visitor& me, const answer& a) {
      if (a.session.empty())
        return me.fail("initialize");
      me.session_ = a.session;
      me.visit();
    });
  }

private:
  using then = void (*)(visitor&, const answer&);

  void step(std::string request, then next) {
    request_ = std::move(request);
    connection_->ask(request_,
                     [me = shared_from_this(), next](const answer& a) {
                       if (a.status == 0)
                         return me->fail("connection broke");
                       next(*me, a);
                     });
  }

  void visit() {
    const auto ping = question_named("ping");
    step(writer_.ask(ping, ++id_, session_), [](visitor& me, const answer& a) {
      if (a.status != 200 || wrong(a.body, question_named("ping"), me.id_))
        return me.fail("ping");
      me.leave();
    });
  }

  void leave() {
    step(writer_.finish(session_), [](visitor& me, const answer& a) {
      if (a.status / 100 != 2)
        return me.fail("DELETE");
      ++me.into_.right;
      me.into_.times.record(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now()
                                                             - me.begin_)
          .count()));
      me.go();
    });
  }

  void fail(const char* what) {
    ++into_.errors[what];
    go();
  }

  void go() {
    into_.bytes += connection_->bytes();
    connection_->close();
    // Not from inside the connection's own handler.
    asio::post(io_, [me = shared_from_this()] { me->come(); });
  }

  asio::io_context& io_;
  const load_options& options_;
  const request_writer& writer_;
  load_result& into_;
  clock::time_point end_, begin_;
  std::shared_ptr<client> connection_;
  std::string request_, session_;
  std::uint64_t id_ = 0;
};

} // namespace

load_result run_churn(const load_options& options, const progress_line&) {
  load_result out;
  out.rss_before = resident_bytes(options.server_pid);
  const auto cpu = cpu_seconds(options.server_pid);
  std::vector<request_writer> writers;
  for (const auto& key : options.keys)
    writers.emplace_back(options.server, key);
  asio::io_context io(1);
  const auto start = clock::now();
  for (std::size_t i = 0; i < options.connections; ++i)
    std::make_shared<visitor>(io, options, writers[i % writers.size()], out,
                              start + options.duration)
      ->come();
  io.run();
  out.seconds = since(start);
  out.cpu_seconds = cpu_seconds(options.server_pid) - cpu;
  out.rss_after = resident_bytes(options.server_pid);
  return out;
}

stream_result run_streams(const load_options& options, const question* notify) {
  stream_result out;
  out.rss_before = resident_bytes(options.server_pid);
  std::vector<request_writer> writers;
  for (const auto& key : options.keys)
    writers.emplace_back(options.server, key);
  asio::io_context io(1);
  struct listener {
    std::shared_ptr<client> connection;
    std::string session, request;
    bool told = false;
  };
  std::vector<listener> all(options.connections);
  const auto start = clock::now();
  clock::time_point asked;
  std::string request;
  std::shared_ptr<client> caller;
  std::size_t settled = 0;

  const auto say = [&] {
    out.setup_seconds = since(start);
    out.rss_open = resident_bytes(options.server_pid);
    if (!notify || out.open == 0)
      return io.stop();
    caller = std::make_shared<client>(io, endpoint_of(options.server));
    request = writers.front().ask(*notify, 1, all.front().session);
    asked = clock::now();
    caller->ask(request, [](const answer&) {});
  };
  const auto heard = [&](listener& l, std::string_view data) {
    if (l.told || data.find("\"method\"") == data.npos)
      return;
    l.told = true;
    out.notify_seconds = since(asked);
    if (++out.reached == out.open)
      io.stop();
  };
  const auto next = [&](std::size_t i, auto&& again) -> void {
    if (i >= all.size())
      return;
    auto& l = all[i];
    const auto& writer = writers[i % writers.size()];
    l.connection = std::make_shared<client>(io, endpoint_of(options.server));
    l.request = writer.initialize(1);
    l.connection->ask(l.request, [&, i, again](const answer& a) {
      auto& mine = all[i];
      mine.session = a.session;
      mine.request = writers[i % writers.size()].listen(a.session);
      // The same connection goes on as the stream's.
      asio::post(io, [&, i, again] {
        auto& it = all[i];
        it.connection->listen(
          it.request,
          [&, i, again](const answer& opened) {
            out.open += opened.status == 200 && opened.stream ? 1 : 0;
            if (++settled == all.size())
              say();
            asio::post(io, [&, i, again] { again(i + 64, again); });
          },
          [&, i](std::string_view data) { heard(all[i], data); });
      });
    });
  };
  for (std::size_t lane = 0; lane < std::min<std::size_t>(64, all.size());
       ++lane)
    next(lane, next);
  io.run_for(options.duration + std::chrono::seconds(60));
  if (out.open == 0)
    throw std::runtime_error("no stream could be opened");
  for (auto& l : all)
    l.connection->close();
  if (caller)
    caller->close();
  io.restart();
  io.poll();
  return out;
}

} // namespace mcp::bench
