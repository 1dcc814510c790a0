#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

// Of how many predictions an evaluation's rates and means speak: a rate of
// 0.9032 may be 28 of 31 while there were 40.

namespace mcp::tools {

/// How many predictions have a value, by the path of a score: "correctness" or
/// "correctness.correct".
using scored_rows = std::map<std::string, std::int64_t, std::less<>>;

/// Adds the scores of one prediction, what stands in output.scores: paths of
/// numbers and truth values, at most 200 different ones.
void count_scores(const boost::json::object& scores, scored_rows& rows);

/// Takes:  scores as a run reports them; the counts over all of its rows when
///         those were read with their output; how many predictions there are.
/// Gives:  for each rate and mean, by path, {"true_count", "scored",
///         "not_scored"}: what the rate is of, and how many of all predictions
///         it leaves out. `scored` follows from a rate where that leaves one
///         possibility, or comes from the rows; null when neither says it.
[[nodiscard]] boost::json::object
score_counts(const boost::json::object& scores,
             const std::optional<scored_rows>& rows, std::int64_t total);

} // namespace mcp::tools
