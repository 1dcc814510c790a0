#include "server/addresses.hpp"

#include "protocol/mcp/http_rules.hpp"

#include <algorithm>
#include <cctype>

namespace mcp {
namespace {

failure wrong(std::string message) {
  return {.code = errc::bad_argument, .message = std::move(message)};
}

bool is_from_dotenv(const option_sources& given, const char* name) {
  const auto it = given.find(name);
  return it != given.end() && it->second.ends_with(" in .env");
}

} // namespace

std::string host_of(std::string_view url) {
  const auto rest = url.substr(url.find("://") + 3);
  return host_without_port(rest.substr(0, rest.find('/')));
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

std::string trace_url_of(std::string_view api_url) {
  std::string lower(api_url);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return lower == "https://api.wandb.ai" ? "https://trace.wandb.ai"
                                         : std::string(api_url) + "/traces";
}

std::optional<failure> settle_addresses(settings& s,
                                        const option_sources& given) {
  const auto host = host_of(s.wandb_base_url);
  if (host == "wandb.ai" || host == "www.wandb.ai" || host == "app.wandb.ai")
    return wrong("wandb_base_url: " + s.wandb_base_url
                 + " is W&B's web app; its API is https://api.wandb.ai");
  if (host == "api.wandb.ai" && s.wandb_base_url.starts_with("http://"))
    return wrong("wandb_base_url: http would send keys to api.wandb.ai in the "
                 "clear; write https://api.wandb.ai");
  if (!s.wandb_internal_base_url.empty() && s.trace_server_url.empty()
      && !given.contains("wandb_base_url"))
    return wrong("WANDB_INTERNAL_BASE_URL without WANDB_BASE_URL: whose trace "
                 "server and whose links would be a guess. Set WANDB_BASE_URL "
                 "to the public address of the same W&B");
  if (s.trace_server_url.empty())
    s.trace_server_url = trace_url_of(s.wandb_base_url);
  if (s.app_url.empty())
    s.app_url = app_url_of(s.wandb_base_url);
  for (const auto& url : {s.wandb_base_url, s.trace_server_url})
    if (url.starts_with("http://") && !is_loopback_name(host_of(url))
        && (url != s.wandb_base_url || s.wandb_internal_base_url.empty()))
      s.hints.push_back(url + ": keys go there unencrypted; use https");
  return {};
}

std::optional<failure> check_dotenv_addresses(settings& s,
                                              const option_sources& given,
                                              bool from_netrc) {
  const bool own_key = s.transport == "stdio" || s.auth_disabled;
  if (own_key
      && (s.wandb_api_key.empty() || is_from_dotenv(given, "wandb_api_key")))
    return {};
  for (const auto* name :
       {"wandb_base_url", "wandb_internal_base_url", "trace_server_url"}) {
    // ~/.netrc says itself which host its key is for.
    if (!is_from_dotenv(given, name)
        || (own_key && from_netrc
            && std::string_view(name) == "wandb_base_url"))
      continue;
    const auto& source = given.at(name);
    if (!own_key) {
      s.hints.push_back(source + " says where users' keys go");
      continue;
    }
    const auto variable = source.substr(0, source.find(' '));
    return wrong(source + " would send a key there that isn't from the same "
                 "file. Set " + variable + " in the environment or by --" + name
                 + ", or put WANDB_API_KEY beside it");
  }
  return {};
}

} // namespace mcp
