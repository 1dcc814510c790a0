#include "protocol/json/parse.hpp"

#include <boost/json.hpp>
#include <simdjson.h>

#include <algorithm>
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

failure syntax_failure(std::string message) {
  return {.code = errc::parse_error, .message = std::move(message)};
}

failure describe(simdjson::error_code e) {
  switch (e) {
  case simdjson::UTF8_ERROR:
    return syntax_failure("the text is not valid UTF-8");
  case simdjson::DEPTH_ERROR:
    return syntax_failure("the JSON is nested too deep");
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

result<boost::json::value> parse(std::string_view text, bool padded,
                                 const json_limits& limits) {
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
  if (parsed.error())
    return describe(parsed.error());
  builder b(limits);
  auto out = b.value(parsed.value_unsafe());
  if (b.found_too_many())
    return syntax_failure("the JSON holds too many values");
  if (b.found_duplicate())
    return syntax_failure("an object names the same member twice");
  return out;
}

} // namespace

result<boost::json::value> parse_json(std::string_view text,
                                      const json_limits& limits) {
  return parse(text, false, limits);
}

result<boost::json::value> parse_padded_json(std::string_view text,
                                             const json_limits& limits) {
  return parse(text, true, limits);
}

} // namespace mcp
