#include "actors/authorization_server.hpp"
#include "actors/connection_router.hpp"
#include "net/sse.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ranges>

namespace mcp {
namespace {

namespace json = boost::json;
using jsonrpc::message_kind;

shared_text share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

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

/// An answer is either of the two.
bool accepts_both(std::string_view accept) {
  // The very words of nearly all clients need no reading.
  return accept == "application/json, text/event-stream"
         || (accepts(accept, "application/json")
             && accepts(accept, "text/event-stream"));
}

} // namespace

net::http_response json_response(http::status status, std::string body) {
  return {.status = status,
          .content_type = "application/json",
          .headers = {},
          .body = share(std::move(body))};
}

net::http_response empty_response(http::status status) {
  net::http_response r;
  r.status = status;
  return r;
}

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

  const auto h = read_headers(r.headers);
  const auto path = std::string_view(r.target).substr(0, r.target.find('?'));
  const bool get =
    r.method == http::verb::get || r.method == http::verb::head;
  st_.browser_path = get && wants_page(h.accept) ? path : std::string_view();
  if (!h.repeated.empty())
    return refuse(http::status::bad_request, "Repeated header",
                  std::string(h.repeated) + " may be sent once only.");
  // One connection's requests name the same host.
  if (h.host != st_.welcome_host || h.host.empty()) {
    if (!host_allowed(h.host, services_.origins))
      return refuse(http::status::forbidden, "Host not allowed",
                    "This server does not answer to that Host header. Its "
                    "operator can add the name with --allowed_hosts.");
    st_.welcome_host = h.host;
  }
  if (!origin_allowed(h.origin, h.host, services_.origins))
    return refuse(http::status::forbidden, "Origin not allowed",
                  "Web pages of that origin may not use this server. Its "
                  "operator can add it with --allowed_origins.");
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
  if (get)
    if (auto page = services_.page({.path = path, .host = h.host}))
      return respond(std::move(*page));
  refuse(http::status::not_found, "Not found",
         "The MCP endpoint is /mcp; /health tells the server's state.");
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
  st_.calls.died(to_here(), down.source);
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
  if (!accepts_both(h.accept))
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
  auto& messages = st_.inbound_batch->messages;
  const auto speaks = h.protocol_version;
  const auto version_header =
    speaks.empty() ? std::nullopt : std::optional(speaks);
  bool opens = false;
  for (auto& m : envelope->messages) {
    if (!m) {
      auto text = jsonrpc::write_error(m.error().id, m.error().why);
      if (!st_.batch)
        return respond(
          json_response(http::status::bad_request, std::move(text)));
      st_.answers.push_back(share(std::move(text)));
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
    opens |= request && m->method == "initialize" && st_.session_id.empty();
    st_.awaited += request ? 1 : 0;
    messages.push_back(std::move(*m));
  }
  if (opens && st_.batch)
    return refuse_rpc(http::status::bad_request, errc::invalid_request,
                      "initialize can not be part of a batch");
  if (opens)
    return initialize(messages.front(), std::move(key));
  if (!speaks.empty() && !parse_version(speaks))
    return refuse_version(speaks);
  session_post(std::move(key));
}

/// Turns the answer into a stream, once.
void connection_router::stream(const std::string& start_id) {
  if (st_.streaming)
    return;
  st_.streaming = true;
  st_.key = {};
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
void connection_router::complete() {
  if (st_.streaming) {
    st_.via->close_stream();
    return reset();
  }
  if (st_.answers.empty()) {
    const bool cancelled =
      st_.inbound_batch
      && std::any_of(
        st_.inbound_batch->messages.begin(), st_.inbound_batch->messages.end(),
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
    r.status = static_cast<http::status>(st_.status);
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

void connection_router::respond(net::http_response r) {
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
void connection_router::refuse(http::status status, std::string_view error,
                               std::string_view hint) {
  if (!st_.browser_path.empty() && services_.refusal_page) {
    auto page =
      services_.refusal_page(st_.browser_path, status, error, hint);
    page.status = status;
    return respond(std::move(page));
  }
  const json::object body{{"error", error}, {"hint", hint}};
  respond(json_response(status, json::serialize(body)));
}

void connection_router::method_not_allowed(std::string_view allowed,
                                           std::string_view hint) {
  st_.headers.emplace_back("Allow", allowed);
  refuse(http::status::method_not_allowed, "Method not allowed", hint);
}

void connection_router::refuse_version(std::string_view requested) {
  std::optional<jsonrpc::request_id> id;
  if (!st_.batch && st_.inbound_batch && st_.awaited == 1)
    id = st_.inbound_batch->messages.front().id;
  respond(json_response(http::status::bad_request,
                        write_refusal(id, mcp::refuse_version(requested))));
}

void connection_router::not_acceptable(std::string_view hint) {
  refuse(http::status::not_acceptable, "Not Acceptable", hint);
}

/// For MCP clients: a JSON-RPC error that belongs to no request.
void connection_router::refuse_rpc(http::status status, errc code,
                                   std::string_view message) {
  const int number = code == errc::not_found ? -32001 : jsonrpc_code(code);
  respond(json_response(status, jsonrpc::write_error({}, number, message)));
}

void connection_router::refuse_failure(const failure& why) {
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

void connection_router::failed(std::uint64_t post, const caf::error& e) {
  spdlog::error("request={}.{} directory: {}", st_.number, post,
                self_->system().render(e));
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
