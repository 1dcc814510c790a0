#include "actors/authorization_server.hpp"
#include "actors/connection_router.hpp"

namespace mcp {

void connection_router::to_oauth(std::shared_ptr<net::http_request> r) {
  self_
    ->request(services_.oauth->server, caf::infinite,
              oauth_arrival{std::move(r)})
    .then(
      [me = *this, post = st_.post](oauth_answer& answer) mutable {
        if (!me.still(post))
          return;
        me.st_.refusal = "sign-in";
        me.respond(std::move(*answer));
      },
      [me = *this, post = st_.post](caf::error& e) mutable {
        me.failed(post, e);
      });
}

secret connection_router::key_of(std::string_view authorization) {
  if (!services_.fixed_key.empty())
    return services_.fixed_key;
  using oauth::challenge_reason;
  const auto given = bearer_token(authorization);
  const auto reason = given.empty() ? challenge_reason::no_token
                                    : challenge_reason::invalid_token;
  if (services_.oauth) {
    const auto& rules = *services_.oauth;
    if (given.starts_with(oauth::sealer::access_prefix)) {
      auto token = rules.seals->open_access(given, services_.unix_time());
      // What is wrong with it beside its age is nobody's business.
      const bool good = token && !token->expired
                        && rules.us.is_resource(token->value.what.audience)
                        && !rules.revoked->contains(token->value.what.family);
      if (!good) {
        refuse_token(http::status::unauthorized, reason,
                     token && token->expired ? "Token expired"
                                             : "Invalid token",
                     "Refresh the access token, or sign in again.");
        return {};
      }
      st_.may_write = token->value.what.allowed.write;
      return std::move(token->value.what.key);
    }
    if (!rules.takes_keys) {
      refuse_token(http::status::unauthorized, reason,
                   given.empty() ? "Authorization required" : "Invalid token",
                   "This server takes tokens of its own sign-in alone, no W&B "
                   "API keys. Connect with a client that can do OAuth.");
      return {};
    }
  }
  const auto key = read_key(given);
  if (key)
    return secret(*key);
  refuse_token(http::status::unauthorized, reason, key.error().error,
               key.error().hint);
  return {};
}

void connection_router::refuse_token(http::status status,
                                     oauth::challenge_reason why,
                                     std::string_view error,
                                     std::string_view hint) {
  // Without sign-in the header would invite to it.
  if (services_.oauth)
    st_.headers.emplace_back(
      "WWW-Authenticate",
      oauth::www_authenticate(services_.oauth->us, why, hint));
  refuse(status, error, hint);
}

bool connection_router::exceeds_token(const jsonrpc::message& m) {
  if (st_.may_write || m.method != "tools/call")
    return false;
  const auto* name = m.params.if_contains("name");
  if (!name || !name->is_string()
      || !services_.oauth->writes(name->get_string()))
    return false;
  refuse_token(http::status::forbidden,
               oauth::challenge_reason::insufficient_scope,
               "Insufficient scope",
               "This tool writes to W&B, and the user granted reading only: "
               "ask for wandb:write.");
  return true;
}

} // namespace mcp
