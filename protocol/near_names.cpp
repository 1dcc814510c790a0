#include "protocol/near_names.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace mcp {
namespace {

constexpr std::size_t longest = 100;

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// "entityName", "Entity-name" and "entity.name" are {"entity", "name"}.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> out;
  bool between = true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (std::string_view("_-./ ").find(c) != std::string_view::npos) {
      between = true;
      continue;
    }
    const bool hump = is_upper(c) && i > 0 && is_lower_or_digit(name[i - 1]);
    if (between || hump)
      out.emplace_back();
    between = false;
    out.back() += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  return std::accumulate(words.begin(), words.end(), std::string());
}

/// How many letters to insert, delete, change or swap with the next one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last, now(b.size() + 1);
  std::iota(now.begin(), now.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(last, now);
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1,
                         last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
  }
  return now[b.size()];
}

bool holds_all(const std::vector<std::string>& words,
               const std::vector<std::string>& of) {
  return std::all_of(of.begin(), of.end(), [&](const auto& word) {
    return std::any_of(words.begin(), words.end(), [&](const auto& w) {
      return w == word || w + "s" == word || w == word + "s";
    });
  });
}

struct sought {
  std::vector<std::string> words;
  std::string letters;
};

constexpr std::size_t far = 1000;

/// Small for near names, `far` for others.
std::size_t rank(const sought& name, std::string_view known) {
  if (known.size() > 2 * longest)
    return far;
  const auto words = words_of(known);
  const auto letters = joined(words);
  if (letters.empty() || name.letters.empty())
    return far;
  if (letters == name.letters)
    return 0;
  const auto shorter = std::min(letters.size(), name.letters.size());
  const auto longer = std::max(letters.size(), name.letters.size());
  // One letter of three, two of six: below that, words only look alike.
  const auto allowed = std::min<std::size_t>(shorter / 3, 3);
  if (longer - shorter <= allowed)
    if (const auto d = distance(name.letters, letters); d <= allowed)
      return d;
  if (holds_all(words, name.words) || holds_all(name.words, words))
    return 4 + longer - shorter;
  return far;
}

template <class Text>
std::vector<std::string> nearest(std::string_view name,
                                 std::span<const Text> known,
                                 std::size_t at_most) {
  const auto words = words_of(name.substr(0, longest));
  const sought looked_for{words, joined(words)};
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const std::string_view k : known)
    if (k != name)
      if (const auto r = rank(looked_for, k); r != far)
        found.emplace_back(r, k);
  std::stable_sort(
    found.begin(), found.end(),
    [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (const auto& [r, k] : found)
    if (out.size() < at_most
        && std::find(out.begin(), out.end(), k) == out.end())
      out.emplace_back(k);
  return out;
}

template <class Text>
std::string in_a_row(std::span<const Text> names, std::size_t at_most) {
  std::string out;
  const auto shown = std::min(names.size(), at_most);
  for (std::size_t i = 0; i < shown; ++i)
    (out += i == 0 ? "" : ", ") += names[i];
  if (shown < names.size())
    out += " and " + std::to_string(names.size() - shown) + " more";
  return out;
}

} // namespace

bool same_name(std::string_view a, std::string_view b) {
  // No name is that long, and what a stranger sends may be megabytes.
  if (std::max(a.size(), b.size()) > 2 * longest)
    return a == b;
  const auto letters = joined(words_of(a));
  return !letters.empty() && letters == joined(words_of(b));
}

std::vector<std::string> near_names(std::string_view name,
                                    std::span<const std::string_view> known,
                                    std::size_t at_most) {
  return nearest(name, known, at_most);
}

std::vector<std::string> near_names(std::string_view name,
                                    std::span<const std::string> known,
                                    std::size_t at_most) {
  return nearest(name, known, at_most);
}

std::string did_you_mean(std::span<const std::string> near) {
  if (near.empty())
    return {};
  std::string out = "did you mean ";
  for (std::size_t i = 0; i < near.size(); ++i)
    (out += i == 0 ? "" : i + 1 == near.size() ? " or " : ", ") += near[i];
  return out + "?";
}

std::string listed(std::span<const std::string_view> names,
                   std::size_t at_most) {
  return in_a_row(names, at_most);
}

std::string listed(std::span<const std::string> names, std::size_t at_most) {
  return in_a_row(names, at_most);
}

} // namespace mcp
