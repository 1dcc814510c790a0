#pragma once

#include "tools/models_run.hpp"

namespace mcp::tools {

/// Holds the argument x_axis against what the run logged, where W&B says it.
/// Throws `tool_error` invalid_input, with `near` and `available_keys`, for a
/// metric that the run never logged: no row would have a place.
void check_axis(const run_header& run, const run_path& path,
                const std::string& x_axis);

} // namespace mcp::tools
