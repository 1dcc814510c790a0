#include "protocol/oauth/token_request.hpp"

#include "protocol/oauth/pkce.hpp"
#include "protocol/oauth/redirect_uri.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/json.hpp>
#include <sodium.h>

namespace mcp::oauth {
namespace {

checked<void> check_target(const form& body, const issuer& us) {
  const auto resource = body.get("resource");
  if (!resource.empty() && !us.is_resource(resource))
    return invalid_target("resource must be " + us.resource() + ".");
  return {};
}

refusal bad_header() {
  return invalid_client("The Authorization header is no Basic credential.");
}

} // namespace

checked<client_credentials> read_credentials(std::string_view authorization,
                                             const form& body) {
  client_credentials out;
  if (authorization.empty()) {
    out.id = body.get("client_id");
    out.password = secret(body.get("client_secret"));
    if (out.id.empty())
      return invalid_client("client_id is missing.");
    return out;
  }
  constexpr std::string_view scheme = "Basic ";
  if (!boost::algorithm::istarts_with(authorization, scheme))
    return bad_header();
  if (!body.get("client_secret").empty())
    return invalid_request("Send the client's secret in one way only.");
  authorization.remove_prefix(scheme.size());
  std::string pair(authorization.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(pair.data()),
                        pair.size(), authorization.data(), authorization.size(),
                        nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL)
      != 0)
    return bad_header();
  pair.resize(size);
  const auto colon = pair.find(':');
  if (colon == pair.npos)
    return bad_header();
  auto id = percent_decode(std::string_view(pair).substr(0, colon));
  auto password = percent_decode(std::string_view(pair).substr(colon + 1));
  if (!id || !password || id->empty())
    return bad_header();
  const auto named = body.get("client_id");
  if (!named.empty() && named != *id)
    return invalid_request(
      "client_id is not that of the Authorization header.");
  out.id = std::move(*id);
  out.password = secret(*password);
  out.basic = true;
  return out;
}

checked<void> check_credentials(const client_credentials& given,
                                const client& who, const sealer& seals) {
  if (!who.confidential)
    return {};
  const auto shown = given.password.reveal();
  bool good = false;
  if (who.from == client::origin::configured) {
    const auto known = who.configured_secret.reveal();
    good = shown.size() == known.size()
           && sodium_memcmp(shown.data(), known.data(), known.size()) == 0;
  } else {
    good = seals.is_client_secret(who.id, shown);
  }
  if (!good)
    return invalid_client("The client's secret is missing or wrong.");
  return {};
}

checked<void> check_code(const code& c, const form& body,
                         std::string_view client_id, const issuer& us) {
  const auto verifier = body.get("code_verifier");
  if (verifier.empty())
    return invalid_request("code_verifier is missing.");
  if (c.what.client != client_tag(client_id))
    return invalid_grant("The code was given to another client.");
  // OAuth 2.1 leaves redirect_uri out of this request; who sends it must send
  // the right one.
  const auto redirect = body.get("redirect_uri");
  if (!redirect.empty() && !repeats_redirect_uri(c.redirect_uri, redirect))
    return invalid_grant("redirect_uri is not that of the authorization "
                         "request.");
  if (!matches(c.challenge, verifier))
    return invalid_grant("code_verifier does not match the code_challenge.");
  return check_target(body, us);
}

checked<scopes> check_refresh(const token& t, const form& body,
                              std::string_view client_id, const issuer& us) {
  if (t.what.client != client_tag(client_id))
    return invalid_grant("The token was given to another client.");
  if (auto good = check_target(body, us); !good)
    return good.error();
  const auto asked = body.get("scope");
  if (asked.empty())
    return t.what.allowed;
  const auto wanted = parse_scopes(asked);
  if (!within(wanted, t.what.allowed))
    return refusal{.error = "invalid_scope",
                   .description = "More than the user granted: ask for it at "
                                  "the authorization endpoint."};
  return wanted;
}

std::string write_tokens(std::string_view access, std::string_view refresh,
                         std::int64_t lifetime_seconds, scopes allowed) {
  boost::json::object out{
    {"access_token", access},
    {"token_type", "Bearer"},
    {"expires_in", lifetime_seconds},
    {"scope", to_text(allowed)},
  };
  if (!refresh.empty())
    out["refresh_token"] = refresh;
  return boost::json::serialize(out);
}

} // namespace mcp::oauth
