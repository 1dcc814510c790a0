#include "bench/load.hpp"

#include "bench/client.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <random>
#include <stdexcept>
#include <thread>

namespace mcp::bench {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

std::uint64_t nanoseconds(clock::duration d) {
  return static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::nanoseconds>(d).count());
}

asio::ip::tcp::endpoint endpoint_of(const target& to) {
  return {asio::ip::make_address(to.host), to.port};
}

struct open_session {
  const request_writer* writer = nullptr; // of its key
  std::string id;
};

/// What all threads of a run share.
struct plan {
  const load_options& options;
  std::vector<request_writer> writers; // by key
  std::vector<open_session> sessions;
  std::atomic<std::uint64_t> next_id{1};
  std::atomic<std::size_t> next_session{0};
  std::atomic<std::uint64_t> answers{0};
  std::atomic<bool> over{false};
  clock::time_point measure_from, end;

  explicit plan(const load_options& o) : options(o) {
    for (const auto& key : o.keys)
      writers.emplace_back(o.server, key);
  }
};

/// A thread's connections and what they saw.
class worker {
public:
  worker(plan& shared, std::size_t first, std::size_t connections, double rate,
         std::uint64_t seed)
      : shared_(shared), first_(first), rate_(rate), random_(seed) {
    for (const auto& q : shared.options.questions)
      weights_ += q.weight;
    for (std::size_t i = 0; i < connections; ++i)
      clients_.push_back(
        std::make_shared<client>(io_, endpoint_of(shared.options.server)));
  }

  void run() {
    const auto start = clock::now();
    const auto gap =
      rate_ > 0 ? std::chrono::duration<double>(double(clients_.size()) / rate_)
                : std::chrono::duration<double>(0);
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      auto& s = slots_.emplace_back(std::make_unique<slot>(io_));
      s->connection = clients_[i];
      s->number = first_ + i;
      s->gap = std::chrono::duration_cast<clock::duration>(gap);
      // Spread evenly, so that an open loop does not start as a burst.
      s->due =
        start
        + s->gap * static_cast<int>(i) / static_cast<int>(clients_.size());
      wait(*s);
    }
    io_.run();
    for (const auto& c : clients_)
      bytes_ += c->bytes();
  }

  histogram times;
  std::uint64_t right = 0;
  std::map<std::string, std::uint64_t> errors;
  std::uint64_t bytes() const { return bytes_; }
  std::atomic<std::uint64_t> measured{0};

private:
  struct slot {
    explicit slot(asio::io_context& io) : timer(io) {}
    std::shared_ptr<client> connection;
    asio::steady_timer timer;
    clock::time_point due;
    clock::duration gap{};
    std::size_t number = 0; // of all threads' connections
    std::string request;
  };

  void wait(slot& s) {
    if (s.gap.count() == 0) {
      s.due = clock::now();
      return ask(s);
    }
    s.timer.expires_at(s.due);
    s.timer.async_wait([this, &s](auto) { ask(s); });
  }

  const question& pick() {
    const auto& all = shared_.options.questions;
    if (all.size() == 1)
      return all.front();
    auto at = static_cast<int>(random_() % static_cast<unsigned>(weights_));
    for (const auto& q : all)
      if ((at -= q.weight) < 0)
        return q;
    return all.back();
  }

  void ask(slot& s) {
    if (shared_.over.load(std::memory_order_relaxed)
        || clock::now() >= shared_.end)
      return s.connection->close();
    const auto id = shared_.next_id.fetch_add(1, std::memory_order_relaxed);
    const auto& q = pick();
    const auto turn =
      shared_.options.own_sessions
        ? s.number
        : shared_.next_session.fetch_add(1, std::memory_order_relaxed);
    const auto& from = shared_.sessions[turn % shared_.sessions.size()];
    const bool raw = shared_.options.server.speaks == dialect::raw;
    if (!raw || s.request.empty())
      s.request = from.writer->ask(q, id, from.id);
    s.connection->ask(s.request, [this, &s, &q, id, raw](const answer& a) {
      const auto now = clock::now();
      const char* why = a.status == 0     ? "connection broke"
                        : a.status != 200 ? "HTTP status"
                        : raw             ? nullptr
                                          : wrong(a.body, q, id);
      if (now >= shared_.measure_from) {
        if (why) {
          ++errors[a.status != 0 && a.status != 200
                     ? "HTTP " + std::to_string(a.status)
                     : why];
        } else {
          ++right;
          times.record(nanoseconds(now - s.due));
          measured.store(right, std::memory_order_relaxed);
        }
        const auto limit = shared_.options.requests;
        if (limit && shared_.answers.fetch_add(1) + 1 >= limit)
          shared_.over = true;
      }
      s.due += s.gap;
      // A server that is down must not make this a busy loop.
      const auto pause =
        a.status == 0 ? std::chrono::milliseconds(10) : shared_.options.think;
      if (pause.count() > 0 && s.gap.count() == 0) {
        s.timer.expires_after(pause);
        s.timer.async_wait([this, &s](auto) { wait(s); });
        return;
      }
      wait(s);
    });
  }

  plan& shared_;
  std::size_t first_; // number of its first connection
  double rate_;
  std::mt19937_64 random_;
  int weights_ = 0;
  asio::io_context io_{1};
  std::vector<std::shared_ptr<client>> clients_;
  std::vector<std::unique_ptr<slot>> slots_;
  std::uint64_t bytes_ = 0;
};

/// Opens `wanted` sessions over some connections at a time.
class opener {
public:
  opener(plan& shared, std::size_t wanted) : shared_(shared), wanted_(wanted) {}

  void run() {
    shared_.sessions.reserve(wanted_);
    if (shared_.options.server.speaks != dialect::session) {
      for (std::size_t i = 0; i < shared_.writers.size(); ++i)
        shared_.sessions.push_back({&shared_.writers[i], ""});
      return;
    }
    const auto lanes = std::min<std::size_t>(
      {std::size_t{64}, wanted_, shared_.options.connections});
    for (std::size_t i = 0; i < lanes; ++i)
      next(std::make_shared<client>(io_, endpoint_of(shared_.options.server)));
    io_.run();
    if (shared_.sessions.empty())
      throw std::runtime_error("no session could be opened: " + why_);
  }
  std::uint64_t failed() const { return failed_; }

private:
  void next(const std::shared_ptr<client>& c) {
    if (started_ == wanted_)
      return c->close();
    const auto number = started_++;
    const auto& writer = shared_.writers[number % shared_.writers.size()];
    auto request = std::make_shared<std::string>(writer.initialize(number + 1));
    c->ask(*request, [this, c, &writer, request](const answer& a) {
      if (a.status != 200 || a.session.empty()) {
        ++failed_;
        why_ = a.status == 0 ? "the connection broke"
                             : "HTTP " + std::to_string(a.status) + " "
                                 + std::string(a.body.substr(0, 200));
        return a.status == 0 ? void() : next(c);
      }
      shared_.sessions.push_back({&writer, std::string(a.session)});
      auto told = std::make_shared<std::string>(writer.initialized(a.session));
      c->ask(*told, [this, c, told](const answer&) { next(c); });
    });
  }

  plan& shared_;
  std::size_t wanted_;
  std::size_t started_ = 0;
  std::uint64_t failed_ = 0;
  std::string why_;
  asio::io_context io_{1};
};

/// Watches the run from its own thread, once a second.
void watch(const plan& shared, const std::vector<std::unique_ptr<worker>>& all,
           load_result& into, const progress_line& tell) {
  std::uint64_t before = 0;
  auto next = shared.measure_from;
  while (!shared.over && clock::now() < shared.end) {
    next += std::chrono::seconds(1);
    while (!shared.over && clock::now() < std::min(next, shared.end))
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (clock::now() < shared.measure_from)
      continue;
    std::uint64_t sum = 0;
    for (const auto& w : all)
      sum += w->measured.load(std::memory_order_relaxed);
    into.course.push_back(
      {sum - before, resident_bytes(shared.options.server_pid)});
    if (tell)
      tell(std::to_string(sum - before) + " answers/s");
    before = sum;
  }
}

} // namespace

std::uint64_t load_result::failures() const {
  std::uint64_t sum = 0;
  for (const auto& [kind, count] : errors)
    sum += count;
  return sum;
}

load_result run_load(const load_options& options, const progress_line& tell) {
  load_result out;
  plan shared(options);
  out.rss_before = resident_bytes(options.server_pid);
  const auto opening = clock::now();
  opener sessions(shared, options.sessions);
  sessions.run();
  out.setup_seconds =
    std::chrono::duration<double>(clock::now() - opening).count();
  out.sessions = shared.sessions.size();
  if (sessions.failed())
    out.errors["initialize"] = sessions.failed();
  out.rss_open = resident_bytes(options.server_pid);

  const auto threads = std::min(options.threads, options.connections);
  std::vector<std::unique_ptr<worker>> workers;
  std::size_t first = 0;
  for (std::size_t i = 0; i < threads; ++i) {
    const auto share =
      options.connections / threads + (i < options.connections % threads);
    workers.push_back(std::make_unique<worker>(
      shared, first, share, options.rate / static_cast<double>(threads),
      options.seed + i));
    first += share;
  }
  shared.measure_from = clock::now() + options.warm_up;
  shared.end = shared.measure_from + options.duration;
  std::vector<std::thread> running;
  for (auto& w : workers)
    running.emplace_back([&w] { w->run(); });
  std::this_thread::sleep_until(shared.measure_from);
  const auto cpu = cpu_seconds(options.server_pid);
  watch(shared, workers, out, tell);
  for (auto& t : running)
    t.join();
  out.cpu_seconds = cpu_seconds(options.server_pid) - cpu;
  out.seconds = std::chrono::duration<double>(std::min(clock::now(), shared.end)
                                              - shared.measure_from)
                  .count();
  for (const auto& w : workers) {
    out.times.add(w->times);
    out.right += w->right;
    out.bytes += w->bytes();
    for (const auto& [kind, count] : w->errors)
      out.errors[kind] += count;
  }
  out.rss_after = resident_bytes(options.server_pid);
  return out;
}

} // namespace mcp::bench
