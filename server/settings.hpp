#pragma once

// The command line and the environment: nothing else in the project reads them.

#include "protocol/errors.hpp"
#include "protocol/secret.hpp"
#include "tools/catalog.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

struct settings {
  std::string transport = "http"; // or "stdio"
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080; // 0: any free one
  std::size_t threads = 0;   // 0: one per core

  secret wandb_api_key;
  std::string wandb_base_url = "https://api.wandb.ai";
  std::string trace_server_url = "https://trace.wandb.ai";
  std::string app_url; // derived from wandb_base_url when empty
  std::string ca_file; // extra trusted certificates, PEM

  bool auth_disabled = false;
  bool allow_unauthenticated_remote = false;
  std::string auth = "key"; // or "oauth", or "both"
  std::string public_url;   // scheme and host; needed for OAuth
  std::string store;        // empty: oauth.sqlite in the state folder
  /// Where programs keep what they must remember: systemd's StateDirectory, or
  /// the user's own (XDG Base Directory Specification). Empty: nowhere.
  std::string state_folder;
  std::string oauth_clients_file;
  std::string introspection_secret_file;
  std::vector<std::string> private_client_hosts;
  std::chrono::seconds access_token_ttl{3600};
  std::chrono::seconds refresh_token_ttl{30 * 86400};
  std::chrono::seconds refresh_grace{30};
  std::string seal_key_file;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  std::string accept = "strict"; // or "lenient"

  std::chrono::seconds session_ttl{3600};
  std::chrono::seconds session_max_age{86400};
  std::size_t max_sessions_per_key = 10;
  std::size_t max_sessions = 200'000;
  std::size_t max_connections = 20'000;
  std::size_t max_upstream_connections = 4096; // to one host
  std::size_t max_response_tokens = 22'500;
  std::size_t max_accumulated_bytes = std::size_t{64} << 20;
  std::size_t max_accumulated_bytes_per_user = std::size_t{256} << 20;
  std::size_t session_prefix_length = 12;
  std::chrono::seconds shutdown_grace{10};
  bool proxy_docs = true;
  std::string docs_mcp_url; // empty: where W&B has it
  tools::selection offered; // names as given: whoever reads it checks them

  std::string log_level = "info";
  std::string log_format = "text"; // or "json"
  std::string log_privacy = "standard";
  bool core_dumps = false;

  /// What was put right in silence until the log could tell.
  std::vector<std::string> hints;

  // Asked for instead of serving.
  bool check_health = false;
  std::string print_tools; // "markdown" or "json"
  bool show_help = false;
  bool show_version = false;

  bool listens_on_loopback() const;
  bool has_oauth() const { return auth != "key"; }
};

/// Where values come from that are not on the command line. Empty: not set.
using environment = std::function<std::optional<std::string>(const char* name)>;

/// Reads options, then the environment, then (for stdio and loopback hosts)
/// `./.env` and ~/.netrc, in that order of precedence. Dashes and underscores
/// in option names are the same.
/// Errors: `bad_argument` naming the option or variable, and what it takes;
/// also
///         combinations that are not safe (no authentication on an address that
///         others can reach).
result<settings> read_settings(const std::vector<std::string>& arguments,
                               const environment& env);

/// The text of --help.
std::string usage();

/// The browser's URL of a W&B API URL: "https://api.wandb.ai" ->
/// "https://wandb.ai", "https://api.acme.example" ->
/// "https://app.acme.example", others unchanged.
std::string app_url_of(std::string_view api_url);

} // namespace mcp
