#pragma once

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace mcp::net {

/// Whether two texts are the same but for the case of ASCII letters.
[[nodiscard]] inline bool same_but_for_case(std::string_view a,
                                            std::string_view b) {
  constexpr auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
      return false;
  return true;
}

/// The header fields of a request, in the order they came. Names match in any
/// case. All text lies in one buffer, because a server makes and drops one of
/// these for every request.
class header_list {
public:
  void add(std::string_view name, std::string_view value);
  /// In place of those with this name.
  void set(std::string_view name, std::string_view value);
  void erase(std::string_view name);

  std::size_t size() const { return places_.size(); }
  /// Name and value of the field that came at this place. Good until the list
  /// changes or moves.
  std::pair<std::string_view, std::string_view> at(std::size_t i) const {
    const auto& p = places_[i];
    const auto* name = text_.data() + p.begin;
    return {{name, p.name_size}, {name + p.name_size, p.value_size}};
  }

  /// The first value under this name; empty when there is none.
  std::string_view operator[](std::string_view name) const;
  std::size_t count(std::string_view name) const;
  /// All values under this name with `separator` between them: what several
  /// lines of a list mean (RFC 9110, 5.3; for Cookie RFC 9113, 8.2.3).
  std::string joined(std::string_view name, std::string_view separator) const;

private:
  struct place {
    std::uint32_t begin, name_size, value_size;
  };
  std::string text_; // name, value, name, value, ...
  boost::container::small_vector<place, 12> places_;
};

} // namespace mcp::net
