#pragma once

// CAF's scheduler on Asio's threads.
//
// CAF brings worker threads of its own. With them, every request hops from a
// socket's thread to a worker and back, which costs more than all the actors'
// work. So here the threads that run the sockets run the actors too: an actor
// made runnable on such a thread goes to that thread's own queue, which is
// drained when the socket's handler ends. An actor that has had its share goes
// behind the pending I/O, so a busy actor can not starve the sockets.

#include "actors/caf.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <deque>
#include <map>
#include <thread>
#include <vector>

namespace mcp {

class asio_coordinator;

/// Delayed messages go back to the thread that asked for them: its own timer
/// brings them, and no other thread has to be woken.
///
/// CAF asks its clock to forget the timeouts of every actor that ends, which
/// wakes the clock's thread. Our actors end by the ten thousand a second and
/// set no timeouts: they send themselves delayed messages, which are no
/// timeouts.
class quiet_clock : public caf::detail::thread_safe_actor_clock {
public:
  using super = caf::detail::thread_safe_actor_clock;
  explicit quiet_clock(asio_coordinator& owner) : owner_(owner) {}

  using super::schedule_message;
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                            caf::atom_value type, uint64_t id) override;
  void set_multi_timeout(time_point t, caf::abstract_actor* self,
                         caf::atom_value type, uint64_t id) override;
  void set_request_timeout(time_point t, caf::abstract_actor* self,
                           caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;

private:
  asio_coordinator& owner_;
  /// Somebody set one after all; from then on they are forgotten as CAF does.
  std::atomic<bool> any_{false};
};

/// Messages of one thread that wait for their time. Times are rounded up to
/// hundredths of a second, so that thousands of them are few wakings.
class delayed_messages {
public:
  using time_point = caf::actor_clock::time_point;

  explicit delayed_messages(boost::asio::io_context& io) : timer_(io) {}
  void add(time_point t, caf::strong_actor_ptr to,
           caf::mailbox_element_ptr content);
  /// Drops them all.
  void clear();

private:
  struct message {
    caf::strong_actor_ptr to;
    caf::mailbox_element_ptr content;
  };
  void arm();
  void bring();

  std::multimap<time_point, message> waiting_;
  boost::asio::steady_timer timer_;
  time_point armed_ = time_point::max();
};

class asio_coordinator : public caf::scheduler::abstract_coordinator {
public:
  /// `contexts` must run, each on one thread, from before the actor system
  /// starts until after it stopped.
  asio_coordinator(caf::actor_system& system,
                   std::vector<boost::asio::io_context*> contexts);
  ~asio_coordinator() override;

  /// The part of the coordinator that belongs to one thread.
  class unit : public caf::execution_unit {
  public:
    unit(asio_coordinator& owner, boost::asio::io_context& io);
    void exec_later(caf::resumable* job) override;

  private:
    friend class asio_coordinator;
    friend class actor_scope;
    friend class quiet_clock;
    void run_one(caf::resumable* job);
    void drain();
    asio_coordinator& owner_;
    boost::asio::io_context& io_;
    delayed_messages delayed_{io_};
    std::deque<caf::resumable*> queue_;
    bool draining_ = false;
    int depth_ = 0; // actor_scopes open
  };

  /// Makes the calling thread the one that runs `io`; for its lifetime.
  class thread_binding {
  public:
    thread_binding(asio_coordinator& owner, boost::asio::io_context& io);
    ~thread_binding();
    thread_binding(const thread_binding&) = delete;
    thread_binding& operator=(const thread_binding&) = delete;

  private:
    unit unit_;
    unit* previous_;
  };

  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override { return clock_; }
  bool detaches_utility_actors() const override { return true; }

protected:
  void start() override;
  void stop() override;

private:
  friend class actor_scope;
  friend class quiet_clock;
  static unit*& current();
  void enqueue_behind_io(boost::asio::io_context& io, caf::resumable* job);

  std::vector<boost::asio::io_context*> contexts_;
  quiet_clock clock_{*this};
  std::thread timer_;
};

/// Opened by every socket handler that may send to actors: what becomes
/// runnable inside runs when the outermost scope ends, on the same thread.
class actor_scope {
public:
  actor_scope();
  ~actor_scope();
  actor_scope(const actor_scope&) = delete;
  actor_scope& operator=(const actor_scope&) = delete;

private:
  asio_coordinator::unit* unit_;
};

} // namespace mcp
