#pragma once

#include "protocol/errors.hpp"
#include "tools/task.hpp"
#include "tools/upstream.hpp"

#include <boost/json.hpp>

#include <coroutine>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mcp::tools {

namespace json = boost::json;

/// The limits of one call; from configuration.
struct call_limits {
  /// MAX_RESPONSE_TOKENS; one token is counted as four characters.
  std::size_t max_response_tokens = 22500;
  /// MAX_ACCUMULATED_BYTES: upstream bytes one call may hold at a time.
  std::size_t max_accumulated_bytes = 64u << 20;
  /// The app's base URL, for links: "https://wandb.ai".
  std::string app_url;
};

class call_context;

/// Awaits one upstream request; made by call_context. Destroying it while it
/// waits aborts the request.
class [[nodiscard]] upstream_awaiter {
public:
  upstream_awaiter(call_context& context, upstream_request request)
      : context_(context), request_(std::move(request)) {}
  upstream_awaiter(const upstream_awaiter&) = delete;
  upstream_awaiter& operator=(const upstream_awaiter&) = delete;
  ~upstream_awaiter();

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller);
  /// Gives the reply; throws `failure_exception`.
  upstream_reply await_resume();

private:
  friend class call_context;
  call_context& context_;
  upstream_request request_;
  std::optional<upstream_result> outcome_;
  std::coroutine_handle<> caller_;
  std::uint64_t id_ = 0; // 0: not waiting
};

/// What GraphQL answered: `data` may be there beside `errors`.
struct graphql_reply {
  json::object data;
  json::array errors; // as W&B sent them; empty when all is well
};

/// All that a running tool can reach. One per call; lives in the call's actor
/// and outlives the tool's coroutine.
class call_context {
public:
  explicit call_context(const call_limits& limits) : limits_(limits) {}
  call_context(const call_context&) = delete;
  call_context& operator=(const call_context&) = delete;
  virtual ~call_context() = default;

  const call_limits& limits() const { return limits_; }

  /// Sends one request as the call's user. co_await gives `upstream_reply`.
  upstream_awaiter fetch(upstream_request request) {
    return upstream_awaiter(*this, std::move(request));
  }

  /// Runs a GraphQL query and gives the content of "data". Any entry in
  /// "errors" throws `upstream_error` with W&B's messages (all of them).
  /// `variables` is sent as it is.
  task<json::object> graphql(std::string_view document, json::object variables);

  /// The same, but partial data and its errors are both given back. Throws only
  /// when there is no data object at all.
  task<graphql_reply> graphql_partial(std::string document,
                                      json::object variables);

  /// POSTs JSON to the Weave trace server and gives its JSON answer.
  task<json::value> weave(std::string path, json::object body);

  /// POSTs to the trace server and feeds its NDJSON lines to `rows`. Gives true
  /// when the answer was read to its end, false when the reader had enough.
  task<bool> weave_rows(std::string path, json::object body,
                        std::shared_ptr<row_reader> rows);

  /// Tells the client how far the call is; does nothing when the client did not
  /// ask for progress. `done` must grow from call to call.
  virtual void progress(double done, std::optional<double> total,
                        std::string message) = 0;

  /// Resumes the coroutine that waits for `id`, if it still does. For the
  /// owner of the call only.
  void deliver(std::uint64_t id, upstream_result outcome);

protected:
  /// Sends `request`; the owner answers later with `deliver(id, ...)`, never
  /// from inside this function.
  virtual void send(std::uint64_t id, upstream_request request) = 0;
  /// The coroutine no longer waits for `id`: abort it upstream.
  virtual void abandon(std::uint64_t id) = 0;

private:
  friend class upstream_awaiter;
  const call_limits& limits_;
  std::uint64_t last_id_ = 0;
  std::vector<std::pair<std::uint64_t, upstream_awaiter*>> waiting_;
};

} // namespace mcp::tools
