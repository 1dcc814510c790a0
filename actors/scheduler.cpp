#include "actors/scheduler.hpp"

#include <boost/asio/post.hpp>

#include <future>

namespace mcp {
namespace {

// Jobs one drain runs before it lets the sockets have their turn.
constexpr int drain_budget = 256;

} // namespace

void quiet_clock::schedule_message(time_point t, caf::strong_actor_ptr receiver,
                                   caf::mailbox_element_ptr content) {
  auto* u = asio_coordinator::current();
  if (u && &u->owner_ == &owner_)
    u->delayed_.add(t, std::move(receiver), std::move(content));
  else
    super::schedule_message(t, std::move(receiver), std::move(content));
}

void quiet_clock::set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                                       caf::atom_value type, uint64_t id) {
  any_ = true;
  super::set_ordinary_timeout(t, self, type, id);
}

void quiet_clock::set_multi_timeout(time_point t, caf::abstract_actor* self,
                                    caf::atom_value type, uint64_t id) {
  any_ = true;
  super::set_multi_timeout(t, self, type, id);
}

void quiet_clock::set_request_timeout(time_point t, caf::abstract_actor* self,
                                      caf::message_id id) {
  any_ = true;
  super::set_request_timeout(t, self, id);
}

void quiet_clock::cancel_timeouts(caf::abstract_actor* self) {
  if (any_.load(std::memory_order_relaxed))
    super::cancel_timeouts(self);
}

void delayed_messages::add(time_point t, caf::strong_actor_ptr to,
                           caf::mailbox_element_ptr content) {
  constexpr std::chrono::milliseconds grain{10};
  t += grain - t.time_since_epoch() % grain;
  waiting_.emplace(t, message{std::move(to), std::move(content)});
  if (t < armed_)
    arm();
}

void delayed_messages::clear() {
  timer_.cancel();
  // What goes may be the last reference to an actor, which may send.
  const auto all = std::exchange(waiting_, {});
}

void delayed_messages::arm() {
  armed_ = waiting_.begin()->first;
  timer_.expires_at(armed_);
  timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      bring();
  });
}

void delayed_messages::bring() {
  armed_ = time_point::max();
  const actor_scope scope;
  const auto now = std::chrono::steady_clock::now();
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    auto first = waiting_.extract(waiting_.begin());
    auto& m = first.mapped();
    m.to->enqueue(std::move(m.content), nullptr);
  }
  if (!waiting_.empty())
    arm();
}

asio_coordinator::asio_coordinator(
  caf::actor_system& system, std::vector<boost::asio::io_context*> contexts)
    : caf::scheduler::abstract_coordinator(system),
      contexts_(std::move(contexts)) {}

asio_coordinator::~asio_coordinator() = default;

asio_coordinator::unit*& asio_coordinator::current() {
  thread_local unit* u = nullptr;
  return u;
}

asio_coordinator::unit::unit(asio_coordinator& owner,
                             boost::asio::io_context& io)
    : caf::execution_unit(&owner.system()), owner_(owner), io_(io) {}

void asio_coordinator::unit::exec_later(caf::resumable* job) {
  owner_.enqueue(job);
}

void asio_coordinator::unit::run_one(caf::resumable* job) {
  using state = caf::resumable::resume_result;
  switch (job->resume(this, owner_.max_throughput())) {
  case state::resume_later:
    owner_.enqueue_behind_io(io_, job);
    break;
  case state::done:
  case state::awaiting_message:
    caf::intrusive_ptr_release(job);
    break;
  case state::shutdown_execution_unit:
    break;
  }
}

void asio_coordinator::unit::drain() {
  if (draining_)
    return;
  draining_ = true;
  for (int left = drain_budget; left > 0 && !queue_.empty(); --left) {
    auto* job = queue_.front();
    queue_.pop_front();
    run_one(job);
  }
  for (auto* job : queue_)
    owner_.enqueue_behind_io(io_, job);
  queue_.clear();
  draining_ = false;
}

asio_coordinator::thread_binding::thread_binding(asio_coordinator& owner,
                                                 boost::asio::io_context& io)
    : unit_(owner, io), previous_(std::exchange(current(), &unit_)) {}

asio_coordinator::thread_binding::~thread_binding() {
  current() = previous_;
}

void asio_coordinator::enqueue(caf::resumable* job) {
  auto* u = current();
  if (u && &u->owner_ == this) {
    if (u->depth_ > 0 || u->draining_)
      u->queue_.push_back(job);
    else
      enqueue_behind_io(u->io_, job);
    return;
  }
  enqueue_behind_io(*contexts_[next_worker_++ % contexts_.size()], job);
}

void asio_coordinator::enqueue_behind_io(boost::asio::io_context& io,
                                         caf::resumable* job) {
  boost::asio::post(io, [job] {
    auto* u = current();
    const actor_scope scope;
    u->run_one(job);
  });
}

void asio_coordinator::start() {
  timer_ = std::thread([this] { clock_.run_dispatch_loop(); });
  caf::scheduler::abstract_coordinator::start();
}

void asio_coordinator::stop() {
  stop_actors();
  // An actor counts as ended from within its last step, which still needs what
  // goes next: the clock, and the system. So those steps are waited for.
  for (auto* io : contexts_) {
    std::promise<void> idle;
    boost::asio::post(*io, [&idle] {
      if (auto* u = current())
        u->delayed_.clear();
      idle.set_value();
    });
    idle.get_future().wait();
  }
  clock_.cancel_dispatch_loop();
  timer_.join();
}

actor_scope::actor_scope() : unit_(asio_coordinator::current()) {
  if (unit_)
    ++unit_->depth_;
}

actor_scope::~actor_scope() {
  if (unit_ && --unit_->depth_ == 0)
    unit_->drain();
}

} // namespace mcp
