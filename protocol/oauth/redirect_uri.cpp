#include "protocol/oauth/redirect_uri.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace mcp::oauth {
namespace {

constexpr std::size_t max_length = 2048;

// What a browser would open itself, with this server's page as its opener.
constexpr std::array<std::string_view, 13> foreign_schemes{
  "about", "blob",   "data",       "file", "filesystem", "ftp",      "http",
  "https", "intent", "javascript", "ws",   "wss",        "vbscript",
};

struct parts {
  std::string_view scheme, authority, rest;
  std::string_view host, port; // of the authority
};

bool is_scheme(std::string_view s) {
  return !s.empty() && std::isalpha(static_cast<unsigned char>(s[0]))
         && std::all_of(s.begin(), s.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                     || c == '+' || c == '-' || c == '.';
            });
}

parts split(std::string_view uri) {
  parts p;
  const auto colon = uri.find(':');
  if (colon == uri.npos)
    return p;
  p.scheme = uri.substr(0, colon);
  p.rest = uri.substr(colon + 1);
  if (p.rest.starts_with("//")) {
    p.rest.remove_prefix(2);
    const auto end = std::min(p.rest.find_first_of("/?"), p.rest.size());
    p.authority = p.rest.substr(0, end);
    p.rest.remove_prefix(end);
    const auto bracket = p.authority.rfind(']');
    const auto mark = p.authority.rfind(':');
    const bool has_port = mark != p.authority.npos
                          && (bracket == p.authority.npos || mark > bracket);
    p.host = p.authority.substr(0, has_port ? mark : p.authority.size());
    if (has_port)
      p.port = p.authority.substr(mark + 1);
  }
  return p;
}

bool is_loopback(std::string_view host) {
  return host == "127.0.0.1" || host == "[::1]" || host == "localhost";
}

bool is_port(std::string_view port) {
  return port.size() <= 5 && std::all_of(port.begin(), port.end(), [](char c) {
           return c >= '0' && c <= '9';
         });
}

bool is_host(std::string_view host) {
  if (host.starts_with('['))
    return host == "[::1]";
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
           || c == '.';
  });
}

/// Path and query as they are asked for: without a path it is the root (RFC
/// 3986, 6.2.3), and URL libraries write the one for the other.
std::string with_path(std::string_view rest) {
  return rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
}

/// Whether both lead to the same place on this device, but for the port.
bool same_on_loopback(const parts& a, const parts& b) {
  return a.scheme == "http" && b.scheme == "http" && is_loopback(a.host)
         && a.host == b.host && is_port(a.port) && is_port(b.port)
         && with_path(a.rest) == with_path(b.rest);
}

refusal wrong(std::string description) {
  return {.error = "invalid_redirect_uri",
          .description = "redirect_uri " + std::move(description)};
}

} // namespace

checked<void> check_redirect_uri(std::string_view uri) {
  if (uri.empty() || uri.size() > max_length)
    return wrong("must have 1 to 2048 characters.");
  if (!std::all_of(uri.begin(), uri.end(),
                   [](char c) { return c > ' ' && c < 0x7f; }))
    return wrong("must be visible ASCII: escape other characters.");
  if (uri.find_first_of("#\\\"<>^`{|}") != uri.npos)
    return wrong("must have no fragment and no characters that URIs exclude.");
  const auto p = split(uri);
  if (!is_scheme(p.scheme))
    return wrong("must be absolute, with a scheme in lower case.");
  if (p.scheme == "https" || p.scheme == "http") {
    if (!is_host(p.host) || !is_port(p.port))
      return wrong("must have a plain host in lower case, without user name "
                   "and password.");
    if (p.scheme == "http" && !is_loopback(p.host))
      return wrong("must use https; http is for loopback hosts only.");
    return {};
  }
  const auto* foreign =
    std::find(foreign_schemes.begin(), foreign_schemes.end(), p.scheme);
  if (foreign != foreign_schemes.end())
    return wrong("has a scheme that no app of its own can have.");
  if (p.authority.find('@') != p.authority.npos)
    return wrong("must have no user name and password.");
  return {};
}

bool same_redirect_uri(std::string_view registered, std::string_view asked) {
  return registered == asked
         || (same_on_loopback(split(registered), split(asked))
             && check_redirect_uri(asked));
}

bool repeats_redirect_uri(std::string_view first, std::string_view again) {
  const auto before = split(first);
  const auto now = split(again);
  return first == again
         || (same_on_loopback(before, now) && before.port == now.port
             && check_redirect_uri(again));
}

std::string redirect_target(std::string_view uri) {
  const auto p = split(uri);
  if (p.scheme != "https" && p.scheme != "http")
    return "the app " + std::string(p.scheme) + " on this device";
  if (is_loopback(p.host))
    return "a program on this computer (" + std::string(p.host) + ")";
  return std::string(p.host);
}

std::string redirect_source(std::string_view uri) {
  const auto p = split(uri);
  // A source list has no form for IPv6 addresses.
  if (p.host == "[::1]")
    return std::string(p.scheme) + ":";
  if (p.scheme == "https" || p.scheme == "http")
    return std::string(p.scheme) + "://" + std::string(p.authority);
  return std::string(p.scheme) + ":";
}

bool leaves_device(std::string_view uri) {
  const auto p = split(uri);
  return (p.scheme == "https" || p.scheme == "http") && !is_loopback(p.host);
}

} // namespace mcp::oauth
