#pragma once

// A table as W&B stores it: a JSON file of a run, and a value in the run's
// history and summary that leads to it.

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mcp::wandb {

struct run_table {
  std::string path;    // of the file in the run: "media/table/rows_0_....json"
  std::string content; // of the file
  boost::json::object reference; // the value under the table's key
};

/// The names of all members of `rows`, in the order of their first appearance.
/// Rows that are no objects have none.
[[nodiscard]] std::vector<std::string>
column_names(const boost::json::array& rows);

/// The table of `rows`, objects whose absent members are null in it. `key` is
/// what it is logged as, and `step` when.
[[nodiscard]] run_table make_run_table(std::string_view key, std::size_t step,
                                       const std::vector<std::string>& columns,
                                       const boost::json::array& rows);

} // namespace mcp::wandb
