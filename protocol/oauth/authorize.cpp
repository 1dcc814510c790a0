#include "protocol/oauth/authorize.hpp"

#include "protocol/oauth/pkce.hpp"

namespace mcp::oauth {
namespace {

constexpr std::size_t max_state = 2048;

} // namespace

authorize_outcome check_authorize(const form& query, const client& who,
                                  const issuer& us) {
  pending_request r;
  r.client_id = who.id;
  r.client_name = who.name;
  r.redirect_uri = query.get("redirect_uri");
  if (r.redirect_uri.empty()) {
    if (who.redirect_uris.size() != 1)
      return tell_person{"The request has no redirect_uri."};
    r.redirect_uri = who.redirect_uris.front();
  } else if (!may_redirect(who, r.redirect_uri)) {
    return tell_person{"The redirect_uri of the request is not one that the "
                       "client registered."};
  }
  r.state = query.get("state");
  if (r.state.size() > max_state) {
    r.state.clear();
    return tell_client{
      answer_with_error(r, "invalid_request", "state is too long", us)};
  }
  const auto type = query.get("response_type");
  if (type != "code")
    return tell_client{answer_with_error(
      r, type.empty() ? "invalid_request" : "unsupported_response_type",
      "response_type must be code", us)};
  if (const auto mode = query.get("response_mode");
      !mode.empty() && mode != "query")
    return tell_client{answer_with_error(r, "invalid_request",
                                         "response_mode must be query", us)};
  if (query.get("code_challenge_method") != "S256"
      || !is_challenge(query.get("code_challenge")))
    return tell_client{answer_with_error(
      r, "invalid_request",
      "code_challenge with code_challenge_method S256 is needed", us)};
  r.challenge = query.get("code_challenge");
  const auto resource = query.get("resource");
  if (!resource.empty() && !us.is_resource(resource))
    return tell_client{answer_with_error(
      r, "invalid_target", "resource must be " + us.resource(), us)};
  r.resource = us.resource();
  r.asked = parse_scopes(query.get("scope"));
  return r;
}

std::string answer_with_code(const pending_request& r, std::string_view code,
                             const issuer& us) {
  form answer{{"code", std::string(code)}};
  answer.add("state", r.state);
  answer.add("iss", us.url);
  return with_query(r.redirect_uri, answer);
}

std::string answer_with_error(const pending_request& r, std::string_view error,
                              std::string_view description, const issuer& us) {
  form answer{{"error", std::string(error)}};
  answer.add("error_description", std::string(description));
  answer.add("state", r.state);
  answer.add("iss", us.url);
  return with_query(r.redirect_uri, answer);
}

} // namespace mcp::oauth
