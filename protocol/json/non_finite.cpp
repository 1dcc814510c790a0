#include "protocol/json/non_finite.hpp"

#include <array>
#include <cmath>

namespace mcp {

std::string_view non_finite_text(std::string_view word) {
  if (word.empty() || word.size() > std::string_view("-infinity").size())
    return {};
  std::array<char, 10> low{};
  for (std::size_t i = 0; i < word.size(); ++i)
    low[i] =
      word[i] >= 'A' && word[i] <= 'Z' ? char(word[i] - 'A' + 'a') : word[i];
  std::string_view rest(low.data(), word.size());
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+'))
    rest.remove_prefix(1);
  if (rest == "nan")
    return "NaN";
  if (rest == "inf" || rest == "infinity")
    return negative ? "-Infinity" : "Infinity";
  return {};
}

std::string_view non_finite_text(double number) {
  if (std::isnan(number))
    return "NaN";
  if (std::isinf(number))
    return number > 0 ? "Infinity" : "-Infinity";
  return {};
}

} // namespace mcp
