#include "net/header_list.hpp"

#include <algorithm>

namespace mcp::net {
namespace {

/// What most requests need in all.
constexpr std::size_t first_text = 640;

} // namespace

void header_list::add(std::string_view name, std::string_view value) {
  if (text_.empty())
    text_.reserve(std::max(first_text, name.size() + value.size()));
  places_.push_back({static_cast<std::uint32_t>(text_.size()),
                     static_cast<std::uint32_t>(name.size()),
                     static_cast<std::uint32_t>(value.size())});
  text_ += name;
  text_ += value;
}

void header_list::set(std::string_view name, std::string_view value) {
  erase(name);
  add(name, value);
}

void header_list::erase(std::string_view name) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size(); ++i)
    if (!same_but_for_case(at(i).first, name))
      places_[kept++] = places_[i];
  places_.resize(kept);
}

std::string_view header_list::operator[](std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (const auto [n, value] = at(i); same_but_for_case(n, name))
      return value;
  return {};
}

std::string header_list::joined(std::string_view name,
                                std::string_view separator) const {
  std::string out;
  for (std::size_t i = 0; i < size(); ++i) {
    const auto [n, value] = at(i);
    if (!same_but_for_case(n, name))
      continue;
    if (!out.empty())
      out += separator;
    out += value;
  }
  return out;
}

std::size_t header_list::count(std::string_view name) const {
  std::size_t out = 0;
  for (std::size_t i = 0; i < size(); ++i)
    out += same_but_for_case(at(i).first, name);
  return out;
}

} // namespace mcp::net
