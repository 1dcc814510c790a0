#include "server/settings.hpp"

#include "protocol/mcp/http_rules.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace mcp {
namespace {

/// One setting: its option, its variables (the first that is set counts), its
/// place in the help, and how to take a value. A setter gives what it would
/// have taken when it does not like the value.
struct option {
  std::string name;
  std::vector<const char*> variables;
  const char* value; // as the help shows it; null for a switch
  const char* help;
  std::function<std::optional<std::string>(settings&, const std::string&)> set;
};

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

setter flag(bool settings::*member) {
  return
    [=](settings& s, const std::string& text) -> std::optional<std::string> {
      std::string lower = text;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](unsigned char c) { return std::tolower(c); });
      if (lower == "true" || lower == "1" || lower == "yes" || lower == "on")
        s.*member = true;
      else if (lower == "false" || lower == "0" || lower == "no"
               || lower == "off")
        s.*member = false;
      else
        return "true or false";
      return {};
    };
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
       if (!has_key_form(v))
         return "a W&B API key: at least 40 letters, digits or underscores "
                "after an optional 'prefix-'";
       o.wandb_api_key = secret(v);
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
    {"seal_key_file",
     {"MCP_SEAL_KEY_FILE"},
     "FILE",
     "Key of the session ids: 32 bytes, or lines of 64 hex digits",
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
    {"max_connections",
     {"MCP_MAX_CONNECTIONS"},
     "N",
     "Connections at a time (20000)",
     number(&s::max_connections, 1, 10'000'000)},
    {"max_response_tokens",
     {"MAX_RESPONSE_TOKENS"},
     "N",
     "Size of an answer, four characters a token (22500)",
     number(&s::max_response_tokens, 100, 10'000'000)},
    {"max_accumulated_bytes",
     {"MAX_ACCUMULATED_BYTES"},
     "N",
     "W&B's bytes one call may hold (67108864)",
     number(&s::max_accumulated_bytes, 65'536, std::uint64_t{1} << 40)},
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
     "Offer the documentation search (true)",
     flag(&s::proxy_docs)},
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

failure bad(const std::string& where, const std::string& wanted) {
  return {.code = errc::bad_argument,
          .message = where + ": expected " + wanted};
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return in ? out.str() : std::string();
}

/// The command line as CLI11 sees it: each option's text, not yet understood.
struct command_line {
  CLI::App app{
    "wandb-mcp-server: a Model Context Protocol server for Weights & "
    "Biases data.\nEvery option can be set by the environment "
    "variable beside it; the option wins."};
  std::map<std::string, std::string> values;

  command_line() {
    app.set_help_flag("-h,--help", "Show this");
    app.set_version_flag("--version", MCP_VERSION);
    for (const auto& o : options()) {
      std::string help = std::string(o.help) + "  [";
      for (std::size_t i = 0; i < o.variables.size(); ++i)
        help += (i ? ", " : "") + std::string(o.variables[i]);
      help += "]";
      auto& value = values[o.name];
      if (o.value)
        app.add_option("--" + o.name, value, help)
          ->type_name(o.value)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      else
        app.add_flag("--" + o.name + "{true}", value, help);
    }
  }
};

/// "--seal-key-file=x" -> "--seal_key_file=x".
std::string with_underscores(std::string word) {
  if (word.starts_with("--"))
    std::replace(
      word.begin() + 2,
      word.begin()
        + static_cast<std::ptrdiff_t>(std::min(word.find('='), word.size())),
      '-', '_');
  return word;
}

/// Takes the command line; gives the names that were on it.
result<std::set<std::string>>
read_command_line(const std::vector<std::string>& arguments, settings& s) {
  command_line line;
  // CLI11 wants the words last to first.
  std::vector<std::string> words;
  for (auto it = arguments.rbegin(); it != arguments.rend(); ++it)
    words.push_back(with_underscores(*it));
  std::set<std::string> given;
  try {
    line.app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    s.show_help = true;
    return given;
  } catch (const CLI::CallForVersion&) {
    s.show_version = true;
    return given;
  } catch (const CLI::ParseError& e) {
    return failure{.code = errc::bad_argument,
                   .message = std::string(e.what()) + "; see --help"};
  }
  for (const auto& o : options()) {
    if (line.app.count("--" + o.name) == 0)
      continue;
    if (auto wanted = o.set(s, line.values[o.name]))
      return bad("--" + o.name, *wanted);
    given.insert(o.name);
  }
  return given;
}

std::string host_of(std::string_view base_url) {
  auto rest = base_url.substr(base_url.find("://") + 3);
  return host_without_port(rest.substr(0, rest.find('/')));
}

} // namespace

bool settings::listens_on_loopback() const {
  return is_loopback_name(host);
}

result<settings> read_settings(const std::vector<std::string>& arguments,
                               const environment& env) {
  settings s;
  auto given = read_command_line(arguments, s);
  if (!given)
    return given.error();
  if (s.show_help || s.show_version)
    return s;

  const auto take = [&](const environment& from,
                        const char* what) -> std::optional<failure> {
    for (const auto& o : options()) {
      if (given->contains(o.name))
        continue;
      for (const auto* variable : o.variables) {
        const auto value = from(variable);
        if (!value || value->empty())
          continue;
        if (auto wanted = o.set(s, *value))
          return bad(std::string(variable) + what, *wanted);
        given->insert(o.name);
        break;
      }
    }
    return {};
  };
  if (auto wrong = take(env, ""))
    return *wrong;
  const bool local = s.transport == "stdio" || s.listens_on_loopback();
  if (local) {
    const auto file = parse_dotenv(read_file(".env"));
    const auto from_file =
      [&file](const char* name) -> std::optional<std::string> {
      for (const auto& [key, value] : file)
        if (key == name)
          return value;
      return {};
    };
    if (auto wrong = take(from_file, " in .env"))
      return *wrong;
  }
  if (local && s.wandb_api_key.empty())
    if (const auto home = env("HOME"))
      for (const auto* name : {"/.netrc", "/_netrc"}) {
        const auto key =
          netrc_password(read_file(*home + name), host_of(s.wandb_base_url));
        if (has_key_form(key)) {
          s.wandb_api_key = secret(key);
          break;
        }
      }
  if (s.app_url.empty())
    s.app_url = app_url_of(s.wandb_base_url);

  if (s.transport == "stdio" && s.wandb_api_key.empty())
    return failure{.code = errc::bad_argument,
                   .message = "stdio needs the user's W&B API key: set "
                              "WANDB_API_KEY, or log in so that ~/.netrc has "
                              "it. Get one at "
                              + s.app_url + "/authorize"};
  if (s.auth_disabled && s.transport == "http") {
    if (!s.listens_on_loopback() && !s.allow_unauthenticated_remote)
      return failure{
        .code = errc::bad_argument,
        .message = "MCP_AUTH_DISABLED on " + s.host
                   + " would give everybody who reaches it the server's own "
                     "key; listen on 127.0.0.1, or say "
                     "--allow_unauthenticated_remote if that is meant"};
    if (s.wandb_api_key.empty())
      return failure{.code = errc::bad_argument,
                     .message = "MCP_AUTH_DISABLED needs WANDB_API_KEY: it is "
                                "the key that everybody uses then"};
  }
  return s;
}

std::string usage() {
  return command_line().app.help();
}

std::string netrc_password(std::string_view netrc, std::string_view host) {
  std::istringstream in{std::string(netrc)};
  bool here = false;
  for (std::string word; in >> word;) {
    if (word == "machine") {
      in >> word;
      here = word == host;
    } else if (word == "default") {
      here = false;
    } else if (word == "login" || word == "account") {
      in >> word;
    } else if (word == "password") {
      if (in >> word && here)
        return word;
    }
  }
  return {};
}

std::vector<std::pair<std::string, std::string>>
parse_dotenv(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  std::istringstream in{std::string(text)};
  const auto trim = [](std::string s) {
    const auto first = s.find_first_not_of(" \t\r");
    if (first == s.npos)
      return std::string();
    return s.substr(first, s.find_last_not_of(" \t\r") - first + 1);
  };
  for (std::string line; std::getline(in, line);) {
    line = trim(line);
    if (line.starts_with("export "))
      line = trim(line.substr(7));
    const auto equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == line.npos)
      continue;
    auto value = trim(line.substr(equals + 1));
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'')
        && value.find(value[0], 1) != value.npos)
      value = value.substr(1, value.find(value[0], 1) - 1);
    else
      value = trim(value.substr(0, value.find(" #")));
    out.emplace_back(trim(line.substr(0, equals)), value);
  }
  return out;
}

std::string app_url_of(std::string_view api_url) {
  std::string out(api_url);
  const auto at = out.find("://api.");
  if (at == out.npos)
    return out;
  const bool cloud = out.compare(at, 13, "://api.wandb.") == 0
                     && out.compare(at, 17, "://api.wandb.test") != 0;
  out.replace(at, 7, cloud ? "://" : "://app.");
  return out;
}

} // namespace mcp
