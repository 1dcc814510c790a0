#pragma once

#include "actors/messages.hpp"
#include "actors/upstream_gateway.hpp"
#include "actors/upstream_reach.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace mcp {

/// Where W&B is and how much one user may ask of it at a time.
struct upstream_options {
  std::string api_url = "https://api.wandb.ai"; // no trailing slash
  bool api_is_internal = false; // users are not told its address
  std::string trace_url = "https://trace.wandb.ai";
  std::size_t max_in_flight = 16; // of one user; more wait
  std::size_t max_waiting = 512;  // more than that: `server_busy`,
  std::chrono::milliseconds refusal_pause{250}; // after this, or up to twice it
  std::size_t max_response_bytes = std::size_t{32} << 20;
  /// Of one request; 0: as long as its call has left.
  std::chrono::milliseconds request_timeout{0};
  /// What all running calls of one user may hold.
  std::size_t max_bytes_per_user = std::size_t{256} << 20;
  /// Attempts of a read, the first included.
  int max_attempts = 3;
  std::chrono::milliseconds first_pause{200}; // doubles; jitter on top
  /// Consecutive failures of a host that open its circuit, and for how long.
  int breaker_failures = 5;
  std::chrono::milliseconds breaker_pause{10'000};
  /// Told how every transfer ended; null: nobody.
  std::shared_ptr<upstream_reach> reach;
};

/// A circuit breaker and rate limit of one host, as one user sees it: one
/// user's failing requests must not close the way for another's.
struct host_state {
  int failures = 0; // in a row
  clock::time_point open_until{};
  bool probing = false;
  clock::time_point not_before{}; // from Retry-After
};

/// How far a streamed answer came. Written on the transfer's thread while the
/// transfer runs, read by the actor after it ended.
struct row_progress {
  std::size_t count = 0;
  std::optional<failure> refused; // by the reader
};

/// One request under way upstream, for one or several identical reads.
struct flight {
  struct waiter {
    fetcher_actor from;
    std::uint64_t id = 0;
    clock::time_point deadline;
    /// Of a waiter that shares the answer; the first one's is the request's.
    std::shared_ptr<call_memory> memory;
  };
  std::shared_ptr<upstream_request> what;
  std::vector<waiter> waiters;
  std::string share_key; // empty: not shared
  int attempts = 0;
  bool sent = false; // a transfer runs
  bool queued = false;
  std::uint64_t transfer = 0;
  std::shared_ptr<row_progress> rows; // of a streamed answer
  std::vector<upstream_trouble> troubles; // so far, for the log
  clock::time_point deadline() const;
};

struct wandb_client_state {
  static inline const char* name = "wandb_client";
  secret key;
  std::shared_ptr<user_memory> memory;
  std::uint64_t last_flight = 0;
  std::unordered_map<std::uint64_t, flight> flights;
  std::unordered_map<std::string, std::uint64_t> shared; // share_key -> flight
  std::deque<std::uint64_t> waiting;
  std::size_t in_flight = 0;
  host_state hosts[4]; // by `service`
  /// Answers that may be reused for a while; only requests that ask for it.
  struct kept {
    upstream_reply reply;
    clock::time_point until;
  };
  std::map<std::string, kept> cache;
  std::minstd_rand jitter;
};

/// The one actor that knows a user's API key. Everybody else holds its handle.
/// - Two identical reads in flight are one request upstream.
/// - A read is tried again after transient trouble (429, 5xx, broken
///   connections) while its deadline allows; a write is sent once, ever.
/// - Retry-After is honoured; a host that keeps failing is left alone a while.
/// - A request nobody waits for any more is aborted.
/// `options` and `gateway` must outlive the actor.
wandb_client_actor::behavior_type
wandb_client(wandb_client_actor::stateful_pointer<wandb_client_state> self,
             secret key, std::shared_ptr<const upstream_options> options,
             upstream_gateway* gateway);

} // namespace mcp
