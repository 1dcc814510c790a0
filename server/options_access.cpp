// Options: where to listen, which W&B, who may come in.
#include "protocol/mcp/http_rules.hpp"
#include "server/option_values.hpp"

namespace mcp {
namespace {

using namespace take;
using s = settings;

option for_http(option o) {
  o.http_only = true;
  return o;
}

option_group listening() {
  return {
    "Listening",
    {
      {"transport",
       {"MCP_TRANSPORT"},
       "http|stdio",
       "stdio when stdin is a pipe and nothing asks for HTTP, else http",
       "How clients connect",
       [](s& o, const std::string& v) {
         // What some clients and the Python server call it.
         return one_of(&s::transport, {"http", "stdio"})(
           o, v == "streamable-http" ? "http" : v);
       }},
      for_http({"host",
                {"MCP_HOST"},
                "ADDRESS",
                "127.0.0.1",
                "Address to listen on",
                address(&s::host)}),
      for_http({"port",
                {"MCP_PORT", "PORT"},
                "N",
                "8080",
                "Port to listen on; 0 picks a free one",
                number(&s::port, 0, 65535)}),
      {"threads",
       {"MCP_THREADS"},
       "N",
       "one per core",
       "I/O threads",
       number(&s::threads, 0, 256)},
      for_http({"max_connections",
                {"MCP_MAX_CONNECTIONS"},
                "N",
                "20000",
                "Connections at a time",
                number(&s::max_connections, 1, 10'000'000)}),
      for_http({"shutdown_grace_seconds",
                {"MCP_SHUTDOWN_GRACE_SECONDS"},
                "N",
                "10",
                "Time for running calls at SIGTERM",
                seconds(&s::shutdown_grace, 0)}),
    }};
}

option_group wandb() {
  return {
    "Weights & Biases",
    {
      {"wandb_base_url",
       {"WANDB_BASE_URL"},
       "URL",
       "https://api.wandb.ai",
       "W&B's API",
       url(&s::wandb_base_url)},
      {"wandb_internal_base_url",
       {"WANDB_INTERNAL_BASE_URL"},
       "URL",
       "",
       "Where the same API is called instead, from inside the network; links "
       "in answers stay those of wandb_base_url",
       url(&s::wandb_internal_base_url)},
      {"trace_server_url",
       {"WF_TRACE_SERVER_URL", "WEAVE_TRACE_SERVER_URL"},
       "URL",
       "https://trace.wandb.ai for api.wandb.ai, else wandb_base_url + /traces",
       "The Weave trace server; users' keys go there",
       url(&s::trace_server_url)},
      {"app_url",
       {"WANDB_APP_URL"},
       "URL",
       "from wandb_base_url",
       "W&B's web app, for links",
       url(&s::app_url)},
      {"wandb_api_key",
       {"WANDB_API_KEY"},
       "KEY",
       "",
       "The user's key, for stdio or with auth_disabled; better in the "
       "environment, where other users of the machine do not see it",
       [](s& o, const std::string& v) -> std::optional<std::string> {
         const auto key = without_blanks(v);
         if (!has_key_form(key))
           return "a W&B API key: at least 40 letters, digits or underscores "
                  "after an optional 'prefix-'";
         o.wandb_api_key = secret(key);
         if (key.size() != v.size())
           o.hints.push_back("WANDB_API_KEY: left out the white space around "
                             "the key");
         return {};
       }},
      {"ca_file",
       {"WANDB_CA_FILE"},
       "FILE",
       "",
       "Certificates to trust beside the system's (PEM)",
       text(&s::ca_file)},
      {"ssl_cert_file",
       {"SSL_CERT_FILE"},
       "FILE",
       "",
       "Certificates to trust instead of the system's (PEM)",
       text(&s::ssl_cert_file)},
      {"max_upstream_connections",
       {"MCP_MAX_UPSTREAM_CONNECTIONS"},
       "N",
       "4096",
       "Connections to one W&B host; more requests wait",
       number(&s::max_upstream_connections, 1, 1'000'000)},
      {"wandb_request_timeout_seconds",
       {"MCP_WANDB_REQUEST_TIMEOUT_SECONDS", "WANDB_HTTP_TIMEOUT"},
       "N",
       "what the call has left",
       "Time for one request to W&B",
       seconds(&s::wandb_request_timeout, 1, 3600)},
    }};
}

option_group authentication() {
  return {
    "Authentication",
    {
      for_http({"auth",
                {"MCP_AUTH"},
                "key|oauth|both",
                "key",
                "What clients show: API keys, tokens of the own sign-in, or "
                "either",
                one_of(&s::auth, {"key", "oauth", "both"})}),
      for_http({"oauth",
                {"MCP_OAUTH"},
                nullptr,
                "false",
                "Sign-in by OAuth beside API keys: the same as --auth both",
                [](s& o, const std::string& v) {
                  bool on = false;
                  auto wanted = read_flag(on, v);
                  // Never weaker than what auth says, whichever is read first.
                  if (!wanted && on && o.auth == "key")
                    o.auth = "both";
                  return wanted;
                }}),
      for_http({"auth_disabled",
                {"MCP_AUTH_DISABLED"},
                nullptr,
                "false",
                "Serve everybody with the server's own key; loopback only",
                flag(&s::auth_disabled)}),
      for_http({"allow_unauthenticated_remote",
                {"MCP_ALLOW_UNAUTHENTICATED_REMOTE"},
                nullptr,
                "false",
                "With auth_disabled: also on addresses that others can reach",
                flag(&s::allow_unauthenticated_remote)}),
      for_http({"allowed_hosts",
                {"MCP_ALLOWED_HOSTS"},
                "A,B",
                "on loopback its names, else any",
                "Host headers to answer to, beside that of public_url",
                list(&s::allowed_hosts)}),
      for_http({"allowed_origins",
                {"MCP_ALLOWED_ORIGINS"},
                "A,B",
                "own and loopback",
                "Web origins that may use the server, or *",
                list(&s::allowed_origins)}),
      for_http({"accept",
                {"MCP_ACCEPT"},
                "strict|lenient",
                "strict",
                "What clients must accept: JSON and event streams both "
                "(strict), or either (lenient)",
                one_of(&s::accept, {"strict", "lenient"})}),
      for_http({"seal_key_file",
                {"MCP_SEAL_KEY_FILE"},
                "FILE",
                "random per process",
                "Key of session ids and tokens: 32 bytes, or lines of 64 hex "
                "digits",
                text(&s::seal_key_file)}),
    }};
}

option_group sign_in() {
  return {
    "Sign-in (OAuth)",
    {
      for_http({"public_url",
                {"MCP_PUBLIC_URL"},
                "URL",
                "",
                "Where clients find this server, such as "
                "https://mcp.example.com; OAuth needs it",
                url(&s::public_url)}),
      for_http({"store",
                {"MCP_STORE"},
                "STORE",
                "SQLite in the state folder",
                "What OAuth remembers: sqlite:PATH, redis://..., unix:PATH (a "
                "Redis) or memory",
                [](s& o, const std::string& v) -> std::optional<std::string> {
                  if (v != "memory" && !v.starts_with("sqlite:")
                      && !v.starts_with("redis://") && !v.starts_with("unix:"))
                    return "sqlite:PATH, redis://HOST:PORT, unix:PATH (a "
                           "Redis) or memory";
                  o.store = v;
                  return {};
                }}),
      for_http({"oauth_clients_file",
                {"MCP_OAUTH_CLIENTS_FILE"},
                "FILE",
                "",
                "OAuth clients known beforehand (JSON)",
                text(&s::oauth_clients_file)}),
      for_http({"private_client_hosts",
                {"MCP_PRIVATE_CLIENT_HOSTS"},
                "A,B",
                "",
                "Hosts whose client metadata documents may be at private "
                "addresses",
                list(&s::private_client_hosts)}),
      for_http({"introspection_secret_file",
                {"MCP_INTROSPECTION_SECRET_FILE"},
                "FILE",
                "",
                "Secret for asking about tokens; turns /introspect on",
                text(&s::introspection_secret_file)}),
      for_http({"access_token_ttl_seconds",
                {"MCP_ACCESS_TOKEN_TTL_SECONDS"},
                "N",
                "3600",
                "An access token is good this long",
                seconds(&s::access_token_ttl, 1)}),
      for_http({"refresh_token_ttl_seconds",
                {"MCP_REFRESH_TOKEN_TTL_SECONDS"},
                "N",
                "2592000",
                "A client stays connected this long without being used",
                seconds(&s::refresh_token_ttl, 1)}),
      for_http({"refresh_grace_seconds",
                {"MCP_REFRESH_GRACE_SECONDS"},
                "N",
                "30",
                "A refresh token may be used again this long after its first "
                "use; 0: never",
                seconds(&s::refresh_grace, 0)}),
    }};
}

} // namespace

std::vector<option_group> access_options() {
  return {listening(), wandb(), authentication(), sign_in()};
}

} // namespace mcp
