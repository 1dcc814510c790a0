#pragma once

// The little that sign-in has to remember, because two requests must not both
// succeed or a promise has to be taken back: used codes and refresh tokens,
// revoked families, devices that wait, and what /connect lists. No API key and
// no token is ever in a store, but in what a device's user granted, and that is
// sealed.

#include "protocol/errors.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// A connected client, as its user sees it. Times are Unix seconds.
struct kept_grant {
  std::string family; // what to revoke
  std::string user;   // a tag of the key (oauth::sealer::user_tag)
  std::string client_name;
  std::string scope;
  std::int64_t created = 0, last_used = 0, expires = 0;
};

/// A device that waits for its user (RFC 8628).
struct kept_device {
  enum class state { pending, approved, denied };
  std::string user_code; // "BCDFGHJK", without the dash
  std::string id;        // 128 random bits
  std::string client_id, client_name;
  std::string scope;
  std::int64_t expires = 0;
  state now = state::pending;
  std::string sealed; // what its user granted
};

/// What a poll of a device finds (RFC 8628, 3.5).
struct device_poll {
  enum class answer { unknown, pending, slow_down, denied, approved };
  answer what = answer::unknown;
  std::string sealed; // approved: handed out once, and then forgotten
};

/// All functions block, are called on one thread, and take the time in Unix
/// seconds. What has expired is as good as not there.
/// Errors of all: `upstream_unavailable` when the store can not be reached or
///                written; nothing was decided then.
class grant_store {
public:
  static constexpr std::int64_t poll_interval_seconds = 5;

  virtual ~grant_store() = default;

  /// True for the first of all who ask, on any instance.
  [[nodiscard]] virtual result<bool>
  use_once(std::string_view id, std::int64_t expires, std::int64_t now) = 0;

  /// When the first of them asked; empty when nobody did, or when it was
  /// written down by a version that did not keep the time.
  [[nodiscard]] virtual result<std::optional<std::int64_t>>
  used_at(std::string_view id, std::int64_t now) = 0;

  /// No token of this family is good any more.
  [[nodiscard]] virtual result<void>
  revoke(std::string_view family, std::int64_t expires, std::int64_t now) = 0;
  [[nodiscard]] virtual result<bool> is_revoked(std::string_view family,
                                                std::int64_t now) = 0;
  /// All families that are revoked.
  [[nodiscard]] virtual result<std::vector<std::string>>
  revoked(std::int64_t now) = 0;

  /// Adds a grant, or replaces that of the same family.
  [[nodiscard]] virtual result<void> keep(const kept_grant& grant,
                                          std::int64_t now) = 0;
  /// Those of a user that are not revoked, newest first.
  [[nodiscard]] virtual result<std::vector<kept_grant>>
  grants_of(const std::vector<std::string>& users, std::int64_t now) = 0;

  /// False when its user code is taken.
  [[nodiscard]] virtual result<bool> add_device(const kept_device& device,
                                                std::int64_t now) = 0;
  [[nodiscard]] virtual result<std::optional<kept_device>>
  find_device(std::string_view user_code, std::int64_t now) = 0;
  /// Its user decided. False when there is none, or it was decided before.
  [[nodiscard]] virtual result<bool> decide_device(std::string_view user_code,
                                                   bool approved,
                                                   std::string_view sealed,
                                                   std::int64_t now) = 0;
  /// A device asks. Asking again within the interval is `slow_down`, and makes
  /// the interval 5 seconds longer.
  [[nodiscard]] virtual result<device_poll> poll_device(std::string_view id,
                                                        std::int64_t now) = 0;

  /// Makes room; from time to time.
  virtual void forget_expired(std::int64_t now) = 0;
};

/// A file of SQLite, in WAL mode, which survives restarts; ":memory:" does not.
/// Several processes on one machine may share it. Made readable to its owner
/// alone.
/// Errors: `bad_argument` it can not be opened, is no such file, or was written
///         by a newer version
[[nodiscard]] result<std::unique_ptr<grant_store>>
open_sqlite_store(const std::string& path);

/// A Redis that several instances share: redis://[[USER:]PASSWORD@]HOST[:PORT]
/// [/DATABASE] or unix:PATH. Connects when first used, and again after it
/// broke; what takes longer than two seconds fails, and while it is away the
/// next tries fail at once, one a second excepted.
/// Errors: `bad_argument` a URL that is none
[[nodiscard]] result<std::unique_ptr<grant_store>>
open_redis_store(std::string_view url);

} // namespace mcp
