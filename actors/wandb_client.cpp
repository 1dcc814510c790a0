#include "actors/wandb_client.hpp"

#include "actors/upstream_outcome.hpp"
#include "protocol/wandb/graphql_reply.hpp"

#include <boost/core/demangle.hpp>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <typeinfo>

namespace mcp {
namespace {

using self_pointer = wandb_client_actor::stateful_pointer<wandb_client_state>;
using std::chrono::milliseconds;

constexpr std::size_t max_cached = 64;
constexpr std::size_t max_cached_bytes = 256 * 1024; // of one answer
/// "Authorization: Basic base64(api:KEY)", as W&B's own clients send it.
std::string basic_authorization(const secret& key) {
  std::string plain = "api:";
  plain += key.reveal();
  constexpr auto variant = sodium_base64_VARIANT_ORIGINAL;
  std::string encoded(sodium_base64_encoded_len(plain.size(), variant), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(plain.data()),
                    plain.size(), variant);
  encoded.pop_back(); // the terminating zero it counts
  auto header = "Authorization: Basic " + encoded;
  sodium_memzero(plain.data(), plain.size());
  sodium_memzero(encoded.data(), encoded.size());
  return header;
}

/// A failure that another attempt may not meet.
bool is_transient(const failure& f) {
  // A gateway's 504 came early; a deadline of ours leaves nothing to try in.
  return f.code == errc::upstream_unavailable || f.code == errc::rate_limited
         || (f.code == errc::upstream_timeout && f.http_status != 0);
}

upstream_result read_outcome(net::http_outcome& o, const flight& f,
                             std::string_view url) {
  if (f.rows && f.rows->refused)
    return *f.rows->refused;
  if (o.end == net::transfer_end::too_large && f.what->memory
      && f.what->memory->refusal() != call_memory::verdict::granted)
    return too_much(*f.what->memory);
  if (o.end != net::transfer_end::complete
      && o.end != net::transfer_end::stopped)
    return transfer_failure(o, f.what->to, url);
  const bool redirect = f.what->to == service::docs && !o.location.empty()
                        && (o.status == 307 || o.status == 308);
  if ((o.status < 200 || o.status > 299) && !redirect)
    return wandb::http_failure(o.status, o.body, o.retry_after,
                               service_name(f.what->to));
  return upstream_reply{
    .status = o.status,
    .body = std::make_shared<const std::string>(std::move(o.body)),
    .complete = o.end == net::transfer_end::complete,
    .location = std::move(o.location),
    .mcp_session_id = std::move(o.mcp_session_id)};
}

/// The rules of one client, over its state. All functions run inside the actor.
class upstream {
public:
  upstream(self_pointer self, const upstream_options& options,
           upstream_gateway& gateway)
      : self_(self), st_(self->state), options_(options), gateway_(gateway) {}

  void fetch(fetch_request& r) {
    if (r.what->memory)
      r.what->memory->belongs_to(st_.memory);
    if (!is_reachable(*r.what)) {
      const failure why =
        r.what->to == service::storage
          ? failure{.code = errc::not_permitted,
                    .message = "W&B wants the file uploaded without TLS to "
                               "another host, which is refused."}
          : failure{.code = errc::internal, .message = "internal error"};
      reply(r.from, r.id, why, {trouble_of(r.what->to, why)});
      return;
    }
    const auto key = share_key(*r.what);
    if (r.what->reuse_for.count() > 0)
      if (auto kept = st_.cache.find(key);
          kept != st_.cache.end() && kept->second.until > now()) {
        reply(r.from, r.id, charged(kept->second.reply, r.what->memory));
        return;
      }
    if (!key.empty())
      if (auto same = st_.shared.find(key); same != st_.shared.end()) {
        auto& f = st_.flights.at(same->second);
        f.waiters.push_back(
          {std::move(r.from), r.id, r.deadline, std::move(r.what->memory)});
        return;
      }
    if (st_.waiting.size() >= options_.max_waiting)
      return refuse_slowly(r);
    const auto number = ++st_.last_flight;
    auto& f = st_.flights[number];
    f.what = std::move(r.what);
    f.waiters.push_back({std::move(r.from), r.id, r.deadline, nullptr});
    f.share_key = key;
    if (!key.empty())
      st_.shared.emplace(key, number);
    launch(number);
  }

  void abandon(const fetch_abandon& a) {
    for (auto& [number, f] : st_.flights) {
      const auto gone = std::erase_if(f.waiters, [&](const auto& w) {
        return w.id == a.id && w.from.address() == a.from;
      });
      if (gone == 0)
        continue;
      if (f.waiters.empty()) {
        if (f.sent)
          gateway_.cancel(f.transfer);
        drop(number);
        launch_waiting();
      }
      return;
    }
  }

  void done(transfer_done& d) {
    auto it = st_.flights.find(d.flight);
    if (it == st_.flights.end())
      return; // abandoned; the end crossed
    auto& f = it->second;
    f.sent = false;
    --st_.in_flight;
    const bool hidden =
      f.what->to == service::api && options_.api_is_internal;
    auto outcome = read_outcome(*d.outcome, f,
                                hidden ? std::string() : url_of(*f.what));
    if (!outcome)
      f.troubles.push_back(trouble_of(f.what->to, outcome.error()));
    if (options_.reach)
      options_.reach->saw(f.what->to, *d.outcome);
    observe(f, outcome, *d.outcome);
    if (!outcome && !f.what->read)
      outcome = write_failure(outcome.error(), *d.outcome);
    if (!outcome && may_retry(f, outcome.error())
        && pause_and_retry(d.flight, f, outcome.error()))
      return launch_waiting();
    finish(d.flight, std::move(outcome));
    launch_waiting();
  }

  void retry(std::uint64_t number) {
    if (auto it = st_.flights.find(number);
        it != st_.flights.end() && !it->second.sent && !it->second.queued)
      launch(number);
  }

private:
  /// A client that sends again at once what was refused must not keep the
  /// threads busy with refusals, nor a thousand of them come back together.
  void refuse_slowly(const fetch_request& r) {
    const failure busy{.code = errc::server_busy,
                       .message =
                         "Too many requests of this user are waiting for W&B.",
                       .retry_after = milliseconds(1000)};
    const auto pause = options_.refusal_pause;
    const auto more = milliseconds(st_.jitter() % (pause.count() + 1));
    self_->delayed_send(
      r.from, pause + more,
      fetch_reply{r.id, std::make_shared<upstream_result>(busy),
                  {trouble_of(r.what->to, busy)}});
  }

  /// The actor's own clock, which a test may set.
  clock::time_point now() const { return self_->clock().now(); }
  milliseconds remaining(clock::time_point t) const {
    return std::chrono::ceil<milliseconds>(t - now());
  }

  static std::string share_key(const upstream_request& r) {
    if (!r.read || r.rows)
      return {};
    std::string key(1, static_cast<char>('0' + static_cast<int>(r.to)));
    key += r.path;
    key += '\n';
    key += r.body;
    for (const auto& header : r.headers)
      key += '\n' + header;
    return key;
  }

  host_state& host(const flight& f) {
    return st_.hosts[static_cast<std::size_t>(f.what->to)];
  }

  void launch(std::uint64_t number) {
    auto& f = st_.flights.at(number);
    f.queued = false;
    const auto present = now();
    auto& h = host(f);
    if (f.deadline() <= present)
      return give_up(number,
                     {.code = errc::upstream_timeout,
                      .message = std::string(service_name(f.what->to))
                                 + " did not answer in time.",
                      .why = cause::timeout});
    if (h.open_until > present
        || (h.open_until != clock::time_point{} && h.probing))
      return give_up(
        number, {.code = errc::upstream_unavailable,
                 .message = std::string(service_name(f.what->to))
                            + " keeps failing and is left alone for a moment.",
                 .retry_after = std::max(remaining(h.open_until),
                                         milliseconds(1000)),
                 .why = cause::paused});
    if (h.not_before > present) {
      if (h.not_before >= f.deadline())
        return give_up(number,
                       {.code = errc::rate_limited,
                        .message = std::string(service_name(f.what->to))
                                   + " limits this user's requests.",
                        .retry_after = remaining(h.not_before),
                        .http_status = 429});
      return wait_for(number, remaining(h.not_before));
    }
    if (st_.in_flight >= options_.max_in_flight) {
      f.queued = true;
      st_.waiting.push_back(number);
      return;
    }
    if (h.open_until != clock::time_point{})
      h.probing = true;
    send(number, f);
  }

  void send(std::uint64_t number, flight& f) {
    net::http_transfer t;
    t.method = f.what->method;
    t.url = url_of(*f.what);
    t.headers = f.what->headers;
    t.headers.push_back("Content-Type: " + f.what->content_type);
    t.headers.push_back("Accept: " + f.what->accept);
    if (f.what->to == service::api || f.what->to == service::trace)
      t.headers.push_back(basic_authorization(st_.key));
    t.body = f.what->body;
    t.deadline = std::max(remaining(f.deadline()), milliseconds(1));
    if (options_.request_timeout.count() > 0)
      t.deadline = std::min(t.deadline, options_.request_timeout);
    t.max_response_bytes = options_.max_response_bytes;
    if (f.what->max_bytes > 0)
      t.max_response_bytes = std::min(t.max_response_bytes, f.what->max_bytes);
    if (f.what->memory)
      t.may_collect = [memory = f.what->memory](std::size_t more) {
        return memory->take(more) == call_memory::verdict::granted;
      };
    if (f.what->rows) {
      f.rows = std::make_shared<row_progress>();
      t.on_line = [reader = f.what->rows,
                   progress = f.rows](std::string_view line) {
        ++progress->count;
        try {
          return reader->row(line);
        } catch (const failure_exception& e) {
          progress->refused = e.reason;
        } catch (const std::exception& e) {
          spdlog::error("a row reader failed: {}",
                        boost::core::demangle(typeid(e).name()));
          progress->refused =
            failure{.code = errc::internal, .message = "internal error"};
        }
        return false;
      };
    }
    ++f.attempts;
    ++st_.in_flight;
    f.sent = true;
    f.transfer = gateway_.start(
      std::move(t), [number, me = caf::actor_cast<wandb_client_actor>(self_)](
                      net::http_outcome o) {
        caf::anon_send(
          me, transfer_done{number,
                            std::make_shared<net::http_outcome>(std::move(o))});
      });
  }

  std::string url_of(const upstream_request& r) const {
    switch (r.to) {
    case service::api:
      return options_.api_url + r.path;
    case service::trace:
      return options_.trace_url + r.path;
    case service::docs:
    case service::storage:
      break;
    }
    return r.path;
  }

  /// Whether W&B may send us there: what it answers must not make the server
  /// talk plain HTTP to whatever is near it. And whether a path is one: what
  /// begins otherwise would go on with the name of the host.
  bool is_reachable(const upstream_request& r) const {
    if (r.to == service::api || r.to == service::trace)
      return r.path.starts_with('/');
    return r.to != service::storage || r.path.starts_with("https://")
           || r.path.starts_with(options_.api_url + "/");
  }

  /// Keeps the books of the host's circuit and rate limit.
  void observe(const flight& f, const upstream_result& outcome,
               const net::http_outcome& raw) {
    auto& h = host(f);
    h.probing = false;
    const bool host_trouble =
      !outcome
      && (outcome.error().code == errc::upstream_unavailable
          || outcome.error().code == errc::upstream_timeout);
    if (!host_trouble) {
      h.failures = 0;
      h.open_until = {};
    } else if (++h.failures >= options_.breaker_failures) {
      h.open_until = now() + options_.breaker_pause;
      spdlog::warn("{} failed {} times in a row for one user; pausing ({})",
                   service_name(f.what->to), h.failures, raw.detail);
    }
    // What we refuse for lack of memory is no word of the host.
    if (!outcome && outcome.error().retry_after
        && raw.end != net::transfer_end::too_large)
      h.not_before = now() + *outcome.error().retry_after;
  }

  bool may_retry(const flight& f, const failure& why) const {
    return f.what->read && is_transient(why) && (!f.rows || f.rows->count == 0)
           && f.attempts < options_.max_attempts;
  }

  /// False when the pause would reach past the deadline.
  bool pause_and_retry(std::uint64_t number, flight& f, const failure& why) {
    auto pause = options_.first_pause * (1 << (f.attempts - 1));
    pause += milliseconds(st_.jitter() % (pause.count() / 2 + 1));
    if (why.retry_after)
      pause = std::max(pause, *why.retry_after);
    if (now() + pause >= f.deadline())
      return false;
    if (host(f).open_until > now())
      return false;
    wait_for(number, pause);
    return true;
  }

  void wait_for(std::uint64_t number, milliseconds pause) {
    self_->delayed_send(self_, pause, retry_atom_v, number);
  }

  /// Ends a flight that was not sent, or not again.
  void give_up(std::uint64_t number, failure why) {
    auto& f = st_.flights.at(number);
    f.troubles.push_back(trouble_of(f.what->to, why));
    finish(number, std::move(why));
  }

  void finish(std::uint64_t number, upstream_result outcome) {
    auto node = drop(number);
    const auto& what = *node.mapped().what;
    if (outcome && what.reuse_for.count() > 0 && !what.rows
        && outcome->body->size() <= max_cached_bytes
        && (!what.reusable || what.reusable(*outcome->body))) {
      if (st_.cache.size() >= max_cached)
        st_.cache.clear();
      st_.cache[share_key(what)] = {*outcome, now() + what.reuse_for};
    }
    for (auto& w : node.mapped().waiters)
      reply(w.from, w.id, charged(outcome, w.memory), node.mapped().troubles);
  }

  /// An answer that came without a transfer of its own counts all the same.
  static upstream_result charged(const upstream_result& outcome,
                                 const std::shared_ptr<call_memory>& memory) {
    using verdict = call_memory::verdict;
    if (outcome && memory
        && memory->take(outcome->body->size()) != verdict::granted)
      return too_much(*memory);
    return outcome;
  }

  /// Takes a flight out of every table.
  decltype(wandb_client_state::flights)::node_type drop(std::uint64_t number) {
    auto node = st_.flights.extract(number);
    auto& f = node.mapped();
    if (!f.share_key.empty())
      st_.shared.erase(f.share_key);
    if (f.queued)
      std::erase(st_.waiting, number);
    if (f.sent) {
      --st_.in_flight;
      host(f).probing = false;
    }
    return node;
  }

  void launch_waiting() {
    while (!st_.waiting.empty() && st_.in_flight < options_.max_in_flight) {
      const auto number = st_.waiting.front();
      st_.waiting.pop_front();
      launch(number);
    }
  }

  void reply(const fetcher_actor& to, std::uint64_t id,
             const upstream_result& outcome,
             std::vector<upstream_trouble> troubles = {}) {
    self_->send(to, fetch_reply{id, std::make_shared<upstream_result>(outcome),
                                std::move(troubles)});
  }

  self_pointer self_;
  wandb_client_state& st_;
  const upstream_options& options_;
  upstream_gateway& gateway_;
};

} // namespace

clock::time_point flight::deadline() const {
  auto latest = clock::time_point::min();
  for (const auto& w : waiters)
    latest = std::max(latest, w.deadline);
  return latest;
}

wandb_client_actor::behavior_type
wandb_client(self_pointer self, secret key,
             std::shared_ptr<const upstream_options> options,
             upstream_gateway* gateway) {
  self->state.key = std::move(key);
  self->state.memory =
    std::make_shared<user_memory>(options->max_bytes_per_user);
  self->state.jitter.seed(std::random_device{}());
  const auto rules = [self, options, gateway] {
    return upstream(self, *options, *gateway);
  };
  return {
    [rules](fetch_request& r) { rules().fetch(r); },
    [rules](const fetch_abandon& a) { rules().abandon(a); },
    [rules](transfer_done& d) { rules().done(d); },
    [rules](retry_atom, std::uint64_t number) { rules().retry(number); },
  };
}

} // namespace mcp
