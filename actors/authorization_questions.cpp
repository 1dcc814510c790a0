#include "actors/authorization_router.hpp"
#include "protocol/mcp/http_rules.hpp"

// What sign-in asks of others: of W&B about a key, of a client about itself.

namespace mcp {
namespace {

constexpr std::chrono::seconds patience{10};
constexpr std::string_view viewer_query =
  R"({"query":"query Viewer { viewer { username } }","variables":{}})";

} // namespace

std::string key_problem(errc why) {
  switch (why) {
  case errc::unauthorized:
  case errc::not_permitted:
    return "W&B doesn't accept this API key. Copy it again, all of it. A "
           "deleted key no longer works.";
  case errc::rate_limited:
  case errc::server_busy:
    return "Too many sign-ins. Try again in a minute.";
  default:
    return "We couldn't reach W&B to check this key. Try again in a moment.";
  }
}

secret pasted_key(const oauth::form& form) {
  return secret(without_blanks(form.get("api_key")));
}

void authorization_router::with_client(oauth_visit v, const std::string& id,
                                       with_known then, with_refusal fail) {
  if (!oauth::is_document_url(id)) {
    auto known = known_client(id);
    return known ? then(*this, v, *known) : fail(*this, v, known.error());
  }
  self_->request(around_.documents, caf::infinite, find_atom_v, id)
    .then(
      [me = *this, v, then, fail](document_outcome& o) mutable {
        *o ? then(me, v, o->value()) : fail(me, v, o->error());
      },
      [me = *this, v, fail](caf::error&) mutable {
        fail(me, v, oauth::unavailable());
      });
}

bool authorization_router::may_try(const oauth_visit& v) {
  // A browser is what somebody's program may change at will, an address less
  // so.
  return st_.tally.allow("try " + v.browser, options_.max_tries, now())
         && st_.tally.allow("tries of " + v.peer, options_.max_tries_of_address,
                            now());
}

void authorization_router::check_key(oauth_visit v, const secret& key,
                                     key_checked then) {
  if (st_.checks.size() >= options_.max_checks)
    return then(*this, v,
                result<std::string>(
                  failure{.code = errc::server_busy, .message = "busy"}));
  self_
    ->request(around_.pool, caf::infinite, acquire_atom_v,
              around_.sessions->fingerprint(key.reveal()), key)
    .then(
      [me = *this, v, then](wandb_client_actor& client) mutable {
        const auto id = ++me.st_.last_check;
        me.st_.checks[id] = {[me, v, then](result<std::string> name) mutable {
                               then(me, v, std::move(name));
                             },
                             me.now()};
        auto what = std::make_shared<upstream_request>();
        what->path = "/graphql";
        what->body = viewer_query;
        me.self_->send(
          client, fetch_request{caf::actor_cast<fetcher_actor>(me.self_), id,
                                std::move(what), clock::now() + patience});
      },
      [me = *this, v, then](caf::error&) mutable {
        then(me, v, result<std::string>(failure{}));
      });
}

} // namespace mcp
