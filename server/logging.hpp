#pragma once

#include "server/settings.hpp"

namespace mcp {

/// Sets up the default logger: stderr, text or one JSON object a line, written
/// by a thread of its own so that a slow terminal slows no request. When it can
/// not keep up, the oldest lines are dropped.
void start_logging(const settings& s);

/// Writes out what is queued.
void stop_logging();

} // namespace mcp
