#include "actors/connection_router.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>

namespace mcp {
namespace {

using jsonrpc::message_kind;

constexpr std::string_view missing_session =
  "Missing session ID: call initialize first, then send its Mcp-Session-Id "
  "header with every request";
constexpr std::string_view lost_session =
  "Session not found: it is unknown, expired or ended; call initialize again";

} // namespace

std::size_t session_id_hash::operator()(const std::string& id) const noexcept {
  std::size_t out = id.size();
  if (id.size() >= sizeof out)
    std::memcpy(&out, id.data() + id.size() - sizeof out, sizeof out);
  return out;
}

void connection_router::initialize(const jsonrpc::message& m, secret key) {
  auto claims = read_initialize(m.params);
  if (!claims)
    return answer(jsonrpc::write_error(m.id, claims.error()));
  const auto owner = services_.sealer->fingerprint(key.reveal());
  const auto negotiated = claims->negotiated;
  self_
    ->request(services_.directory.of(owner), caf::infinite, open_atom_v,
              std::move(*claims), std::move(key))
    .then(
      [me = *this, post = st_.post, id = m.id, owner,
       negotiated](open_outcome& o) mutable {
        if (!me.still(post))
          return;
        if (!*o)
          return me.refuse_failure(o->error());
        me.remember((*o)->id,
                    {(*o)->session, owner, negotiated, (*o)->expires});
        me.st_.headers.emplace_back("Mcp-Session-Id", (*o)->id);
        me.answer(jsonrpc::write_result(
          id, initialize_result(negotiated, me.services_.server,
                                me.services_.features)));
      },
      [me = *this, post = st_.post](caf::error& e) mutable {
        me.failed(post, e);
      });
}

template <class Then>
void connection_router::with_session(secret key, Then then) {
  const auto owner = services_.sealer->fingerprint(key.reveal());
  if (auto it = st_.known.find(st_.session_id); it != st_.known.end()) {
    if (!same_fingerprint(it->second.owner, owner)
        || services_.unix_time() >= it->second.expires)
      return unknown_session();
    st_.session = it->second.session;
    return then(*this, it->second.negotiated);
  }
  if (st_.session_id.size() > session_sealer::max_id_length)
    return unknown_session();
  self_
    ->request(services_.directory.of(owner), caf::infinite, find_atom_v,
              st_.session_id, std::move(key))
    .then(
      [me = *this, post = st_.post, owner, then](find_outcome& o) mutable {
        if (!me.still(post))
          return;
        if (!*o && o->error().code == errc::not_found)
          return me.unknown_session();
        if (!*o)
          return me.refuse_failure(o->error());
        me.remember(me.st_.session_id,
                    {(*o)->session, owner, (*o)->negotiated, (*o)->expires});
        me.st_.session = (*o)->session;
        then(me, (*o)->negotiated);
      },
      [me = *this, post = st_.post](caf::error& e) mutable {
        me.failed(post, e);
      });
}

void connection_router::session_request(const net::http_request& r,
                                        const request_headers& h, secret key) {
  if (r.method == http::verb::get && !st_.takes.stream)
    return not_acceptable("A GET opens an event stream: send 'Accept: "
                          "text/event-stream'.");
  if (st_.session_id.empty())
    return refuse_rpc(http::status::bad_request, errc::invalid_request,
                      missing_session);
  if (r.method == http::verb::delete_)
    return end_session(std::move(key));
  st_.last_event_id = h.last_event_id;
  st_.key = std::move(key);
  go_to_session();
}

void connection_router::session_post(secret key) {
  if (st_.session_id.empty())
    return refuse_rpc(http::status::bad_request, errc::invalid_request,
                      missing_session);
  st_.key = std::move(key);
  go_to_session();
}

void connection_router::go_to_session() {
  with_session(st_.key, [](connection_router& me, version v) {
    if (me.st_.inbound_batch)
      me.forward(v);
    else
      me.open_stream();
  });
}

void connection_router::unknown_session() {
  if (!st_.batch && st_.inbound_batch && !st_.inbound_batch->messages.empty()) {
    const auto& m = st_.inbound_batch->messages.front();
    if (m.kind == message_kind::request && m.method == "initialize") {
      // Who begins anew may still send the id of a session that is over.
      st_.session_id.clear();
      return initialize(m, st_.key);
    }
  }
  refuse_rpc(http::status::not_found, errc::not_found, lost_session);
}

void connection_router::forward(version v) {
  if (st_.batch && !has_batches(v))
    return refuse_rpc(http::status::bad_request, errc::invalid_request,
                      "batches are part of protocol version 2025-03-26 only");
  st_.at = connection_state::place::session;
  if (!st_.inbound_batch->messages.empty())
    self_->send(st_.session,
                inbound{self_, st_.number, st_.post, st_.inbound_batch});
  if (st_.awaited == 0)
    complete();
}

void connection_router::open_stream() {
  st_.at = connection_state::place::session;
  self_->send(st_.session, stream_open{self_, st_.post, st_.last_event_id});
}

void connection_router::end_session(secret key) {
  const auto owner = services_.sealer->fingerprint(key.reveal());
  self_
    ->request(services_.directory.of(owner), caf::infinite, finish_atom_v,
              st_.session_id, std::move(key))
    .then(
      [me = *this, post = st_.post](bool ended) mutable {
        if (!me.still(post))
          return;
        if (!ended)
          return me.refuse_rpc(http::status::not_found, errc::not_found,
                               lost_session);
        me.st_.known.erase(me.st_.session_id);
        me.respond(empty_response(http::status::no_content));
      },
      [me = *this, post = st_.post](caf::error& e) mutable {
        me.failed(post, e);
      });
}

void connection_router::lose_session() {
  // Freed for idleness before it saw the request: its id is still good.
  if (!st_.streaming && !st_.key.empty()
      && (!st_.inbound_batch || !st_.inbound_batch->taken)) {
    st_.session = session_actor{};
    return go_to_session();
  }
  if (!st_.streaming)
    return refuse_rpc(http::status::not_found, errc::not_found, lost_session);
  st_.via->close_stream();
  reset();
}

void connection_router::remember(const std::string& id,
                                 connection_state::known_session s) {
  if (st_.known.size() >= services_.known_sessions) {
    const auto first = st_.known.begin();
    self_->demonitor(first->second.session.address());
    st_.known.erase(first);
  }
  self_->monitor(s.session);
  st_.known.insert_or_assign(id, std::move(s));
}

} // namespace mcp
