#include "actors/grant_store.hpp"
#include "actors/store_guard.hpp"
#include "net/sigpipe.hpp"
#include "protocol/json/parse.hpp"
#include "protocol/oauth/form.hpp"
#include "protocol/secret.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <hiredis/hiredis.h>

namespace mcp {
namespace {

namespace json = boost::json;
using clock = std::chrono::steady_clock;

constexpr timeval patience{2, 0};
constexpr std::chrono::seconds pause_after_failure{1};
constexpr std::string_view prefix = "wandb-mcp:";
constexpr const char* revoked_set = "wandb-mcp:revoked";

// KEYS: the device, its id's entry. ARGV: time to live, user code, id, client
// id, client name, scope, end of life, pause.
constexpr std::string_view add_script = R"(
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'user_code', ARGV[2], 'id', ARGV[3],
  'client_id', ARGV[4], 'client_name', ARGV[5], 'scope', ARGV[6],
  'expires', ARGV[7], 'state', '0', 'sealed', '', 'pause', ARGV[8],
  'polled', '0')
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[1])
return 1)";

// KEYS: the device. ARGV: state, sealed.
constexpr std::string_view decide_script = R"(
if redis.call('HGET', KEYS[1], 'state') ~= '0' then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'sealed', ARGV[2])
return 1)";

// KEYS: the device, its id's entry. ARGV: now. Gives what the poll found, as
// a number of device_poll::answer, and what was sealed.
constexpr std::string_view poll_script = R"(
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'0', ''} end
if state == '0' then
  local now = tonumber(ARGV[1])
  local polled = tonumber(redis.call('HGET', KEYS[1], 'polled'))
  local pause = tonumber(redis.call('HGET', KEYS[1], 'pause'))
  local fast = polled > 0 and now - polled < pause
  redis.call('HSET', KEYS[1], 'polled', ARGV[1])
  if fast then redis.call('HINCRBY', KEYS[1], 'pause', 5) end
  return {fast and '2' or '1', ''}
end
local sealed = redis.call('HGET', KEYS[1], 'sealed')
redis.call('DEL', KEYS[1], KEYS[2])
return {state == '1' and '4' or '3', sealed})";

struct closer {
  void operator()(redisContext* c) const { redisFree(c); }
  void operator()(redisReply* r) const { freeReplyObject(r); }
};
using reply = std::unique_ptr<redisReply, closer>;

struct redis_address {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string unix_path;
  std::string user;
  secret password;
  int database = 0;
};

std::string key(std::string_view kind, std::string_view name) {
  std::string out(prefix);
  out += kind;
  out += ':';
  return out += name;
}

std::string text_of(const redisReply* r) {
  return r && r->str ? std::string(r->str, r->len) : std::string{};
}

std::int64_t number_of(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

class redis_store : public grant_store {
public:
  explicit redis_store(redis_address at) : at_(std::move(at)) {
    // hiredis writes to a connection that the other side has closed.
    net::ignore_sigpipe();
  }

  result<bool> use_once(std::string_view id, std::int64_t expires,
                        std::int64_t now) override {
    return guard_store("Redis", [&] {
      const auto r = ask({"SET", key("used", id), std::to_string(now), "NX",
                          "EX", lifetime(expires, now)});
      return r->type == REDIS_REPLY_STATUS;
    });
  }

  result<std::optional<std::int64_t>> used_at(std::string_view id,
                                              std::int64_t) override {
    return guard_store("Redis", [&]() -> std::optional<std::int64_t> {
      const auto at = number_of(text_of(ask({"GET", key("used", id)}).get()));
      // Earlier versions wrote "1".
      if (at <= 1)
        return {};
      return at;
    });
  }

  result<void> revoke(std::string_view family, std::int64_t expires,
                      std::int64_t) override {
    return guard_store("Redis", [&] {
      ask({"ZADD", revoked_set, std::to_string(expires), std::string(family)});
      ask({"DEL", key("grant", family)});
    });
  }

  result<bool> is_revoked(std::string_view family, std::int64_t now) override {
    return guard_store("Redis", [&] {
      const auto r = ask({"ZSCORE", revoked_set, std::string(family)});
      return r->type != REDIS_REPLY_NIL && number_of(text_of(r.get())) > now;
    });
  }

  result<std::vector<std::string>> revoked(std::int64_t now) override {
    return guard_store("Redis", [&] {
      const auto r =
        ask({"ZRANGEBYSCORE", revoked_set, std::to_string(now + 1), "+inf"});
      return texts(*r);
    });
  }

  result<void> keep(const kept_grant& g, std::int64_t now) override {
    return guard_store("Redis", [&] {
      const auto ttl = lifetime(g.expires, now);
      ask({"SET", key("grant", g.family),
           json::serialize(json::object{{"family", g.family},
                                        {"user", g.user},
                                        {"client_name", g.client_name},
                                        {"scope", g.scope},
                                        {"created", g.created},
                                        {"last_used", g.last_used},
                                        {"expires", g.expires}}),
           "EX", ttl});
      ask({"SADD", key("grants", g.user), g.family});
      ask({"EXPIRE", key("grants", g.user), ttl});
    });
  }

  result<std::vector<kept_grant>>
  grants_of(const std::vector<std::string>& users, std::int64_t now) override {
    return guard_store("Redis", [&] {
      std::vector<kept_grant> out;
      for (const auto& user : users)
        for (const auto& family :
             texts(*ask({"SMEMBERS", key("grants", user)}))) {
          const auto r = ask({"GET", key("grant", family)});
          auto g = read_grant(text_of(r.get()));
          if (g && g->expires > now)
            out.push_back(std::move(*g));
          else
            ask({"SREM", key("grants", user), family});
        }
      std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::tie(b.created, a.family) < std::tie(a.created, b.family);
      });
      return out;
    });
  }

  result<bool> add_device(const kept_device& d, std::int64_t now) override {
    return guard_store("Redis", [&] {
      const auto r =
        ask({"EVAL", std::string(add_script), "2", key("device", d.user_code),
             key("device-id", d.id), lifetime(d.expires, now), d.user_code,
             d.id, d.client_id, d.client_name, d.scope,
             std::to_string(d.expires), std::to_string(poll_interval_seconds)});
      return r->integer == 1;
    });
  }

  result<std::optional<kept_device>> find_device(std::string_view user_code,
                                                 std::int64_t now) override {
    return guard_store("Redis", [&]() -> std::optional<kept_device> {
      const auto all = texts(*ask({"HGETALL", key("device", user_code)}));
      kept_device d;
      for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
        const auto& value = all[i + 1];
        if (all[i] == "user_code")
          d.user_code = value;
        else if (all[i] == "id")
          d.id = value;
        else if (all[i] == "client_id")
          d.client_id = value;
        else if (all[i] == "client_name")
          d.client_name = value;
        else if (all[i] == "scope")
          d.scope = value;
        else if (all[i] == "expires")
          d.expires = number_of(value);
        else if (all[i] == "state")
          d.now = static_cast<kept_device::state>(number_of(value));
        else if (all[i] == "sealed")
          d.sealed = value;
      }
      if (d.user_code.empty() || d.expires <= now)
        return {};
      return d;
    });
  }

  result<bool> decide_device(std::string_view user_code, bool approved,
                             std::string_view sealed, std::int64_t) override {
    return guard_store("Redis", [&] {
      const auto r =
        ask({"EVAL", std::string(decide_script), "1", key("device", user_code),
             approved ? "1" : "2", std::string(sealed)});
      return r->integer == 1;
    });
  }

  result<device_poll> poll_device(std::string_view id,
                                  std::int64_t now) override {
    return guard_store("Redis", [&] {
      device_poll out;
      const auto entry = key("device-id", id);
      const auto code = text_of(ask({"GET", entry}).get());
      if (code.empty())
        return out;
      const auto found =
        texts(*ask({"EVAL", std::string(poll_script), "2", key("device", code),
                    entry, std::to_string(now)}));
      if (found.size() != 2)
        throw store_error{"an unexpected answer"};
      out.what = static_cast<device_poll::answer>(number_of(found[0]));
      out.sealed = found[1];
      return out;
    });
  }

  /// Redis forgets by itself, but for the members of a set.
  void forget_expired(std::int64_t now) override {
    (void)guard_store("Redis", [&] {
      ask({"ZREMRANGEBYSCORE", revoked_set, "-inf", std::to_string(now)});
    });
  }

private:
  static std::string lifetime(std::int64_t expires, std::int64_t now) {
    return std::to_string(std::max<std::int64_t>(1, expires - now));
  }

  static std::vector<std::string> texts(const redisReply& r) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < r.elements; ++i)
      out.push_back(text_of(r.element[i]));
    return out;
  }

  static std::optional<kept_grant> read_grant(const std::string& text) {
    if (text.empty())
      return {};
    const auto v = parse_json(text);
    if (!v || !v->is_object())
      return {};
    const auto& o = v->get_object();
    const auto word = [&](const char* name) {
      const auto* found = o.if_contains(name);
      return found && found->is_string() ? std::string(found->get_string())
                                         : std::string{};
    };
    const auto number = [&](const char* name) {
      const auto* found = o.if_contains(name);
      return found && found->is_int64() ? found->get_int64() : 0;
    };
    return kept_grant{.family = word("family"),
                      .user = word("user"),
                      .client_name = word("client_name"),
                      .scope = word("scope"),
                      .created = number("created"),
                      .last_used = number("last_used"),
                      .expires = number("expires")};
  }

  /// One command and its answer.
  reply ask(const std::vector<std::string>& words) {
    if (!link_)
      connect();
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto& w : words) {
      texts.push_back(w.data());
      sizes.push_back(w.size());
    }
    reply r(static_cast<redisReply*>(
      redisCommandArgv(link_.get(), static_cast<int>(words.size()),
                       texts.data(), sizes.data())));
    if (!r) {
      const store_error e{link_->errstr};
      link_.reset();
      retry_at_ = clock::now() + pause_after_failure;
      throw e;
    }
    if (r->type == REDIS_REPLY_ERROR) {
      // The text may quote the command; its first word says enough.
      const auto text = text_of(r.get());
      throw store_error{text.substr(0, text.find(' '))};
    }
    return r;
  }

  void connect() {
    if (clock::now() < retry_at_)
      throw store_error{"away a moment ago"};
    retry_at_ = clock::now() + pause_after_failure;
    link_.reset(
      at_.unix_path.empty()
        ? redisConnectWithTimeout(at_.host.c_str(), at_.port, patience)
        : redisConnectUnixWithTimeout(at_.unix_path.c_str(), patience));
    if (!link_ || link_->err) {
      const store_error e{link_ ? link_->errstr : "out of memory"};
      link_.reset();
      throw e;
    }
    redisSetTimeout(link_.get(), patience);
    try {
      introduce();
    } catch (const store_error&) {
      // Else the next command would run as nobody, or in another database.
      link_.reset();
      throw;
    }
  }

  void introduce() {
    if (!at_.password.empty()) {
      const std::string password(at_.password.reveal());
      ask(at_.user.empty()
            ? std::vector<std::string>{"AUTH", password}
            : std::vector<std::string>{"AUTH", at_.user, password});
    }
    if (at_.database > 0)
      ask({"SELECT", std::to_string(at_.database)});
  }

  redis_address at_;
  std::unique_ptr<redisContext, closer> link_;
  clock::time_point retry_at_{};
};

template <class Number>
bool read_number(std::string_view text, Number max, Number& out) {
  const auto [end, error] =
    std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= 0
         && out <= max;
}

} // namespace

result<std::unique_ptr<grant_store>> open_redis_store(std::string_view url) {
  const failure wrong{
    .code = errc::bad_argument,
    .message = "a Redis is redis://[[USER:]PASSWORD@]HOST[:PORT][/DATABASE] or "
               "unix:PATH"};
  redis_address at;
  if (url.starts_with("unix:")) {
    at.unix_path = url.substr(5);
    if (at.unix_path.empty())
      return wrong;
    return std::unique_ptr<grant_store>(
      std::make_unique<redis_store>(std::move(at)));
  }
  if (!url.starts_with("redis://"))
    return wrong;
  url.remove_prefix(8);
  if (const auto slash = url.find('/'); slash != url.npos) {
    if (slash + 1 < url.size()
        && !read_number(url.substr(slash + 1), 1'000'000, at.database))
      return wrong;
    url = url.substr(0, slash);
  }
  if (const auto mark = url.rfind('@'); mark != url.npos) {
    auto account = url.substr(0, mark);
    if (const auto colon = account.find(':'); colon != account.npos) {
      at.user = oauth::percent_decode(account.substr(0, colon)).value_or("");
      account.remove_prefix(colon + 1);
    }
    at.password = secret(oauth::percent_decode(account).value_or(""));
    url.remove_prefix(mark + 1);
  }
  const auto colon = url.rfind(':');
  if (colon != url.npos && url.find(']', colon) == url.npos) {
    if (!read_number(url.substr(colon + 1), 65535, at.port))
      return wrong;
    url = url.substr(0, colon);
  }
  if (url.empty())
    return wrong;
  at.host = url;
  if (at.host.starts_with('[') && at.host.ends_with(']'))
    at.host = at.host.substr(1, at.host.size() - 2);
  return std::unique_ptr<grant_store>(
    std::make_unique<redis_store>(std::move(at)));
}

} // namespace mcp
