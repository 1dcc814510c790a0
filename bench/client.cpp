#include "bench/client.hpp"

#include "net/header_list.hpp"

#include <boost/asio/write.hpp>

#include <charconv>

namespace mcp::bench {
namespace {

namespace asio = boost::asio;

/// The data of the last event that has any.
std::string_view last_data(std::string_view events) {
  const auto at = events.rfind("data: ");
  if (at == events.npos)
    return {};
  const auto from = at + 6;
  return events.substr(from, events.find('\n', from) - from);
}

std::string_view value_of(std::string_view line) {
  line.remove_prefix(line.find(':') + 1);
  while (!line.empty() && line.front() == ' ')
    line.remove_prefix(1);
  return line;
}

} // namespace

void client::ask(std::string_view request, handler done) {
  request_ = request;
  done_ = std::move(done);
  event_ = nullptr;
  if (socket_.is_open())
    write();
  else
    connect();
}

void client::listen(std::string_view request, handler opened,
                    std::function<void(std::string_view)> event) {
  request_ = request;
  done_ = std::move(opened);
  event_ = std::move(event);
  if (socket_.is_open())
    write();
  else
    connect();
}

void client::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  in_.clear();
  used_ = 0;
}

void client::connect() {
  socket_.async_connect(server_, [me = shared_from_this()](auto error) {
    if (error)
      return me->broke();
    me->socket_.set_option(asio::ip::tcp::no_delay(true));
    me->socket_.non_blocking(true);
    me->write();
  });
}

void client::write() {
  bytes_ += request_.size();
  head_read_ = false;
  answer_ = {};
  boost::system::error_code ignored;
  const auto sent = socket_.write_some(asio::buffer(request_), ignored);
  if (sent == request_.size())
    return read();
  asio::async_write(socket_, asio::buffer(request_) + sent,
                    [me = shared_from_this()](auto error, std::size_t) {
                      if (error)
                        return me->broke();
                      me->read();
                    });
}

void client::read() {
  socket_.async_read_some(asio::buffer(piece_),
                          [me = shared_from_this()](auto error, std::size_t n) {
                            if (error)
                              return me->broke();
                            me->in_.append(me->piece_.data(), n);
                            me->bytes_ += n;
                            me->look();
                          });
}

void client::look() {
  if (!head_read_ && !read_head())
    return read();
  if (answer_.stream && event_) {
    // A stream that stays: its head is the answer, the rest are events.
    if (auto opened = std::move(done_)) {
      done_ = nullptr;
      opened(answer_);
    }
    std::size_t at = used_;
    while ((at = in_.find("data: ", used_)) != in_.npos) {
      const auto end = in_.find('\n', at);
      if (end == in_.npos)
        break;
      event_(std::string_view(in_).substr(at + 6, end - at - 6));
      used_ = end;
    }
    in_.erase(0, used_);
    used_ = 0;
    return read();
  }
  if (!read_body())
    return read();
  finish();
}

bool client::read_head() {
  const auto end = in_.find("\r\n\r\n");
  if (end == in_.npos)
    return false;
  const std::string_view head(in_.data(), end);
  chunked_ = close_after_ = false;
  length_ = 0;
  chunks_.clear();
  session_.clear();
  std::from_chars(head.data() + 9, head.data() + 12, answer_.status);
  for (auto at = head.find("\r\n"); at != head.npos;) {
    const auto next = head.find("\r\n", at + 2);
    const auto line = head.substr(at + 2, next - at - 2);
    at = next;
    const auto colon = line.find(':');
    if (colon == line.npos)
      continue;
    const auto is = [name = line.substr(0, colon)](std::string_view wanted) {
      return net::same_but_for_case(name, wanted);
    };
    const auto value = value_of(line);
    if (is("Content-Length"))
      std::from_chars(value.data(), value.data() + value.size(), length_);
    else if (is("Transfer-Encoding"))
      chunked_ = true;
    else if (is("Mcp-Session-Id"))
      session_ = value;
    else if (is("Content-Type"))
      answer_.stream = value.starts_with("text/event-stream");
    else if (is("Connection"))
      close_after_ = net::same_but_for_case(value, "close");
  }
  answer_.session = session_;
  used_ = end + 4;
  head_read_ = true;
  return true;
}

bool client::read_body() {
  if (!chunked_) {
    if (in_.size() - used_ < length_)
      return false;
    answer_.body = std::string_view(in_).substr(used_, length_);
    used_ += length_;
    return true;
  }
  for (;;) {
    const auto end = in_.find("\r\n", used_);
    if (end == in_.npos)
      return false;
    std::size_t size = 0;
    std::from_chars(in_.data() + used_, in_.data() + end, size, 16);
    if (in_.size() < end + 2 + size + 2)
      return false;
    chunks_.append(in_, end + 2, size);
    used_ = end + 2 + size + 2;
    if (size == 0)
      break;
  }
  answer_.body = answer_.stream ? last_data(chunks_) : chunks_;
  return true;
}

void client::finish() {
  if (close_after_) {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  // What the handler sees must outlive the next request that it starts.
  const auto got = answer_;
  spare_.assign(in_, used_, std::string::npos);
  in_.swap(spare_);
  used_ = 0;
  auto done = std::move(done_);
  done_ = nullptr;
  done(got);
}

void client::broke() {
  close();
  if (auto done = std::move(done_)) {
    done_ = nullptr;
    done(answer{});
  }
}

} // namespace mcp::bench
