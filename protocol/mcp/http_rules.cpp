#include "protocol/mcp/http_rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace mcp {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return x == y || lower(x) == lower(y);
  });
}

/// Cuts the next piece off `rest`, up to `separator` outside of quotes.
std::string_view next_piece(std::string_view& rest, char separator) {
  bool quoted = false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\\' && quoted)
      ++i;
    else if (rest[i] == '"')
      quoted = !quoted;
    else if (rest[i] == separator && !quoted) {
      const auto piece = rest.substr(0, i);
      rest.remove_prefix(i + 1);
      return piece;
    }
  }
  return std::exchange(rest, {});
}

/// 3 for the type itself, 2 for "type/*", 1 for "*/*", 0 for another type.
int specificity(std::string_view range, std::string_view media_type) {
  if (same_text(range, media_type))
    return 3;
  if (range == "*/*" || range == "*")
    return 1;
  const auto slash = media_type.find('/');
  if (range.ends_with("/*")
      && same_text(range.substr(0, range.size() - 2),
                   media_type.substr(0, slash)))
    return 2;
  return 0;
}

double weight(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto parameter = without_blanks(next_piece(parameters, ';'));
    if (parameter.size() < 2 || lower(parameter[0]) != 'q'
        || parameter[1] != '=')
      continue;
    const auto digits = without_blanks(parameter.substr(2));
    double q = 0;
    const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), q);
    // A weight that is no number says nothing: as if it were not there.
    if (error != std::errc{} || end != digits.data() + digits.size())
      return 1;
    return q;
  }
  return 1;
}

constexpr auto words = [] {
  std::array<bool, 256> out{};
  for (int c = 0; c < 128; ++c)
    out[static_cast<std::size_t>(c)] = (c >= 'a' && c <= 'z')
                                       || (c >= 'A' && c <= 'Z')
                                       || (c >= '0' && c <= '9') || c == '_';
  return out;
}();

bool is_word(char c) {
  return words[static_cast<unsigned char>(c)];
}

constexpr const char* where_to_get_a_key =
  "Send your W&B API key as 'Authorization: Bearer <key>'. Get one at "
  "https://wandb.ai/authorize (or /authorize on your own W&B host).";

/// A sentence about what was sent in place of a key, if it looks like one of
/// the usual mistakes. It quotes nothing.
std::string likely_mistake(std::string_view sent) {
  const auto has = [&](const char* any) {
    return sent.find_first_of(any) != sent.npos;
  };
  if (sent.starts_with("wba."))
    return "This is an access token of a sign-in that this server does not "
           "offer. ";
  if (has("$<>{}"))
    return "A placeholder was sent in place of the key: the client did not "
           "fill it in. ";
  if (same_text(sent.substr(0, 7), "Bearer "))
    return "The word Bearer is there twice. ";
  if (has("\"'`"))
    return "Leave out the quotes around it. ";
  if (has(" \t"))
    return "There is white space within it. ";
  if (sent.size() < 40 && std::all_of(sent.begin(), sent.end(), [](char c) {
        return is_word(c) || c == '-';
      }))
    return "This one is too short: was it cut? ";
  return {};
}

} // namespace

std::string_view without_blanks(std::string_view pasted) {
  constexpr std::string_view blanks = " \t\r\n\f\v";
  const auto first = pasted.find_first_not_of(blanks);
  if (first == pasted.npos)
    return {};
  return pasted.substr(first, pasted.find_last_not_of(blanks) - first + 1);
}

bool accepts(std::string_view accept_header, std::string_view media_type) {
  int best = 0;
  double best_weight = 0;
  auto rest = accept_header;
  while (!rest.empty()) {
    auto entry = next_piece(rest, ',');
    const auto range = without_blanks(next_piece(entry, ';'));
    const int s = specificity(range, media_type);
    if (s > best || (s == best && s > 0)) {
      const double w = weight(entry);
      best_weight = s > best ? w : std::max(best_weight, w);
      best = s;
    }
  }
  return best > 0 && best_weight > 0;
}

answer_forms accepted_forms(std::string_view accept_header, bool lenient) {
  // The very words of nearly all clients need no reading.
  if (accept_header == "application/json, text/event-stream")
    return {true, true};
  if (lenient && without_blanks(accept_header).empty())
    return {true, true};
  return {accepts(accept_header, "application/json"),
          accepts(accept_header, "text/event-stream")};
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  bool others = false;
  auto rest = accept_encoding;
  while (!rest.empty()) {
    auto entry = next_piece(rest, ',');
    const auto name = without_blanks(next_piece(entry, ';'));
    if (same_text(name, coding))
      return weight(entry) > 0;
    if (name == "*")
      others = weight(entry) > 0;
  }
  return others;
}

bool wants_page(std::string_view accept_header) {
  auto rest = accept_header;
  while (!rest.empty()) {
    auto entry = next_piece(rest, ',');
    if (same_text(without_blanks(next_piece(entry, ';')), "text/html"))
      return weight(entry) > 0;
  }
  return false;
}

bool is_media_type(std::string_view content_type, std::string_view type) {
  auto rest = content_type;
  return content_type == type
         || same_text(without_blanks(next_piece(rest, ';')), type);
}

bool is_json_content(std::string_view content_type) {
  return is_media_type(content_type, "application/json");
}

bool has_key_form(std::string_view key) {
  if (key.size() < 40 || key.size() > 256)
    return false;
  const auto* dash = std::find_if_not(key.begin(), key.end(), is_word);
  if (dash == key.end())
    return true;
  return dash != key.begin() && *dash == '-' && key.end() - dash > 40
         && std::all_of(dash + 1, key.end(), is_word);
}

std::string_view bearer_token(std::string_view authorization_header) {
  const auto header = without_blanks(authorization_header);
  const auto space = header.find_first_of(" \t");
  if (space == header.npos || !same_text(header.substr(0, space), "Bearer"))
    return {};
  return without_blanks(header.substr(space));
}

boost::system::result<std::string_view, credential_refusal>
read_key(std::string_view key) {
  if (key.empty())
    return credential_refusal{"Authorization required", where_to_get_a_key};
  if (!has_key_form(key))
    return credential_refusal{
      "Invalid API key format",
      "A W&B API key has at least 40 letters, digits or underscores, after an "
      "optional prefix ended by '-'. "
        + likely_mistake(key) + where_to_get_a_key};
  return key;
}

std::string host_without_port(std::string_view host) {
  std::string out;
  if (host.starts_with('[')) {
    out = host.substr(0, host.find(']') == host.npos ? host.npos
                                                     : host.find(']') + 1);
  } else {
    out = host.substr(0, host.rfind(':') == host.find(':') ? host.find(':')
                                                           : host.npos);
  }
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool is_loopback_name(std::string_view host_name) {
  if (host_name == "localhost" || host_name == "[::1]" || host_name == "::1"
      || host_name.ends_with(".localhost"))
    return true;
  // 127.0.0.0/8, and not "127.evil.example".
  return host_name.starts_with("127.")
         && host_name.find_first_not_of("0123456789.") == host_name.npos;
}

bool host_allowed(std::string_view host_header, const origin_rules& rules) {
  const auto name = host_without_port(host_header);
  if (!name.empty() && same_text(name, rules.public_host))
    return true;
  if (rules.allowed_hosts.empty())
    return !rules.loopback || is_loopback_name(name);
  return std::any_of(rules.allowed_hosts.begin(), rules.allowed_hosts.end(),
                     [&](const std::string& allowed) {
                       return same_text(allowed, host_header)
                              || same_text(allowed, name);
                     });
}

bool origin_allowed(std::string_view origin_header,
                    std::string_view host_header, const origin_rules& rules) {
  if (origin_header.empty())
    return true;
  for (const auto& allowed : rules.allowed_origins)
    if (allowed == "*" || same_text(allowed, origin_header))
      return true;
  const auto scheme_end = origin_header.find("://");
  if (scheme_end == origin_header.npos)
    return false; // "null" and other opaque origins
  const auto host = origin_header.substr(scheme_end + 3);
  if (rules.loopback && is_loopback_name(host_without_port(host)))
    return true;
  return !host_header.empty() && same_text(host, host_header)
         && host_allowed(host_header, rules);
}

} // namespace mcp
