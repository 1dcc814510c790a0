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

struct rows_read {
  std::vector<history_row> rows;
  std::size_t unreadable = 0; // more that W&B gave
};

/// Reads rows and cleans them: other members that begin with "_" and nulls are
/// dropped; NaN and infinities, bare or as texts, become the texts of
/// non_finite.hpp; a whole `_step` becomes an integer. Odd values are read as
/// `read_lenient` does.
/// With `keys`, rows that hold none of them are dropped. What is neither an
/// object nor the text of one is counted and passed over.
/// Errors: `upstream_garbage` there are rows, and none can be read.
/// Cost:   each text is parsed once.
[[nodiscard]] result<rows_read>
read_history_rows(const boost::json::array& rows, const row_members& members);

/// Gives the texts in which W&B and its users spell numbers that JSON lacks
/// ("NaN", "inf", ...) their one spelling (non_finite.hpp), at any depth.
void clean_non_finite(boost::json::value& v);

/// True for the texts "NaN", "Infinity" and "-Infinity".
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
