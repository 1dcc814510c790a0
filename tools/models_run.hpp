#pragma once

#include "tools/tool.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

/// Names one run. `run` is the short id ("abc12345"), not the display name.
struct run_path {
  std::string entity;
  std::string project;
  std::string run;

  /// As variables "entity", "project" and "run" of a document.
  json::object variables() const {
    return {{"entity", entity}, {"project", project}, {"run", run}};
  }
};

/// The arguments entity_name, project_name and run_id, without blanks around
/// them. Throws `tool_error` invalid_input for an empty one.
[[nodiscard]] run_path run_path_of(const arguments& args);

/// What W&B says of a run without its data.
struct run_header {
  std::string display_name; // the id when it has none
  std::string state;
  /// The greater of what the index and the newest row say; empty: W&B does not
  /// know, -1: it knows of no row.
  std::optional<std::int64_t> last_step;
  std::optional<std::int64_t> line_count; // rows of the history
  /// Names of all metrics ever logged; empty: W&B does not know.
  std::optional<std::set<std::string, std::less<>>> metrics;
  /// In how many rows each metric was logged, where the index counts them. Of a
  /// run that goes on there may be more.
  std::map<std::string, std::int64_t, std::less<>> row_counts;
  /// Metrics whose values never fell, as the index says.
  std::set<std::string, std::less<>> growing;

  /// False for one whose rows may have grown since W&B counted them.
  bool is_over() const;
  /// The count above of a run that is over; empty where it is not known.
  std::optional<std::int64_t> rows_with(std::string_view metric) const;
};

/// Throws `tool_error` project_not_found or run_not_found.
task<run_header> read_run_header(call_context& context, run_path path);

/// The header in a run object that holds the members displayName, state,
/// historyLineCount, historyKeys and historyTail; any may be missing.
[[nodiscard]] run_header header_in(const json::object& run,
                                   const run_path& path);

/// Throw the following's, for what is null; details: see missing_run.hpp.
[[noreturn]] void project_not_found(const std::string& entity,
                                    const std::string& project);
[[noreturn]] void run_not_found(const std::string& run,
                                json::object details = {});

/// A required argument without blanks around it. Throws `tool_error`
/// invalid_input for an empty one.
[[nodiscard]] std::string required_text(const arguments& args,
                                        std::string_view name);

/// The texts of a list argument, without repeats. Throws invalid_input for an
/// empty text, one of more than 1024 bytes, or more than `most`.
[[nodiscard]] std::vector<std::string>
distinct_texts(const arguments& args, std::string_view name, std::size_t most);

/// The x_axis argument; "_step" when absent. Throws invalid_input for a blank.
[[nodiscard]] std::string x_axis_of(const arguments& args);

/// The run object of an answer whose document selects project { run { ... } }
/// with the `variables` above. Throws the same.
const json::object& run_in(const json::object& data, const run_path& path);

} // namespace mcp::tools
