#include "actors/session_routes.hpp"

#include <algorithm>

namespace mcp {
namespace {

/// Of one session: what a client may have missed of its last few streams.
constexpr event_log::limits kept{
  .max_events = 256, .max_bytes = 256 * 1024, .max_streams = 16};

} // namespace

route_id session_routes::open(const peer_actor& to, std::uint64_t connection,
                              std::uint64_t post, std::size_t awaited,
                              bool plain) {
  routes_.emplace(++last_, open_route{to, connection, post, awaited, plain});
  return last_;
}

bool session_routes::can_stream(route_id route) const {
  const auto it = routes_.find(route);
  return it != routes_.end() && !it->second.plain;
}

route_id session_routes::listen(const sender& send, const peer_actor& to,
                                std::uint64_t post) {
  auto& r = routes_[++last_];
  r.to = to;
  r.post = post;
  r.listening = true;
  ++listeners_;
  start_stream(r);
  send(
    to,
    {.post = post, .kind = outbound_kind::keep_open, .start_id = start_id(r)});
  return last_;
}

bool session_routes::resume(const sender& send, const peer_actor& to,
                            std::uint64_t post,
                            std::string_view last_event_id) {
  if (!log_)
    return false;
  const auto missed = log_->replay(last_event_id);
  if (!missed)
    return false;
  log_->acknowledge(last_event_id);
  send(to, {.post = post, .kind = outbound_kind::keep_open});
  for (const auto& e : missed->events)
    send(to, {.post = post,
              .kind = outbound_kind::notification,
              .text = e.message,
              .event_id = e.id});
  const auto live =
    std::find_if(routes_.begin(), routes_.end(), [&](const auto& item) {
      return item.second.streaming && item.second.stream == missed->stream;
    });
  if (missed->finished || live == routes_.end()) {
    send(to, {.post = post, .kind = outbound_kind::end});
    return true;
  }
  auto& r = live->second;
  if (r.to)
    send(r.to, {.post = r.post, .kind = outbound_kind::end});
  r.to = to;
  r.post = post;
  r.resumed = true;
  return true;
}

void session_routes::answer(const sender& send, route_id route,
                            shared_text text) {
  const auto it = routes_.find(route);
  if (it == routes_.end())
    return;
  auto& r = it->second;
  const auto kind =
    r.resumed ? outbound_kind::notification : outbound_kind::answer;
  if (text || !r.resumed)
    deliver(send, r, kind, std::move(text));
  if (--r.awaited > 0)
    return;
  if (r.resumed && r.to)
    send(r.to, {.post = r.post, .kind = outbound_kind::end});
  if (r.streaming)
    log_->finish(r.stream);
  forget(it);
}

void session_routes::notify(const sender& send, route_id route,
                            shared_text text) {
  if (can_stream(route))
    deliver(send, routes_.at(route), outbound_kind::notification,
            std::move(text));
}

void session_routes::keep_open(const sender& send, route_id route) {
  const auto it = routes_.find(route);
  if (it == routes_.end() || it->second.streaming || it->second.plain)
    return;
  auto& r = it->second;
  start_stream(r);
  send(r.to, {.post = r.post,
              .kind = outbound_kind::keep_open,
              .start_id = start_id(r)});
}

void session_routes::let_go(const sender& send, route_id route) {
  // Before 2025-11-25 clients took the end of a stream for the end of all.
  if (spoken_ < version::v2025_11_25 || !can_stream(route))
    return;
  keep_open(send, route);
  const auto it = routes_.find(route);
  if (it == routes_.end() || !it->second.to)
    return;
  send(it->second.to, {.post = it->second.post, .kind = outbound_kind::end});
  it->second.to = peer_actor{};
}

void session_routes::announce(const sender& send, shared_text text) {
  for (auto& [id, r] : routes_)
    if (r.listening)
      return deliver(send, r, outbound_kind::notification, std::move(text));
}

std::optional<route_id> session_routes::left(const caf::actor_addr& from,
                                             std::uint64_t post) {
  const auto it =
    std::find_if(routes_.begin(), routes_.end(), [&](const auto& item) {
      const auto& r = item.second;
      return r.to && r.post == post && r.to.address() == from;
    });
  if (it == routes_.end())
    return std::nullopt;
  auto& r = it->second;
  if (!r.listening && r.streaming) {
    r.to = peer_actor{}; // it has an event's id and may come back with it
    return std::nullopt;
  }
  const auto id = it->first;
  forget(it);
  return id;
}

void session_routes::close(const sender& send, bool all) {
  for (auto it = routes_.begin(); it != routes_.end();) {
    const auto here = it++;
    auto& r = here->second;
    if (!r.listening && !all)
      continue;
    if (r.to && r.streaming)
      send(r.to, {.post = r.post, .kind = outbound_kind::end});
    forget(here);
  }
}

std::string session_routes::label(route_id route) const {
  const auto it = routes_.find(route);
  if (it == routes_.end())
    return "gone";
  return std::to_string(it->second.connection) + "."
         + std::to_string(it->second.post);
}

void session_routes::start_stream(open_route& r) {
  if (!log_)
    log_ = std::make_unique<event_log>(kept);
  r.streaming = true;
  r.stream = log_->open();
}

std::string session_routes::start_id(const open_route& r) const {
  // Older clients parse the data of every event, also of one without any.
  return spoken_ >= version::v2025_11_25 ? log_->start_id(r.stream)
                                         : std::string();
}

void session_routes::deliver(const sender& send, open_route& r,
                             outbound_kind kind, shared_text text) {
  outbound out{.post = r.post, .kind = kind, .text = std::move(text)};
  if (kind == outbound_kind::notification && !r.streaming) {
    start_stream(r);
    out.start_id = start_id(r);
  }
  if (r.streaming && out.text)
    out.event_id = log_->append(r.stream, out.text);
  if (r.to)
    send(r.to, std::move(out));
}

void session_routes::forget(std::map<route_id, open_route>::iterator it) {
  if (it->second.listening) {
    --listeners_;
    log_->drop(it->second.stream);
  }
  routes_.erase(it);
}

} // namespace mcp
