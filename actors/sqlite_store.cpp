#include "actors/grant_store.hpp"
#include "actors/store_guard.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mcp {
namespace {

constexpr int schema_version = 1;
constexpr const char* schema = R"(
  CREATE TABLE used (id TEXT PRIMARY KEY, expires INTEGER NOT NULL)
    WITHOUT ROWID;
  CREATE TABLE revoked (family TEXT PRIMARY KEY, expires INTEGER NOT NULL)
    WITHOUT ROWID;
  CREATE TABLE grants (family TEXT PRIMARY KEY, user TEXT NOT NULL,
    client_name TEXT NOT NULL, scope TEXT NOT NULL, created INTEGER NOT NULL,
    last_used INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX grants_of_user ON grants (user);
  CREATE TABLE devices (user_code TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL, client_name TEXT NOT NULL, scope TEXT NOT NULL,
    expires INTEGER NOT NULL, state INTEGER NOT NULL, sealed TEXT NOT NULL,
    pause INTEGER NOT NULL, polled INTEGER NOT NULL);
  PRAGMA user_version = 1;
)";

// Beside `used`, so that a version that knows nothing of it can share the file.
constexpr const char* later_schema = R"(
  CREATE TABLE IF NOT EXISTS first_uses (id TEXT PRIMARY KEY,
    at INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
)";

struct closer {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using database = std::unique_ptr<sqlite3, closer>;

/// One use of a prepared statement; ready for the next when it goes.
class query {
public:
  query(sqlite3* db, sqlite3_stmt* s) : db_(db), statement_(s) {}
  ~query() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  query(const query&) = delete;
  query& operator=(const query&) = delete;

  query& operator<<(std::string_view text) {
    // A null pointer would be SQL's NULL, and no empty text.
    sqlite3_bind_text(statement_, ++bound_, text.empty() ? "" : text.data(),
                      static_cast<int>(text.size()), SQLITE_TRANSIENT);
    return *this;
  }
  query& operator<<(std::int64_t n) {
    sqlite3_bind_int64(statement_, ++bound_, n);
    return *this;
  }
  /// False when there is no (more) row.
  bool next() {
    column_ = 0;
    switch (sqlite3_step(statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      throw store_error{sqlite3_errmsg(db_)};
    }
  }
  /// Carries it out; gives the number of rows that changed.
  int run() {
    while (next()) {
    }
    return sqlite3_changes(db_);
  }
  std::string text() {
    const auto* bytes = sqlite3_column_text(statement_, column_);
    const auto size = sqlite3_column_bytes(statement_, column_++);
    return bytes ? std::string(reinterpret_cast<const char*>(bytes),
                               static_cast<std::size_t>(size))
                 : std::string{};
  }
  std::int64_t number() { return sqlite3_column_int64(statement_, column_++); }

private:
  sqlite3* db_;
  sqlite3_stmt* statement_;
  int bound_ = 0, column_ = 0;
};

class sqlite_store : public grant_store {
public:
  explicit sqlite_store(database db) : db_(std::move(db)) {}

  result<bool> use_once(std::string_view id, std::int64_t expires,
                        std::int64_t now) override {
    return guard_store("SQLite", [&]() -> bool {
      transaction whole(*this);
      auto q = prepare("INSERT INTO used VALUES (?1, ?2) ON CONFLICT (id) "
                       "DO UPDATE SET expires = ?2 WHERE expires <= ?3");
      const bool first = (q << id << expires << now).run() > 0;
      if (first) {
        auto when =
          prepare("INSERT OR REPLACE INTO first_uses VALUES (?1, ?2, ?3)");
        (when << id << now << expires).run();
      }
      whole.commit();
      return first;
    });
  }

  result<std::optional<std::int64_t>> used_at(std::string_view id,
                                              std::int64_t now) override {
    return guard_store("SQLite", [&]() -> std::optional<std::int64_t> {
      auto q = prepare("SELECT at FROM first_uses WHERE id = ?1 AND "
                       "expires > ?2");
      q << id << now;
      if (!q.next())
        return {};
      return q.number();
    });
  }

  result<void> revoke(std::string_view family, std::int64_t expires,
                      std::int64_t) override {
    return guard_store("SQLite", [&] {
      auto q = prepare("INSERT INTO revoked VALUES (?1, ?2) ON CONFLICT "
                       "(family) DO UPDATE SET expires = max(expires, ?2)");
      (q << family << expires).run();
      auto gone = prepare("DELETE FROM grants WHERE family = ?1");
      (gone << family).run();
    });
  }

  result<bool> is_revoked(std::string_view family, std::int64_t now) override {
    return guard_store("SQLite", [&] {
      auto q =
        prepare("SELECT 1 FROM revoked WHERE family = ?1 AND expires > ?2");
      return (q << family << now).next();
    });
  }

  result<std::vector<std::string>> revoked(std::int64_t now) override {
    return guard_store("SQLite", [&] {
      std::vector<std::string> out;
      auto q = prepare("SELECT family FROM revoked WHERE expires > ?1");
      q << now;
      while (q.next())
        out.push_back(q.text());
      return out;
    });
  }

  result<void> keep(const kept_grant& g, std::int64_t) override {
    return guard_store("SQLite", [&] {
      auto q = prepare("INSERT OR REPLACE INTO grants VALUES "
                       "(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
      (q << g.family << g.user << g.client_name << g.scope << g.created
         << g.last_used << g.expires)
        .run();
    });
  }

  result<std::vector<kept_grant>>
  grants_of(const std::vector<std::string>& users, std::int64_t now) override {
    return guard_store("SQLite", [&] {
      std::vector<kept_grant> out;
      for (const auto& user : users) {
        auto q = prepare(
          "SELECT family, user, client_name, scope, created, last_used, "
          "expires FROM grants WHERE user = ?1 AND expires > ?2 AND family "
          "NOT IN (SELECT family FROM revoked) ORDER BY created DESC, family");
        q << user << now;
        while (q.next()) {
          auto& g = out.emplace_back();
          g.family = q.text();
          g.user = q.text();
          g.client_name = q.text();
          g.scope = q.text();
          g.created = q.number();
          g.last_used = q.number();
          g.expires = q.number();
        }
      }
      return out;
    });
  }

  result<bool> add_device(const kept_device& d, std::int64_t now) override {
    return guard_store("SQLite", [&]() -> bool {
      auto old = prepare("DELETE FROM devices WHERE user_code = ?1 AND "
                         "expires <= ?2");
      (old << d.user_code << now).run();
      auto q = prepare("INSERT INTO devices VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, "
                       "'', ?7, 0) ON CONFLICT DO NOTHING");
      return (q << d.user_code << d.id << d.client_id << d.client_name
                << d.scope << d.expires << poll_interval_seconds)
               .run()
             > 0;
    });
  }

  result<std::optional<kept_device>> find_device(std::string_view user_code,
                                                 std::int64_t now) override {
    return guard_store("SQLite", [&]() -> std::optional<kept_device> {
      auto q = prepare(
        "SELECT user_code, id, client_id, client_name, scope, expires, state, "
        "sealed FROM devices WHERE user_code = ?1 AND expires > ?2");
      q << user_code << now;
      if (!q.next())
        return {};
      kept_device d;
      d.user_code = q.text();
      d.id = q.text();
      d.client_id = q.text();
      d.client_name = q.text();
      d.scope = q.text();
      d.expires = q.number();
      d.now = static_cast<kept_device::state>(q.number());
      d.sealed = q.text();
      return d;
    });
  }

  result<bool> decide_device(std::string_view user_code, bool approved,
                             std::string_view sealed,
                             std::int64_t now) override {
    return guard_store("SQLite", [&]() -> bool {
      auto q = prepare("UPDATE devices SET state = ?1, sealed = ?2 WHERE "
                       "user_code = ?3 AND expires > ?4 AND state = 0");
      return (q << std::int64_t{approved ? 1 : 2} << sealed << user_code << now)
               .run()
             > 0;
    });
  }

  result<device_poll> poll_device(std::string_view id,
                                  std::int64_t now) override {
    using answer = device_poll::answer;
    return guard_store("SQLite", [&]() -> device_poll {
      // One transaction: of two polls that cross only one gets the grant.
      transaction whole(*this);
      device_poll out;
      std::int64_t state = 0, pause = 0, polled = 0;
      {
        auto q = prepare("SELECT state, sealed, pause, polled FROM devices "
                         "WHERE id = ?1 AND expires > ?2");
        q << id << now;
        if (!q.next())
          return out;
        state = q.number();
        out.sealed = q.text();
        pause = q.number();
        polled = q.number();
      }
      if (state == 0) {
        const bool fast = polled > 0 && now - polled < pause;
        out.what = fast ? answer::slow_down : answer::pending;
        auto q = prepare("UPDATE devices SET polled = ?1, pause = ?2 "
                         "WHERE id = ?3");
        (q << now << pause + (fast ? 5 : 0) << id).run();
      } else {
        out.what = state == 1 ? answer::approved : answer::denied;
        auto q = prepare("DELETE FROM devices WHERE id = ?1");
        (q << id).run();
      }
      whole.commit();
      return out;
    });
  }

  void forget_expired(std::int64_t now) override {
    for (const auto* statement : {"DELETE FROM used WHERE expires <= ?1",
                                  "DELETE FROM first_uses WHERE expires <= ?1",
                                  "DELETE FROM revoked WHERE expires <= ?1",
                                  "DELETE FROM grants WHERE expires <= ?1",
                                  "DELETE FROM devices WHERE expires <= ?1"})
      // What could not be forgotten now is forgotten the next time.
      (void)guard_store("SQLite", [&] { (prepare(statement) << now).run(); });
  }

private:
  /// Rolls back unless it was committed.
  class transaction {
  public:
    explicit transaction(sqlite_store& s) : store_(s) {
      store_.prepare("BEGIN IMMEDIATE").run();
    }
    ~transaction() {
      if (!done_)
        sqlite3_exec(store_.db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    void commit() {
      store_.prepare("COMMIT").run();
      done_ = true;
    }

  private:
    sqlite_store& store_;
    bool done_ = false;
  };

  /// Statements are made once; `text` is a literal.
  query prepare(const char* text) {
    for (const auto& [known, statement] : statements_)
      if (known == text)
        return {db_.get(), statement.get()};
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(db_.get(), text, -1, SQLITE_PREPARE_PERSISTENT,
                           &made, nullptr)
        != SQLITE_OK)
      throw store_error{sqlite3_errmsg(db_.get())};
    statements_.emplace_back(text, std::unique_ptr<sqlite3_stmt, closer>(made));
    return {db_.get(), made};
  }

  database db_;
  std::vector<std::pair<const char*, std::unique_ptr<sqlite3_stmt, closer>>>
    statements_;
};

failure cannot_open(const std::string& path, std::string_view why) {
  return {.code = errc::bad_argument,
          .message = "the store " + path + ": " + std::string(why)};
}

} // namespace

result<std::unique_ptr<grant_store>>
open_sqlite_store(const std::string& path) {
  if (path != ":memory:") {
    // SQLite would make it readable to all that the umask admits; its WAL gets
    // the permissions of the file.
    const int file =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0)
      return cannot_open(path, "can not be opened for writing");
    ::close(file);
  }
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(
    path.c_str(), &opened,
    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  database db(opened);
  if (code != SQLITE_OK)
    return cannot_open(path, "can not be opened");
  sqlite3_busy_timeout(opened, 2000);
  const auto run = [&](const char* text) {
    return sqlite3_exec(opened, text, nullptr, nullptr, nullptr) == SQLITE_OK;
  };
  // FULL: what was revoked stays so when the power fails.
  if (!run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
           "BEGIN IMMEDIATE"))
    return cannot_open(path, sqlite3_errmsg(opened));
  sqlite3_stmt* asked = nullptr;
  sqlite3_prepare_v2(opened, "PRAGMA user_version", -1, &asked, nullptr);
  const std::unique_ptr<sqlite3_stmt, closer> version(asked);
  if (sqlite3_step(asked) != SQLITE_ROW)
    return cannot_open(path, sqlite3_errmsg(opened));
  const int found = sqlite3_column_int(asked, 0);
  sqlite3_reset(asked);
  if (found > schema_version)
    return cannot_open(path, "was written by a newer version of this server");
  if ((found == 0 && !run(schema)) || !run(later_schema) || !run("COMMIT"))
    return cannot_open(path, sqlite3_errmsg(opened));
  return std::unique_ptr<grant_store>(
    std::make_unique<sqlite_store>(std::move(db)));
}

} // namespace mcp
