#include "protocol/json/write.hpp"

#include "protocol/json/non_finite.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <cstdint>
#include <cstring>

namespace mcp {
namespace {

namespace json = boost::json;

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// Whether any of eight bytes needs an escape; see "Bit Twiddling Hacks",
/// "Determine if a word has a byte less than n".
bool any_needs_escape(std::uint64_t word) {
  constexpr auto each = ~std::uint64_t{0} / 255; // 0x0101...
  constexpr auto top = each * 0x80;
  const auto has_zero = [](std::uint64_t w) { return (w - each) & ~w; };
  return (((word - each * 0x20) & ~word) | has_zero(word ^ (each * '"'))
          | has_zero(word ^ (each * '\\')))
         & top;
}

/// Where, from `i` on, the first character is that needs an escape.
std::size_t plain_until(std::string_view text, std::size_t i) {
  for (std::uint64_t word = 0; i + sizeof word <= text.size();
       i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if (any_needs_escape(word))
      break;
  }
  while (i < text.size() && !needs_escape(text[i]))
    ++i;
  return i;
}

void append_string(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0; // start of what can be copied as it is
  for (std::size_t i = plain_until(text, 0); i < text.size();
       i = plain_until(text, i + 1)) {
    const auto c = static_cast<unsigned char>(text[i]);
    out.append(text.data() + plain, i - plain);
    plain = i + 1;
    switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += hex[c >> 4];
      out += hex[c & 15];
    }
  }
  out.append(text.data() + plain, text.size() - plain);
  out += '"';
}

template <class T>
void append_number(std::string& out, T n) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
  out.append(digits, end);
}

void append_double(std::string& out, double d) {
  if (const auto odd = non_finite_text(d); !odd.empty())
    append_string(out, odd);
  else
    append_number(out, d);
}

void append_object(std::string& out, const json::object& object) {
  out += '{';
  bool first = true;
  for (const auto& [name, member] : object) {
    if (!first)
      out += ',';
    first = false;
    append_string(out, name);
    out += ':';
    append_json(out, member);
  }
  out += '}';
}

void append_array(std::string& out, const json::array& array) {
  out += '[';
  bool first = true;
  for (const auto& item : array) {
    if (!first)
      out += ',';
    first = false;
    append_json(out, item);
  }
  out += ']';
}

} // namespace

void append_json(std::string& out, const json::value& value) {
  switch (value.kind()) {
  case json::kind::null:
    out += "null";
    break;
  case json::kind::bool_:
    out += value.get_bool() ? "true" : "false";
    break;
  case json::kind::int64:
    append_number(out, value.get_int64());
    break;
  case json::kind::uint64:
    append_number(out, value.get_uint64());
    break;
  case json::kind::double_:
    append_double(out, value.get_double());
    break;
  case json::kind::string:
    append_string(out, value.get_string());
    break;
  case json::kind::array:
    append_array(out, value.get_array());
    break;
  case json::kind::object:
    append_object(out, value.get_object());
    break;
  }
}

std::string write_json(const json::value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

std::string write_json(const json::object& value) {
  std::string out;
  append_object(out, value);
  return out;
}

std::string write_json(const json::array& value) {
  std::string out;
  append_array(out, value);
  return out;
}

} // namespace mcp
