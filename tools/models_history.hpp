#pragma once

// Fetching rows of a run's history. What W&B offers:
// - sampledHistory(specs): evenly sampled rows that hold ALL keys of a spec, so
//   one spec per metric, joined here, is the only way not to lose rows of
//   metrics that are logged rarely. `maxStep` of a spec is inclusive.
// - history(minStep, maxStep, samples): whole rows; `maxStep` is exclusive.
// - events(samples): system metrics.

#include "protocol/wandb/history_rows.hpp"
#include "tools/models_run.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

using rows_list = std::vector<wandb::history_row>;

struct history_wish {
  run_path run;
  wandb::row_members members; // keys without "_step" and the x axis
  std::int64_t samples = 500;
  std::optional<std::int64_t> min_step; // inclusive
  std::optional<std::int64_t> max_step; // inclusive
  double told = 0;                      // the progress that the client knows of
  /// When set, only rows whose x axis has this value (`same_x`); of window
  /// requests.
  std::optional<double> only_x = std::nullopt;
};

/// Two values this near to each other are the same value of an axis.
inline constexpr double same_x = 1e-9;

/// How often a metric was met.
struct key_count {
  std::size_t rows = 0;
  std::size_t non_finite = 0;
};
using key_counts = std::map<std::string, key_count, std::less<>>;

struct history_rows {
  rows_list rows; // ascending; may exceed `samples`
  /// Parts of the range were not read.
  bool partial = false;
  /// W&B may have left rows out between those it gave.
  bool sampled = false;
  /// How many rows W&B gave, and how many they are once joined.
  std::size_t scanned = 0;
  std::size_t matching = 0;
  /// Rows of W&B's that are no JSON objects; not among those above.
  std::size_t unreadable = 0;
  /// Of all rows that W&B gave, "_step" left out.
  key_counts counts;

  void count(const rows_list& some);
};

/// One series per list of keys, in the order of the lists: the rows that hold
/// all of its keys, evenly sampled. Eight lists to a request, the requests side
/// by side.
struct series_wish {
  run_path run;
  std::vector<std::vector<std::string>> keys;
  std::string x_axis = "_step";
  std::int64_t samples = 500;           // of each series
  std::optional<std::int64_t> min_step; // inclusive
  std::optional<std::int64_t> max_step; // inclusive
  double told = 0;                      // the progress that the client knows of
};

inline constexpr std::size_t series_per_request = 8;

/// The texts of `sampledHistory`'s specs.
[[nodiscard]] json::array spec_texts(const series_wish& wish);

/// What `sampledHistory` of `run` answered to these specs: one list per spec.
/// Throws `failure_exception` upstream_garbage.
[[nodiscard]] std::vector<rows_list> read_series(const json::object& run,
                                                 const series_wish& wish);

task<std::vector<rows_list>> fetch_samples(call_context& context,
                                           series_wish wish);

/// One series per key, joined. `members.keys` must not be empty. When it takes
/// several requests and the run may still grow, its last step bounds all of
/// them, so that they see the same rows. Its counts tell whether W&B gave all.
task<history_rows> fetch_series(call_context& context, history_wish wish,
                                run_header run);

/// One request for whole rows in the wish's range.
task<history_rows> fetch_window(call_context& context, history_wish wish);

/// Reads a range in windows of 1,000 steps, four at a time, at most 50: of a
/// longer range the windows are spread evenly, and the answer is `partial`. So
/// it is when the call's time runs out first; what was read until then is
/// spread as well, and holds the end of the range. Needs both bounds.
task<history_rows> scan_windows(call_context& context, history_wish wish);

/// System metrics, in the order W&B gives.
task<history_rows> fetch_events(call_context& context, history_wish wish);

/// Knows when to stop asking: when the next requests may no longer end in time.
class time_guard {
public:
  explicit time_guard(const call_context& context) : context_(context) {}
  /// Call before each round of requests. False: give what there is.
  bool next_round();

private:
  const call_context& context_;
  std::optional<std::chrono::milliseconds> before_; // time left, last round
  std::chrono::milliseconds longest_{0};
};

} // namespace mcp::tools
