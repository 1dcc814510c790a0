#include "actors/authorization_server.hpp"
#include "actors/connection_router.hpp"
#include "actors/refusal_log.hpp"
#include "net/sse.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ranges>

namespace mcp {
namespace {

using jsonrpc::message_kind;

/// What a page's script may send. Mirrored arguments have names of their own.
std::string browser_headers(std::string_view wanted) {
  std::string out = "Authorization, Content-Type, Accept, Mcp-Session-Id, "
                    "MCP-Protocol-Version, Last-Event-ID, Mcp-Method, "
                    "Mcp-Name";
  for (const auto part : std::views::split(wanted, ',')) {
    std::string name(part.begin(), part.end());
    boost::algorithm::trim(name);
    if (boost::algorithm::istarts_with(name, "Mcp-Param-") && name.size() <= 64)
      out += ", " + name;
  }
  return out;
}

} // namespace

void connection_router::arrived(http_arrival& a) {
  auto& r = *a.request;
  ++st_.post;
  st_.via = std::move(a.via);
  st_.headers.clear();
  st_.session = session_actor{};
  st_.session_id.clear();
  st_.inbound_batch = nullptr;
  st_.awaited = 0;
  st_.batch = st_.streaming = false;
  st_.may_write = true;
  st_.status = 200;
  st_.answers.clear();
  if (services_.log_peers)
    st_.peer = r.peer;
  st_.target = r.target;
  st_.refusal.clear();

  const auto h = read_headers(r.headers);
  const auto path = std::string_view(r.target).substr(0, r.target.find('?'));
  const bool reads =
    r.method == http::verb::get || r.method == http::verb::head;
  st_.browser_path = reads && wants_page(h.accept) ? path : std::string_view();
  if (!h.repeated.empty())
    return refuse(http::status::bad_request, "Repeated header",
                  std::string(h.repeated) + " may be sent once only.");
  // Any name will do, but HTTP wants one (RFC 9112, 3.2).
  if (reads && !h.host.empty() && services_.probe)
    if (auto state = services_.probe(path))
      return respond(std::move(*state));
  if (!is_welcome(h))
    return;
  if (!h.origin.empty()) {
    st_.headers.emplace_back("Access-Control-Allow-Origin", h.origin);
    st_.headers.emplace_back(
      "Access-Control-Expose-Headers",
      services_.oauth ? "Mcp-Session-Id, WWW-Authenticate" : "Mcp-Session-Id");
    st_.headers.emplace_back("Vary", "Origin");
  }
  if (path == "/mcp" || path == "/mcp/")
    return mcp_request(r, h);
  if (services_.oauth && is_oauth_path(path))
    return to_oauth(a.request);
  if (reads)
    if (auto page = services_.page({.path = path, .host = h.host}))
      return respond(std::move(*page));
  refuse(http::status::not_found, "Not found",
         "The MCP endpoint is /mcp; /health tells the server's state.");
}

/// Whether the request names this server, and comes from where it may; answered
/// if not.
bool connection_router::is_welcome(const request_headers& h) {
  // One connection's requests name the same host.
  if (h.host != st_.welcome_host || h.host.empty()) {
    if (!host_allowed(h.host, services_.origins)) {
      refuse(http::status::forbidden, "Host not allowed",
             "This server does not answer to that Host header. Its "
             "operator can add the name with --allowed_hosts.");
      return false;
    }
    st_.welcome_host = h.host;
  }
  if (origin_allowed(h.origin, h.host, services_.origins))
    return true;
  refuse(http::status::forbidden, "Origin not allowed",
         "Web pages of that origin may not use this server. Its "
         "operator can add it with --allowed_origins.");
  return false;
}

void connection_router::gone() {
  const peer_gone left{self_->address(), st_.post};
  if (st_.via)
    switch (st_.at) {
    case connection_state::place::here:
      st_.calls.cancel(left.from, st_.post);
      break;
    case connection_state::place::session:
      self_->send(st_.session, left);
      break;
    case connection_state::place::hub:
      self_->send(services_.hub, left);
      break;
    case connection_state::place::board:
      self_->send(services_.tasks, left);
      break;
    }
  reset();
}

void connection_router::closed() {
  gone();
  // Sessions outlive connections, and would keep the memory of each that wants
  // to be told of their end.
  for (const auto& [id, known] : st_.known)
    self_->demonitor(known.session.address());
  self_->quit();
}

void connection_router::out(const outbound& o) {
  if (!st_.via || o.post != st_.post)
    return; // of an exchange that is over
  switch (o.kind) {
  case outbound_kind::notification:
    if (!st_.takes.stream)
      break; // nowhere to say it
    stream(o.start_id);
    st_.via->write(net::sse_event(*o.text, o.event_id, "message"), false);
    break;
  case outbound_kind::keep_open:
    if (st_.takes.stream)
      stream(o.start_id);
    break;
  case outbound_kind::refuse:
    refuse_rpc(http::status::not_found, errc::not_found,
               "Event not found: it is too old, or of another session");
    break;
  case outbound_kind::answer:
    st_.status = o.status;
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

void connection_router::down(const caf::down_msg& down) {
  std::erase_if(st_.known, [&](const auto& item) {
    return item.second.session.address() == down.source;
  });
  st_.calls.died(to_here(), down.source,
                 self_->system().render(down.reason));
  if (st_.via && st_.session && st_.session.address() == down.source)
    lose_session();
}

void connection_router::mcp_request(net::http_request& r,
                                    const request_headers& h) {
  switch (r.method) {
  case http::verb::post:
  case http::verb::get:
  case http::verb::delete_:
    break;
  case http::verb::options:
    st_.headers.emplace_back("Allow", "GET, POST, DELETE, OPTIONS");
    st_.headers.emplace_back("Access-Control-Allow-Methods",
                             "GET, POST, DELETE, OPTIONS");
    st_.headers.emplace_back("Access-Control-Allow-Headers",
                             browser_headers(h.wanted_headers));
    st_.headers.emplace_back("Access-Control-Max-Age", "86400");
    return respond(empty_response(http::status::no_content));
  default:
    return method_not_allowed("GET, POST, DELETE, OPTIONS",
                              "MCP uses POST, GET and DELETE.");
  }
  auto key = key_of(h.authorization);
  if (key.empty())
    return;
  st_.session_id = h.session_id;
  st_.takes = accepted_forms(h.accept, services_.lenient_accept);
  st_.takes_gzip = accepts_coding(h.accept_encoding, "gzip");
  if (r.method == http::verb::post)
    return post(r, h, std::move(key));
  const auto speaks = h.protocol_version;
  if (parse_stateless_version(speaks))
    return method_not_allowed("POST, OPTIONS",
                              "That protocol version uses POST alone.");
  if (!speaks.empty() && !parse_version(speaks))
    return refuse_version(speaks);
  session_request(r, h, std::move(key));
}

void connection_router::post(net::http_request& r, const request_headers& h,
                             secret key) {
  const bool acceptable = services_.lenient_accept
                            ? st_.takes.json || st_.takes.stream
                            : st_.takes.json && st_.takes.stream;
  if (!acceptable)
    return not_acceptable("An answer is JSON or an event stream: send "
                          "'Accept: application/json, text/event-stream'.");
  if (!is_json_content(h.content_type))
    return refuse(http::status::unsupported_media_type,
                  "Unsupported media type",
                  "Send 'Content-Type: application/json'.");
  auto envelope = jsonrpc::read_envelope(r.body);
  if (!envelope)
    return refuse_rpc(http::status::bad_request, envelope.error().code,
                      envelope.error().message);
  st_.batch = envelope->batch;
  st_.inbound_batch = std::make_shared<message_batch>();
  st_.inbound_batch->one_answer = !st_.takes.stream;
  auto& messages = st_.inbound_batch->messages;
  const auto speaks = h.protocol_version;
  const auto version_header =
    speaks.empty() ? std::nullopt : std::optional(speaks);
  bool opens = false;
  for (auto& m : envelope->messages) {
    if (!m && m.error().unanswered) {
      spdlog::debug("request={}.{} a notification was dropped: {}", st_.number,
                    st_.post, m.error().why.message);
      if (!st_.batch)
        return respond(empty_response(http::status::accepted));
      continue;
    }
    if (!m) {
      auto text = jsonrpc::write_error(m.error().id, m.error().why);
      st_.refusal = to_string(m.error().why.code);
      if (!st_.batch)
        return respond(
          json_response(http::status::bad_request, std::move(text)));
      st_.answers.push_back(
        std::make_shared<const std::string>(std::move(text)));
      continue;
    }
    if (exceeds_token(*m))
      return;
    if (is_stateless(*m, version_header, !st_.session_id.empty())) {
      if (st_.batch)
        return refuse_rpc(http::status::bad_request, errc::invalid_request,
                          "batches are part of protocol version 2025-03-26 "
                          "only");
      return stateless(r, *m, std::move(key));
    }
    const bool request = m->kind == message_kind::request;
    opens |= request && m->method == "initialize";
    st_.awaited += request ? 1 : 0;
    messages.push_back(std::move(*m));
  }
  if (opens && st_.batch)
    return refuse_rpc(http::status::bad_request, errc::invalid_request,
                      "initialize can not be part of a batch");
  if (opens && st_.session_id.empty())
    return initialize(messages.front(), std::move(key));
  if (!opens && !speaks.empty() && !parse_version(speaks))
    return refuse_version(speaks);
  session_post(std::move(key));
}

void connection_router::failed(std::uint64_t post, const caf::error& e) {
  spdlog::error("an actor did not answer: {} request={}.{}",
                self_->system().render(e), st_.number, post);
  if (still(post))
    refuse(http::status::internal_server_error, "Internal error",
           "Try again; the server's log has the details.");
}

void connection_router::reset() {
  st_.via = nullptr;
  st_.session = session_actor{};
  st_.at = connection_state::place::here;
  st_.inbound_batch = nullptr;
  st_.key = {};
  st_.answers.clear();
}

connection_actor::behavior_type
connection(connection_pointer self, std::uint64_t number,
           std::shared_ptr<const connection_services> services) {
  self->state.number = number;
  if (services->stateless)
    self->state.calls = stateless_calls(*services->stateless);
  const auto rules = [self, services] {
    return connection_router(self, *services);
  };
  self->set_down_handler(
    [rules](const caf::down_msg& down) { rules().down(down); });
  return {
    [rules](const outbound& o) { rules().out(o); },
    [rules](http_arrival& a) { rules().arrived(a); },
    [rules](const call_news& n) { rules().news(n); },
    [rules](const call_asks& a) { rules().asked(a); },
    [rules](alarm_atom) { rules().alarm(); },
    [rules](gone_atom) { rules().gone(); },
    [rules](closed_atom) { rules().closed(); },
  };
}

} // namespace mcp
