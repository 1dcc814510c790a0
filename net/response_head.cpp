#include "net/response_head.hpp"

#include <algorithm>
#include <charconv>
#include <ostream> // for Beast, which forgets it

namespace mcp::net {

namespace {

void append_number(std::string& out, std::size_t number) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

bool is_safe(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

} // namespace

std::string_view date_cache::now() {
  const auto second = std::time(nullptr);
  if (second != second_) {
    second_ = second;
    std::tm utc{};
    gmtime_r(&second, &utc);
    // The process keeps the "C" locale, so the names are English.
    size_ =
      std::strftime(text_, sizeof text_, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  }
  return {text_, size_};
}

void append_head(
  std::string& out, const head_facts& facts, std::string_view date,
  const std::vector<std::pair<std::string, std::string>>& headers) {
  const auto reason = boost::beast::http::obsolete_reason(facts.status);
  out += "HTTP/1.1 ";
  append_number(out, static_cast<unsigned>(facts.status));
  out += ' ';
  out.append(reason.data(), reason.size());
  out += "\r\nDate: ";
  out += date;
  if (!facts.content_type.empty() && is_safe(facts.content_type)) {
    out += "\r\nContent-Type: ";
    out += facts.content_type;
  }
  if (facts.content_length) {
    out += "\r\nContent-Length: ";
    append_number(out, *facts.content_length);
  }
  if (facts.chunked)
    out += "\r\nTransfer-Encoding: chunked";
  if (facts.close)
    out += "\r\nConnection: close";
  else if (facts.say_keep_alive)
    out += "\r\nConnection: keep-alive";
  for (const auto& [name, value] : headers) {
    if (name.empty() || !is_safe(name) || !is_safe(value))
      continue;
    out += "\r\n";
    out += name;
    out += ": ";
    out += value;
  }
  out += "\r\n\r\n";
}

} // namespace mcp::net
