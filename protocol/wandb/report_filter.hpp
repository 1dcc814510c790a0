#pragma once

// Which runs a chart of a report shows: conditions, and the text they are
// written as.

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mcp::wandb {

namespace json = boost::json;

/// One condition on a run, a leaf of W&B's filter tree:
/// {"run", "name", "IN", ["abc12345"]}.
struct run_condition {
  std::string section; // "run", "config" or "summary"
  std::string name;
  std::string op; // = != < <= > >= IN NIN
  json::value value;

  bool operator==(const run_condition&) const = default;
};

/// Alternatives of conditions that hold together; empty: every run.
using run_filter = std::vector<std::vector<run_condition>>;

/// The runs with these ids.
[[nodiscard]] run_filter runs_named(const std::vector<std::string>& ids);

/// Reads a filter expression as W&B's report library writes them:
///   Config("lr") >= 0.01 and (State == "finished" or name in ["a1", "b2"])
/// Left sides: `name` (the run id), `Name`, `State` and the other attributes
/// of a run, bare or as Metric("..."); Config("..."), config.x;
/// SummaryMetric("..."), Summary("..."), summary.x. Right sides: texts,
/// numbers, True and False, and lists of them after `in` and `not in`.
/// Gives:  alternatives; parentheses are multiplied out, because every version
///         of the app reads that form.
/// Errors: `bad_argument` for anything else: the message says what, and a
///         filter is never guessed. Also for more than 4,000 bytes, 16 nested
///         parentheses, 32 alternatives or 200 conditions.
[[nodiscard]] result<run_filter> parse_run_filter(std::string_view expression);

} // namespace mcp::wandb
