#include "actors/grant_store.hpp"
#include "tests/catch.hpp"

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace mcp;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t now = 1'760'000'000;

struct folder {
  fs::path path;
  folder() {
    std::string name = (fs::temp_directory_path() / "mcp-store-XXXXXX");
    path = mkdtemp(name.data());
  }
  ~folder() { fs::remove_all(path); }
};

/// A port of loopback that was free a moment ago.
int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(probe, reinterpret_cast<sockaddr*>(&at), size) == 0);
  REQUIRE(::getsockname(probe, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  ::close(probe);
  return ntohs(at.sin_port);
}

/// A Redis of our own on a socket of our own, and with a port also there, where
/// it wants the password "p@ss"; ended with the object.
class redis {
public:
  explicit redis(int port = 0) : port_(std::to_string(port)) { start(); }
  ~redis() { stop(); }

  std::string url() const { return "unix:" + socket(); }

  void start() {
    child_ = fork();
    if (child_ == 0) {
      const int null = ::open("/dev/null", O_WRONLY);
      dup2(null, 1);
      dup2(null, 2);
      // Debian's redis-tools has the server's program under another name; what
      // it does depends on how it is called. So no service has to be installed.
      execl("/usr/bin/redis-check-rdb", "redis-server", "--port", port_.c_str(),
            "--bind", "127.0.0.1", "--requirepass", port_ == "0" ? "" : "p@ss",
            "--unixsocket", socket().c_str(), "--save", "", "--appendonly",
            "no", "--dir", home_.path.c_str(), nullptr);
      _exit(127);
    }
    // There is nothing that tells when it listens but trying: the file is there
    // a moment before that. It opens its port before its socket.
    for (int i = 0; i < 1000 && !listens(); ++i)
      usleep(10'000);
    REQUIRE(listens());
  }
  void stop() {
    if (child_ <= 0)
      return;
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    child_ = 0;
    fs::remove(socket());
  }

private:
  bool listens() const {
    const int probe = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    socket().copy(at.sun_path, sizeof at.sun_path - 1);
    const bool good =
      ::connect(probe, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    ::close(probe);
    return good;
  }
  std::string socket() const { return home_.path / "redis.sock"; }
  folder home_;
  std::string port_;
  pid_t child_ = 0;
};

kept_grant some_grant(std::string family, std::string user) {
  return {.family = std::move(family),
          .user = std::move(user),
          .client_name = "Claude \"quoted\"",
          .scope = "wandb:read",
          .created = now,
          .last_used = now + 1,
          .expires = now + 1000};
}

kept_device some_device() {
  kept_device d;
  d.user_code = "BCDFGHJK";
  d.id = "device-1";
  d.client_id = "client";
  d.client_name = "TV";
  d.scope = "wandb:read";
  d.expires = now + 600;
  return d;
}

/// What every store does.
void behaves(grant_store& s) {
  SECTION("an id is used once, and again when it has expired") {
    CHECK(s.use_once("a", now + 10, now).value());
    CHECK_FALSE(s.use_once("a", now + 10, now).value());
    CHECK(s.use_once("b", now + 10, now).value());
  }
  SECTION("when an id was used first stays known until it expires") {
    CHECK_FALSE(s.used_at("a", now).value().has_value());
    REQUIRE(s.use_once("a", now + 100, now).value());
    REQUIRE_FALSE(s.use_once("a", now + 100, now + 7).value());
    CHECK(s.used_at("a", now + 8).value() == now);
    CHECK_FALSE(s.used_at("b", now + 8).value().has_value());
    s.forget_expired(now + 50);
    CHECK(s.used_at("a", now + 50).value() == now);
  }
  SECTION("a revoked family is told, and nothing else") {
    CHECK_FALSE(s.is_revoked("f", now).value());
    REQUIRE(s.revoke("f", now + 10, now).has_value());
    CHECK(s.is_revoked("f", now).value());
    CHECK_FALSE(s.is_revoked("f", now + 10).value());
    CHECK_FALSE(s.is_revoked("g", now).value());
    CHECK(s.revoked(now).value() == std::vector<std::string>{"f"});
    CHECK(s.revoked(now + 10).value().empty());
  }
  SECTION("a user sees their own grants, newest first, without revoked ones") {
    auto later = some_grant("f2", "alice");
    later.created = now + 5;
    REQUIRE(s.keep(some_grant("f1", "alice"), now).has_value());
    REQUIRE(s.keep(later, now).has_value());
    REQUIRE(s.keep(some_grant("f3", "bob"), now).has_value());
    auto all = s.grants_of({"alice"}, now).value();
    REQUIRE(all.size() == 2);
    CHECK(all[0].family == "f2");
    CHECK(all[1].client_name == "Claude \"quoted\"");
    CHECK(all[1].last_used == now + 1);
    REQUIRE(s.revoke("f2", now + 10, now).has_value());
    CHECK(s.grants_of({"alice"}, now).value().size() == 1);
    CHECK(s.grants_of({"alice", "bob"}, now).value().size() == 2);
    CHECK(s.grants_of({"alice"}, now + 1000).value().empty());
    CHECK(s.grants_of({"nobody"}, now).value().empty());
  }
  SECTION("a grant that is kept again is the same grant") {
    auto g = some_grant("f", "alice");
    REQUIRE(s.keep(g, now).has_value());
    g.last_used = now + 50;
    REQUIRE(s.keep(g, now).has_value());
    const auto all = s.grants_of({"alice"}, now).value();
    REQUIRE(all.size() == 1);
    CHECK(all[0].last_used == now + 50);
  }
  SECTION("a device is found by its code until it expires") {
    CHECK(s.add_device(some_device(), now).value());
    auto other = some_device();
    other.id = "device-2";
    CHECK_FALSE(s.add_device(other, now).value());
    const auto found = s.find_device("BCDFGHJK", now).value();
    REQUIRE(found.has_value());
    CHECK(found->client_name == "TV");
    CHECK(found->now == kept_device::state::pending);
    CHECK_FALSE(s.find_device("BCDFGHJK", now + 600).value().has_value());
    CHECK_FALSE(s.find_device("nothing", now).value().has_value());
  }
  SECTION("a device that polls too fast is told, and has to wait longer") {
    using answer = device_poll::answer;
    REQUIRE(s.add_device(some_device(), now).value());
    CHECK(s.poll_device("device-1", now).value().what == answer::pending);
    CHECK(s.poll_device("device-1", now + 1).value().what == answer::slow_down);
    CHECK(s.poll_device("device-1", now + 9).value().what == answer::slow_down);
    CHECK(s.poll_device("device-1", now + 30).value().what == answer::pending);
    CHECK(s.poll_device("nothing", now).value().what == answer::unknown);
  }
  SECTION("what a user granted a device is handed out once") {
    using answer = device_poll::answer;
    REQUIRE(s.add_device(some_device(), now).value());
    CHECK(s.decide_device("BCDFGHJK", true, "sealed", now).value());
    CHECK_FALSE(s.decide_device("BCDFGHJK", false, "", now).value());
    const auto got = s.poll_device("device-1", now).value();
    CHECK(got.what == answer::approved);
    CHECK(got.sealed == "sealed");
    CHECK(s.poll_device("device-1", now + 60).value().what == answer::unknown);
    CHECK_FALSE(s.decide_device("BCDFGHJK", true, "x", now).value());
  }
  SECTION("a device hears no") {
    REQUIRE(s.add_device(some_device(), now).value());
    CHECK(s.decide_device("BCDFGHJK", false, {}, now).value());
    CHECK(s.poll_device("device-1", now).value().what
          == device_poll::answer::denied);
  }
  SECTION("forgetting takes what has expired and leaves the rest") {
    REQUIRE(s.revoke("old", now + 1, now).has_value());
    REQUIRE(s.revoke("young", now + 100, now).has_value());
    REQUIRE(s.keep(some_grant("f", "alice"), now).has_value());
    s.forget_expired(now + 50);
    CHECK(s.revoked(now).value() == std::vector<std::string>{"young"});
    CHECK(s.grants_of({"alice"}, now).value().size() == 1);
  }
  SECTION("names are data, whatever is in them") {
    const std::string odd = "x'; DROP TABLE used; -- \r\n*3\r\n";
    CHECK(s.use_once(odd, now + 10, now).value());
    CHECK_FALSE(s.use_once(odd, now + 10, now).value());
    CHECK_FALSE(s.find_device(odd, now).value().has_value());
  }
}

/// Of many that use the same id at the same time, exactly one is first.
void race(const std::function<std::unique_ptr<grant_store>()>& open) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> first{0}, failed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        auto store = open();
        const auto r =
          store->use_once("race" + std::to_string(round), now + 10, now);
        if (!r)
          ++failed;
        else if (*r)
          ++first;
      });
    for (auto& t : threads)
      t.join();
    CHECK(first == 1);
    CHECK(failed == 0);
  }
}

} // namespace

TEST_CASE("a store in a file", "[actors][store]") {
  const folder home;
  const std::string path = home.path / "oauth.sqlite";
  auto store = open_sqlite_store(path).value();
  behaves(*store);

  SECTION("remembers across restarts") {
    REQUIRE(store->revoke("f", now + 10, now).has_value());
    REQUIRE(store->use_once("a", now + 10, now).value());
    store.reset();
    store = open_sqlite_store(path).value();
    CHECK(store->is_revoked("f", now).value());
    CHECK_FALSE(store->use_once("a", now + 10, now).value());
    CHECK(store->used_at("a", now).value() == now);
  }
  SECTION("tells others when an id was used first") {
    const auto other = open_sqlite_store(path).value();
    REQUIRE(other->use_once("a", now + 10, now - 5).value());
    CHECK_FALSE(store->use_once("a", now + 10, now).value());
    CHECK(store->used_at("a", now).value() == now - 5);
    store->forget_expired(now + 10);
    CHECK_FALSE(other->used_at("a", now).value().has_value());
  }
  SECTION("is its owner's alone") {
    struct stat s {};
    REQUIRE(stat(path.c_str(), &s) == 0);
    CHECK((s.st_mode & 0777) == 0600);
  }
  SECTION("is shared by several on one machine") {
    race([&] { return open_sqlite_store(path).value(); });
  }
}

TEST_CASE("a store in memory", "[actors][store]") {
  auto store = open_sqlite_store(":memory:").value();
  behaves(*store);
}

TEST_CASE("a store that can not be is refused at the start",
          "[actors][store]") {
  const folder home;
  const std::string text = home.path / "text";
  {
    const int file = ::open(text.c_str(), O_CREAT | O_WRONLY, 0600);
    const std::string content(4096, 'x');
    REQUIRE(::write(file, content.data(), content.size()) > 0);
    ::close(file);
  }
  CHECK(open_sqlite_store(text).error().code == errc::bad_argument);
  CHECK(open_sqlite_store(home.path / "no" / "such" / "folder").error().code
        == errc::bad_argument);
  for (const auto* url : {"", "redis:", "http://x", "redis://", "redis://x:y",
                          "redis://x/y", "unix:", "redis://x:99999"}) {
    CAPTURE(url);
    CHECK(open_redis_store(url).error().code == errc::bad_argument);
  }
  CHECK(open_redis_store("redis://user:p%40ss@[::1]:6380/3").has_value());
}

TEST_CASE("a store in Redis", "[actors][store]") {
  redis server;
  auto store = open_redis_store(server.url()).value();
  behaves(*store);

  SECTION("tells others when an id was used first") {
    const auto other = open_redis_store(server.url()).value();
    REQUIRE(other->use_once("a", now + 10, now - 5).value());
    CHECK_FALSE(store->use_once("a", now + 10, now).value());
    CHECK(store->used_at("a", now).value() == now - 5);
  }
  SECTION("is shared by several") {
    race([&] { return open_redis_store(server.url()).value(); });
  }
  SECTION("that is away says so, and is back when it is") {
    REQUIRE(store->use_once("a", now + 10, now).value());
    server.stop();
    const auto away = store->use_once("b", now + 10, now);
    REQUIRE_FALSE(away.has_value());
    CHECK(away.error().code == errc::upstream_unavailable);
    CHECK(store->poll_device("x", now).error().code
          == errc::upstream_unavailable);
    server.start();
    // It is left alone for a second after it failed.
    for (int i = 0; i < 300; ++i) {
      if (const auto again = store->use_once("c", now + 10, now)) {
        CHECK(*again);
        return;
      }
      usleep(10'000);
    }
    FAIL("it never came back");
  }
}

TEST_CASE("a Redis with a password and databases", "[actors][store]") {
  const auto port = free_port();
  redis server(port);
  const auto at = "127.0.0.1:" + std::to_string(port);
  const auto store = [&](const std::string& account, const std::string& rest) {
    return open_redis_store("redis://" + account + at + rest).value();
  };
  CHECK(store(":p%40ss@", "/3")->use_once("a", now + 10, now).value());
  CHECK_FALSE(
    store("default:p%40ss@", "/3")->use_once("a", now + 10, now).value());
  CHECK(store(":p%40ss@", "/2")->use_once("a", now + 10, now).value());

  SECTION("is not used as somebody else, or elsewhere") {
    for (const auto& [account, rest] :
         {std::pair(":wrong@", "/3"), {"", "/3"}, {":p%40ss@", "/99"}}) {
      const auto wrong = store(account, rest);
      for (int i = 0; i < 2; ++i)
        CHECK(wrong->use_once("b", now + 10, now).error().code
              == errc::upstream_unavailable);
    }
    CHECK(store(":p%40ss@", "")->use_once("b", now + 10, now).value());
  }
}
