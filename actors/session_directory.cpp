#include "actors/session_directory.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace mcp {
namespace {

using self_pointer =
  session_directory_actor::stateful_pointer<session_directory_state>;
using entry = session_directory_state::entry;
using found_promise = caf::typed_response_promise<find_outcome>;
using opened_promise = caf::typed_response_promise<open_outcome>;

/// Ended ids one directory remembers.
constexpr std::size_t max_ended = 100'000;

find_outcome not_found() {
  // One answer for unknown, expired, ended and somebody else's.
  return std::make_shared<result<found_session>>(
    failure{.code = errc::not_found, .message = "Session not found"});
}

/// What one directory works with; copied into its handlers.
struct surroundings {
  const session_sealer* sealer;
  wandb_client_pool_actor pool;
  std::shared_ptr<const session_services> services;
  std::shared_ptr<const directory_options> options;
};

class directory {
public:
  directory(self_pointer self, const surroundings& around)
      : self_(self), st_(self->state), around_(around) {}

  caf::result<open_outcome> open(session_claims& claims, secret& key) {
    const auto owner = around_.sealer->fingerprint(key.reveal());
    auto promise = self_->make_response_promise<open_outcome>();
    if (!make_room(owner)) {
      promise.deliver(std::make_shared<result<opened_session>>(
        failure{.code = errc::rate_limited,
                .message = "Too many sessions of this API key are in use",
                .retry_after = std::chrono::seconds(10)}));
      return promise;
    }
    claims.created = around_.options->unix_time();
    auto id = around_.sealer->seal(claims, key.reveal());
    with_client(owner, std::move(key), promise,
                [this_ = *this, claims, owner, id,
                 promise](wandb_client_actor& client) mutable {
                  auto session = this_.spawn(id, claims, owner, client);
                  promise.deliver(std::make_shared<result<opened_session>>(
                    opened_session{id, session, this_.expiry(claims)}));
                });
    return promise;
  }

  caf::result<find_outcome> find(const std::string& id, secret& key) {
    const auto owner = around_.sealer->fingerprint(key.reveal());
    const auto tag = session_sealer::tag(id);
    if (auto it = st_.sessions.find(tag); it != st_.sessions.end())
      return same_fingerprint(it->second.owner, owner)
                 && !expired(it->second.expires)
               ? std::make_shared<result<found_session>>(found_session{
                 it->second.session, it->second.negotiated, it->second.expires})
               : not_found();
    if (st_.ended.contains(tag))
      return not_found();
    auto claims = around_.sealer->open(id, key.reveal());
    if (!claims || expired(expiry(*claims)))
      return not_found();
    auto promise = self_->make_response_promise<find_outcome>();
    if (!make_room(owner)) {
      promise.deliver(std::make_shared<result<found_session>>(
        failure{.code = errc::rate_limited,
                .message = "Too many sessions of this API key are in use",
                .retry_after = std::chrono::seconds(10)}));
      return promise;
    }
    with_client(
      owner, std::move(key), promise,
      [this_ = *this, claims = *claims, owner, id, tag,
       promise](wandb_client_actor& client) mutable {
        // Two requests may have come for it while the client was
        // fetched, and one may have ended it.
        auto& known = this_.st_.sessions;
        if (this_.st_.ended.contains(tag)) {
          promise.deliver(not_found());
          return;
        }
        auto it = known.find(tag);
        auto session = it != known.end()
                         ? it->second.session
                         : this_.spawn(id, claims, owner, client);
        promise.deliver(std::make_shared<result<found_session>>(
          found_session{session, claims.negotiated, this_.expiry(claims)}));
      });
    return promise;
  }

  bool end(const std::string& id, const secret& key) {
    const auto tag = session_sealer::tag(id);
    const auto claims = around_.sealer->open(id, key.reveal());
    if (!claims || st_.ended.contains(tag) || expired(expiry(*claims)))
      return false;
    // Somebody who ends sessions without end gets some of their own back.
    if (st_.ended.size() >= max_ended)
      st_.ended.erase(st_.ended.begin());
    st_.ended.emplace(tag, expiry(*claims));
    if (auto it = st_.sessions.find(tag); it != st_.sessions.end()) {
      self_->send(it->second.session, finish_atom_v);
      remove(it);
    }
    return true;
  }

  void sweep() {
    const auto idle_since =
      (self_->clock().now() - around_.options->idle_ttl).time_since_epoch();
    for (auto it = st_.sessions.begin(); it != st_.sessions.end();) {
      const auto here = it++;
      const auto& e = here->second;
      const bool idle = is_idle(e) && e.activity->used < idle_since.count();
      if (!idle && !expired(e.expires))
        continue;
      if (idle)
        self_->send(e.session, retire_atom_v);
      else
        self_->send(e.session, finish_atom_v);
      remove(here);
    }
    std::erase_if(st_.ended,
                  [&](const auto& item) { return expired(item.second); });
    self_->delayed_send(self_, around_.options->sweep_every, sweep_atom_v);
  }

  void drain() {
    for (const auto& [tag, e] : st_.sessions)
      self_->send(e.session, drain_atom_v);
  }

  void finish() {
    for (const auto& [tag, e] : st_.sessions) {
      self_->demonitor(e.session.address());
      self_->send(e.session, finish_atom_v);
    }
    self_->quit();
  }

  /// A session died of itself: forget it, its id spawns another.
  void session_down(const caf::down_msg& down) {
    auto it = std::find_if(
      st_.sessions.begin(), st_.sessions.end(), [&](const auto& item) {
        return item.second.session.address() == down.source;
      });
    if (it == st_.sessions.end())
      return;
    spdlog::error("a session died: {}", self_->system().render(down.reason));
    remove(it);
  }

private:
  template <class Promise, class Then>
  void with_client(const key_fingerprint& owner, secret key, Promise promise,
                   Then then) {
    self_
      ->request(around_.pool, caf::infinite, acquire_atom_v, owner,
                std::move(key))
      .then(std::move(then), [promise](caf::error& e) mutable {
        promise.deliver(std::move(e));
      });
  }

  session_actor spawn(const std::string& id, const session_claims& claims,
                      const key_fingerprint& owner,
                      const wandb_client_actor& client) {
    const auto tag = session_sealer::tag(id);
    auto activity = std::make_shared<session_activity>();
    activity->used = self_->clock().now().time_since_epoch().count();
    auto actor = self_->spawn<caf::lazy_init + caf::monitored>(
      session, claims, client, activity,
      id.substr(0, around_.options->label_length), around_.services);
    st_.sessions.emplace(
      tag, entry{actor, activity, owner, claims.negotiated, expiry(claims)});
    st_.by_key[owner].push_back(tag);
    return actor;
  }

  static bool is_idle(const entry& e) {
    return e.activity->calls == 0 && e.activity->streams == 0;
  }

  /// Makes room for one more session of this key, by freeing idle ones where
  /// there are as many as may be. Their ids stay good. False when all are busy.
  bool make_room(const key_fingerprint& owner) {
    return make_room_of(owner) && make_room_for_all();
  }

  /// Keys cost nothing to make up, so all of them together are bounded too.
  /// Frees a tenth at a time: finding the longest idle means looking at all.
  bool make_room_for_all() {
    const auto most = around_.options->max_sessions;
    if (st_.sessions.size() < most)
      return true;
    std::vector<std::pair<std::int64_t, session_tag>> idle;
    for (const auto& [tag, e] : st_.sessions)
      if (is_idle(e))
        idle.emplace_back(e.activity->used.load(), tag);
    if (idle.empty())
      return false;
    const auto freed = std::min(idle.size(), most / 10 + 1);
    std::nth_element(idle.begin(),
                     idle.begin() + static_cast<std::ptrdiff_t>(freed - 1),
                     idle.end());
    for (std::size_t n = 0; n < freed; ++n) {
      auto it = st_.sessions.find(idle[n].second);
      self_->send(it->second.session, retire_atom_v);
      remove(it);
    }
    return true;
  }

  /// Frees the session of this key that was idle longest, when the key has as
  /// many as it may have.
  bool make_room_of(const key_fingerprint& owner) {
    auto mine = st_.by_key.find(owner);
    if (mine == st_.by_key.end()
        || mine->second.size() < around_.options->max_sessions_per_key)
      return true;
    auto oldest = st_.sessions.end();
    for (const auto& tag : mine->second) {
      auto it = st_.sessions.find(tag);
      if (it != st_.sessions.end() && is_idle(it->second)
          && (oldest == st_.sessions.end()
              || it->second.activity->used < oldest->second.activity->used))
        oldest = it;
    }
    if (oldest == st_.sessions.end())
      return false;
    self_->send(oldest->second.session, retire_atom_v);
    remove(oldest);
    return true;
  }

  void remove(decltype(session_directory_state::sessions)::iterator it) {
    self_->demonitor(it->second.session.address());
    auto mine = st_.by_key.find(it->second.owner);
    std::erase(mine->second, it->first);
    if (mine->second.empty())
      st_.by_key.erase(mine);
    st_.sessions.erase(it);
  }

  std::int64_t expiry(const session_claims& c) const {
    return c.created + around_.options->max_age.count();
  }
  bool expired(std::int64_t at) const {
    return around_.options->unix_time() >= at;
  }

  self_pointer self_;
  session_directory_state& st_;
  surroundings around_;
};

} // namespace

session_directory_actor::behavior_type
session_directory(self_pointer self, const session_sealer* sealer,
                  wandb_client_pool_actor pool,
                  std::shared_ptr<const session_services> services,
                  std::shared_ptr<const directory_options> options) {
  const surroundings around{sealer, std::move(pool), std::move(services),
                            options};
  const auto rules = [self, around] { return directory(self, around); };
  self->set_down_handler(
    [rules](const caf::down_msg& down) { rules().session_down(down); });
  self->delayed_send(self, options->sweep_every, sweep_atom_v);
  return {
    [rules](open_atom, session_claims& claims, secret& key) {
      return rules().open(claims, key);
    },
    [rules](find_atom, const std::string& id, secret& key) {
      return rules().find(id, key);
    },
    [rules](finish_atom, const std::string& id, const secret& key) {
      return rules().end(id, key);
    },
    [rules](sweep_atom) { rules().sweep(); },
    [rules](drain_atom) { rules().drain(); },
    [rules](finish_atom) { rules().finish(); },
  };
}

} // namespace mcp
