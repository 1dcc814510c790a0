#pragma once

// What a tool may ask of W&B, as values. Who carries it out, with which key and
// over which socket, is none of a tool's business.

#include "protocol/errors.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mcp {

/// The services behind the tools; their base URLs are configuration.
enum class service {
  api,   // GraphQL, filestream: WANDB_BASE_URL
  trace, // Weave trace server: WF_TRACE_SERVER_URL
  docs,  // documentation search, never sent a key
};

/// Takes the lines of a streamed answer as they arrive, so that a large answer
/// is never held whole.
class row_reader {
public:
  virtual ~row_reader() = default;
  /// One line without its line feed, never empty. `padded_line` is valid during
  /// the call only, and at least 64 readable bytes follow it (what simdjson
  /// wants). Runs on an I/O thread, one line at a time, never at the same time
  /// as the tool's coroutine: keep it short. It may still run for a moment
  /// after the coroutine was destroyed, so a reader owns all that it touches.
  /// Gives false to say "enough": the transfer ends there and succeeds.
  /// Throws `failure_exception` to fail the request.
  virtual bool row(std::string_view padded_line) = 0;
};

struct upstream_request {
  service to = service::api;
  std::string method = "POST";
  std::string path; // "/graphql", "/calls/stream_query"
  std::string body; // JSON
  std::string accept = "application/json";
  /// Reads are retried after transient failures, and two identical reads of one
  /// user in flight at the same time are sent once. A write is sent once.
  bool read = true;
  /// When set, a 2xx answer goes here line by line and `body` stays empty. Such
  /// a request is not shared and is retried only until its first row.
  std::shared_ptr<row_reader> rows;
  /// How long the answer may be reused for the same user and request.
  std::chrono::milliseconds reuse_for{0};
};

struct upstream_reply {
  int status = 200; // always 2xx: everything else is a failure
  std::shared_ptr<const std::string> body; // never null
  /// With `rows`: false when the reader said "enough".
  bool complete = true;
};

using upstream_result = result<upstream_reply>;

} // namespace mcp
