#pragma once

#include "protocol/errors.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// A URI template of RFC 6570, as far as resource templates need it: level 1,
/// "{name}", and the reserved expansion "{+name}". Immutable; safe from any
/// thread.
class uri_template {
public:
  using variables = std::map<std::string, std::string, std::less<>>;

  static constexpr std::size_t max_template_bytes = 2048;
  static constexpr std::size_t max_variables = 16;
  static constexpr std::size_t max_uri_bytes = 8192;

  /// Errors: `bad_argument`: too long; a brace without its partner; a name
  ///         that is empty, given twice or not of [A-Za-z0-9_] and inner dots;
  ///         an operator or modifier beyond these two; two variables with
  ///         nothing between them, or two reserved ones: they could be read in
  ///         several ways.
  [[nodiscard]] static result<uri_template> compile(std::string_view text);

  /// The variables' values when `uri` has this form; percent-decoded.
  /// "{name}" stands for one or more bytes without '/', '?' and '#', "{+name}"
  /// for one or more of any. Where a URI could be read in several ways, a
  /// variable left of the reserved one (or of the last, if none is reserved)
  /// ends at the first place where the text behind it occurs, and one right of
  /// it starts at the last place where the text before it does.
  /// No match: a bad percent sign, or a value that is not UTF-8 or holds
  /// control characters after decoding; a URI that is too long.
  /// Cost: at most the template's length times the URI's.
  [[nodiscard]] std::optional<variables> match(std::string_view uri) const;

  /// The URI with these values; an absent one is empty. "{name}" encodes all
  /// but letters, digits and "-._~"; "{+name}" also leaves what URIs reserve,
  /// and percent signs that encode something.
  [[nodiscard]] std::string expand(const variables& values) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  /// In the order of the template.
  [[nodiscard]] std::vector<std::string> names() const;

private:
  struct part {
    bool variable = false;
    bool reserved = false;
    std::string text; // the name of a variable, or the text itself
  };
  uri_template() = default;
  std::string text_;
  std::vector<part> parts_;
};

} // namespace mcp
