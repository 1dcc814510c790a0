#include "server/options.hpp"

#include "protocol/mcp/http_rules.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>

namespace mcp {
namespace {

using setter =
  std::function<std::optional<std::string>(settings&, const std::string&)>;

template <class T>
setter number(T settings::*member, std::uint64_t low, std::uint64_t high) {
  return
    [=](settings& s, const std::string& text) -> std::optional<std::string> {
      std::uint64_t v = 0;
      const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), v);
      if (error != std::errc{} || end != text.data() + text.size() || v < low
          || v > high)
        return "a whole number from " + std::to_string(low) + " to "
               + std::to_string(high);
      s.*member = static_cast<T>(v);
      return {};
    };
}

setter seconds(std::chrono::seconds settings::*member, std::uint64_t low) {
  return [=](settings& s, const std::string& text) {
    std::uint64_t v = 0;
    const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), v);
    std::optional<std::string> wanted;
    if (error != std::errc{} || end != text.data() + text.size() || v < low
        || v > 31'536'000)
      wanted =
        "seconds, a whole number from " + std::to_string(low) + " to 31536000";
    else
      s.*member = std::chrono::seconds(v);
    return wanted;
  };
}

std::optional<std::string> read_flag(bool& value, const std::string& text) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (lower == "true" || lower == "1" || lower == "yes" || lower == "on")
    value = true;
  else if (lower == "false" || lower == "0" || lower == "no" || lower == "off")
    value = false;
  else
    return "true or false";
  return {};
}

setter flag(bool settings::*member) {
  return
    [=](settings& s, const std::string& v) { return read_flag(s.*member, v); };
}

setter text(std::string settings::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    s.*member = v;
    return {};
  };
}

setter address(std::string settings::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    boost::system::error_code not_one;
    boost::asio::ip::make_address(v, not_one);
    if (not_one && v != "localhost")
      return "an IP address of this machine, or localhost";
    s.*member = v;
    return {};
  };
}

setter one_of(std::string settings::*member, std::vector<std::string> choices) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    if (std::find(choices.begin(), choices.end(), v) == choices.end()) {
      std::string wanted = "one of";
      for (const auto& c : choices)
        wanted += " " + c;
      return wanted;
    }
    s.*member = v;
    return {};
  };
}

setter list(std::vector<std::string> settings::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    std::stringstream in(v);
    for (std::string item; std::getline(in, item, ',');)
      if (!item.empty())
        (s.*member).push_back(item);
    return {};
  };
}

setter names(std::vector<std::string> tools::selection::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    std::stringstream in(v);
    for (std::string item; std::getline(in, item, ',');) {
      const auto begin = item.find_first_not_of(" \t");
      if (begin == item.npos)
        return "names, with commas between them";
      const auto end = item.find_last_not_of(" \t");
      (s.offered.*member).push_back(item.substr(begin, end - begin + 1));
    }
    return {};
  };
}

setter url(std::string settings::*member) {
  return [=](settings& s, const std::string& v) -> std::optional<std::string> {
    std::string trimmed = v;
    while (trimmed.ends_with('/'))
      trimmed.pop_back();
    const auto host = trimmed.starts_with("https://")  ? trimmed.substr(8)
                      : trimmed.starts_with("http://") ? trimmed.substr(7)
                                                       : std::string();
    if (host.empty() || host.starts_with('/')
        || host.find_first_of("@ \r\n?#") != host.npos)
      return "an http or https URL without credentials";
    s.*member = trimmed;
    return {};
  };
}

} // namespace

const std::vector<option>& options() {
  using s = settings;
  static const std::vector<option> all{
    {"transport",
     {"MCP_TRANSPORT"},
     "http|stdio",
     "How clients connect",
     one_of(&s::transport, {"http", "stdio"})},
    {"host",
     {"MCP_HOST"},
     "ADDRESS",
     "Address to listen on (127.0.0.1)",
     address(&s::host)},
    {"port",
     {"MCP_PORT", "PORT"},
     "N",
     "Port to listen on (8080; 0 picks one)",
     number(&s::port, 0, 65535)},
    {"threads",
     {"MCP_THREADS"},
     "N",
     "I/O threads (0: one per core)",
     number(&s::threads, 0, 256)},
    {"wandb_api_key",
     {"WANDB_API_KEY"},
     "KEY",
     "The user's key, for stdio or with auth_disabled; better in the "
     "environment",
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
    {"wandb_base_url",
     {"WANDB_BASE_URL"},
     "URL",
     "W&B's API (https://api.wandb.ai)",
     url(&s::wandb_base_url)},
    {"trace_server_url",
     {"WF_TRACE_SERVER_URL", "WEAVE_TRACE_SERVER_URL"},
     "URL",
     "The Weave trace server (https://trace.wandb.ai)",
     url(&s::trace_server_url)},
    {"app_url",
     {"WANDB_APP_URL"},
     "URL",
     "W&B's web app, for links (from the API's URL)",
     url(&s::app_url)},
    {"ca_file",
     {"WANDB_CA_FILE"},
     "FILE",
     "Certificates to trust beside the system's (PEM)",
     text(&s::ca_file)},
    {"auth_disabled",
     {"MCP_AUTH_DISABLED"},
     nullptr,
     "Serve everybody with the server's own key; loopback only",
     flag(&s::auth_disabled)},
    {"allow_unauthenticated_remote",
     {"MCP_ALLOW_UNAUTHENTICATED_REMOTE"},
     nullptr,
     "With auth_disabled: also on addresses that others can reach",
     flag(&s::allow_unauthenticated_remote)},
    {"oauth",
     {"MCP_OAUTH"},
     nullptr,
     "Sign-in by OAuth beside API keys: the same as --auth both",
     [](s& o, const std::string& v) {
       bool on = false;
       auto wanted = read_flag(on, v);
       if (!wanted)
         o.auth = on ? "both" : "key";
       return wanted;
     }},
    {"auth",
     {"MCP_AUTH"},
     "key|oauth|both",
     "What clients show: API keys, tokens of the own sign-in, or either",
     one_of(&s::auth, {"key", "oauth", "both"})},
    {"public_url",
     {"MCP_PUBLIC_URL"},
     "URL",
     "Where clients find this server, such as https://mcp.example.com",
     url(&s::public_url)},
    {"store",
     {"MCP_STORE"},
     "STORE",
     "What OAuth remembers: sqlite:PATH, redis://..., unix:PATH or memory",
     [](s& o, const std::string& v) -> std::optional<std::string> {
       if (v != "memory" && !v.starts_with("sqlite:")
           && !v.starts_with("redis://") && !v.starts_with("unix:"))
         return "sqlite:PATH, redis://HOST:PORT, unix:PATH (a Redis) or memory";
       o.store = v;
       return {};
     }},
    {"oauth_clients_file",
     {"MCP_OAUTH_CLIENTS_FILE"},
     "FILE",
     "OAuth clients known beforehand (JSON)",
     text(&s::oauth_clients_file)},
    {"private_client_hosts",
     {"MCP_PRIVATE_CLIENT_HOSTS"},
     "A,B",
     "Hosts whose client metadata documents may be at private addresses",
     list(&s::private_client_hosts)},
    {"introspection_secret_file",
     {"MCP_INTROSPECTION_SECRET_FILE"},
     "FILE",
     "Secret for asking about tokens at /introspect (off)",
     text(&s::introspection_secret_file)},
    {"access_token_ttl_seconds",
     {"MCP_ACCESS_TOKEN_TTL_SECONDS"},
     "N",
     "An access token is good this long (3600)",
     seconds(&s::access_token_ttl, 1)},
    {"refresh_token_ttl_seconds",
     {"MCP_REFRESH_TOKEN_TTL_SECONDS"},
     "N",
     "A client stays connected this long without being used (2592000)",
     seconds(&s::refresh_token_ttl, 1)},
    {"seal_key_file",
     {"MCP_SEAL_KEY_FILE"},
     "FILE",
     "Key of session ids and tokens: 32 bytes, or lines of 64 hex digits",
     text(&s::seal_key_file)},
    {"allowed_hosts",
     {"MCP_ALLOWED_HOSTS"},
     "A,B",
     "Host headers to answer to (loopback: its names; else any)",
     list(&s::allowed_hosts)},
    {"allowed_origins",
     {"MCP_ALLOWED_ORIGINS"},
     "A,B",
     "Web origins that may use the server, or *",
     list(&s::allowed_origins)},
    {"session_ttl_seconds",
     {"SESSION_TTL_SECONDS"},
     "N",
     "An idle session is freed after this (3600); its id stays good",
     seconds(&s::session_ttl, 1)},
    {"session_max_age_seconds",
     {"SESSION_MAX_AGE_SECONDS"},
     "N",
     "A session id is good this long (86400)",
     seconds(&s::session_max_age, 1)},
    {"max_sessions_per_key",
     {"MAX_SESSIONS_PER_KEY"},
     "N",
     "Sessions of one key at a time (10)",
     number(&s::max_sessions_per_key, 1, 100'000)},
    {"max_sessions",
     {"MCP_MAX_SESSIONS"},
     "N",
     "Sessions in memory at a time (200000); the ids of freed ones stay good",
     number(&s::max_sessions, 100, 100'000'000)},
    {"max_connections",
     {"MCP_MAX_CONNECTIONS"},
     "N",
     "Connections at a time (20000)",
     number(&s::max_connections, 1, 10'000'000)},
    {"max_upstream_connections",
     {"MCP_MAX_UPSTREAM_CONNECTIONS"},
     "N",
     "Connections to one W&B host (4096); more requests wait",
     number(&s::max_upstream_connections, 1, 1'000'000)},
    {"max_response_tokens",
     {"MAX_RESPONSE_TOKENS"},
     "N",
     "Most tokens of an answer, by o200k_base (22500)",
     number(&s::max_response_tokens, 100, 10'000'000)},
    {"max_accumulated_bytes",
     {"MAX_ACCUMULATED_BYTES"},
     "N",
     "W&B's bytes one call may take (67108864)",
     number(&s::max_accumulated_bytes, 65'536, std::uint64_t{1} << 40)},
    {"max_accumulated_bytes_per_user",
     {"MAX_ACCUMULATED_BYTES_PER_USER"},
     "N",
     "W&B's bytes that one user's running calls may hold (268435456)",
     number(&s::max_accumulated_bytes_per_user, 65'536,
            std::uint64_t{1} << 40)},
    {"session_prefix_length",
     {"SESSION_PREFIX_LENGTH"},
     "N",
     "Characters of a session id in the log (12)",
     number(&s::session_prefix_length, 0, 32)},
    {"shutdown_grace_seconds",
     {"MCP_SHUTDOWN_GRACE_SECONDS"},
     "N",
     "Time for running calls at SIGTERM (10)",
     seconds(&s::shutdown_grace, 0)},
    {"proxy_docs",
     {"WANDB_MCP_PROXY_DOCS"},
     nullptr,
     "Let search_wandb_docs_tool ask the documentation server (true)",
     flag(&s::proxy_docs)},
    {"docs_mcp_url",
     {"WANDB_DOCS_MCP_URL"},
     "URL",
     "The documentation's MCP server (docs.coreweave.com, else docs.wandb.ai)",
     url(&s::docs_mcp_url)},
    {"toolsets",
     {"WANDB_MCP_TOOLSETS"},
     "A,B",
     "Tools to offer, of models, weave, registry, reports, docs (all)",
     names(&tools::selection::toolsets)},
    {"read_only",
     {"WANDB_MCP_READ_ONLY"},
     nullptr,
     "Offer no tool that writes to W&B",
     [](settings& o, const std::string& v) {
       return read_flag(o.offered.read_only, v);
     }},
    {"disable_tools",
     {"WANDB_MCP_DISABLE_TOOLS"},
     "A,B",
     "Tools not to offer, by name",
     names(&tools::selection::disabled)},
    {"print_tools",
     {},
     "markdown|json",
     "Print the tools that would be offered, and end",
     one_of(&s::print_tools, {"markdown", "json"})},
    {"log_level",
     {"MCP_SERVER_LOG_LEVEL"},
     "LEVEL",
     "debug, info, warning, error (info)",
     [](s& o, const std::string& v) -> std::optional<std::string> {
       std::string lower = v;
       std::transform(lower.begin(), lower.end(), lower.begin(),
                      [](unsigned char c) { return std::tolower(c); });
       if (lower == "warn")
         lower = "warning";
       return one_of(&s::log_level,
                     {"debug", "info", "warning", "error"})(o, lower);
     }},
    {"log_format",
     {"MCP_LOG_FORMAT"},
     "text|json",
     "Log lines (text)",
     [](s& o, const std::string& v) -> std::optional<std::string> {
       // What the Python server calls its coloured text.
       return one_of(&s::log_format,
                     {"text", "json"})(o, v == "rich" ? "text" : v);
     }},
    {"log_privacy_level",
     {"MCP_LOG_PRIVACY_LEVEL"},
     "LEVEL",
     "off, standard, strict: strict leaves session ids' first characters out",
     one_of(&s::log_privacy, {"off", "standard", "strict"})},
    {"core_dumps",
     {"MCP_CORE_DUMPS"},
     nullptr,
     "Allow core dumps; they hold keys",
     flag(&s::core_dumps)},
  };
  return all;
}

} // namespace mcp
