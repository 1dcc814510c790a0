#include "actors/refusal_log.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace mcp {
namespace {

constexpr std::size_t longest_path = 120;
constexpr std::size_t shortest_secret = 32;
constexpr std::size_t longest_reason = 48;

/// "Session not found: it is unknown" becomes "session_not_found".
std::string one_word(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, text.find_first_of(":;"))) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter)
      out += c;
    else if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c - 'A' + 'a');
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  out.resize(std::min(out.size(), longest_reason));
  while (!out.empty() && out.back() == '_')
    out.pop_back();
  return out;
}

} // namespace

std::string loggable_path(std::string_view target) {
  std::string out;
  auto rest = target.substr(0, target.find_first_of("?#"));
  for (;;) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    if (part.size() >= shortest_secret)
      out += "***";
    else
      for (const char c : part)
        out += c > 0x20 && c < 0x7F ? c : '?';
    if (slash == rest.npos || out.size() >= longest_path)
      break;
    out += '/';
    rest.remove_prefix(slash + 1);
  }
  out.resize(std::min(out.size(), longest_path));
  return out;
}

void log_refusal(const refused_request& r) {
  if (!spdlog::should_log(spdlog::level::info))
    return;
  auto text = "http refused status=" + std::to_string(r.status);
  const auto field = [&text](std::string_view name, std::string_view value) {
    if (!value.empty())
      text.append(1, ' ').append(name).append(1, '=').append(value);
  };
  field("path", loggable_path(r.target));
  field("reason", one_word(r.reason));
  field("peer", r.peer);
  field("request", r.request);
  spdlog::info("{}", text);
}

} // namespace mcp
