#include "net/exchange_impl.hpp"

#include "net/connection.hpp"

#include <boost/asio/post.hpp>

namespace mcp::net {

exchange_impl::exchange_impl(io_executor executor,
                             std::weak_ptr<connection> owner,
                             std::size_t high_water)
    : executor_{executor}, owner_{std::move(owner)}, high_water_{high_water} {}

exchange_impl::~exchange_impl() {
  if (stage_ == stage::done || gone_)
    return;
  // Until it is answered the connection waits for this exchange alone, so
  // `drop` can not hit a later request.
  if (executor_.running_in_this_thread()) {
    if (const auto owner = owner_.lock())
      owner->drop();
  } else {
    boost::asio::post(executor_, [weak = owner_] {
      if (const auto owner = weak.lock())
        owner->drop();
    });
  }
}

void exchange_impl::respond(http_response response) {
  auto expected = stage::open;
  if (stage_.compare_exchange_strong(expected, stage::done))
    submit(std::move(response));
}

void exchange_impl::open_stream(
  std::vector<std::pair<std::string, std::string>> headers) {
  auto expected = stage::open;
  if (stage_.compare_exchange_strong(expected, stage::streaming))
    submit(stream_start{std::move(headers)});
}

bool exchange_impl::write(std::string event, bool must_send) {
  if (stage_ != stage::streaming || gone_)
    return false;
  // What is queued already counts, not this event: a big one must get through
  // an empty stream.
  const std::size_t queued = queued_;
  if (queued >= high_water_ && !must_send)
    return false;
  if (queued >= 4 * high_water_) {
    stage_ = stage::done;
    submit(stream_overrun{});
    return false;
  }
  if (event.empty())
    return true;
  queued_ += event.size();
  submit(std::move(event));
  return true;
}

void exchange_impl::close_stream() {
  auto expected = stage::streaming;
  if (stage_.compare_exchange_strong(expected, stage::done))
    submit(stream_end{});
}

void exchange_impl::submit(step s) {
  if (gone_)
    return;
  if (executor_.running_in_this_thread()) {
    if (waiting_ != 0)
      drain();
    if (const auto owner = owner_.lock())
      apply(*owner, s);
    return;
  }
  bool first;
  {
    std::lock_guard lock{mutex_};
    first = steps_.empty();
    steps_.push_back(std::move(s));
    waiting_ = steps_.size();
  }
  if (first)
    boost::asio::post(executor_, [me = shared_from_this()] { me->drain(); });
}

void exchange_impl::drain() {
  std::vector<step> steps;
  {
    std::lock_guard lock{mutex_};
    steps.swap(steps_);
    waiting_ = 0;
  }
  if (const auto owner = owner_.lock())
    for (auto& s : steps)
      apply(*owner, s);
}

void exchange_impl::apply(connection& to, step& s) {
  if (!to.serves(this))
    return;
  if (auto* response = std::get_if<http_response>(&s))
    to.answer(std::move(*response));
  else if (auto* start = std::get_if<stream_start>(&s))
    to.open_stream(start->headers);
  else if (auto* event = std::get_if<std::string>(&s))
    to.append_event(*event);
  else if (std::holds_alternative<stream_end>(s))
    to.end_stream();
  else
    to.abort_later();
}

} // namespace mcp::net
