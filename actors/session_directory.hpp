#pragma once

#include "actors/messages.hpp"
#include "actors/session.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace mcp {

struct directory_options {
  std::chrono::seconds idle_ttl{3600};   // SESSION_TTL_SECONDS
  std::chrono::seconds max_age{86400};   // SESSION_MAX_AGE_SECONDS
  std::size_t max_sessions_per_key = 10; // MAX_SESSIONS_PER_KEY
  /// Of this directory, that is: of one shard.
  std::size_t max_sessions = 100'000;
  std::chrono::seconds sweep_every{15};
  std::size_t label_length = 12; // SESSION_PREFIX_LENGTH
  /// Unix time in seconds; ids carry it across restarts.
  std::function<std::int64_t()> unix_time;
};

struct session_directory_state {
  static inline const char* name = "directory";
  struct entry {
    session_actor session;
    std::shared_ptr<session_activity> activity;
    key_fingerprint owner;
    version negotiated = newest_version;
    std::int64_t expires = 0; // Unix time
  };
  std::unordered_map<session_tag, entry, array_hash> sessions;
  std::unordered_map<key_fingerprint, std::vector<session_tag>, array_hash>
    by_key;
  /// Ids that were ended by DELETE, until they would have expired.
  std::unordered_map<session_tag, std::int64_t, array_hash> ended;
};

/// Knows the sessions that are alive here; spawns those that are not from their
/// id alone. Idle sessions are freed, their ids stay good until `max_age`.
/// `sealer` must outlive the actor.
session_directory_actor::behavior_type session_directory(
  session_directory_actor::stateful_pointer<session_directory_state> self,
  const session_sealer* sealer, wandb_client_pool_actor pool,
  std::shared_ptr<const session_services> services,
  std::shared_ptr<const directory_options> options);

/// The directory, split by API key so that threads do not queue for one actor.
class directory_shards {
public:
  directory_shards() = default;
  explicit directory_shards(std::vector<session_directory_actor> shards)
      : shards_(std::move(shards)) {}
  const session_directory_actor& of(const key_fingerprint& owner) const {
    return shards_[owner[0] % shards_.size()];
  }
  const std::vector<session_directory_actor>& all() const { return shards_; }

private:
  std::vector<session_directory_actor> shards_;
};

} // namespace mcp
