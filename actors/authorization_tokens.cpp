#include "actors/authorization_router.hpp"
#include "protocol/mcp/http_rules.hpp"

#include <boost/json.hpp>
#include <sodium.h>
#include <spdlog/spdlog.h>

namespace mcp {
namespace {

// No vowels, so that no code is a word (RFC 8628, 6.1).
constexpr std::string_view code_letters = "BCDFGHJKLMNPQRSTVWXZ";
constexpr std::string_view device_grant =
  "urn:ietf:params:oauth:grant-type:device_code";

std::string new_user_code() {
  std::string out;
  for (int i = 0; i < 8; ++i)
    out += code_letters[randombytes_uniform(code_letters.size())];
  return out;
}

oauth::refusal poll_answer(std::string_view error, std::string description) {
  return {.error = error, .description = std::move(description)};
}

} // namespace

oauth::checked<oauth::client>
authorization_router::known_client(const std::string& id) const {
  for (const auto& c : options_.configured)
    if (c.id == id)
      return c;
  if (auto registered = seals_.open_client(id))
    return oauth::to_client(id, std::move(*registered));
  if (oauth::is_document_url(id)) {
    // What a document says was checked when the user was asked; here it is a
    // client without a secret, and what it shows must have been given to it.
    oauth::client c;
    c.id = id;
    c.from = oauth::client::origin::document;
    return c;
  }
  return oauth::invalid_client("client_id is not known here: register again.");
}

oauth::checked<oauth::client_credentials>
authorization_router::authenticated_client(oauth_visit& v) const {
  const auto given =
    oauth::read_credentials(v.request->headers["Authorization"], v.form);
  if (!given)
    return given.error();
  const auto who = known_client(given->id);
  if (!who)
    return who.error();
  if (auto good = oauth::check_credentials(*given, *who, seals_); !good)
    return good.error();
  return given;
}

void authorization_router::token(oauth_visit& v) {
  const auto client = authenticated_client(v);
  if (!client)
    return refuse(v, client.error());
  const auto kind = v.form.get("grant_type");
  if (kind == "authorization_code")
    return redeem_code(v, client->id);
  if (kind == "refresh_token")
    return refresh(v, client->id);
  if (kind == device_grant)
    return poll_device(v, client->id);
  if (kind.empty())
    return refuse(v, oauth::invalid_request("grant_type is missing."));
  refuse(v, {.error = "unsupported_grant_type",
             .description = "grant_type may be authorization_code, "
                            "refresh_token or the device code's."});
}

void authorization_router::redeem_code(oauth_visit& v,
                                       std::string_view client_id) {
  auto opened = seals_.open_code(v.form.get("code"), now());
  if (!opened)
    return refuse(v, oauth::invalid_grant("The code is not one of ours."));
  auto& c = opened->value;
  if (auto good = oauth::check_code(c, v.form, client_id, options_.us); !good)
    return refuse(v, good.error());
  // Using it up comes last: who is turned away because the store went away must
  // be able to come again.
  if (!opened->expired && !keep_grant(v, c.what, now()))
    return;
  // A code that is used again is told apart for as long as it could have given
  // tokens: the second one to show it may be the thief, or the first.
  const auto first = st_.store->use_once(
    c.id, opened->expires + options_.refresh_lifetime, now());
  if (!there(v, first))
    return;
  if (!*first) {
    spdlog::warn("oauth: a code was used again; what it gave is revoked");
    if (revoke_family(v, c.what.family))
      refuse(v, oauth::invalid_grant("The code was used before; what it gave "
                                     "is revoked."));
    return;
  }
  if (opened->expired)
    return refuse(v, oauth::invalid_grant("The code is expired."));
  const auto allowed = c.what.allowed;
  give_tokens(v, std::move(c.what), allowed, now());
}

void authorization_router::refresh(oauth_visit& v, std::string_view client_id) {
  auto opened = seals_.open_refresh(v.form.get("refresh_token"), now());
  if (!opened || opened->expired)
    return refuse(v, oauth::invalid_grant(
                       opened ? "The refresh token is expired: sign in again."
                              : "The refresh token is not one of ours."));
  auto& t = opened->value;
  const auto allowed = oauth::check_refresh(t, v.form, client_id, options_.us);
  if (!allowed)
    return refuse(v, allowed.error());
  const auto dead = st_.store->is_revoked(t.what.family, now());
  if (!there(v, dead))
    return;
  if (*dead)
    return refuse(v, oauth::invalid_grant("The grant is revoked: sign in "
                                          "again."));
  if (!keep_grant(v, t.what, t.since))
    return;
  const auto first = st_.store->use_once(t.id, opened->expires, now());
  if (!there(v, first))
    return;
  // A client that lost the answer, or that refreshes twice at once, is no
  // thief: it gets a pair of its own.
  if (!*first) {
    const auto at = st_.store->used_at(t.id, now());
    if (!there(v, at))
      return;
    if (*at && now() < **at + options_.refresh_grace)
      return give_tokens(v, std::move(t.what), *allowed, t.since);
    spdlog::warn("oauth: a refresh token was used again; its family is "
                 "revoked");
    if (revoke_family(v, t.what.family))
      refuse(v, oauth::invalid_grant("The refresh token was used before; "
                                     "everything of its grant is revoked."));
    return;
  }
  give_tokens(v, std::move(t.what), *allowed, t.since);
}

void authorization_router::poll_device(oauth_visit& v,
                                       std::string_view client_id) {
  const auto opened = seals_.open_device(v.form.get("device_code"), now());
  if (!opened || opened->value.client != oauth::client_tag(client_id))
    return refuse(
      v, oauth::invalid_grant("The device_code is not one of this client's."));
  if (opened->expired)
    return refuse(v, poll_answer("expired_token", "The device_code is "
                                                  "expired: start again."));
  const auto found = st_.store->poll_device(opened->value.id, now());
  if (!there(v, found))
    return;
  using answer = device_poll::answer;
  switch (found->what) {
  case answer::pending:
    return refuse(
      v, poll_answer("authorization_pending", "The user has not decided yet."));
  case answer::slow_down:
    return refuse(
      v, poll_answer("slow_down", "Wait five seconds longer between polls."));
  case answer::denied:
    return refuse(v, poll_answer("access_denied", "The user said no."));
  case answer::unknown:
    return refuse(v, oauth::invalid_grant("The device_code was used before, "
                                          "or is expired."));
  case answer::approved:
    break;
  }
  auto granted = seals_.open_grant(found->sealed, now());
  if (!granted)
    return refuse(v, poll_answer("expired_token", "Start again."));
  if (!keep_grant(v, granted->value, now()))
    return;
  const auto allowed = granted->value.allowed;
  give_tokens(v, std::move(granted->value), allowed, now());
}

bool authorization_router::keep_grant(oauth_visit& v, const oauth::grant& what,
                                      std::int64_t created) {
  return there(v,
               st_.store->keep({.family = what.family,
                                .user = seals_.user_tag(what.key.reveal()),
                                .client_name = what.client_name,
                                .scope = std::string(to_text(what.allowed)),
                                .created = created,
                                .last_used = now(),
                                .expires = now() + options_.refresh_lifetime},
                               now()));
}

void authorization_router::give_tokens(oauth_visit& v, oauth::grant what,
                                       oauth::scopes allowed,
                                       std::int64_t created) {
  oauth::token t{
    .what = std::move(what), .id = oauth::sealer::new_id(), .since = created};
  const auto refresh_token =
    seals_.seal_refresh(t, now() + options_.refresh_lifetime);
  t.what.allowed = allowed;
  t.id = oauth::sealer::new_id();
  const auto access = seals_.seal_access(t, now() + options_.access_lifetime);
  json(v, http::status::ok,
       oauth::write_tokens(access, refresh_token, options_.access_lifetime,
                           allowed));
}

result<void> authorization_router::end_family(const std::string& family) {
  const auto end = now() + options_.refresh_lifetime + options_.access_lifetime;
  auto done = st_.store->revoke(family, end, now());
  if (done)
    around_.revoked->add(family);
  return done;
}

bool authorization_router::revoke_family(oauth_visit& v,
                                         const std::string& family) {
  return there(v, end_family(family));
}

void authorization_router::revoke(oauth_visit& v) {
  const auto client = authenticated_client(v);
  if (!client)
    return refuse(v, client.error());
  const auto text = v.form.get("token");
  if (text.empty())
    return refuse(v, oauth::invalid_request("token is missing."));
  auto found = seals_.open_refresh(text, now());
  if (!found)
    found = seals_.open_access(text, now());
  // Whoever asks about a token that is none learns nothing (RFC 7009, 2.2).
  if (found && !found->expired) {
    if (found->value.what.client != oauth::client_tag(client->id))
      return refuse(v, oauth::invalid_grant("The token was given to another "
                                            "client."));
    if (!revoke_family(v, found->value.what.family))
      return;
  }
  json(v, http::status::ok, "{}");
}

void authorization_router::introspect(oauth_visit& v) {
  const auto header = v.request->headers["Authorization"];
  const auto known = options_.introspection.reveal();
  const auto given = bearer_token(header);
  if (known.empty() || given.size() != known.size()
      || sodium_memcmp(given.data(), known.data(), known.size()) != 0)
    return refuse(v, oauth::invalid_client("Introspection is for the "
                                           "operator, with the secret of "
                                           "--introspection_secret_file."));
  const auto text = v.form.get("token");
  auto found = seals_.open_access(text, now());
  const bool access = found.has_value();
  if (!found)
    found = seals_.open_refresh(text, now());
  bool active = found && !found->expired;
  if (active) {
    const auto dead = st_.store->is_revoked(found->value.what.family, now());
    if (!there(v, dead))
      return;
    active = !*dead;
  }
  if (!active)
    return json(v, http::status::ok, R"({"active":false})");
  const auto& t = found->value;
  json(v, http::status::ok,
       boost::json::serialize(boost::json::object{
         {"active", true},
         {"token_type", access ? "access_token" : "refresh_token"},
         {"scope", to_text(t.what.allowed)},
         {"username", t.what.user},
         {"sub", seals_.user_tag(t.what.key.reveal())},
         {"client_name", t.what.client_name},
         {"aud", t.what.audience},
         {"iss", options_.us.url},
         {"exp", found->expires},
         {"auth_time", t.since},
       }));
}

void authorization_router::authorize_device(oauth_visit visit) {
  if (!st_.tally.allow("device " + visit.peer, options_.max_devices, now()))
    return refuse(visit,
                  {.error = "temporarily_unavailable",
                   .description = "Too many devices from this address; try "
                                  "again in a minute.",
                   .status = 429});
  const auto client = authenticated_client(visit);
  if (!client)
    return refuse(visit, client.error());
  const auto resource = visit.form.get("resource");
  if (!resource.empty() && !options_.us.is_resource(resource))
    return refuse(visit, oauth::invalid_target("resource must be "
                                               + options_.us.resource() + "."));
  with_client(
    std::move(visit), client->id,
    [](authorization_router& me, oauth_visit& v, const oauth::client& who) {
      const auto end = me.now() + me.options_.device_lifetime;
      kept_device d;
      d.id = oauth::sealer::new_id();
      d.client_id = who.id;
      d.client_name = who.name;
      d.scope = to_text(oauth::parse_scopes(v.form.get("scope")));
      d.expires = end;
      for (bool added = false; !added;) {
        d.user_code = new_user_code();
        const auto done = me.st_.store->add_device(d, me.now());
        if (!me.there(v, done))
          return;
        added = *done;
      }
      const auto shown = d.user_code.substr(0, 4) + "-" + d.user_code.substr(4);
      const auto page = me.options_.us.url + "/device";
      me.json(
        v, http::status::ok,
        boost::json::serialize(boost::json::object{
          {"device_code",
           me.seals_.seal(oauth::device{oauth::client_tag(who.id), d.id}, end)},
          {"user_code", shown},
          {"verification_uri", page},
          {"verification_uri_complete", page + "?user_code=" + shown},
          {"expires_in", me.options_.device_lifetime},
          {"interval", grant_store::poll_interval_seconds},
        }));
    },
    [](authorization_router& me, oauth_visit& v, const oauth::refusal& why) {
      me.refuse(v, why);
    });
}

} // namespace mcp
