#include "net/connection.hpp"

#include "net/sse.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <poll.h>

namespace mcp::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

/// How far a client may send ahead of the answer it waits for.
constexpr std::size_t max_ahead = std::size_t{64} * 1024;
/// Requests served in one step, before others get their turn.
constexpr unsigned max_in_a_row = 16;
/// What a client may still send after its connection was ended.
constexpr std::size_t max_drained = std::size_t{16} << 20;

struct refusal {
  http::status status;
  std::string_view why;
};

refusal refusal_for(const error_code& ec) {
  if (ec == http::error::header_limit)
    return {http::status::request_header_fields_too_large,
            "the request header is too large"};
  if (ec == http::error::body_limit)
    return {http::status::payload_too_large, "the request body is too large"};
  if (ec == http::error::bad_version)
    return {http::status::http_version_not_supported,
            "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  return {http::status::bad_request, "this is not a well-formed HTTP request"};
}

} // namespace

connection::connection(std::shared_ptr<server_core> core, stream_socket socket,
                       std::string peer)
    : core_{std::move(core)}, socket_{std::move(socket)},
      peer_(std::move(peer)) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
}

connection::~connection() {
  close();
}

void connection::start(std::unique_ptr<connection_handler> handler) {
  self_ = shared_from_this();
  handler_ = std::move(handler);
  counted_ = true; // by the server, before it asked for us
  core_->add(*this);
  core_->set_deadline(*this, deadline::idle);
  wait_readable();
}

void connection::reject() {
  self_ = shared_from_this();
  rejected_ = true;
  ++core_->rejecting;
  core_->add(*this);
  refuse(http::status::service_unavailable, "too many connections",
         "Retry-After: 1\r\n");
}

void connection::close() {
  if (phase_ == phase::closed)
    return;
  phase_ = phase::closed;
  core_->remove(*this);
  if (counted_)
    --*core_->open;
  if (rejected_)
    --core_->rejecting;
  if (unwatched_)
    --core_->unwatched;
  if (const auto via = via_.lock())
    via->forget();
  open_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
  parser_.reset();
  body_.reset();
  pending_ = {};
  out_ = {};
  // The caller may be one of our own functions: the last reference goes later.
  if (self_)
    asio::post(core_->io, [last = std::move(self_)] {});
}

void connection::abort() {
  const bool tell = phase_ == phase::waiting || phase_ == phase::streaming;
  close();
  if (tell && handler_)
    handler_->on_abort();
}

void connection::abort_later() {
  asio::post(core_->io, [me = shared_from_this()] {
    if (me->phase_ != phase::closed)
      me->abort();
  });
}

// Receiving.

void connection::wait_readable() {
  if (read_armed_ || unwatched_ || phase_ == phase::closed)
    return;
  read_armed_ = true;
  socket_.async_read_some(
    asio::buffer(first_),
    [me = shared_from_this()](error_code ec, std::size_t size) {
      me->read_armed_ = false;
      if (me->phase_ == phase::closed || is_try_again(ec))
        return me->wait_readable();
      if (ec)
        return me->on_input_end(ec == asio::error::eof);
      me->on_read(size);
    });
}

void connection::on_read(std::size_t size) {
  std::string_view got(first_.data(), size);
  if (size == first_.size()) {
    // There may be more: all of it is taken in one go. An error comes back with
    // the next read.
    auto& input = core_->input;
    std::copy(got.begin(), got.end(), input.begin());
    error_code ec;
    size += socket_.read_some(asio::buffer(input) + size, ec);
    got = {input.data(), size};
  }
  switch (phase_) {
  case phase::idle:
  case phase::reading:
    return take(got);
  case phase::waiting:
  case phase::streaming:
  case phase::answering:
    // The next request came early; beyond some point it stays in the socket.
    pending_.append(got);
    if (pending_.size() < max_ahead)
      return wait_readable();
    unwatched_ = true;
    ++core_->unwatched;
    return;
  case phase::lingering:
    drained_ += size;
    return drained_ > max_drained ? close() : wait_readable();
  case phase::closed:
    return;
  }
}

void connection::on_input_end(bool orderly) {
  // An answer under way is finished: the client may have only closed its
  // sending side. With an open exchange it counts as having left.
  if (phase_ == phase::answering && orderly)
    input_ended_ = true;
  else
    abort();
}

void connection::check_peer() {
  if (!unwatched_)
    return;
  pollfd ask{socket_.native_handle(), POLLRDHUP, 0};
  if (::poll(&ask, 1, 0) == 1
      && (ask.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
    on_input_end((ask.revents & POLLERR) == 0);
}

/// Parses what came (behind what is pending) and serves it, request by request.
void connection::take(std::string_view fresh) {
  const auto alive = shared_from_this();
  std::string held = std::move(pending_);
  pending_.clear();
  if (!held.empty())
    held.append(fresh);
  const std::string_view all = held.empty() ? fresh : held;
  std::size_t used = 0;
  bool need_more = false;
  taking_ = true;
  for (unsigned n = 0; n < max_in_a_row && used < all.size() && !need_more
                       && (phase_ == phase::idle || phase_ == phase::reading);
       ++n)
    used += parse(all.substr(used), need_more);
  taking_ = false;
  if (phase_ == phase::closed)
    return;
  if (phase_ == phase::lingering)
    return wait_readable();
  if (!held.empty()) {
    held.erase(0, used);
    if (!held.empty())
      pending_ = std::move(held);
  } else {
    pending_.assign(fresh.substr(used));
  }
  const bool serving = phase_ == phase::idle || phase_ == phase::reading;
  if (serving && !need_more && !pending_.empty())
    asio::post(core_->io, [alive] { alive->take({}); });
  else
    wait_readable();
}

/// One step of the parser. Gives the bytes it is done with.
std::size_t connection::parse(std::string_view bytes, bool& need_more) {
  const auto& options = core_->options;
  if (!parser_) {
    // An empty line before a request is to be ignored (RFC 9112, 2.2).
    const auto begin = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    if (begin != 0)
      return begin;
    parser_ = std::make_unique<request_parser>(options.max_header_bytes,
                                               options.max_body_bytes);
    phase_ = phase::reading;
  }
  error_code ec;
  const auto used =
    parser_->put(asio::const_buffer{bytes.data(), bytes.size()}, ec);
  need_more = ec == http::error::need_more || (!ec && !parser_->is_done());
  if (ec && !need_more) {
    const auto [status, why] = refusal_for(ec);
    refuse(status, why);
    return used;
  }
  if (!need_more) {
    deliver();
    return used;
  }
  // What the parser waits to see whole is a line, or the trailer.
  if (bytes.size() - used > options.max_header_bytes + 4) {
    refuse(http::status::request_header_fields_too_large,
           "a line of the request is too long");
    return used;
  }
  const auto part =
    parser_->is_header_done() ? deadline::body : deadline::header;
  if (waits_for != part)
    core_->set_deadline(*this, part);
  if (parser_->is_header_done() && parser_->expects_continue) {
    parser_->expects_continue = false;
    if (parser_->request.body.empty() && used == bytes.size())
      send("HTTP/1.1 100 Continue\r\n\r\n");
  }
  return used;
}

void connection::deliver() {
  auto request = std::move(parser_->request);
  keep_alive_ = parser_->keep_alive();
  http_1_0_ = parser_->version == 10;
  head_ = request.method == http::verb::head;
  parser_.reset();
  request.peer = peer_;
  auto via =
    std::make_shared<exchange_impl>(core_->io.get_executor(), weak_from_this(),
                                    core_->options.stream_high_water);
  via_ = via;
  open_ = via.get();
  phase_ = phase::waiting;
  in_handler_ = true;
  try {
    handler_->on_request(std::move(request), std::move(via));
  } catch (...) {
    // Its exchange was dropped with the stack, so 500 has been said already.
  }
  in_handler_ = false;
  if (phase_ == phase::streaming)
    send();
  else if (phase_ == phase::waiting)
    core_->clear_deadline(*this);
}

// The server's wishes.

void connection::on_deadline(deadline what) {
  switch (what) {
  case deadline::header:
    return refuse(http::status::request_timeout,
                  "the request header took too long");
  case deadline::body:
    return refuse(http::status::request_timeout,
                  "the request body took too long");
  case deadline::quiet:
    append_chunk(sse_keep_alive());
    return send();
  case deadline::idle:
  case deadline::write:
  case deadline::linger:
  case deadline::none:
    return abort();
  }
}

void connection::close_if_idle() {
  if (phase_ != phase::idle || !pending_.empty())
    return;
  // A request that has reached us is still answered.
  pollfd ask{socket_.native_handle(), POLLIN, 0};
  if (::poll(&ask, 1, 0) != 1 || (ask.revents & POLLIN) == 0)
    close();
}

} // namespace mcp::net
