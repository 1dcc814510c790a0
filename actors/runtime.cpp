#include "actors/runtime.hpp"

#include "actors/scheduler.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

namespace mcp {
namespace {

namespace asio = boost::asio;

thread_local std::size_t this_thread = SIZE_MAX;

// A transfer's number carries its thread in the top bits.
constexpr int thread_shift = 48;

struct io_thread {
  // Sockets stay on their thread, so Asio need not lock them; `post` comes from
  // anywhere, so it locks its queue.
  asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  asio::executor_work_guard<asio::io_context::executor_type> work{
    io.get_executor()};
  std::unique_ptr<net::http_client> http;
  std::thread thread;
};

} // namespace

struct runtime::impl {
  std::vector<std::unique_ptr<io_thread>> threads;
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
  asio_coordinator* coordinator = nullptr;
};

runtime::runtime(std::size_t threads, const net::http_client_options& http)
    : impl_(std::make_unique<impl>()) {
  std::vector<asio::io_context*> contexts;
  for (std::size_t i = 0; i < threads; ++i) {
    auto& t = impl_->threads.emplace_back(std::make_unique<io_thread>());
    t->http = std::make_unique<net::http_client>(t->io, http);
    contexts.push_back(&t->io);
  }
  impl_->config.module_factories.push_back(
    [this, contexts](caf::actor_system& system) -> caf::actor_system::module* {
      return impl_->coordinator = new asio_coordinator(system, contexts);
    });
  impl_->system.emplace(impl_->config);
  for (std::size_t i = 0; i < threads; ++i) {
    auto& t = *impl_->threads[i];
    t.thread = std::thread([this, i, &t] {
      this_thread = i;
      const asio_coordinator::thread_binding binding(*impl_->coordinator, t.io);
      t.io.run();
    });
  }
}

runtime::~runtime() {
  // Transfers first: their callbacks send to actors. A thread that spawned an
  // actor holds CAF's logger, and the system waits for the last holder to let
  // go.
  on_each_thread([this](std::size_t i) {
    impl_->threads[i]->http.reset();
    caf::logger::set_current_actor_system(nullptr);
  });
  // The system's end waits for its actors, which need the threads for it.
  impl_->system.reset();
  for (auto& t : impl_->threads)
    t->work.reset();
  for (auto& t : impl_->threads) {
    t->io.stop();
    t->thread.join();
  }
}

caf::actor_system& runtime::system() {
  return *impl_->system;
}

std::size_t runtime::size() const {
  return impl_->threads.size();
}

asio::io_context& runtime::io(std::size_t thread) {
  return impl_->threads[thread]->io;
}

void runtime::on_each_thread(const std::function<void(std::size_t)>& job) {
  for (std::size_t i = 0; i < size(); ++i) {
    std::promise<void> done;
    asio::post(io(i), [&] {
      try {
        const actor_scope scope;
        job(i);
        done.set_value();
      } catch (...) {
        done.set_exception(std::current_exception());
      }
    });
    done.get_future().get();
  }
}

std::uint64_t runtime::start(net::http_transfer transfer,
                             std::function<void(net::http_outcome)> on_done) {
  if (this_thread >= size())
    throw std::logic_error("transfers start on I/O threads");
  const auto id = impl_->threads[this_thread]->http->start(
    std::move(transfer),
    [on_done = std::move(on_done)](net::http_outcome outcome) {
      const actor_scope scope;
      on_done(std::move(outcome));
    });
  return (static_cast<std::uint64_t>(this_thread) << thread_shift) | id;
}

void runtime::cancel(std::uint64_t transfer) {
  const auto thread = static_cast<std::size_t>(transfer >> thread_shift);
  const auto id = transfer & ((std::uint64_t{1} << thread_shift) - 1);
  asio::dispatch(io(thread), [this, thread, id] {
    if (auto& http = impl_->threads[thread]->http)
      http->cancel(id);
  });
}

} // namespace mcp
