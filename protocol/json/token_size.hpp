#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <string_view>

namespace mcp {

/// How much of a model's context a text takes, in quarters of a token (about
/// one character of English prose). Parts of a text can be added up.
///
/// An estimate by content, which errs on the safe side: tokens are those of
/// o200k_base. Texts that people and programs write come out 5 to 30 % above
/// and random ones, of whatever characters, 0 to 15 %. Other scripts than Latin
/// and Chinese count as if all words were rare: Russian, Arabic, Hindi 4 times.
/// tests/protocol/token_size_test.cpp holds these numbers.
///
/// Takes: UTF-8; bytes that are none count two tokens each.
/// Cost:  one pass, a few table look-ups to a character, no allocation.
[[nodiscard]] std::size_t token_size(std::string_view text);

/// The same of a value as it is sent: as compact JSON.
[[nodiscard]] std::size_t token_size(const boost::json::value& value);
[[nodiscard]] std::size_t token_size(const boost::json::object& value);

/// Quarters to a token.
inline constexpr std::size_t token_quarters = 4;

/// Whole tokens, rounded up.
[[nodiscard]] constexpr std::size_t tokens_of(std::size_t size) {
  return (size + token_quarters - 1) / token_quarters;
}

} // namespace mcp
