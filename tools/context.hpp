#pragma once

#include "protocol/errors.hpp"
#include "protocol/mcp/client_requests.hpp"
#include "protocol/mcp/log_level.hpp"
#include "tools/task.hpp"
#include "tools/upstream.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp::tools {

namespace json = boost::json;

/// How much of a list one call may ask for.
struct list_limits {
  std::int64_t max_items = 1000;
  std::int64_t max_per_request = 200;
  /// Items of a list with their whole configs, summaries and the like.
  std::int64_t max_full_detail = 25;
  std::int64_t max_keys = 100; // names of metrics or config entries
  std::int64_t max_graphql_items = 1000; // rows of the caller's own query
  std::int64_t max_graphql_per_request = 200;
};

/// The limits of one call; from configuration.
struct call_limits {
  /// MAX_RESPONSE_TOKENS, as protocol/json/token_size.hpp counts them.
  std::size_t max_response_tokens = 22500;
  /// MAX_ACCUMULATED_BYTES: upstream bytes that one call may be given.
  std::size_t max_accumulated_bytes = 64u << 20;
  /// The app's base URL, for links: "https://wandb.ai".
  std::string app_url;
  list_limits lists = {};
  /// Documentation servers in the order to try them, each a whole URL; empty
  /// when the operator switched the search off.
  std::vector<std::string> docs_urls = {};
};

class call_context;

/// Awaits one upstream request, a span of time, or the client's answers; made
/// by call_context. Destroying it while it waits aborts what it waits for.
class [[nodiscard]] upstream_awaiter {
public:
  upstream_awaiter(call_context& context, upstream_request request)
      : context_(context), request_(std::move(request)) {}
  upstream_awaiter(call_context& context, std::chrono::milliseconds span)
      : context_(context), span_(span) {}
  upstream_awaiter(call_context& context, input_requests questions)
      : context_(context),
        questions_(std::make_unique<input_requests>(std::move(questions))) {}
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
  // One of the three.
  upstream_request request_;
  std::optional<std::chrono::milliseconds> span_;
  std::unique_ptr<input_requests> questions_;
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
  explicit call_context(const call_limits& limits)
      : limits_(limits),
        memory_(std::make_shared<call_memory>(limits.max_accumulated_bytes)) {}
  call_context(const call_context&) = delete;
  call_context& operator=(const call_context&) = delete;
  virtual ~call_context() = default;

  const call_limits& limits() const { return limits_; }

  /// Sends one request as the call's user. co_await gives `upstream_reply`.
  upstream_awaiter fetch(upstream_request request) {
    request.memory = memory_;
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

  /// Waits. The call's budget goes on.
  task<void> pause(std::chrono::milliseconds how_long);

  /// Asks the client all of `questions` at once and gives its answers by key,
  /// each one that the question can have (client_answers.hpp reads them). In
  /// the session era they travel as requests on the call's stream; in the
  /// stateless era the call ends here with what it wants to know, and is run
  /// again from its start when the answers come: so whatever is done before is
  /// done again. Ask before writing. Keys tell the questions of a call apart,
  /// and are the same each time it runs.
  /// Errors: `client_refused`: the client can not be asked that, or failed.
  task<json::object> ask(input_requests questions);

  /// What the client declared it can do, as the newest version writes it.
  virtual const json::object& client_capabilities() const;

  /// Says something to the client's log (notifications/message) when it is at
  /// or above the level that the client asked for. Never a credential.
  virtual void log(log_level level, json::value data,
                   std::string_view logger = {});

  /// Ends the client's stream while the call goes on; clients that know how
  /// come back for the answer. Nothing happens for those that do not.
  virtual void let_go();

  /// Tells every client that subscribed: "tools", "prompts" or "resources" for
  /// a changed list, else the URI of a resource that changed.
  virtual void changed(std::string_view list_or_uri);

  /// Reads a reply of the GraphQL endpoint: partial data and its errors are
  /// both given back.
  /// Errors: those of `wandb::read_graphql_reply`.
  result<graphql_reply> read_graphql(const upstream_reply& reply);

  /// How long the call may still take; after that it is given up as it is. A
  /// tool that can stop early with a part of the answer looks at it.
  virtual std::chrono::milliseconds time_left() const = 0;

  /// The time of day, for what is stored with one.
  virtual std::chrono::system_clock::time_point wall_time() const {
    return std::chrono::system_clock::now();
  }

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
  /// Answers `id` after a while, with an empty reply.
  virtual void wait(std::uint64_t id, std::chrono::milliseconds how_long);
  /// Answers `id` with a reply whose body is a JSON object: key -> result.
  virtual void ask_client(std::uint64_t id, input_requests questions);
  /// The coroutine no longer waits for `id`: abort it upstream.
  virtual void abandon(std::uint64_t id) = 0;

  /// W&B answered, but with errors or with what can't be read; for the log.
  virtual void unreadable(service from, const failure& why);

private:
  friend class upstream_awaiter;
  const call_limits& limits_;
  std::shared_ptr<call_memory> memory_;
  std::uint64_t last_id_ = 0;
  std::vector<std::pair<std::uint64_t, upstream_awaiter*>> waiting_;
};

} // namespace mcp::tools
