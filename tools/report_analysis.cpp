#include "tools/report_analysis.hpp"

#include "protocol/json/coercion.hpp"
#include "protocol/json/non_finite.hpp"
#include "protocol/json/write.hpp"
#include "protocol/wandb/history_rows.hpp"
#include "protocol/wandb/run_table.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_run.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace mcp::tools {
namespace {

constexpr std::size_t most_rows = 10'000;
constexpr std::size_t most_columns = 200;
constexpr std::size_t largest_data = 5u << 20;
constexpr std::size_t longest_name = 256;
constexpr std::size_t longest_title = 128;
constexpr std::size_t longest_shown = 60;

void check_name(std::string_view what, std::string_view name) {
  const bool has_control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (name.empty() || name.size() > longest_name || has_control)
    invalid_input(std::string(what)
                  + ": a name in it is empty, longer than 256 bytes, or has "
                    "control characters.");
}

std::optional<double> number_in(const json::value& value) {
  if (value.is_bool())
    return value.get_bool() ? 1.0 : 0.0;
  if (!value.is_number())
    return std::nullopt;
  return value.to_number<double>();
}

/// Also of a sum that left the range of a double.
json::value number_or_text(double value) {
  const auto text = non_finite_text(value);
  return text.empty() ? json::value(value) : json::value(text);
}

void add_statistics(json::object& to, const std::string& column,
                    std::vector<double> values, std::size_t left_out) {
  if (left_out > 0)
    to[column + "_non_finite"] = left_out;
  if (values.size() < 2)
    return;
  std::sort(values.begin(), values.end());
  double mean = 0;
  for (const double v : values)
    mean += v / static_cast<double>(values.size());
  to[column + "_mean"] = number_or_text(mean);
  to[column + "_min"] = number_or_text(values.front());
  to[column + "_max"] = number_or_text(values.back());
  to[column + "_median"] = number_or_text(values[values.size() / 2]);
}

} // namespace

analysis read_analysis(const arguments& args) {
  analysis out{.entity = required_text(args, "entity_name"),
               .project = required_text(args, "project_name"),
               .name = required_text(args, "analysis_name"),
               .rows = {},
               .columns = {},
               .scalars = {}};
  if (out.name.size() > longest_title)
    invalid_input("analysis_name: at most 128 bytes.");
  check_name("analysis_name", out.name);
  const auto* data = args.array("data");
  if (!data || data->empty())
    throw tool_error("log_failed", "data: give a non-empty list of rows, each "
                                   "an object from column to value.");
  if (data->size() > most_rows)
    invalid_input("data: at most 10,000 rows.");
  if (json_size(*data) > largest_data)
    invalid_input("data: at most 5 MiB.");
  out.rows = *data;
  out.columns = wandb::column_names(out.rows);
  if (out.columns.size() > most_columns)
    invalid_input("data: at most 200 columns, those of all rows counted.");
  for (const auto& column : out.columns)
    check_name("data", column);
  if (const auto* scalars = args.object("scalars"))
    out.scalars = *scalars;
  if (out.scalars.size() > most_columns)
    invalid_input("scalars: at most 200.");
  for (auto& [name, value] : out.scalars) {
    check_name("scalars", name);
    coerce(value, {{"type", "number"}});
    if (!value.is_number())
      invalid_input("scalars: \"" + shorten(name, longest_shown)
                    + "\" is not a number.");
  }
  return out;
}

json::object summary_of(const analysis& a) {
  json::object out = a.scalars;
  out["_mcp_row_count"] = a.rows.size();
  out["_mcp_columns"] = write_json(json::value_from(a.columns));
  for (const auto& column : a.columns) {
    std::vector<double> values;
    std::size_t left_out = 0;
    for (const auto& row : a.rows)
      if (const auto* cell = row.as_object().if_contains(column)) {
        if (const auto number = number_in(*cell))
          values.push_back(*number);
        else if (wandb::is_non_finite(*cell))
          ++left_out;
      }
    add_statistics(out, column, std::move(values), left_out);
  }
  return out;
}

std::vector<std::string> history_of(const analysis& a, std::int64_t seconds) {
  static constexpr std::array<std::string_view, 4> reserved{
    "_step", "_timestamp", "_runtime", "_wandb"};
  std::vector<std::string> out;
  out.reserve(a.rows.size());
  for (const auto& row : a.rows) {
    json::object line{{"_step", out.size()}, {"_timestamp", seconds}};
    for (const auto& [name, value] : row.as_object())
      if (!value.is_structured() && !value.is_null()
          && std::find(reserved.begin(), reserved.end(), name)
               == reserved.end())
        line.emplace(name, value);
    out.push_back(write_json(line));
  }
  return out;
}

} // namespace mcp::tools
