#include "net/connection.hpp"
#include "net/sse.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <charconv>

// The half of a connection that answers.

namespace mcp::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

/// A stream's bytes are held for the end of the step, up to here.
constexpr std::size_t send_at = std::size_t{64} * 1024;
/// Up to here, one piece is cheaper to send than two.
constexpr std::size_t small_body = std::size_t{4} * 1024;

} // namespace

bool connection::will_close() const {
  return !keep_alive_ || input_ended_ || core_->draining;
}

void connection::answer(http_response response) {
  if (phase_ != phase::waiting)
    return;
  phase_ = phase::answering;
  const auto code = static_cast<unsigned>(response.status);
  const bool bodiless = code < 200 || code == 204 || code == 304;
  keep_alive_ = !will_close();
  head_facts facts{.status = response.status,
                   .content_type = response.content_type,
                   .content_length = {},
                   .chunked = false,
                   .close = !keep_alive_,
                   .say_keep_alive = http_1_0_};
  if (!bodiless)
    facts.content_length = response.body ? response.body->size() : 0;
  auto& head = core_->head;
  head.clear();
  append_head(head, facts, core_->date.now(), response.headers);
  if (!bodiless && !head_ && response.body) {
    if (response.body->size() <= small_body) {
      head += *response.body;
    } else {
      body_ = std::move(response.body);
      body_sent_ = 0;
    }
  }
  send(head);
}

void connection::open_stream(
  const std::vector<std::pair<std::string, std::string>>& headers) {
  if (phase_ != phase::waiting)
    return;
  phase_ = phase::streaming;
  // HTTP/1.0 knows no chunks: there the connection's end is the stream's.
  chunked_ = !http_1_0_;
  keep_alive_ = chunked_ && !will_close();
  const head_facts facts{.status = http::status::ok,
                         .content_type = "text/event-stream",
                         .content_length = {},
                         .chunked = chunked_,
                         .close = !keep_alive_};
  append_head(out_, facts, core_->date.now(), headers);
  out_.erase(out_.size() - 2); // the blank line comes behind these
  out_ += "Cache-Control: no-cache, no-transform\r\n"
          "X-Accel-Buffering: no\r\n\r\n";
  unsent_events_ = 0;
  send_soon();
}

void connection::append_event(std::string_view event) {
  if (phase_ != phase::streaming)
    return;
  unsent_events_ += event.size();
  append_chunk(event);
  if (out_.size() - sent_ >= send_at)
    send();
  else
    send_soon();
}

void connection::append_chunk(std::string_view bytes) {
  if (head_)
    return;
  if (!chunked_) {
    out_ += bytes;
    return;
  }
  char size[20];
  const auto end =
    std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
  out_.append(size, end);
  out_ += "\r\n";
  out_ += bytes;
  out_ += "\r\n";
}

void connection::end_stream() {
  if (phase_ != phase::streaming)
    return;
  phase_ = phase::answering;
  if (chunked_ && !head_)
    out_ += "0\r\n\r\n";
  send();
}

void connection::drop() {
  if (phase_ == phase::streaming)
    return end_stream();
  http_response response;
  response.status = http::status::internal_server_error;
  response.content_type = "application/json";
  response.body = std::make_shared<const std::string>(
    R"({"error":"the request was not answered"})");
  answer(std::move(response));
}

void connection::refuse(http::status status, std::string_view why,
                        std::string_view extra_header) {
  if (handler_)
    handler_->on_refused(status,
                         parser_ ? std::string_view(parser_->request.target)
                                 : std::string_view(),
                         peer_, why);
  parser_.reset();
  phase_ = phase::answering;
  keep_alive_ = false;
  std::string body{R"({"error":")"};
  body += why; // our own words: nothing to escape
  body += R"("})";
  const head_facts facts{.status = status,
                         .content_type = "application/json",
                         .content_length = body.size(),
                         .chunked = false,
                         .close = true};
  auto& head = core_->head;
  head.clear();
  append_head(head, facts, core_->date.now(), {});
  head.insert(head.size() - 2, extra_header);
  head += body;
  send(head);
}

// Sending.

/// Sends what is queued, then `fresh`, then the body, as far as the socket
/// takes it; keeps the rest and waits. May end the exchange or the connection.
void connection::send(std::string_view fresh) {
  if (phase_ == phase::closed)
    return;
  std::size_t left = 0;
  if (!write_armed_) {
    for (;;) {
      const std::array<asio::const_buffer, 3> parts{
        asio::buffer(out_) + sent_, asio::buffer(fresh.data(), fresh.size()),
        body_ ? asio::buffer(*body_) + body_sent_ : asio::const_buffer{}};
      left = asio::buffer_size(parts);
      if (left == 0)
        break;
      error_code ec;
      const auto size = left == fresh.size() ? socket_.write_some(parts[1], ec)
                                             : socket_.write_some(parts, ec);
      if (is_try_again(ec))
        break;
      if (ec)
        return on_write_error();
      fresh.remove_prefix(consume(size, fresh));
      left -= size;
      if (left == 0)
        break;
      core_->clear_deadline(*this); // it moves: a new one is set below
    }
  }
  out_ += fresh;
  settle_stream();
  if (left == 0 && !write_armed_)
    return written();
  // A body's own deadline holds while "100 Continue" waits to leave.
  if (phase_ != phase::reading && waits_for != deadline::write)
    core_->set_deadline(*this, deadline::write);
  wait_writable();
}

/// Takes `written` bytes off the front of what is to be sent. Gives how many of
/// them were of `fresh`.
std::size_t connection::consume(std::size_t written, std::string_view fresh) {
  const auto queued = std::min(written, out_.size() - sent_);
  sent_ += queued;
  if (sent_ == out_.size()) {
    out_ = {}; // an idle connection or stream keeps no buffer
    sent_ = 0;
  } else if (sent_ >= send_at) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  const auto of_fresh = std::min(written - queued, fresh.size());
  body_sent_ += written - queued - of_fresh;
  return of_fresh;
}

/// Tells the exchange how much room there is again.
void connection::settle_stream() {
  if (unsent_events_ == 0)
    return;
  const auto still = std::min(unsent_events_, out_.size() - sent_);
  if (still == unsent_events_)
    return;
  if (const auto via = via_.lock())
    via->left(unsent_events_ - still);
  unsent_events_ = still;
}

void connection::wait_writable() {
  if (write_armed_)
    return;
  write_armed_ = true;
  socket_.async_wait(stream_socket::wait_write,
                     [me = shared_from_this()](error_code ec) {
                       me->write_armed_ = false;
                       if (!ec)
                         me->send();
                     });
}

void connection::send_soon() {
  if (in_handler_ || send_posted_ || write_armed_)
    return; // it will be sent anyway
  send_posted_ = true;
  asio::post(core_->io, [me = shared_from_this()] {
    me->send_posted_ = false;
    if (me->phase_ == phase::streaming)
      me->send();
  });
}

void connection::on_write_error() {
  // Not within the caller's step: it may be the very handler to be told.
  if (phase_ == phase::waiting || phase_ == phase::streaming)
    abort_later();
  else
    close();
}

/// All that was queued has left.
void connection::written() {
  switch (phase_) {
  case phase::answering:
    return finish_answer();
  case phase::streaming:
    return core_->set_deadline(*this, deadline::quiet);
  case phase::waiting:
    return core_->clear_deadline(*this);
  default:
    return;
  }
}

void connection::finish_answer() {
  open_ = nullptr;
  via_.reset();
  body_.reset();
  if (input_ended_)
    return close();
  if (!keep_alive_ || core_->draining)
    return linger();
  phase_ = phase::idle;
  core_->set_deadline(*this, deadline::idle);
  if (unwatched_) {
    unwatched_ = false;
    --core_->unwatched;
  }
  if (taking_)
    return; // take() goes on
  if (pending_.empty())
    return wait_readable();
  // The next request is here already. Later: our caller may be this
  // connection's own handler.
  asio::post(core_->io, [me = shared_from_this()] { me->take({}); });
}

/// Ends our side and lets the client read what was sent. A socket closed with
/// unread input would reset the connection and take the answer with it.
void connection::linger() {
  phase_ = phase::lingering;
  pending_ = {};
  if (unwatched_) {
    unwatched_ = false;
    --core_->unwatched;
  }
  error_code ignored;
  socket_.shutdown(stream_socket::shutdown_send, ignored);
  core_->set_deadline(*this, deadline::linger);
  if (!taking_)
    wait_readable();
}

} // namespace mcp::net
