#pragma once

#include "bench/histogram.hpp"
#include "bench/scenario.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mcp::bench {

struct load_options {
  target server;
  std::vector<std::string> keys;   // one tenant each; at least one
  std::vector<question> questions; // asked in proportion to their weights
  std::size_t connections = 64;
  std::size_t sessions = 64; // spread over the keys
  std::size_t threads = 1;
  /// Requests a second over all connections; 0: each connection asks again as
  /// soon as it is answered. With a rate, a time is measured from when the
  /// request was due, so that a stalled server does not hide its queue.
  double rate = 0;
  /// Without a rate: how long a connection waits after an answer.
  std::chrono::milliseconds think{0};
  /// Each connection keeps to one session, as a client does; else they rotate,
  /// as they do behind a proxy.
  bool own_sessions = false;
  std::chrono::milliseconds warm_up{1000};
  std::chrono::milliseconds duration{5000};
  /// After that many answers it is over as well; 0: any number.
  std::uint64_t requests = 0;
  std::uint64_t seed = 1;
  int server_pid = 0; // 0: its memory and CPU are not watched
};

/// A second of a run.
struct load_second {
  std::uint64_t answers = 0;
  std::uint64_t rss = 0; // bytes
};

struct load_result {
  histogram times; // nanoseconds
  std::uint64_t right = 0;
  std::map<std::string, std::uint64_t> errors; // kind -> how many
  double seconds = 0;
  std::uint64_t bytes = 0;
  std::vector<load_second> course;
  double setup_seconds = 0; // to open the sessions
  std::uint64_t sessions = 0;
  // Of the server, when its pid is known.
  std::uint64_t rss_before = 0, rss_open = 0, rss_after = 0; // bytes
  double cpu_seconds = 0;

  double rate() const { return seconds > 0 ? double(right) / seconds : 0; }
  std::uint64_t failures() const;
};

/// What a run tells while it goes on, once a second; may be null.
using progress_line = std::function<void(const std::string&)>;

/// Opens the sessions, warms up, then asks for the duration.
/// Throws std::runtime_error when no session can be opened.
load_result run_load(const load_options& options, const progress_line& tell);

struct churn_options {
  load_options base; // connections at a time, duration, ...
};
/// Over and over: connect, initialize, ping, end the session, disconnect.
load_result run_churn(const load_options& options, const progress_line& tell);

struct stream_result {
  std::uint64_t open = 0;
  double setup_seconds = 0;
  std::uint64_t rss_before = 0, rss_open = 0;
  std::uint64_t reached = 0; // streams that got the notification
  double notify_seconds = 0; // until the last of them did
};
/// Opens a session and its event stream on each connection, then calls
/// `notify` once, which makes the server tell all of them something.
stream_result run_streams(const load_options& options, const question* notify);

// Of a process, from /proc: resident bytes, and CPU seconds so far.
std::uint64_t resident_bytes(int pid);
double cpu_seconds(int pid);

} // namespace mcp::bench
