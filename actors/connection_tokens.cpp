#include "actors/authorization_server.hpp"
#include "actors/connection_router.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>

namespace mcp {
namespace {

/// The Bearer token, when it is one of ours; else empty.
std::string_view own_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer";
  if (!boost::algorithm::istarts_with(authorization, scheme))
    return {};
  authorization.remove_prefix(scheme.size());
  const auto begin = authorization.find_first_not_of(" \t");
  if (begin == 0 || begin == authorization.npos)
    return {};
  const auto end = authorization.find_last_not_of(" \t");
  const auto token = authorization.substr(begin, end - begin + 1);
  return token.starts_with(oauth::sealer::access_prefix) ? token
                                                         : std::string_view{};
}

} // namespace

void connection_router::to_oauth(std::shared_ptr<net::http_request> r) {
  self_
    ->request(services_.oauth->server, caf::infinite,
              oauth_arrival{std::move(r)})
    .then(
      [me = *this, post = st_.post](oauth_answer& answer) mutable {
        if (me.still(post))
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
  if (services_.oauth) {
    const auto& rules = *services_.oauth;
    if (const auto text = own_token(authorization); !text.empty()) {
      auto token = rules.seals->open_access(text, services_.unix_time());
      // What is wrong with it beside its age is nobody's business.
      const bool good = token && !token->expired
                        && rules.us.is_resource(token->value.what.audience)
                        && !rules.revoked->contains(token->value.what.family);
      if (!good) {
        refuse_token(
          http::status::unauthorized, challenge_reason::invalid_token,
          token && token->expired ? "Token expired" : "Invalid token",
          "Refresh the access token, or sign in again.");
        return {};
      }
      st_.may_write = token->value.what.allowed.write;
      return std::move(token->value.what.key);
    }
    if (!rules.takes_keys) {
      const bool none =
        boost::algorithm::trim_copy(std::string(authorization)).empty();
      refuse_token(http::status::unauthorized,
                   none ? challenge_reason::no_token
                        : challenge_reason::invalid_token,
                   none ? "Authorization required" : "Invalid token",
                   "This server takes tokens of its own sign-in alone, no W&B "
                   "API keys. Connect with a client that can do OAuth.");
      return {};
    }
  }
  const auto given = read_bearer_key(authorization);
  if (given)
    return secret(*given);
  if (services_.oauth)
    refuse_token(http::status::unauthorized,
                 given.error().error == "Authorization required"
                   ? challenge_reason::no_token
                   : challenge_reason::invalid_token,
                 given.error().error, given.error().hint);
  else
    refuse(http::status::unauthorized, given.error().error, given.error().hint);
  return {};
}

void connection_router::refuse_token(http::status status,
                                     oauth::challenge_reason why,
                                     std::string_view error,
                                     std::string_view hint) {
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
