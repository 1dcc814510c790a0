#include "tools/automation_secrets.hpp"

#include "protocol/json/lenient.hpp"
#include "tools/models_budget.hpp"

#include <algorithm>
#include <array>

namespace mcp::tools {
namespace {

constexpr std::string_view redacted = "[redacted]";
constexpr std::size_t longest_text = 4000;
constexpr std::size_t max_depth = 32;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "X-API_Key" -> "xapikey"
std::string letters_of(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (is_letter(c) || is_digit(c))
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool speaks_of_secrets(std::string_view name) {
  static constexpr std::array<std::string_view, 15> parts{
    "token",     "secret", "password",      "passwd",     "passphrase",
    "pwd",       "apikey", "accesskey",     "privatekey", "signingkey",
    "signature", "cookie", "authorization", "credential", "bearer"};
  static constexpr std::array<std::string_view, 6> whole{"auth", "key",  "sig",
                                                         "pass", "hmac", "jwt"};
  const auto text = letters_of(name);
  return std::find(whole.begin(), whole.end(), text) != whole.end()
         || std::any_of(parts.begin(), parts.end(), [&](auto part) {
              return text.find(part) != text.npos;
            });
}

/// Long, of both letters and digits, and no words in between.
bool looks_random(std::string_view text, std::size_t least) {
  return text.size() >= least && text.find_first_of(" \t\r\n") == text.npos
         && std::any_of(text.begin(), text.end(), is_letter)
         && std::any_of(text.begin(), text.end(), is_digit);
}

bool looks_like_secret(std::string_view text) {
  static constexpr std::array<std::string_view, 12> starts{
    "Bearer ", "bearer ", "Basic ", "basic ", "sk-",  "ghp_",
    "gho_",    "glpat-",  "xoxb-",  "xoxp-",  "AKIA", "github_pat_"};
  return looks_random(text, 32)
         || std::any_of(starts.begin(), starts.end(),
                        [&](auto start) { return text.starts_with(start); });
}

std::string text_without_secrets(std::string_view text) {
  if (text.starts_with("http://") || text.starts_with("https://"))
    return url_without_secrets(text);
  if (looks_like_secret(text))
    return std::string(redacted);
  return shorten(text, longest_text);
}

} // namespace

std::string url_without_secrets(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  std::string out;
  if (const auto scheme = url.find("://"); scheme != url.npos) {
    out = std::string(url.substr(0, scheme + 3));
    url.remove_prefix(scheme + 3);
  }
  const auto host_end = std::min(url.find('/'), url.size());
  auto host = url.substr(0, host_end);
  if (const auto at = host.rfind('@'); at != host.npos)
    host.remove_prefix(at + 1);
  out += host;
  for (auto path = url.substr(host_end); !path.empty();) {
    const auto end = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(1, end - 1);
    out += '/';
    out += looks_random(segment, 20) ? redacted : segment;
    path.remove_prefix(end);
  }
  return shorten(out, longest_text);
}

json::value without_secrets(const json::value& v) {
  if (const auto* text = v.if_string())
    return json::value(text_without_secrets(*text));
  if (const auto* list = v.if_array()) {
    json::array out;
    for (const auto& item : *list)
      out.push_back(without_secrets(item));
    return out;
  }
  const auto* object = v.if_object();
  if (!object)
    return v;
  json::object out;
  for (const auto& [name, value] : *object)
    out.emplace(name, speaks_of_secrets(name) && !value.is_null()
                        ? json::value(redacted)
                        : without_secrets(value));
  return out;
}

json::value payload_without_secrets(std::string_view text) {
  if (text.empty())
    return nullptr;
  if (const auto parsed = read_lenient(text, {.max_depth = max_depth}))
    return without_secrets(*parsed);
  // A template that is JSON only once it is filled in: what belongs to a name
  // in it can not be told for sure.
  if (speaks_of_secrets(text) || text.find("://") != text.npos
      || text.find("sk-") != text.npos || text.find("xox") != text.npos)
    return json::value("[redacted: not JSON, and may hold a credential]");
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end =
      std::min(rest.find_first_of(" \t\r\n\"',;:="), rest.size());
    if (looks_random(rest.substr(0, end), 32))
      return json::value("[redacted: not JSON, and may hold a credential]");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return json::value(shorten(text, longest_text));
}

} // namespace mcp::tools
