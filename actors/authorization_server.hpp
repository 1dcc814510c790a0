#pragma once

#include "actors/authorization_pages.hpp"
#include "actors/grant_store.hpp"
#include "actors/messages.hpp"
#include "actors/revocations.hpp"
#include "protocol/oauth/metadata.hpp"
#include "protocol/oauth/sealed.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mcp {

struct authorization_options {
  oauth::issuer us;
  bool takes_keys = true; // API keys are tokens, too
  std::vector<oauth::client> configured;
  secret introspection; // the operator's; empty: no introspection
  authorization_pages pages;
  std::function<std::int64_t()> unix_time;

  // Seconds.
  std::int64_t request_lifetime = 900; // of a sign-in page
  std::int64_t code_lifetime = 60;
  std::int64_t access_lifetime = 3600;
  std::int64_t refresh_lifetime = 30 * 86400;
  /// A refresh token may be used again for so long after its first use.
  std::int64_t refresh_grace = 30;
  std::int64_t device_lifetime = 600;
  std::int64_t visitor_lifetime = 900;
  // Of one address, or one browser, in a minute.
  int max_registrations = 600;
  int max_tries = 10; // of keys, by a browser
  int max_tries_of_address = 600;
  int max_wrong_codes = 30;
  int max_devices = 120;
  std::size_t max_checks = 256;     // keys asked of W&B at a time
  std::int64_t check_patience = 30; // seconds; after that no answer comes
  /// How often the store is asked what others revoked.
  std::chrono::milliseconds sweep_every{2000};
};

/// Counts what somebody did in this minute.
class minute_tally {
public:
  /// False once `who` did it `most` times.
  bool allow(const std::string& who, int most, std::int64_t now);
  bool reached(const std::string& who, int most, std::int64_t now);

private:
  void turn(std::int64_t now);
  std::int64_t minute_ = 0;
  std::unordered_map<std::string, int> counts_;
};

/// Whether the path is answered by the authorization server: discovery,
/// /register, /authorize, /token, /revoke, /introspect, /device_authorization,
/// /device and /connect.
[[nodiscard]] bool is_oauth_path(std::string_view path);

struct authorization_server_state {
  static inline const char* name = "oauth";
  std::shared_ptr<grant_store> store;
  /// Keys that W&B is asked about, and what to do when it answered: with the
  /// user's name, or a failure.
  struct check {
    std::function<void(result<std::string>)> then;
    std::int64_t since = 0;
  };
  std::unordered_map<std::uint64_t, check> checks;
  std::uint64_t last_check = 0;
  minute_tally tally;
  std::int64_t forgotten = 0; // when the store was last asked to forget
  bool store_away = false;    // and the log knows it
};

/// This server as its own OAuth 2.1 authorization server: its sign-in page asks
/// for the W&B key once, checks it with W&B, and gives the client tokens in
/// which the key is sealed. It calls the store, which blocks, so it has a
/// thread of its own (spawn it detached).
authorization_server_actor::behavior_type authorization_server(
  authorization_server_actor::stateful_pointer<authorization_server_state> self,
  std::shared_ptr<const authorization_options> options,
  const oauth::sealer* seals, std::shared_ptr<grant_store> store,
  std::shared_ptr<revocations> revoked, wandb_client_pool_actor pool,
  client_documents_actor documents, const session_sealer* sessions);

} // namespace mcp
