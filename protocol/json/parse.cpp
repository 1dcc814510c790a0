#include "protocol/json/parse.hpp"

#include "protocol/hex.hpp"

#include <boost/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <string>

// simdjson does the reading, because it validates UTF-8 and structure in one
// pass at memory speed; Boost.JSON holds the value, because it can be changed
// and written again.

namespace mcp {
namespace {

namespace dom = simdjson::dom;

// A parser keeps its buffers, about 11 bytes for each byte of its largest
// document, so the one a thread keeps is only for small documents.
constexpr std::size_t kept_capacity = 256 * 1024;
constexpr std::size_t max_document = std::size_t{1} << 30;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

constexpr const char* too_deep = "the JSON is nested too deep";
constexpr const char* too_many = "the JSON holds too many values";
constexpr const char* named_twice = "an object names the same member twice";

failure syntax_failure(std::string message) {
  return {.code = errc::parse_error, .message = std::move(message)};
}

failure describe(simdjson::error_code e) {
  switch (e) {
  case simdjson::UTF8_ERROR:
    return syntax_failure("the text is not valid UTF-8");
  case simdjson::DEPTH_ERROR:
    return syntax_failure(too_deep);
  case simdjson::NUMBER_ERROR:
    return syntax_failure(
      "a number is malformed or beyond 64 bits or a double's range");
  case simdjson::CAPACITY:
  case simdjson::MEMALLOC:
    return syntax_failure("the JSON is too long");
  case simdjson::EMPTY:
    return syntax_failure("the text is empty");
  default:
    return syntax_failure("the text is not valid JSON");
  }
}

class builder {
public:
  explicit builder(const json_limits& limits)
      : unique_(limits.unique_members), left_(limits.max_values) {}

  boost::json::value value(const dom::element& e) {
    if (left_ == 0) {
      too_many_ = true;
      return nullptr;
    }
    --left_;
    switch (e.type()) {
    case dom::element_type::ARRAY: {
      const auto source = dom::array(e);
      boost::json::array out;
      out.reserve(std::min<std::size_t>(source.size(), 1 << 16));
      for (const auto& item : source) {
        if (too_many_)
          break;
        out.push_back(value(item));
      }
      return out;
    }
    case dom::element_type::OBJECT:
      return object(dom::object(e));
    case dom::element_type::INT64:
      return std::int64_t(e);
    case dom::element_type::UINT64:
      return std::uint64_t(e);
    case dom::element_type::DOUBLE:
      return double(e);
    case dom::element_type::STRING: {
      const auto text = std::string_view(e);
      return boost::json::string(text);
    }
    case dom::element_type::BOOL:
      return bool(e);
    case dom::element_type::NULL_VALUE:
      break;
    }
    return nullptr;
  }

  bool found_duplicate() const { return duplicate_; }
  bool found_too_many() const { return too_many_; }

private:
  boost::json::value object(const dom::object& source) {
    boost::json::object out;
    out.reserve(std::min<std::size_t>(source.size(), 1 << 16));
    for (const auto field : source) {
      if (too_many_)
        break;
      const auto [position, added] = out.emplace(field.key, value(field.value));
      if (added)
        continue;
      if (unique_)
        duplicate_ = true;
      else
        position->value() = value(field.value); // the last one counts
    }
    return out;
  }

  bool unique_;
  std::size_t left_;
  bool duplicate_ = false;
  bool too_many_ = false;
};

/// The UTF-16 unit of the escape at the text's beginning, \uXXXX; -1 when there
/// is none.
int escaped_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u"))
    return -1;
  int unit = 0;
  for (const char c : text.substr(2, 4)) {
    const int digit = hex_digit(c);
    if (digit < 0)
      return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

/// The text with U+FFFD for each escaped surrogate that has no other half;
/// empty when there is none. Python and JavaScript write them when a text was
/// cut within a character.
std::optional<std::string> with_whole_characters(std::string_view text) {
  const auto is_high = [](int u) { return u >= 0xd800 && u < 0xdc00; };
  const auto is_low = [](int u) { return u >= 0xdc00 && u < 0xe000; };
  std::optional<std::string> out;
  for (auto i = text.find('\\'); i != text.npos; i = text.find('\\', i)) {
    const int unit = escaped_unit(text.substr(i));
    if (is_high(unit) && is_low(escaped_unit(text.substr(i + 6)))) {
      i += 12;
      continue;
    }
    if (is_high(unit) || is_low(unit)) {
      if (!out)
        out.emplace(text);
      out->replace(i + 2, 4, "fffd");
    }
    i = std::min(i + 2, text.size());
  }
  return out;
}

result<boost::json::value> parse(std::string_view text, bool padded,
                                 const json_limits& limits) {
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  if (text.size() > max_document)
    return syntax_failure("the JSON is too long");
  thread_local dom::parser kept(kept_capacity);
  dom::parser large(max_document);
  auto& parser = text.size() <= kept_capacity ? kept : large;
  // simdjson counts the level of a scalar inside as one more.
  const auto capacity = std::max<std::size_t>(text.size(), 64);
  if (parser.capacity() < capacity || parser.max_depth() != limits.max_depth) {
    const auto wanted = &parser == &kept ? kept_capacity : capacity;
    if (auto e = parser.allocate(wanted, limits.max_depth))
      return describe(e);
  }
  auto parsed = parser.parse(reinterpret_cast<const std::uint8_t*>(text.data()),
                             text.size(), !padded);
  if (parsed.error()) {
    if (const auto whole = parsed.error() == simdjson::STRING_ERROR
                             ? with_whole_characters(text)
                             : std::nullopt)
      return parse(*whole, false, limits);
    return describe(parsed.error());
  }
  builder b(limits);
  auto out = b.value(parsed.value_unsafe());
  if (b.found_too_many())
    return syntax_failure(too_many);
  if (b.found_duplicate())
    return syntax_failure(named_twice);
  return out;
}

} // namespace

bool is_beyond_limits(const failure& why) {
  return why.message == too_deep || why.message == too_many
         || why.message == named_twice;
}

result<boost::json::value> parse_json(std::string_view text,
                                      const json_limits& limits) {
  return parse(text, false, limits);
}

result<boost::json::value> parse_padded_json(std::string_view text,
                                             const json_limits& limits) {
  return parse(text, true, limits);
}

} // namespace mcp
