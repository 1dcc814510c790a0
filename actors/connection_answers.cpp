#include "actors/connection_router.hpp"
#include "actors/refusal_log.hpp"
#include "net/gzip.hpp"
#include "net/sse.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

// How a connection answers: as JSON, as an event stream, or with a refusal.

namespace mcp {
namespace {

namespace json = boost::json;
using jsonrpc::message_kind;

/// Less is not worth the work; more would keep others waiting.
constexpr std::size_t worth_compressing = std::size_t{4} * 1024;
constexpr std::size_t too_long_to_compress = std::size_t{512} * 1024;

shared_text share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
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

void connection_router::answer(std::string text) {
  st_.answers.push_back(share(std::move(text)));
  complete();
}

/// Every request of the POST has its answer.
void connection_router::complete() {
  // A refusal with a status of its own is JSON for everybody.
  if (!st_.takes.json && st_.status == 200 && !st_.answers.empty())
    stream();
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
    if (!st_.takes.stream)
      return respond(empty_response(http::status::no_content));
    stream();
    st_.via->close_stream();
    return reset();
  }
  if (!st_.batch) {
    net::http_response r;
    r.status = static_cast<http::status>(st_.status);
    r.content_type = "application/json";
    r.body = std::move(st_.answers.front());
    compress(r);
    return respond(std::move(r));
  }
  std::string body = "[";
  for (const auto& a : st_.answers) {
    if (body.size() > 1)
      body += ',';
    body += *a;
  }
  auto r = json_response(http::status::ok, body + "]");
  compress(r);
  respond(std::move(r));
}

/// Only what answers JSON-RPC: it holds nothing that a third party could guess
/// at by its size (BREACH), as a page with a form does.
void connection_router::compress(net::http_response& r) const {
  if (!r.body || r.body->size() < worth_compressing)
    return;
  r.headers.emplace_back("Vary", "Accept-Encoding");
  if (!st_.takes_gzip || r.body->size() > too_long_to_compress)
    return;
  if (auto packed = net::gzip(*r.body)) {
    r.body = share(std::move(*packed));
    r.headers.emplace_back("Content-Encoding", "gzip");
  }
}

void connection_router::respond(net::http_response r) {
  for (auto& h : st_.headers)
    r.headers.push_back(std::move(h));
  if (const auto status = static_cast<int>(r.status); status / 100 == 4)
    log_refusal({.status = status,
                 .target = st_.target,
                 .peer = st_.peer,
                 .reason = st_.refusal,
                 .request = std::to_string(st_.number) + '.'
                            + std::to_string(st_.post)});
  else if (r.status != http::status::ok)
    spdlog::debug("http request={}.{} status={}", st_.number, st_.post, status);
  const auto via = std::move(st_.via);
  reset();
  via->respond(std::move(r));
}

/// For people: who set up a client wrong, and what to do.
void connection_router::refuse(http::status status, std::string_view error,
                               std::string_view hint) {
  st_.refusal = error;
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
  st_.refusal = "unsupported protocol version";
  respond(json_response(http::status::bad_request,
                        write_refusal(id, mcp::refuse_version(requested))));
}

void connection_router::not_acceptable(std::string_view hint) {
  refuse(http::status::not_acceptable, "Not Acceptable", hint);
}

/// For MCP clients: a JSON-RPC error that belongs to no request.
void connection_router::refuse_rpc(http::status status, errc code,
                                   std::string_view message) {
  st_.refusal = message;
  const int number = code == errc::not_found ? -32001 : jsonrpc_code(code);
  respond(json_response(status, jsonrpc::write_error({}, number, message)));
}

void connection_router::refuse_failure(const failure& why) {
  st_.refusal = to_string(why.code);
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

} // namespace mcp
