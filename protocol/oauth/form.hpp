#pragma once

// application/x-www-form-urlencoded, as forms and queries carry it (WHATWG URL,
// 5; RFC 6749, appendix B).

#include "protocol/oauth/refusal.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp::oauth {

/// Named values in their order, each name once.
class form {
public:
  static constexpr std::size_t max_bytes = 64 * 1024;
  static constexpr std::size_t max_fields = 64;

  /// Reads a body or a query (without its '?'). Bytes of any kind may come out
  /// of it: control characters too.
  /// Errors: `invalid_request` longer than `max_bytes`, more than `max_fields`,
  ///         a name twice (RFC 6749, 3.1; the same "resource" twice is one), a
  ///         broken %-escape.
  [[nodiscard]] static checked<form> parse(std::string_view text);

  form() = default;
  form(std::initializer_list<std::pair<std::string, std::string>> fields)
      : fields_(fields) {}

  /// Empty when absent: a field without a value counts as omitted (RFC 6749,
  /// 3.1).
  [[nodiscard]] std::string_view get(std::string_view name) const;
  /// Adds a field, but no empty one.
  void add(std::string name, std::string value);
  [[nodiscard]] std::string encoded() const;

private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// What follows the '?' of a request target; empty when there is none.
[[nodiscard]] std::string_view query_of(std::string_view target);

/// `uri` with the fields behind those it has (RFC 6749, 3.1.2: its own query
/// is kept).
[[nodiscard]] std::string with_query(std::string_view uri, const form& more);

/// Everything but unreserved characters (RFC 3986, 2.3) as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// %XX as bytes, and '+' as a space; empty when an escape is broken.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

} // namespace mcp::oauth
