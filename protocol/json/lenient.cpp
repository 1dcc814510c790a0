#include "protocol/json/lenient.hpp"

#include "protocol/json/non_finite.hpp"
#include "protocol/mcp/utf8.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

// simdjson reads nearly everything; what it refuses is read again by hand. So
// good JSON stays fast, and this reader may take its time with each character.

namespace mcp {
namespace {

namespace json = boost::json;

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool in_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || c == '+' || c == '-' || c == '.' || c == '_';
}

/// Whether it is a number by the grammar of JSON (RFC 8259, 6).
bool is_number(std::string_view word) {
  std::size_t i = word.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const auto from = i;
    while (i < word.size() && is_digit(word[i]))
      ++i;
    return i - from;
  };
  const bool zero = i < word.size() && word[i] == '0';
  const auto whole = digits();
  if (whole == 0 || (zero && whole > 1))
    return false;
  if (i < word.size() && word[i] == '.')
    if (++i; digits() == 0)
      return false;
  if (i < word.size() && (word[i] == 'e' || word[i] == 'E')) {
    ++i;
    if (i < word.size() && (word[i] == '+' || word[i] == '-'))
      ++i;
    if (digits() == 0)
      return false;
  }
  return i == word.size();
}

template <class T>
std::optional<json::value> as(std::string_view word) {
  T out{};
  const auto* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, out);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return json::value(out);
}

std::optional<unsigned> four_hex(std::string_view text) {
  if (text.size() < 4)
    return std::nullopt;
  unsigned out = 0;
  const auto [stop, error] =
    std::from_chars(text.data(), text.data() + 4, out, 16);
  if (error != std::errc{} || stop != text.data() + 4)
    return std::nullopt;
  return out;
}

/// How many bytes of `text` are one character; 0 when its first is none.
std::size_t character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80)
    return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  const auto whole = text.substr(0, size);
  return whole.size() == size && is_utf8(whole) ? size : 0;
}

class reader {
public:
  reader(std::string_view text, const json_limits& limits)
      : text_(text), max_depth_(limits.max_depth), left_(limits.max_values) {}

  std::optional<json::value> document() {
    auto out = value(0);
    space();
    if (!out || at_ != text_.size())
      return std::nullopt;
    return out;
  }

private:
  bool at_end() const { return at_ >= text_.size(); }
  char here() const { return at_end() ? '\0' : text_[at_]; }

  void space() {
    while (!at_end() && is_space(text_[at_]))
      ++at_;
  }

  bool took(char c) {
    space();
    if (here() != c || at_end())
      return false;
    ++at_;
    return true;
  }

  std::optional<json::value> value(std::size_t depth) {
    if (left_ == 0)
      return std::nullopt;
    --left_;
    space();
    switch (here()) {
    case '[':
    case '{':
      if (depth >= max_depth_)
        return too_deep();
      return here() == '[' ? array(depth + 1) : object(depth + 1);
    case '"':
      if (auto out = string())
        return json::value(*out);
      return std::nullopt;
    default:
      return word();
    }
  }

  std::optional<json::value> array(std::size_t depth) {
    ++at_;
    json::array out;
    if (took(']'))
      return out;
    do {
      auto item = value(depth);
      if (!item)
        return std::nullopt;
      out.push_back(std::move(*item));
    } while (took(','));
    if (!took(']'))
      return std::nullopt;
    return out;
  }

  std::optional<json::value> object(std::size_t depth) {
    ++at_;
    json::object out;
    if (took('}'))
      return out;
    do {
      space();
      if (here() != '"')
        return std::nullopt;
      const auto name = string();
      if (!name || !took(':'))
        return std::nullopt;
      auto member = value(depth);
      if (!member)
        return std::nullopt;
      out.insert_or_assign(*name, std::move(*member)); // the last one counts
    } while (took(','));
    if (!took('}'))
      return std::nullopt;
    return out;
  }

  /// Steps over an array or object without going into it.
  std::optional<json::value> too_deep() {
    std::string open;
    do {
      switch (here()) {
      case '[':
      case '{':
        open += here() == '[' ? ']' : '}';
        ++at_;
        break;
      case ']':
      case '}':
        if (here() != open.back())
          return std::nullopt;
        open.pop_back();
        ++at_;
        break;
      case '"':
        if (!string())
          return std::nullopt;
        break;
      default:
        if (at_end())
          return std::nullopt;
        ++at_;
      }
    } while (!open.empty());
    return json::string("[nested deeper than " + std::to_string(max_depth_)
                        + "]");
  }

  /// What is neither a text nor a list nor an object.
  std::optional<json::value> word() {
    const auto from = at_;
    while (!at_end() && in_word(text_[at_]))
      ++at_;
    const auto word = text_.substr(from, at_ - from);
    if (word == "null")
      return json::value(nullptr);
    if (word == "true" || word == "false")
      return json::value(word == "true");
    if (const auto known = non_finite_text(word); !known.empty())
      return json::value(known);
    if (word.empty() || (!is_digit(word[0]) && word[0] != '-'
                         && word[0] != '+' && word[0] != '.'))
      return std::nullopt;
    if (is_number(word)) {
      if (auto whole = as<std::int64_t>(word))
        return whole;
      if (auto large = as<std::uint64_t>(word))
        return large;
      // A whole number keeps all its digits, which a double would not.
      if (word.find_first_of(".eE") != word.npos)
        if (auto real = as<double>(word))
          return real;
    }
    return json::value(word);
  }

  std::optional<std::string> string() {
    ++at_;
    std::string out;
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return out;
      }
      if (c == '\\') {
        ++at_;
        escaped(out);
        continue;
      }
      const auto size = character(text_.substr(at_));
      out += size == 0 ? replacement : text_.substr(at_, size);
      at_ += std::max<std::size_t>(size, 1);
    }
    return std::nullopt;
  }

  void escaped(std::string& out) {
    static constexpr std::string_view names = "bfnrt\"\\/";
    static constexpr std::string_view meant = "\b\f\n\r\t\"\\/";
    if (at_end())
      return;
    const auto known = names.find(here());
    if (known != names.npos) {
      out += meant[known];
      ++at_;
    } else if (here() == 'u') {
      ++at_;
      unicode(out);
    } else {
      out += '\\'; // as in "C:\dir"
    }
  }

  void unicode(std::string& out) {
    auto code = four_hex(text_.substr(at_));
    if (!code) {
      out += "\\u";
      return;
    }
    at_ += 4;
    const auto rest = text_.substr(at_);
    if (*code >= 0xD800 && *code < 0xDC00 && rest.starts_with("\\u"))
      if (const auto low = four_hex(rest.substr(2));
          low && *low >= 0xDC00 && *low < 0xE000) {
        code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
        at_ += 6;
      }
    append_utf8(out, *code);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t max_depth_;
  std::size_t left_;
};

result<json::value> read(std::string_view text, bool padded,
                         json_limits limits) {
  limits.unique_members = false;
  auto strict =
    padded ? parse_padded_json(text, limits) : parse_json(text, limits);
  if (strict)
    return strict;
  if (auto out = reader(text, limits).document())
    return std::move(*out);
  return strict;
}

} // namespace

result<json::value> read_lenient(std::string_view text,
                                 const json_limits& limits) {
  return read(text, false, limits);
}

result<json::value> read_padded_lenient(std::string_view text,
                                        const json_limits& limits) {
  return read(text, true, limits);
}

} // namespace mcp
