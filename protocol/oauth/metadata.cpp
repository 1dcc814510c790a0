#include "protocol/oauth/metadata.hpp"

#include <boost/json.hpp>

namespace mcp::oauth {
namespace {

namespace json = boost::json;

/// A quoted-string (RFC 9110, 5.6.4).
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c < ' ' || c > '~' ? ' ' : c;
  }
  return out + '"';
}

} // namespace

bool issuer::is_resource(std::string_view asked) const {
  if (asked.ends_with('/'))
    asked.remove_suffix(1);
  return asked == url || asked == resource();
}

std::string resource_metadata(const issuer& us) {
  return json::serialize(json::object{
    {"resource", us.resource()},
    {"authorization_servers", {us.url}},
    {"scopes_supported", {read_scope, write_scope}},
    {"bearer_methods_supported", {"header"}},
    {"resource_name", "Weights & Biases"},
    {"resource_documentation", us.url + "/connect"},
  });
}

std::string server_metadata(const issuer& us) {
  json::object out{
    {"issuer", us.url},
    {"authorization_endpoint", us.url + "/authorize"},
    {"token_endpoint", us.url + "/token"},
    {"registration_endpoint", us.url + "/register"},
    {"revocation_endpoint", us.url + "/revoke"},
    {"device_authorization_endpoint", us.url + "/device_authorization"},
    {"service_documentation", us.url + "/connect"},
    {"scopes_supported", {read_scope, write_scope}},
    {"response_types_supported", {"code"}},
    {"response_modes_supported", {"query"}},
    {"grant_types_supported",
     {"authorization_code", "refresh_token",
      "urn:ietf:params:oauth:grant-type:device_code"}},
    {"token_endpoint_auth_methods_supported",
     {"none", "client_secret_basic", "client_secret_post"}},
    {"revocation_endpoint_auth_methods_supported",
     {"none", "client_secret_basic", "client_secret_post"}},
    {"code_challenge_methods_supported", json::array{"S256"}},
    {"authorization_response_iss_parameter_supported", true},
    {"client_id_metadata_document_supported", true},
    {"ui_locales_supported", json::array{"en"}},
  };
  if (us.introspection) {
    out["introspection_endpoint"] = us.url + "/introspect";
    out["introspection_endpoint_auth_methods_supported"] =
      json::array{"Bearer"};
  }
  return json::serialize(out);
}

std::string www_authenticate(const issuer& us, challenge_reason why,
                             std::string_view description) {
  std::string out = "Bearer realm=\"wandb-mcp-server\"";
  if (why != challenge_reason::no_token) {
    out += why == challenge_reason::invalid_token
             ? ", error=\"invalid_token\""
             : ", error=\"insufficient_scope\"";
    out += ", error_description=" + quoted(description);
  }
  // A client that may read asks for what it lacks; a new one need not ask for
  // writing before it writes.
  const scopes wanted{.write = why == challenge_reason::insufficient_scope};
  out += ", scope=" + quoted(to_text(wanted));
  return out + ", resource_metadata="
         + quoted(us.url + "/.well-known/oauth-protected-resource/mcp");
}

} // namespace mcp::oauth
