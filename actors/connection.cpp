#include "actors/connection.hpp"

#include "net/sse.hpp"

#include <boost/beast/http/field.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace mcp {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;
using self_pointer = connection_actor::stateful_pointer<connection_state>;
using jsonrpc::message_kind;

using header_list = std::vector<std::pair<std::string, std::string>>;

shared_text share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

net::http_response json_response(http::status status, std::string body,
                                 header_list headers = {}) {
  return {.status = status,
          .content_type = "application/json",
          .headers = std::move(headers),
          .body = share(std::move(body))};
}

net::http_response empty_response(http::status status) {
  net::http_response r;
  r.status = status;
  return r;
}

std::string_view header(const net::http_request& r, http::field name) {
  const auto it = r.headers.find(name);
  return it == r.headers.end()
           ? std::string_view{}
           : std::string_view(it->value().data(), it->value().size());
}

std::string_view header(const net::http_request& r, std::string_view name) {
  const auto it = r.headers.find(boost::string_view(name.data(), name.size()));
  return it == r.headers.end()
           ? std::string_view{}
           : std::string_view(it->value().data(), it->value().size());
}

constexpr std::string_view missing_session =
  "Missing session ID: call initialize first, then send its Mcp-Session-Id "
  "header with every request";
constexpr std::string_view lost_session =
  "Session not found: it is unknown, expired or ended; call initialize again";

/// One exchange at a time, over the connection's state. All functions run
/// inside the actor.
class router {
public:
  router(self_pointer self, const connection_services& services)
      : self_(self), st_(self->state), services_(services) {}

  void arrived(http_arrival& a) {
    auto& r = *a.request;
    ++st_.post;
    st_.via = std::move(a.via);
    st_.headers.clear();
    st_.session = session_actor{};
    st_.session_id.clear();
    st_.messages = nullptr;
    st_.awaited = 0;
    st_.batch = st_.streaming = false;
    st_.answers.clear();

    // Two lines of one of these would let a proxy check one and us use the
    // other (RFC 9112, 3.2 for Host).
    for (const auto* name : {"Host", "Authorization", "Content-Type", "Origin",
                             "Mcp-Session-Id", "MCP-Protocol-Version"})
      if (r.headers.count(name) > 1)
        return refuse(http::status::bad_request, "Repeated header",
                      std::string(name) + " may be sent once only.");
    const auto host = header(r, http::field::host);
    const auto origin = header(r, http::field::origin);
    if (!host_allowed(host, services_.origins))
      return refuse(http::status::forbidden, "Host not allowed",
                    "This server does not answer to that Host header. Its "
                    "operator can add the name with --allowed_hosts.");
    if (!origin_allowed(origin, host, services_.origins))
      return refuse(http::status::forbidden, "Origin not allowed",
                    "Web pages of that origin may not use this server. Its "
                    "operator can add it with --allowed_origins.");
    if (!origin.empty()) {
      st_.headers.emplace_back("Access-Control-Allow-Origin", origin);
      st_.headers.emplace_back("Access-Control-Expose-Headers",
                               "Mcp-Session-Id");
      st_.headers.emplace_back("Vary", "Origin");
    }
    const auto path = std::string_view(r.target).substr(0, r.target.find('?'));
    if (path == "/mcp" || path == "/mcp/")
      return mcp_request(r);
    if (r.method == http::verb::get || r.method == http::verb::head)
      if (auto page = services_.page(path))
        return respond(std::move(*page));
    refuse(http::status::not_found, "Not found",
           "The MCP endpoint is /mcp; /health tells the server's state.");
  }

  void gone() {
    if (st_.via && st_.session)
      self_->send(st_.session, peer_gone{self_->address(), st_.post});
    reset();
  }

  void closed() {
    gone();
    self_->quit();
  }

  void out(const outbound& o) {
    if (!st_.via || o.post != st_.post)
      return; // of an exchange that is over
    switch (o.kind) {
    case outbound_kind::notification:
      stream(o.start_id);
      st_.via->write(net::sse_event(*o.text, o.event_id, "message"), false);
      break;
    case outbound_kind::keep_open:
      stream(o.start_id);
      break;
    case outbound_kind::refuse:
      refuse_rpc(http::status::not_found, errc::not_found,
                 "Event not found: it is too old, or of another session");
      break;
    case outbound_kind::answer:
      if (o.text) {
        if (st_.streaming)
          st_.via->write(net::sse_event(*o.text, o.event_id, "message"), true);
        else
          st_.answers.push_back(o.text);
      }
      if (st_.awaited > 0 && --st_.awaited == 0)
        complete();
      break;
    case outbound_kind::end:
      st_.via->close_stream();
      reset();
      break;
    }
  }

  /// A session this connection knows is gone; whatever it did not answer, it
  /// never will.
  void session_down(const caf::down_msg& down) {
    std::erase_if(st_.known, [&](const auto& item) {
      return item.second.session.address() == down.source;
    });
    if (!st_.via || !st_.session || st_.session.address() != down.source)
      return;
    if (st_.streaming) {
      st_.via->close_stream();
      return reset();
    }
    refuse_rpc(http::status::not_found, errc::not_found, lost_session);
  }

private:
  void mcp_request(net::http_request& r) {
    switch (r.method) {
    case http::verb::post:
    case http::verb::get:
    case http::verb::delete_:
      break;
    case http::verb::options:
      st_.headers.emplace_back("Allow", "GET, POST, DELETE, OPTIONS");
      st_.headers.emplace_back("Access-Control-Allow-Methods",
                               "GET, POST, DELETE, OPTIONS");
      st_.headers.emplace_back(
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Accept, Mcp-Session-Id, "
        "MCP-Protocol-Version, Last-Event-ID");
      st_.headers.emplace_back("Access-Control-Max-Age", "86400");
      return respond(empty_response(http::status::no_content));
    default:
      st_.headers.emplace_back("Allow", "GET, POST, DELETE, OPTIONS");
      return refuse(http::status::method_not_allowed, "Method not allowed",
                    "MCP uses POST, GET and DELETE.");
    }
    secret key = services_.fixed_key;
    if (key.empty()) {
      const auto given = read_bearer_key(header(r, http::field::authorization));
      if (!given)
        return refuse(http::status::unauthorized, given.error().error,
                      given.error().hint);
      key = secret(*given);
    }
    const auto speaks = header(r, "MCP-Protocol-Version");
    if (!speaks.empty() && !parse_version(speaks)) {
      std::string known;
      for (const auto v : supported_versions)
        known += (known.empty() ? "" : ", ") + std::string(to_string(v));
      return refuse_rpc(http::status::bad_request, errc::invalid_request,
                        "Unsupported protocol version; supported: " + known);
    }
    st_.session_id = header(r, "Mcp-Session-Id");
    if (r.method == http::verb::post)
      return post(r, std::move(key));
    if (r.method == http::verb::get
        && !accepts(header(r, http::field::accept), "text/event-stream"))
      return not_acceptable("A GET opens an event stream: send 'Accept: "
                            "text/event-stream'.");
    if (st_.session_id.empty())
      return refuse_rpc(http::status::bad_request, errc::invalid_request,
                        missing_session);
    if (r.method == http::verb::delete_)
      return end_session(std::move(key));
    with_session(std::move(key),
                 [last = std::string(header(r, "Last-Event-ID"))](
                   router& me, version) { me.open_stream(last); });
  }

  void post(net::http_request& r, secret key) {
    const auto accept = header(r, http::field::accept);
    if (!accepts(accept, "application/json")
        || !accepts(accept, "text/event-stream"))
      return not_acceptable("An answer is JSON or an event stream: send "
                            "'Accept: application/json, text/event-stream'.");
    if (!is_json_content(header(r, http::field::content_type)))
      return refuse(http::status::unsupported_media_type,
                    "Unsupported media type",
                    "Send 'Content-Type: application/json'.");
    auto envelope = jsonrpc::read_envelope(r.body);
    if (!envelope)
      return refuse_rpc(http::status::bad_request, envelope.error().code,
                        envelope.error().message);
    st_.batch = envelope->batch;
    st_.messages = std::make_shared<std::vector<jsonrpc::message>>();
    for (auto& m : envelope->messages) {
      if (!m) {
        auto text = jsonrpc::write_error(m.error().id, m.error().why);
        if (!st_.batch)
          return respond(
            json_response(http::status::bad_request, std::move(text)));
        st_.answers.push_back(share(std::move(text)));
        continue;
      }
      if (m->kind == message_kind::request && m->method == "initialize"
          && st_.session_id.empty()) {
        if (st_.batch)
          return refuse_rpc(http::status::bad_request, errc::invalid_request,
                            "initialize can not be part of a batch");
        return initialize(*m, std::move(key));
      }
      st_.awaited += m->kind == message_kind::request ? 1 : 0;
      st_.messages->push_back(std::move(*m));
    }
    if (st_.session_id.empty())
      return refuse_rpc(http::status::bad_request, errc::invalid_request,
                        missing_session);
    with_session(std::move(key), [](router& me, version v) { me.forward(v); });
  }

  void initialize(const jsonrpc::message& m, secret key) {
    auto claims = read_initialize(m.params);
    if (!claims)
      return respond(json_response(http::status::ok,
                                   jsonrpc::write_error(m.id, claims.error())));
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
          me.respond(json_response(
            http::status::ok,
            jsonrpc::write_result(
              id, initialize_result(negotiated, me.services_.server,
                                    me.services_.features))));
        },
        [me = *this, post = st_.post](caf::error& e) mutable {
          me.failed(post, e);
        });
  }

  /// Calls `then` with the session of the request's id, or answers 404.
  template <class Then>
  void with_session(secret key, Then then) {
    const auto owner = services_.sealer->fingerprint(key.reveal());
    if (auto it = st_.known.find(st_.session_id); it != st_.known.end()) {
      if (!same_fingerprint(it->second.owner, owner)
          || services_.unix_time() >= it->second.expires)
        return refuse_rpc(http::status::not_found, errc::not_found,
                          lost_session);
      st_.session = it->second.session;
      return then(*this, it->second.negotiated);
    }
    if (st_.session_id.size() > session_sealer::max_id_length)
      return refuse_rpc(http::status::not_found, errc::not_found, lost_session);
    self_
      ->request(services_.directory.of(owner), caf::infinite, find_atom_v,
                st_.session_id, std::move(key))
      .then(
        [me = *this, post = st_.post, owner, then](find_outcome& o) mutable {
          if (!me.still(post))
            return;
          if (!*o && o->error().code == errc::not_found)
            return me.refuse_rpc(http::status::not_found, errc::not_found,
                                 lost_session);
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

  void forward(version v) {
    if (st_.batch && !has_batches(v))
      return refuse_rpc(http::status::bad_request, errc::invalid_request,
                        "batches are part of protocol version 2025-03-26 only");
    if (!st_.messages->empty())
      self_->send(st_.session,
                  inbound{self_, st_.number, st_.post, st_.messages});
    if (st_.awaited == 0)
      complete();
  }

  void open_stream(const std::string& last_event_id) {
    st_.messages = nullptr;
    self_->send(st_.session, stream_open{self_, st_.post, last_event_id});
  }

  void end_session(secret key) {
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

  void remember(const std::string& id, connection_state::known_session s) {
    if (st_.known.size() >= services_.known_sessions)
      st_.known.erase(st_.known.begin());
    self_->monitor(s.session);
    st_.known.insert_or_assign(id, std::move(s));
  }

  /// Turns the answer into a stream, once.
  void stream(const std::string& start_id = {}) {
    if (st_.streaming)
      return;
    st_.streaming = true;
    st_.via->open_stream(std::move(st_.headers));
    // Makes the stream resumable before there is anything to say, and says how
    // long to wait before that (MCP, "Sending Messages to the Server", 6).
    if (!start_id.empty())
      st_.via->write("retry: 1000\n" + net::sse_event("", start_id), true);
    for (const auto& early : st_.answers)
      st_.via->write(net::sse_event(*early, {}, "message"), true);
    st_.answers.clear();
  }

  /// Every request of the POST has its answer.
  void complete() {
    if (st_.streaming) {
      st_.via->close_stream();
      return reset();
    }
    if (st_.answers.empty()) {
      const bool cancelled =
        st_.messages
        && std::any_of(
          st_.messages->begin(), st_.messages->end(),
          [](const auto& m) { return m.kind == message_kind::request; });
      if (!cancelled)
        return respond(empty_response(http::status::accepted));
      // A cancelled request gets no response (MCP, cancellation), but HTTP
      // needs one: a stream that ends without a message.
      stream();
      st_.via->close_stream();
      return reset();
    }
    if (!st_.batch) {
      net::http_response r;
      r.content_type = "application/json";
      r.body = std::move(st_.answers.front());
      return respond(std::move(r));
    }
    std::string body = "[";
    for (const auto& a : st_.answers) {
      if (body.size() > 1)
        body += ',';
      body += *a;
    }
    respond(json_response(http::status::ok, body + "]"));
  }

  void respond(net::http_response r) {
    for (auto& h : st_.headers)
      r.headers.push_back(std::move(h));
    if (r.status != http::status::ok)
      spdlog::debug("request={}.{} status={}", st_.number, st_.post,
                    static_cast<int>(r.status));
    const auto via = std::move(st_.via);
    reset();
    via->respond(std::move(r));
  }

  /// For people: who set up a client wrong, and what to do.
  void refuse(http::status status, std::string_view error,
              std::string_view hint) {
    const json::object body{{"error", error}, {"hint", hint}};
    respond(json_response(status, json::serialize(body)));
  }

  void not_acceptable(std::string_view hint) {
    refuse(http::status::not_acceptable, "Not Acceptable", hint);
  }

  /// For MCP clients: a JSON-RPC error that belongs to no request.
  void refuse_rpc(http::status status, errc code, std::string_view message) {
    const int number = code == errc::not_found ? -32001 : jsonrpc_code(code);
    respond(json_response(status, jsonrpc::write_error({}, number, message)));
  }

  void refuse_failure(const failure& why) {
    auto status = http::status::internal_server_error;
    if (why.code == errc::rate_limited || why.code == errc::server_busy)
      status = http::status::too_many_requests;
    if (why.retry_after)
      st_.headers.emplace_back(
        "Retry-After",
        std::to_string(
          std::chrono::ceil<std::chrono::seconds>(*why.retry_after).count()));
    respond(json_response(status, jsonrpc::write_error({}, why)));
  }

  void failed(std::uint64_t post, const caf::error& e) {
    spdlog::error("request={}.{} directory: {}", st_.number, post,
                  self_->system().render(e));
    if (still(post))
      refuse(http::status::internal_server_error, "Internal error",
             "Try again; the server's log has the details.");
  }

  bool still(std::uint64_t post) const { return st_.via && st_.post == post; }

  void reset() {
    st_.via = nullptr;
    st_.session = session_actor{};
    st_.messages = nullptr;
    st_.answers.clear();
  }

  self_pointer self_;
  connection_state& st_;
  const connection_services& services_;
};

} // namespace

connection_actor::behavior_type
connection(self_pointer self, std::uint64_t number,
           std::shared_ptr<const connection_services> services) {
  self->state.number = number;
  const auto rules = [self, services] { return router(self, *services); };
  self->set_down_handler(
    [rules](const caf::down_msg& down) { rules().session_down(down); });
  return {
    [rules](const outbound& o) { rules().out(o); },
    [rules](http_arrival& a) { rules().arrived(a); },
    [rules](gone_atom) { rules().gone(); },
    [rules](closed_atom) { rules().closed(); },
  };
}

} // namespace mcp
