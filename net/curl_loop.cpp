#include "net/curl_loop.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <new>
#include <sys/socket.h>
#include <unistd.h>

namespace mcp::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {
/// A connection whose peer is silent this long while bytes are under way is
/// given up. Without it, requests would go on joining a dead HTTP/2 connection.
constexpr unsigned unacknowledged_ms = 20'000;
} // namespace

/// A socket that curl waits for. The socket is curl's: it opens and closes it,
/// and only lends it to Asio's reactor.
struct curl_loop::watch {
  using descriptor =
    asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

  watch(asio::io_context& io, int fd) : socket{io, fd} {}
  ~watch() {
    if (socket.is_open())
      socket.release();
  }

  descriptor socket;
  int wanted = 0; // CURL_POLL_*
  bool reading = false;
  bool writing = false;
};

curl_loop::curl_loop(asio::io_context& io, long max_connections_per_host,
                     callbacks on)
    : io_{io}, on_{std::move(on)}, multi_{curl_multi_init()}, timer_{io} {
  if (!multi_)
    throw std::bad_alloc{};
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &curl_loop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &curl_loop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                    max_connections_per_host);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, max_connections_per_host);
}

curl_loop::~curl_loop() {
  curl_multi_cleanup(multi_); // calls on_socket for what it closes
}

void curl_loop::shut() {
  shut_ = true;
  timer_.cancel();
}

void curl_loop::add(CURL* transfer) {
  curl_easy_setopt(transfer, CURLOPT_SOCKOPTFUNCTION, &curl_loop::on_open);
  curl_easy_setopt(transfer, CURLOPT_SOCKOPTDATA, this);
  curl_easy_setopt(transfer, CURLOPT_CLOSESOCKETFUNCTION, &curl_loop::on_close);
  curl_easy_setopt(transfer, CURLOPT_CLOSESOCKETDATA, this);
  curl_multi_add_handle(multi_, transfer);
  ++size_;
}

void curl_loop::remove(CURL* transfer) {
  curl_multi_remove_handle(multi_, transfer);
  --size_;
}

int curl_loop::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  auto& me = *static_cast<curl_loop*>(self);
  if (what == CURL_POLL_REMOVE) {
    if (!me.connections_.contains(fd))
      me.forget(fd);
    else if (const auto w = me.watches_.find(fd); w != me.watches_.end())
      w->second->wanted = 0;
    return 0;
  }
  auto& w = me.watches_[fd];
  if (!w)
    w = std::make_shared<watch>(me.io_, fd);
  w->wanted = what;
  me.arm(fd, w);
  return 0;
}

int curl_loop::on_open(void* self, curl_socket_t fd, curlsocktype) {
  static_cast<curl_loop*>(self)->connections_.insert(fd);
  // Best effort: without it, a dead connection is only noticed later.
  static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
                                 &unacknowledged_ms, sizeof unacknowledged_ms));
  return CURL_SOCKOPT_OK;
}

int curl_loop::on_close(void* self, curl_socket_t fd) {
  auto& me = *static_cast<curl_loop*>(self);
  me.forget(fd);
  me.connections_.erase(fd);
  return ::close(fd);
}

void curl_loop::forget(curl_socket_t fd) {
  const auto found = watches_.find(fd);
  if (found == watches_.end())
    return;
  found->second->wanted = 0;
  found->second->socket.release();
  watches_.erase(found);
}

void curl_loop::arm(int fd, const std::shared_ptr<watch>& w) {
  const auto wait = [&](int events, bool watch::*armed,
                        watch::descriptor::wait_type type) {
    if ((w->wanted & events) == 0 || (*w).*armed)
      return;
    (*w).*armed = true;
    w->socket.async_wait(
      type, [weak = weak_from_this(), fd, w, events, armed](error_code ec) {
        (*w).*armed = false;
        const auto me = weak.lock();
        if (!ec && me)
          me->ready(fd, w, events);
      });
  };
  // CURL_POLL_IN and CURL_CSELECT_IN are the same bit, and so are those for
  // out.
  static_assert(CURL_POLL_IN == CURL_CSELECT_IN
                && CURL_POLL_OUT == CURL_CSELECT_OUT);
  wait(CURL_POLL_IN, &watch::reading, watch::descriptor::wait_read);
  wait(CURL_POLL_OUT, &watch::writing, watch::descriptor::wait_write);
}

/// The number of a closed socket is soon another's: same number, other watch.
bool curl_loop::is_current(int fd, const std::shared_ptr<watch>& w) const {
  const auto found = watches_.find(fd);
  return found != watches_.end() && found->second == w;
}

void curl_loop::ready(int fd, const std::shared_ptr<watch>& w, int events) {
  if (!is_current(fd, w) || (w->wanted & events) == 0)
    return;
  turn(fd, events);
  if (is_current(fd, w))
    arm(fd, w);
}

/// curl sets a new time several times per request. Arming the timer each time
/// was 38 % of a small request: "now" becomes one posted call, and the timer is
/// only touched for an earlier time than it is set to.
int curl_loop::on_timer(CURLM*, long milliseconds, void* self) {
  auto& me = *static_cast<curl_loop*>(self);
  me.deadline_ = clock::time_point::max();
  if (milliseconds == 0)
    me.kick();
  if (milliseconds > 0) {
    me.deadline_ = clock::now() + std::chrono::milliseconds{milliseconds};
    if (me.deadline_ < me.armed_)
      me.arm_timer();
  }
  return 0;
}

void curl_loop::kick() {
  if (kicked_)
    return;
  kicked_ = true;
  asio::post(io_, [weak = weak_from_this()] {
    if (const auto me = weak.lock()) {
      me->kicked_ = false;
      me->turn(CURL_SOCKET_TIMEOUT, 0);
    }
  });
}

void curl_loop::arm_timer() {
  armed_ = deadline_;
  timer_.expires_at(armed_);
  timer_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto me = weak.lock();
    if (ec || !me)
      return;
    me->armed_ = clock::time_point::max();
    if (me->deadline_ == clock::time_point::max())
      return;
    if (me->deadline_ > clock::now())
      return me->arm_timer();
    me->deadline_ = clock::time_point::max();
    me->turn(CURL_SOCKET_TIMEOUT, 0);
  });
}

void curl_loop::turn(curl_socket_t fd, int events) {
  if (shut_)
    return;
  const auto alive = shared_from_this();
  int running = 0;
  inside_ = true;
  curl_multi_socket_action(multi_, fd, events, &running);
  inside_ = false;
  on_.on_outside();
  int left = 0;
  while (!shut_) {
    const auto* const message = curl_multi_info_read(multi_, &left);
    if (!message)
      return;
    if (message->msg != CURLMSG_DONE)
      continue;
    auto* const transfer = message->easy_handle;
    const auto code = message->data.result;
    remove(transfer);
    on_.on_done(transfer, code);
  }
}

} // namespace mcp::net
