#include "server/settings.hpp"

#include "protocol/mcp/http_rules.hpp"
#include "server/addresses.hpp"
#include "server/certificates.hpp"
#include "server/command_line.hpp"
#include "server/local_files.hpp"
#include "server/options.hpp"
#include "server/tool_choice.hpp"
#include "server/variables.hpp"

#include <algorithm>

namespace mcp {
namespace {

failure wrong(std::string message) {
  return {.code = errc::bad_argument, .message = std::move(message)};
}

/// Takes the variables of the options that were not given yet. `where` is what
/// to add to their names: " in .env".
std::optional<failure> take_variables(settings& s, option_sources& given,
                                      const decltype(surroundings::value)& from,
                                      const std::string& where) {
  for (const auto& o : options())
    for (const auto* variable : o.variables) {
      const auto value = from(variable);
      const auto source = variable + where;
      if (given.contains(o.name))
        break;
      if (o.restricts && value
          && value->find_first_not_of(" \t") == value->npos)
        return wrong(source + ": it is set and empty, which may be a "
                     "restriction that got lost; give it a value or unset it");
      if (!value || value->empty())
        continue;
      if (auto wanted = o.set(s, *value))
        return wrong(source + ": expected " + *wanted);
      given.emplace(o.name, source);
      break;
    }
  return {};
}

/// The variables of ./.env.
surroundings read_dotenv() {
  surroundings out;
  auto file = parse_dotenv(read_file(".env"));
  for (const auto& [name, value] : file)
    out.names.push_back(name);
  out.value = [file = std::move(file)](
                const char* name) -> std::optional<std::string> {
    for (const auto& [key, value] : file)
      if (key == name)
        return value;
    return {};
  };
  return out;
}

/// stdio or HTTP, when nobody says which.
void choose_transport(settings& s, const option_sources& given,
                      input_kind input) {
  if (const auto said = given.find("transport"); said != given.end()) {
    s.transport_reason = said->second;
    return;
  }
  s.transport = "http";
  for (const auto& o : options())
    if (const auto it = given.find(o.name); o.http_only && it != given.end()) {
      const auto variable = it->second.substr(0, it->second.find(' '));
      // Any project's .env may hold the port of its own server.
      if (is_of_python_server(variable) || it->second == "PORT in .env")
        continue;
      s.transport_reason = it->second;
      return;
    }
  switch (input) {
  case input_kind::pipe:
    s.transport = "stdio";
    s.transport_reason = "stdin is a pipe and nothing asks for HTTP";
    return;
  case input_kind::terminal:
    s.transport_reason = "stdin is a terminal";
    return;
  case input_kind::nothing:
    s.transport_reason = "nobody is at stdin";
    return;
  }
}

std::string state_folder_of(const decltype(surroundings::value)& env) {
  const auto given = [&](const char* name) { return env(name).value_or(""); };
  if (auto folder = given("STATE_DIRECTORY"); !folder.empty())
    return folder;
  if (const auto folder = given("XDG_STATE_HOME"); !folder.empty())
    return folder + "/wandb-mcp-server";
  if (const auto home = given("HOME"); !home.empty())
    return home + "/.local/state/wandb-mcp-server";
  return {};
}

/// Looks for the key of wandb_base_url in ~/.netrc.
bool take_netrc(settings& s, const surroundings& around) {
  const auto home = around.value("HOME");
  if (!home)
    return false;
  for (const auto* name : {"/.netrc", "/_netrc"}) {
    const auto key =
      netrc_password(read_file(*home + name), host_of(s.wandb_base_url));
    if (has_key_form(key)) {
      s.wandb_api_key = secret(key);
      return true;
    }
  }
  return false;
}

/// What sign-in needs to be safe.
std::optional<failure> check_oauth(settings& s) {
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

std::optional<failure> check_http(settings& s) {
  if (s.has_oauth())
    if (auto unsafe = check_oauth(s))
      return unsafe;
  if (!s.auth_disabled)
    return {};
  if (!s.listens_on_loopback() && !s.allow_unauthenticated_remote)
    return wrong("MCP_AUTH_DISABLED on " + s.host
                 + " would give everybody who reaches it the server's own "
                   "key; listen on 127.0.0.1, or say "
                   "--allow_unauthenticated_remote if that is meant");
  if (s.wandb_api_key.empty())
    return wrong("MCP_AUTH_DISABLED needs WANDB_API_KEY: it is the key that "
                 "everybody uses then");
  return {};
}

std::optional<failure> check_stdio(const settings& s) {
  if (!s.wandb_api_key.empty())
    return {};
  return wrong("stdio (" + s.transport_reason
               + ") needs the user's W&B API key: set WANDB_API_KEY, or log in "
                 "so that ~/.netrc has it. Get one at "
               + s.app_url
               + "/authorize. For a server that listens say --transport http");
}

} // namespace

bool settings::listens_on_loopback() const {
  return is_loopback_name(host);
}

result<settings> read_settings(const std::vector<std::string>& arguments,
                               const surroundings& around) {
  settings s;
  auto given = read_command_line(arguments, s);
  if (!given)
    return given.error();
  if (s.show_help || s.show_version)
    return s;
  if (auto bad = take_variables(s, *given, around.value, ""))
    return *bad;
  if (auto bad = check_variables(s, around.names, around.value))
    return *bad;
  const bool local = s.transport == "stdio" || s.listens_on_loopback();
  if (local) {
    const auto file = read_dotenv();
    if (auto bad = take_variables(s, *given, file.value, " in .env"))
      return *bad;
    if (auto bad = check_variables(s, file.names, file.value))
      return *bad;
  }
  if (auto bad = settle_tools(s))
    return *bad;
  if (!s.print_tools.empty() || s.check_health)
    return s;
  const bool from_netrc =
    local && s.wandb_api_key.empty() && take_netrc(s, around);
  choose_transport(s, *given, around.input);
  if (auto bad = check_dotenv_addresses(s, *given, from_netrc))
    return *bad;
  if (auto bad = settle_addresses(s, *given))
    return *bad;
  if (auto bad = check_certificate_files(s))
    return *bad;
  s.state_folder = state_folder_of(around.value);
  if (auto bad = s.transport == "stdio" ? check_stdio(s) : check_http(s))
    return *bad;
  return s;
}

} // namespace mcp
