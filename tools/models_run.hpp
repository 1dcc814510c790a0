#pragma once

#include "tools/tool.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

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
  std::optional<std::int64_t> last_step;  // empty: W&B does not know
  std::optional<std::int64_t> line_count; // rows of the history
  /// Names of all metrics ever logged; empty: W&B does not know.
  std::optional<std::set<std::string, std::less<>>> metrics;
};

/// Throws `tool_error` project_not_found or run_not_found.
task<run_header> read_run_header(call_context& context, run_path path);

/// The run object of an answer whose document selects project { run { ... } }
/// with the `variables` above. Throws the same.
const json::object& run_in(const json::object& data, const run_path& path);

} // namespace mcp::tools
