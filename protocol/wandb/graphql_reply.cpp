#include "protocol/wandb/graphql_reply.hpp"

#include "protocol/json/lenient.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

constexpr std::size_t max_message = 500;
// Longer waits are as good as "not today", and must not overflow.
constexpr std::int64_t max_wait_seconds = 24 * 60 * 60;

// Cuts at a character, not inside one.
std::string cut(std::string text) {
  if (text.size() <= max_message)
    return text;
  auto end = max_message - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  text.resize(end);
  return text + "...";
}

bool is_key_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
         || (c >= 'A' && c <= 'Z') || c == '_';
}

// W&B may quote what it was sent, and a key is 40 letters or more.
std::string without_keys(std::string_view text) {
  constexpr std::size_t shortest_key = 40;
  std::string out;
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_key_letter);
    const auto word = static_cast<std::size_t>(end - text.begin());
    out +=
      word >= shortest_key ? std::string_view("***") : text.substr(0, word);
    text.remove_prefix(word);
    if (text.empty())
      break;
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

// One line without control characters, the two-byte ones of Latin-1 counted:
// the text goes to terminals as well.
std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(std::min(text.size(), 2 * max_message));
  text = text.substr(0, 2 * max_message);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool wide = c == '\xC2' && i + 1 < text.size()
                      && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    const bool blank =
      wide || static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    i += wide;
    if (!blank)
      out.push_back(c);
    else if (!out.empty() && out.back() != ' ')
      out.push_back(' ');
  }
  while (!out.empty() && out.back() == ' ')
    out.pop_back();
  return without_keys(out);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view text_or_empty(const json::value* v) {
  return v && v->is_string() ? std::string_view(v->get_string())
                             : std::string_view{};
}

std::string message_of(const json::value& error) {
  if (error.is_string())
    return one_line(error.get_string());
  if (!error.is_object())
    return {};
  return one_line(text_or_empty(error.get_object().if_contains("message")));
}

errc code_of_status(std::int64_t status) {
  switch (status) {
  case 401:
    return errc::unauthorized;
  case 403:
    return errc::not_permitted;
  case 404:
    return errc::not_found;
  case 408:
  case 504:
    return errc::upstream_timeout;
  case 429:
    return errc::rate_limited;
  default:
    return status >= 500 ? errc::upstream_unavailable : errc::upstream_error;
  }
}

template <std::size_t N>
bool holds_any(std::string_view text,
               const std::array<std::string_view, N>& needles) {
  return std::any_of(needles.begin(), needles.end(),
                     [text](auto n) { return text.find(n) != text.npos; });
}

// W&B has no fixed list of error codes, so the words count.
errc code_of_words(std::string_view text) {
  static constexpr std::array<std::string_view, 6> who{
    "unauthenticated", "not logged in",     "invalid api key",
    "unauthorized",    "not authenticated", "must be logged in"};
  static constexpr std::array<std::string_view, 6> may{
    "permission denied", "forbidden",      "not permitted",
    "access denied",     "not authorized", "insufficient permission"};
  static constexpr std::array<std::string_view, 5> what{
    "not found", "not_found", "could not find", "does not exist", "notfound"};
  if (holds_any(text, who))
    return errc::unauthorized;
  if (holds_any(text, may))
    return errc::not_permitted;
  if (holds_any(text, what))
    return errc::not_found;
  return errc::upstream_error;
}

errc code_of(const json::value& error) {
  if (const auto* object = error.if_object()) {
    const auto* extensions = object->if_contains("extensions");
    if (extensions && extensions->is_object()) {
      const auto& more = extensions->get_object();
      for (const auto* name : {"statusCode", "status", "httpStatus"}) {
        const auto* status = more.if_contains(name);
        if (!status || !status->is_int64())
          continue;
        const auto code = code_of_status(status->get_int64());
        if (code == errc::unauthorized || code == errc::not_permitted
            || code == errc::not_found)
          return code;
      }
      const auto by_code =
        code_of_words(lower(text_or_empty(more.if_contains("code"))));
      if (by_code != errc::upstream_error)
        return by_code;
    }
  }
  return code_of_words(lower(message_of(error)));
}

// What an error body says, or nothing when it says nothing to a reader.
std::string text_of_body(const json::value& body) {
  if (body.is_string())
    return one_line(body.get_string());
  const auto* object = body.if_object();
  if (!object)
    return {};
  for (const auto* name : {"message", "detail", "error", "reason"}) {
    const auto* found = object->if_contains(name);
    if (!found)
      continue;
    if (found->is_string())
      return one_line(found->get_string());
    if (found->is_object())
      return message_of(*found);
    // FastAPI: a list of {"loc", "msg", "type"}.
    if (found->is_array()) {
      std::string out;
      for (const auto& item : found->get_array()) {
        const auto* entry = item.if_object();
        if (!entry)
          continue;
        const auto text = one_line(text_or_empty(entry->if_contains("msg")));
        if (!text.empty() && out.size() < max_message)
          out += (out.empty() ? "" : "; ") + text;
      }
      return out;
    }
  }
  return {};
}

std::optional<std::chrono::milliseconds> wait_of(std::int64_t seconds) {
  return std::chrono::seconds(
    std::clamp<std::int64_t>(seconds, 0, max_wait_seconds));
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7, the form to be sent).
std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
  static constexpr std::string_view months =
    "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || text[3] != ',' || !text.ends_with(" GMT"))
    return std::nullopt;
  const auto number = [text](std::size_t at, std::size_t size) {
    int out = -1;
    const auto* end = text.data() + at + size;
    const auto [last, error] = std::from_chars(text.data() + at, end, out);
    return error == std::errc{} && last == end ? out : -1;
  };
  const auto month = months.find(text.substr(8, 3));
  const int day = number(5, 2), year = number(12, 4), hour = number(17, 2),
            minute = number(20, 2), second = number(23, 2);
  if (month == months.npos || month % 3 != 0 || day < 0 || year < 0 || hour < 0
      || minute < 0 || second < 0)
    return std::nullopt;
  const std::chrono::year_month_day date{
    std::chrono::year(year), std::chrono::month(unsigned(month / 3 + 1)),
    std::chrono::day(unsigned(day))};
  if (!date.ok())
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour)
         + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

std::optional<std::chrono::milliseconds>
read_retry_after(std::string_view text,
                 std::chrono::system_clock::time_point now) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  if (text.empty())
    return std::nullopt;
  if (text.find_first_not_of("0123456789") == text.npos) {
    std::int64_t seconds = max_wait_seconds; // when there are too many digits
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return wait_of(seconds);
  }
  if (const auto date = http_date(text))
    return wait_of(
      std::chrono::ceil<std::chrono::seconds>(*date - now).count());
  return std::nullopt;
}

} // namespace

failure graphql_failure(const json::array& errors) {
  failure out{.code = errc::upstream_error, .message = {}};
  for (const auto& error : errors) {
    if (out.code == errc::upstream_error)
      out.code = code_of(error);
    const auto text = message_of(error);
    if (!text.empty() && out.message.size() < max_message)
      out.message += (out.message.empty() ? "" : "; ") + text;
  }
  if (out.message.empty())
    out.message = "W&B refused the query without saying why.";
  out.message = cut(std::move(out.message));
  return out;
}

result<graphql_document_reply> read_graphql_reply(std::string_view body) {
  const auto garbage = [] {
    return failure{.code = errc::upstream_garbage,
                   .message = "W&B answered something that is not a GraphQL "
                              "result."};
  };
  auto parsed = read_lenient(body);
  if (!parsed || !parsed->is_object())
    return garbage();
  auto& object = parsed->get_object();
  graphql_document_reply out;
  if (auto* errors = object.if_contains("errors")) {
    if (errors->is_array())
      out.errors = std::move(errors->get_array());
    else if (!errors->is_null())
      return garbage();
  }
  auto* data = object.if_contains("data");
  if (data && data->is_object()) {
    out.data = std::move(data->get_object());
    return out;
  }
  if (out.errors.empty() || (data && !data->is_null()))
    return garbage();
  return graphql_failure(out.errors);
}

failure http_failure(int status, std::string_view body,
                     std::string_view retry_after,
                     std::string_view service_name,
                     std::chrono::system_clock::time_point now) {
  failure out{.code = code_of_status(status),
              .message = {},
              .retry_after = read_retry_after(retry_after, now),
              .http_status = status};
  std::string said;
  const auto parsed = read_lenient(body);
  if (parsed) {
    const auto* object = parsed->if_object();
    const auto* errors = object ? object->if_contains("errors") : nullptr;
    if (errors && errors->is_array() && !errors->get_array().empty()) {
      auto why = graphql_failure(errors->get_array());
      if (out.code == errc::upstream_error)
        out.code = why.code;
      said = std::move(why.message);
    } else {
      said = text_of_body(*parsed);
    }
  } else if (body.find('<') == body.npos) {
    said = one_line(body); // a proxy's HTML page would tell a model nothing
  }
  out.message = std::string(service_name) + " answered with HTTP status "
                + std::to_string(status);
  out.message += said.empty() ? "." : ": " + cut(std::move(said));
  return out;
}

} // namespace mcp::wandb
