#pragma once

// How options take their values: each setter reads a text into a member of the
// settings, or gives what it would have taken.

#include "server/options.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mcp::take {

using setter = option::setter;

/// A whole number from `low` to `high`; nothing when the text is none.
std::optional<std::uint64_t> whole_number(const std::string& text,
                                          std::uint64_t low,
                                          std::uint64_t high);
/// What `whole_number` takes, in words.
std::string from_to(std::uint64_t low, std::uint64_t high);

template <class T>
setter number(T settings::*member, std::uint64_t low, std::uint64_t high) {
  return
    [=](settings& s, const std::string& text) -> std::optional<std::string> {
      const auto v = whole_number(text, low, high);
      if (!v)
        return "a whole number " + from_to(low, high);
      s.*member = static_cast<T>(*v);
      return {};
    };
}

setter seconds(std::chrono::seconds settings::*member, std::uint64_t low,
               std::uint64_t high = 31'536'000);

/// true, 1, yes, on; false, 0, no, off; in any case.
std::optional<std::string> read_flag(bool& value, const std::string& text);
setter flag(bool settings::*member);
/// The same, where it matters whether it was said at all.
setter flag(std::optional<bool> settings::*member);

setter text(std::string settings::*member);
/// An IP address, or localhost.
setter address(std::string settings::*member);
setter one_of(std::string settings::*member, std::vector<std::string> choices);
/// Comma-separated; empty items are left out.
setter list(std::vector<std::string> settings::*member);
/// Comma-separated names with blanks around them; an empty one is refused.
setter names(std::vector<std::string> tools::selection::*member);
/// http or https, without credentials; slashes at the end are left out.
setter url(std::string settings::*member);

} // namespace mcp::take
