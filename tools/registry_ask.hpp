#pragma once

#include "tools/context.hpp"
#include "tools/models_older.hpp"

#include <chrono>
#include <string_view>

namespace mcp::tools {

/// What came back, and which of the two texts it was that the server knew:
/// later pages ask with that one.
struct asked {
  json::object data;
  json::array errors; // beside the data; empty when all is well
  std::string_view document;
};

/// Runs `texts.full`, or `texts.reduced` when the server does not know a field
/// of it; an empty `reduced` means that there is no such text. The answer may
/// be reused for `reuse_for` by calls of the same user.
/// Throws `failure_exception`, also when there is no data at all; and
/// `tool_error` unsupported_server when the server knows neither text.
task<asked> ask_wandb(call_context& context, query_texts texts,
                      json::object variables,
                      std::chrono::milliseconds reuse_for = {});

/// Throws the failure that the errors mean, if there are any.
void throw_errors(const asked& answer);

} // namespace mcp::tools
