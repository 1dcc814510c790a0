#pragma once

// The command line and the environment: nothing else in the project reads them.

#include "protocol/errors.hpp"
#include "protocol/secret.hpp"
#include "tools/catalog.hpp"
#include "tools/tailored.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

struct settings {
  std::string transport;        // "http" or "stdio"
  std::string transport_reason; // "stdin is a pipe": why that one
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080; // 0: any free one
  std::size_t threads = 0;   // 0: one per core

  secret wandb_api_key;
  std::string wandb_base_url = "https://api.wandb.ai";
  std::string wandb_internal_base_url; // called instead; never shown
  std::string trace_server_url;        // derived when not given
  std::string app_url;                 // the same
  std::string ca_file;       // trusted beside the system's certificates, PEM
  std::string ssl_cert_file; // trusted instead of them
  std::chrono::seconds wandb_request_timeout{0}; // 0: what the call has left

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
  std::chrono::seconds tool_timeout{0}; // 0: each tool's own
  std::string workload_profile;         // "shared", "dedicated"; gives caps
  tools::caps caps;
  bool proxy_docs = true;
  std::string docs_mcp_url; // empty: where W&B has it
  /// What is left when all that follows, down to `access_mode`, was heard.
  tools::selection offered;
  std::string tool_profile;
  std::optional<bool> weave_tools;
  std::optional<bool> weave_agent_tools;
  bool raw_graphql = true;
  std::string access_mode = "read-write"; // or "read-only"

  std::string log_level = "info";
  std::string log_format = "text"; // or "json"
  std::string log_privacy = "standard";
  bool core_dumps = false;

  /// What the log has to tell first: what was put right, what is not heard.
  std::vector<std::string> hints;

  // Asked for instead of serving.
  bool check_health = false;
  std::string print_tools; // "markdown" or "json"
  bool show_help = false;
  bool show_version = false;

  bool listens_on_loopback() const;
  bool has_oauth() const { return auth != "key"; }
};

/// What stdin is when the program starts.
enum class input_kind {
  pipe,     // or a socket: some program wants to talk
  terminal, // a person
  nothing,  // closed, /dev/null, a file
};

/// What a program finds around it when it starts.
struct surroundings {
  /// A variable's value. Empty: not set.
  std::function<std::optional<std::string>(const char* name)> value;
  /// The names of all variables that are set.
  std::vector<std::string> names = {};
  input_kind input = input_kind::nothing;
};

/// Reads options, then the environment, then (for stdio and loopback hosts)
/// `./.env` and ~/.netrc, in that order of precedence. Dashes and underscores
/// in option names are the same.
/// Errors: `bad_argument` naming the option or variable, what it takes, and
///         what is near a name that is none; also
///         combinations that are not safe (no authentication on an address that
///         others can reach; a `.env` that says where somebody else's key
///         goes), and restrictions that can't be kept.
result<settings> read_settings(const std::vector<std::string>& arguments,
                               const surroundings& around);

} // namespace mcp
