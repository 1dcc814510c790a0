#include "server/settings.hpp"

#include "protocol/mcp/http_rules.hpp"
#include "server/local_files.hpp"
#include "server/options.hpp"
#include "tools/all.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace mcp {
namespace {

failure bad(const std::string& where, const std::string& wanted) {
  return {.code = errc::bad_argument,
          .message = where + ": expected " + wanted};
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
      std::string help = o.help;
      for (std::size_t i = 0; i < o.variables.size(); ++i)
        help += (i ? ", " : "  [") + std::string(o.variables[i]);
      if (!o.variables.empty())
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

std::string state_folder_of(const environment& env) {
  const auto given = [&](const char* name) { return env(name).value_or(""); };
  if (auto folder = given("STATE_DIRECTORY"); !folder.empty())
    return folder;
  if (const auto folder = given("XDG_STATE_HOME"); !folder.empty())
    return folder + "/wandb-mcp-server";
  if (const auto home = given("HOME"); !home.empty())
    return home + "/.local/state/wandb-mcp-server";
  return {};
}

/// What sign-in needs to be safe.
std::optional<failure> check_oauth(settings& s) {
  const auto wrong = [](std::string message) {
    return failure{.code = errc::bad_argument, .message = std::move(message)};
  };
  if (s.auth_disabled)
    return wrong("auth_disabled and OAuth exclude each other");
  if (s.public_url.empty())
    return wrong("OAuth needs public_url: where clients find this server, such "
                 "as https://mcp.example.com");
  const auto host =
    std::string_view(s.public_url).substr(s.public_url.find("://") + 3);
  if (host.find('/') != host.npos)
    return wrong("public_url: expected scheme and host alone, without a path; "
                 "the MCP endpoint is /mcp there");
  const auto name = host_without_port(host);
  if (!s.public_url.starts_with("https://") && !is_loopback_name(name))
    return wrong("public_url: expected https, because people send their API "
                 "key there; http is for loopback hosts only");
  // A server on loopback behind a proxy answers to loopback names alone; its
  // public name is known now.
  if (s.allowed_hosts.empty() && s.listens_on_loopback()
      && !is_loopback_name(name))
    s.allowed_hosts = {name, "localhost", "127.0.0.1", "[::1]"};
  // Our own pages send their forms here, whatever Host a proxy makes of it.
  s.allowed_origins.push_back(s.public_url);
  return {};
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
  if (auto offered = tools::select_tools(tools::all_tools(), s.offered);
      !offered)
    return failure{.code = errc::bad_argument,
                   .message =
                     "toolsets, disable_tools: " + offered.error().message};
  if (!s.print_tools.empty())
    return s;
  if (s.app_url.empty())
    s.app_url = app_url_of(s.wandb_base_url);

  if (s.transport == "stdio" && s.wandb_api_key.empty())
    return failure{.code = errc::bad_argument,
                   .message = "stdio needs the user's W&B API key: set "
                              "WANDB_API_KEY, or log in so that ~/.netrc has "
                              "it. Get one at "
                              + s.app_url + "/authorize"};
  s.state_folder = state_folder_of(env);
  if (s.has_oauth() && s.transport == "http")
    if (auto wrong = check_oauth(s))
      return *wrong;
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
