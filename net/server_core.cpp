#include "net/server_core.hpp"

#include "net/connection.hpp"

#include <algorithm>
#include <ctime>

namespace mcp::net {

using namespace std::chrono_literals;

namespace {
/// How long a connection that we ended may take to read the answer.
constexpr auto linger_time = 2s;

/// A few milliseconds behind, and a fraction of the price: a request sets
/// several deadlines of many seconds.
server_core::clock::time_point coarse_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return server_core::clock::time_point(
    std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}
} // namespace

server_core::server_core(
  boost::asio::io_context& context, const http_server_options& wanted,
  std::shared_ptr<std::atomic<std::size_t>> open_connections)
    : io{context}, options{wanted}, open{std::move(open_connections)},
      timer_{context} {
  const auto shortest =
    std::min({wanted.header_timeout, wanted.body_timeout, wanted.idle_timeout,
              wanted.write_timeout, wanted.stream_keep_alive});
  interval_ = std::clamp<std::chrono::milliseconds>(shortest / 4, 5ms, 1s);
}

void server_core::add(connection& c) {
  all_.push_back(c);
  ++live;
  if (!armed_)
    arm_timer();
}

void server_core::remove(connection& c) {
  clear_deadline(c);
  if (!c.all_hook::is_linked())
    return;
  c.all_hook::unlink();
  --live;
  if (live == 0) {
    // So that an io_context without work can end.
    armed_ = false;
    timer_.cancel();
  }
}

std::chrono::milliseconds server_core::patience(deadline what) const {
  switch (what) {
  case deadline::idle:
    return options.idle_timeout;
  case deadline::header:
    return options.header_timeout;
  case deadline::body:
    return options.body_timeout;
  case deadline::write:
    return options.write_timeout;
  case deadline::quiet:
    return options.stream_keep_alive;
  case deadline::linger:
  case deadline::none:
    break;
  }
  return linger_time;
}

void server_core::set_deadline(connection& c, deadline what) {
  clear_deadline(c);
  if (what == deadline::none)
    return;
  c.waits_for = what;
  c.due = coarse_now() + patience(what);
  due_[static_cast<std::size_t>(what)].push_back(c);
}

void server_core::clear_deadline(connection& c) {
  c.waits_for = deadline::none;
  if (c.due_hook::is_linked())
    c.due_hook::unlink();
}

void server_core::for_each(const std::function<void(connection&)>& f) {
  std::vector<std::shared_ptr<connection>> now;
  now.reserve(live);
  for (auto& links : all_)
    now.push_back(static_cast<connection&>(links).shared_from_this());
  for (const auto& c : now)
    f(*c);
}

void server_core::arm_timer() {
  armed_ = true;
  timer_.expires_after(interval_);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
    const auto me = weak.lock();
    if (!ec && me && me->armed_)
      me->tick();
  });
}

void server_core::tick() {
  const auto now = coarse_now();
  for (auto& queue : due_)
    while (!queue.empty() && queue.front().due <= now) {
      auto& c = static_cast<connection&>(queue.front());
      const auto what = c.waits_for;
      clear_deadline(c);
      c.on_deadline(what);
    }
  if (unwatched != 0)
    for_each([](connection& c) { c.check_peer(); });
  if (live != 0)
    arm_timer();
}

} // namespace mcp::net
