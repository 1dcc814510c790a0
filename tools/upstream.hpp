#pragma once

// What a tool may ask of W&B, as values. Who carries it out, with which key and
// over which socket, is none of a tool's business.

#include "protocol/errors.hpp"
#include "tools/memory.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// The services behind the tools; their base URLs are configuration.
enum class service {
  api,   // GraphQL, filestream: WANDB_BASE_URL
  trace, // Weave trace server: WF_TRACE_SERVER_URL
  docs,  // documentation search, never sent a key
  // Where W&B tells us to upload a file; the URL itself is the credential, so
  // no key is sent. https only, unless it is on the host of the API.
  storage,
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
  std::string
    path; // "/graphql", "/calls/stream_query"; `storage`, `docs`: a URL
  std::string body; // JSON, unless `content_type` says otherwise
  std::string content_type = "application/json";
  std::string accept = "application/json";
  /// More headers, "Name: value"; W&B says which an upload needs.
  std::vector<std::string> headers = {};
  /// Reads are retried after transient failures, and two identical reads of one
  /// user in flight at the same time are sent once. A write is sent once, and
  /// fails with `outcome_unknown` when it may have been carried out.
  bool read = true;
  /// How long to wait for the answer; 0: as long as the call may take.
  std::chrono::milliseconds at_most{0};
  /// When set, a 2xx answer goes here line by line and `body` stays empty. Such
  /// a request is not shared and is retried only until its first row.
  std::shared_ptr<row_reader> rows;
  /// Charged with the bytes of the answer, unless it has `rows`; may be null.
  std::shared_ptr<call_memory> memory;
  /// How long the answer may be reused for the same user and request.
  std::chrono::milliseconds reuse_for{0};
  /// When set, only an answer of which it says true is reused.
  bool (*reusable)(std::string_view body) = nullptr;
  /// When not 0, a longer answer is too large.
  std::size_t max_bytes = 0;
};

struct upstream_reply {
  /// 2xx; of `docs` also 307 and 308. Everything else is a failure.
  int status = 200;
  std::shared_ptr<const std::string> body; // never null
  /// With `rows`: false when the reader said "enough".
  bool complete = true;
  std::string location = {};       // of `docs`: where a redirect leads
  std::string mcp_session_id = {}; // of `docs`
};

using upstream_result = result<upstream_reply>;

} // namespace mcp
