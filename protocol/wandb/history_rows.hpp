#pragma once

// The rows of a run's history. W&B hands them out in two shapes, JSON texts
// (Run.history, Run.events) and JSON objects (Run.sampledHistory), and spells
// numbers that JSON lacks in two ways. Here they become plain objects.

#include "protocol/errors.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::wandb {

using history_row = boost::json::object;

/// Which members of a row are kept.
struct row_members {
  /// Metric names; empty for all. A name with dots is looked up as it is, then
  /// inside nested objects: "val.loss" in {"val":{"loss":1}}.
  std::vector<std::string> keys;
  /// Kept besides `_step`, `_timestamp` and `_runtime`.
  std::string x_axis = "_step";
};

/// Reads rows and cleans them: other members that begin with "_" and nulls are
/// dropped; NaN, Infinity and -Infinity, bare or as texts, become "nan", "inf",
/// "-inf"; a whole `_step` becomes an integer.
/// With `keys`, rows that hold none of them are dropped.
/// Errors: `upstream_garbage` a row that is neither an object nor its text.
/// Cost:   each text is parsed once.
[[nodiscard]] result<std::vector<history_row>>
read_history_rows(const boost::json::array& rows, const row_members& members);

/// Writes the ways in which W&B spells numbers that JSON lacks ("NaN",
/// "Infinity", "-Infinity") as "nan", "inf" and "-inf", at any depth.
void clean_non_finite(boost::json::value& v);

/// True for the texts "nan", "inf" and "-inf".
[[nodiscard]] bool is_non_finite(const boost::json::value& v);

/// The value of a member as a number; empty when it is absent or not finite.
[[nodiscard]] std::optional<double> number_in(const history_row& row,
                                              std::string_view name);

/// The row's `_step`; empty when it has none that a 64 bit integer can hold.
[[nodiscard]] std::optional<std::int64_t> step_of(const history_row& row);

/// Joins series that were read one by one: rows of the same `_step`, or without
/// that of the same x axis value, become one row. Rows that share a value
/// inside one series stay apart: the first joins the others' first, and so on.
/// Gives:  rows in ascending order of the x axis; those without it last.
[[nodiscard]] std::vector<history_row>
join_series(std::vector<std::vector<history_row>> series,
            std::string_view x_axis);

/// Sorts rows by the x axis; those without it go last. Stable.
void sort_rows(std::vector<history_row>& rows, std::string_view x_axis);

/// True for `_step`, `_timestamp`, `_runtime` and the x axis: what tells where
/// a row is, not what it measures.
[[nodiscard]] bool is_row_place(std::string_view name, std::string_view x_axis);

} // namespace mcp::wandb
