#pragma once

// Every message between actors, and every actor's interface, in one place: who
// may say what to whom.

#include "actors/caf.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "protocol/errors.hpp"
#include "protocol/jsonrpc/message.hpp"
#include "protocol/mcp/log_level.hpp"
#include "protocol/mcp/session_token.hpp"
#include "protocol/mcp/subscriptions.hpp"
#include "protocol/mcp/tasks.hpp"
#include "protocol/oauth/client.hpp"
#include "protocol/secret.hpp"
#include "tools/context.hpp"
#include "tools/upstream.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcp {

using clock = std::chrono::steady_clock;
/// Text that is made once and sent without a copy.
using shared_text = std::shared_ptr<const std::string>;

// --- to whoever started upstream requests -----------------------------------

/// Something that failed upstream, as the log tells it.
struct upstream_trouble {
  std::string what;          // "api:dns", "trace:status_503"
  bool for_operator = false; // nobody else can cure it
};

struct fetch_reply {
  std::uint64_t id = 0;
  std::shared_ptr<upstream_result> outcome;
  /// For the log: what failed on the way, also of an answer that came at last.
  std::vector<upstream_trouble> troubles = {};
};

/// Gets the answers of a `wandb_client`.
using fetcher_actor = caf::typed_actor<caf::reacts_to<fetch_reply>>;

// --- wandb_client
// -------------------------------------------------------------

/// Asks W&B something as the client's user. `from` gets one `fetch_reply` with
/// this `id`, unless it abandons the request.
struct fetch_request {
  fetcher_actor from;
  std::uint64_t id = 0;
  std::shared_ptr<upstream_request> what;
  clock::time_point deadline;
};

struct fetch_abandon {
  caf::actor_addr from;
  std::uint64_t id = 0;
};

/// A transfer ended; from an I/O thread.
struct transfer_done {
  std::uint64_t flight = 0;
  std::shared_ptr<net::http_outcome> outcome;
};

MCP_ATOM(retry); // a flight's waiting time is over

using wandb_client_actor =
  caf::typed_actor<caf::reacts_to<fetch_request>, caf::reacts_to<fetch_abandon>,
                   caf::reacts_to<transfer_done>,
                   caf::reacts_to<retry_atom, std::uint64_t>>;

// --- wandb_client_pool
// --------------------------------------------------------

MCP_ATOM(acquire);
MCP_ATOM(sweep);

using wandb_client_pool_actor = caf::typed_actor<
  // The one client of this key; spawned when there is none.
  caf::replies_to<acquire_atom, key_fingerprint,
                  secret>::with<wandb_client_actor>,
  // Forgets clients that nobody used for a while.
  caf::reacts_to<sweep_atom>>;

// --- connection (or the stdio pair), as a session sees it
// ---------------------

enum class outbound_kind {
  answer,       // a response: the post has one less to wait for
  notification, // belongs to the post's stream
  keep_open,    // the answer takes long: make it a stream now
  end,          // the stream ends
  refuse,       // there is nothing to stream: 404
};

/// One JSON-RPC message for the client that sent post number `post`.
struct outbound {
  std::uint64_t post = 0;
  outbound_kind kind = outbound_kind::answer;
  shared_text text = {};
  std::string event_id = {}; // of the text, when it goes into a stream
  /// When this makes a stream: the id its first, empty event has.
  std::string start_id = {};
  int status = 200; // HTTP, of an answer that is no stream
};

using peer_actor = caf::typed_actor<caf::reacts_to<outbound>>;

// --- call
// ---------------------------------------------------------------------

MCP_ATOM(tick);
MCP_ATOM(cancel);
MCP_ATOM(alarm);

/// Carries on a call that has to wait. It quits after its end was told.
using call_actor = fetcher_actor::extend< // Give up; nothing is told any more.
  caf::reacts_to<cancel_atom>,
  // The budget is spent: end with a timeout.
  caf::reacts_to<alarm_atom>,
  // A pause of the call is over.
  caf::reacts_to<tick_atom, std::uint64_t>>;

// --- session
// --------------------------------------------------------------------

/// What one POST (or line) brought. Shared, so that a connection can send it
/// again when the session was freed before it looked.
struct message_batch {
  std::vector<jsonrpc::message> messages;
  bool taken = false; // the session looked, and used them up
  /// The client takes no event stream: nothing can be said before the answer,
  /// nor asked.
  bool one_answer = false;
};

/// The messages of one POST (or line) that expect an answer, or none.
struct inbound {
  peer_actor from;
  std::uint64_t connection = 0; // for the log
  std::uint64_t post = 0;
  std::shared_ptr<message_batch> batch;
};

enum class call_news_kind {
  done,     // `text` is the result
  failed,   // `text` is a JSON-RPC error's message; with `code` and `data`
  progress, // `text` is a notification
  log,      // `text` is a notification, for clients that want its `level`
  let_go,   // the client may come back later for the rest
  changed,  // `text` is "tools", "prompts", "resources" or a resource's URI
};

/// What the log's line says of a call's end beside its outcome.
struct call_notes {
  std::string upstream = {}; // what failed there: "api:status_503*2,trace:dns"
  bool for_operator = false;
  std::string fault = {};    // of ours: what kind
  std::string incident = {}; // and the number that the client was told
};

struct call_news {
  std::uint64_t call = 0;
  call_news_kind kind = call_news_kind::done;
  shared_text text = {};
  /// For the log, of `done` and `failed`: "ok", or the error's code.
  std::string outcome = {};
  call_notes notes = {};
  int code = -32603;
  std::shared_ptr<const boost::json::value> data = {}; // null: none
  log_level level = log_level::debug;
};

/// A call wants to know something of its client. Answered with a `fetch_reply`
/// under `id`, whose body is a JSON object: key -> result.
struct call_asks {
  std::uint64_t call = 0;
  std::uint64_t id = 0;
  std::shared_ptr<const input_requests> questions;
  /// What the call was told before, by key: answers that came with its request.
  std::shared_ptr<const boost::json::object> told = {};
};

/// Whoever started a call and hears of it.
using call_owner_actor =
  caf::typed_actor<caf::reacts_to<call_news>, caf::reacts_to<call_asks>>;

// --- notices
// --------------------------------------------------------------------

/// Something changed, for whoever subscribed to it.
struct notice {
  notification what;
  /// Whose client is told; null: everybody's.
  wandb_client_actor user = {};
};

/// A subscriptions/listen request. Answered with `notification`s, the
/// acknowledgement first, and an `answer` when the server ends it.
struct listen_order {
  peer_actor from;
  std::uint64_t post = 0;
  jsonrpc::request_id id;
  std::shared_ptr<const subscription_filter> filter; // what is honoured
  wandb_client_actor user;
};

/// Gets every notice to its user; for sessions.
using watcher_actor = caf::typed_actor<caf::reacts_to<notice>>;

/// The client of post `post` on that connection left.
struct peer_gone {
  caf::actor_addr from;
  std::uint64_t post = 0;
};

/// A GET: the session's own stream to this client, or with `last_event_id` the
/// rest of one that broke off. Answered with outbound `keep_open`, or with
/// `refuse` when that event is not known any more.
struct stream_open {
  peer_actor from;
  std::uint64_t post = 0;
  std::string last_event_id = {};
};

MCP_ATOM(finish);
MCP_ATOM(drain);
MCP_ATOM(join);
MCP_ATOM(retire);

using notice_hub_actor =
  caf::typed_actor<caf::reacts_to<notice>, caf::reacts_to<listen_order>,
                   caf::reacts_to<join_atom, watcher_actor, wandb_client_actor>,
                   caf::reacts_to<peer_gone>,
                   // The server stops soon: every subscription ends.
                   caf::reacts_to<drain_atom>>;

using session_actor = call_owner_actor::extend<
  caf::reacts_to<inbound>, caf::reacts_to<peer_gone>,
  caf::reacts_to<stream_open>, caf::reacts_to<notice>,
  // Ends the session: calls are cancelled, streams closed.
  caf::reacts_to<finish_atom>,
  // Nobody knows the session any more: it ends when it has nothing to do.
  caf::reacts_to<retire_atom>,
  // The server stops soon: streams of GETs end now.
  caf::reacts_to<drain_atom>,
  // Looks after the running calls; only while there are any.
  caf::reacts_to<alarm_atom>>;

// --- session_directory
// -----------------------------------------------------------

MCP_ATOM(open);
MCP_ATOM(find);

struct opened_session {
  std::string id;
  session_actor session;
  std::int64_t expires = 0; // Unix time, seconds
};

struct found_session {
  session_actor session;
  version negotiated = newest_version;
  std::int64_t expires = 0;
};

/// Results travel shared: CAF wants copyable messages.
using open_outcome = std::shared_ptr<result<opened_session>>;
using find_outcome = std::shared_ptr<result<found_session>>;

using session_directory_actor = caf::typed_actor<
  // Makes a session for this key. Errors: `rate_limited` when the key has too
  // many busy sessions.
  caf::replies_to<open_atom, session_claims, secret>::with<open_outcome>,
  // The session of this id, spawned again when it is not here. Errors:
  // `not_found` for unknown, expired, ended and other users' ids alike.
  caf::replies_to<find_atom, std::string, secret>::with<find_outcome>,
  // DELETE. Gives false for an id that `find` would not find.
  caf::replies_to<finish_atom, std::string, secret>::with<bool>,
  caf::reacts_to<sweep_atom>,
  // The server stops soon: every session is told.
  caf::reacts_to<drain_atom>,
  // The server stops: every session ends, and the directory with them.
  caf::reacts_to<finish_atom>>;

// --- task_board
// -----------------------------------------------------------------

struct ready_call;

/// A call that goes on as a task when it takes long. The peer gets its outcome
/// or the task as `answer`.
struct task_run {
  std::shared_ptr<ready_call> call;
  peer_actor from;
  wandb_client_actor user;
};

/// tasks/get, tasks/update or tasks/cancel; the peer gets an `answer`.
struct task_question {
  peer_actor from;
  std::uint64_t post = 0;
  jsonrpc::request_id id;
  std::string method;
  std::shared_ptr<const task_request> what;
  wandb_client_actor user;
};

using task_board_actor = call_owner_actor::extend<
  caf::reacts_to<task_run>, caf::reacts_to<task_question>,
  // That peer left; its tasks go on.
  caf::reacts_to<peer_gone>,
  // A call had its time to be short.
  caf::reacts_to<tick_atom, std::uint64_t>,
  // Looks after calls and tasks; only while there are any.
  caf::reacts_to<alarm_atom>>;

// --- authorization_server
// -------------------------------------------------------------------

/// A request for one of its paths, and what to answer.
struct oauth_arrival {
  std::shared_ptr<const net::http_request> request;
};
using oauth_answer = std::shared_ptr<net::http_response>;

using authorization_server_actor =
  fetcher_actor::extend<caf::replies_to<oauth_arrival>::with<oauth_answer>,
                        // Learns what other instances revoked, and forgets what
                        // has expired.
                        caf::reacts_to<sweep_atom>>;

using document_outcome = std::shared_ptr<oauth::checked<oauth::client>>;

using client_documents_actor = caf::typed_actor<
  // The client whose metadata document is at this URL.
  caf::replies_to<find_atom, std::string>::with<document_outcome>,
  caf::reacts_to<transfer_done>>;

// --- the stdio pair
// ----------------------------------------------------------------

MCP_ATOM(line);
MCP_ATOM(gone);
MCP_ATOM(closed);

using stdio_actor =
  peer_actor::extend<caf::reacts_to<call_news>, caf::reacts_to<call_asks>,
                     caf::reacts_to<alarm_atom>,
                     caf::reacts_to<line_atom, std::string>,
                     // Input ended: answer what runs, then quit.
                     caf::reacts_to<gone_atom>>;

// --- connection
// -------------------------------------------------------------------

struct http_arrival {
  std::shared_ptr<net::http_request> request;
  std::shared_ptr<net::exchange> via;
};

using connection_actor =
  peer_actor::extend<caf::reacts_to<http_arrival>,
                     // Of calls without a session, which the connection owns.
                     caf::reacts_to<call_news>, caf::reacts_to<call_asks>,
                     caf::reacts_to<alarm_atom>,
                     // The client left while its request was open.
                     caf::reacts_to<gone_atom>,
                     // The socket is gone: quit.
                     caf::reacts_to<closed_atom>>;

} // namespace mcp

MCP_MESSAGE_TYPE(mcp::fetch_reply)
MCP_MESSAGE_TYPE(mcp::fetch_request)
MCP_MESSAGE_TYPE(mcp::fetch_abandon)
MCP_MESSAGE_TYPE(mcp::transfer_done)
MCP_MESSAGE_TYPE(mcp::key_fingerprint)
MCP_MESSAGE_TYPE(mcp::secret)
MCP_MESSAGE_TYPE(mcp::outbound)
MCP_MESSAGE_TYPE(mcp::inbound)
MCP_MESSAGE_TYPE(mcp::call_news)
MCP_MESSAGE_TYPE(mcp::call_asks)
MCP_MESSAGE_TYPE(mcp::notice)
MCP_MESSAGE_TYPE(mcp::listen_order)
MCP_MESSAGE_TYPE(mcp::task_run)
MCP_MESSAGE_TYPE(mcp::task_question)
MCP_MESSAGE_TYPE(mcp::peer_gone)
MCP_MESSAGE_TYPE(mcp::stream_open)
MCP_MESSAGE_TYPE(mcp::session_claims)
MCP_MESSAGE_TYPE(mcp::open_outcome)
MCP_MESSAGE_TYPE(mcp::find_outcome)
MCP_MESSAGE_TYPE(mcp::http_arrival)
MCP_MESSAGE_TYPE(mcp::oauth_arrival)
MCP_MESSAGE_TYPE(mcp::oauth_answer)
MCP_MESSAGE_TYPE(mcp::document_outcome)
