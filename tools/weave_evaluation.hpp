#pragma once

#include "protocol/wandb/weave_filter.hpp"
#include "tools/weave_reader.hpp"
#include "tools/weave_score_counts.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// What an evaluation leaves in Weave. Its run is one call (Evaluation.evaluate)
// whose output holds what the scorers found over all rows. Below it is one call
// for each row and trial: Evaluation.predict_and_score, which the JavaScript
// client names Evaluation.predictAndScore; and, from Python, one call that made
// the summary.

namespace mcp::tools {

/// Runs of evaluations, also those below other calls when `nested`. `name` is a
/// part of the run's display name, of its op's name or of the evaluation's.
wandb::weave_filter evaluation_filter(const std::optional<std::string>& name,
                                      bool nested);

/// The rows' calls of these runs.
wandb::weave_filter prediction_filter(const std::vector<std::string>& run_ids);

/// Sums over the models of a call's summary.usage (weave_usage.hpp).
struct token_sums {
  std::int64_t prompt = 0;
  std::int64_t completion = 0;
  std::int64_t total = 0;

  void add(const boost::json::object& call);
  bool any() const { return prompt + completion + total > 0; }
  boost::json::object to_json() const;
};

/// The run of an evaluation, as far as an answer shows it.
struct evaluation_run {
  std::string id;
  /// eval_id, op_name, display_name, evaluation, model, started_at, ended_at,
  /// status, latency_ms, and exception when it has one.
  boost::json::object identity;
  /// What scorers found, by name: the numbers of it.
  boost::json::object scores;
  /// Numbers about the model's own output, and those a program logged itself.
  boost::json::object output_summary;
  boost::json::object model_latency; // {"mean": seconds}; empty: not there
  boost::json::object model_success; // {"true_count", "true_fraction"}
  token_sums tokens;
  /// Whether a failed row can be told by its status alone. The JavaScript
  /// client does not count the errors below a call, so the trace server takes
  /// such a row for a success: there it is the row's output that says it.
  bool status_is_enough = true;
};

/// Reads runs in the order they come.
class runs_reader : public call_reader {
public:
  using call_reader::call_reader;
  std::vector<evaluation_run> runs;

protected:
  void take(boost::json::object call) override;
};

/// What was seen of one run's rows.
struct evaluation_rows {
  std::int64_t observed = 0;
  std::int64_t successes = 0;
  std::int64_t errors = 0;  // the model, a scorer or the row itself failed
  std::int64_t running = 0; // not ended yet
  token_sums tokens;
  scored_rows scored;       // when the rows were read with their output
  bool has_output = false;  // they were
  boost::json::array tasks; // of the first rows
};

/// Adds up rows by their run. Holds no row.
class predictions_reader : public call_reader {
public:
  /// `max_tasks`: of how many rows of a run to keep what happened to them.
  predictions_reader(const bounds& b, std::size_t max_tasks)
      : call_reader(b), max_tasks_(max_tasks) {}

  const evaluation_rows& of(const std::string& run_id) const;

protected:
  void take(boost::json::object call) override;

private:
  const std::size_t max_tasks_;
  std::unordered_map<std::string, evaluation_rows> by_run_;
};

} // namespace mcp::tools
