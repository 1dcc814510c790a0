#pragma once

#include "actors/messages.hpp"
#include "actors/revocations.hpp"
#include "actors/session_directory.hpp"
#include "actors/stateless_calls.hpp"
#include "protocol/mcp/http_rules.hpp"
#include "protocol/mcp/lifecycle.hpp"
#include "protocol/oauth/metadata.hpp"
#include "protocol/oauth/sealed.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace mcp {

/// What connections need to take access tokens of our own.
struct token_rules {
  oauth::issuer us;
  const oauth::sealer* seals = nullptr;
  std::shared_ptr<const revocations> revoked;
  bool takes_keys = true; // API keys are tokens, too
  /// Whether a tool changes anything at W&B.
  std::function<bool(std::string_view tool)> writes;
  authorization_server_actor server;
};

/// A GET of something beside /mcp. Its views live as long as the call.
struct page_request {
  std::string_view path; // without the query
  std::string_view host; // the Host header, one that is welcome; may be empty
};

/// What every connection of a server shares; made once, only read (but the
/// flag).
struct connection_services {
  const session_sealer* sealer = nullptr;
  directory_shards directory;
  origin_rules origins;
  server_info server;
  server_features features;
  // For requests without a session.
  std::shared_ptr<const stateless_services> stateless;
  wandb_client_pool_actor pool;
  notice_hub_actor hub;
  task_board_actor tasks;
  /// MCP_AUTH_DISABLED: used for requests, whatever they carry.
  secret fixed_key;
  /// Null: API keys are the only way in.
  std::shared_ptr<const token_rules> oauth;
  /// Answers GET / and other pages; null for other paths.
  std::function<std::optional<net::http_response>(const page_request&)> page;
  /// What a browser shows of a refusal, in place of its JSON. The status is set
  /// by the caller. Empty: JSON for browsers, too.
  std::function<net::http_response(
    std::string_view path, boost::beast::http::status, std::string_view error,
    std::string_view hint)>
    refusal_page;
  /// Answers probes, which name the server by any address and so any Host;
  /// null for other paths. Empty: there are none.
  std::function<std::optional<net::http_response>(std::string_view path)>
    probe;
  /// Also serve clients that take JSON alone, or event streams alone.
  bool lenient_accept = false;
  /// Unix time in seconds, for the age of session ids.
  std::function<std::int64_t()> unix_time;
  std::size_t known_sessions = 128; // a connection remembers at most
  bool log_peers = true;            // whether the log tells addresses
};

/// By the end of a session id: these are bytes of its authentication tag, as
/// good as random.
struct session_id_hash {
  std::size_t operator()(const std::string& id) const noexcept;
};

struct connection_state {
  static inline const char* name = "connection";
  struct known_session {
    session_actor session;
    key_fingerprint owner;
    version negotiated = newest_version;
    std::int64_t expires = 0; // Unix time
  };
  std::uint64_t number = 0; // of the connection, for the log
  /// Sessions this connection spoke to, so that the directory is asked once.
  std::unordered_map<std::string, known_session, session_id_hash> known;

  std::string browser_path; // a browser opened it, and wants a page; else empty
  std::string welcome_host; // a Host header that was found to be allowed

  /// The user of the last request without a session.
  key_fingerprint user{};
  wandb_client_actor client;
  stateless_calls calls;
  bool alarm_set = false;

  // For the log, when the request is refused.
  std::string peer;
  std::string target;
  std::string refusal; // why, in words of ours

  // The exchange under way; `via` is null between exchanges.
  std::uint64_t post = 0;
  std::shared_ptr<net::exchange> via;
  std::vector<std::pair<std::string, std::string>> headers; // for its answer
  /// Who carries it out, and has to know when the client leaves.
  enum class place { here, session, hub, board };
  place at = place::here;
  session_actor session;
  std::string session_id;
  std::shared_ptr<message_batch> inbound_batch; // null: a GET
  /// Until the session answers: what it takes to find another one when this one
  /// was freed in that instant.
  secret key;
  std::string last_event_id;
  std::size_t awaited = 0;
  bool batch = false;
  bool streaming = false;
  answer_forms takes;     // forms of the answer
  bool takes_gzip = false;
  bool may_write = true; // what the token is good for
  int status = 200;      // of the answer
  std::vector<shared_text> answers;
};

/// One TCP connection's MCP side: it checks what HTTP carries, routes messages
/// to sessions, and writes answers back as JSON or as an event stream. An
/// answer becomes a stream when something has to be said before the result.
connection_actor::behavior_type
connection(connection_actor::stateful_pointer<connection_state> self,
           std::uint64_t number,
           std::shared_ptr<const connection_services> services);

} // namespace mcp
