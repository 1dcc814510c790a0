// A tokenizer first splits a text into pieces (a word with the blank or mark in
// front of it, up to three digits, a run of marks, a run of blanks), and then
// each piece into tokens. The pieces are found here as it finds them; what is
// inside of a piece is told from its pairs of characters: "th" hardly ever
// costs a token, "qx" mostly does.
#include "protocol/json/token_size.hpp"

#include "protocol/json/token_tables.hpp"
#include "protocol/json/write.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>

namespace mcp {
namespace {

namespace json = boost::json;
using namespace token_tables;

// All in eighths of a token.
constexpr std::size_t token = 8;

enum class kind : std::uint8_t { lower, upper, digit, mark, blank, other };

constexpr std::array<kind, 256> kinds = [] {
  std::array<kind, 256> out{};
  for (unsigned c = 0; c < 256; ++c)
    out[c] = c >= 'a' && c <= 'z'   ? kind::lower
             : c >= 'A' && c <= 'Z' ? kind::upper
             : c >= '0' && c <= '9' ? kind::digit
             : c > ' ' && c < 127   ? kind::mark
             : c == ' ' || (c >= '\t' && c <= '\r') ? kind::blank
                                                    : kind::other;
  return out;
}();

// The marks in the order of ASCII, from 0.
constexpr std::array<std::uint8_t, 256> mark_numbers = [] {
  std::array<std::uint8_t, 256> out{};
  std::uint8_t n = 0;
  for (unsigned c = 0; c < 256; ++c)
    if (kinds[c] == kind::mark)
      out[c] = n++;
  return out;
}();

/// The code points of a text of three-byte characters, less `from`.
template <std::size_t Size>
std::bitset<Size> set_of(std::string_view text, std::uint32_t from) {
  std::bitset<Size> out;
  for (std::size_t i = 0; i + 2 < text.size(); i += 3)
    out.set(((static_cast<unsigned char>(text[i]) & 0x0Fu) << 12
             | (static_cast<unsigned char>(text[i + 1]) & 0x3Fu) << 6
             | (static_cast<unsigned char>(text[i + 2]) & 0x3Fu))
            - from);
  return out;
}

struct block {
  std::uint32_t last;
  std::uint8_t cost;
};

// What random characters of a block cost on average.
constexpr std::array<block, 27> blocks{{
  {0x9F, 16},    // controls
  {0xFF, 8},     // Latin-1
  {0x17F, 11},   {0x36F, 16}, // letters with accents
  {0x45F, 9},    {0x5CF, 14}, // Greek, Cyrillic; older letters of it
  {0x5EA, 8},    {0x61F, 16}, // Hebrew
  {0x655, 9},    {0x8FF, 20}, // Arabic
  {0xEFF, 12},   {0xFFF, 19}, // India, Thailand; Tibet
  {0x10FF, 12},  {0x1DFF, 24}, // Burma, Georgia; Ethiopia and so on
  {0x1EFF, 14},  {0x1FFF, 19}, // Vietnam; older Greek
  {0x206F, 13},  {0x218F, 16}, // punctuation
  {0x27FF, 18},  {0x2FFF, 24}, // arrows, lines, signs; Braille
  {0x30FF, 10},  {0x4DFF, 24}, // Japanese syllables
  {0xFEFF, 24},  {0xFFFF, 14}, // private; wide forms
  {0x1F1FF, 32}, {0x1F64F, 19}, // old scripts, alphabets; emoji
  {0x10FFFF, 32},
}};

std::size_t cost_of(std::uint32_t c) {
  static const auto ideographs = set_of<0x5200>(common_ideographs, 0x4E00);
  static const auto hangul = set_of<0x2BA4>(common_hangul, 0xAC00);
  if (c >= 0x4E00 && c < 0xA000)
    return ideographs[c - 0x4E00] ? 8 : 17;
  if (c >= 0xAC00 && c < 0xD7A4)
    return hangul[c - 0xAC00] ? 8 : 19;
  if (c >= 0x1F1E6 && c <= 0x1F1FF)
    return 16; // flags are two of these
  if (c == 0xFE0F)
    return 8; // makes the sign before it an emoji
  if (c >= 0x1F650 && c < 0x1FC00)
    return 23;
  for (const auto& b : blocks)
    if (c <= b.last)
      return b.cost;
  return 32;
}

struct scanner {
  const char* at;
  const char* const end;
  const char* const begin = at;
  std::size_t cost = 0;

  kind now() const {
    return at < end ? kinds[static_cast<unsigned char>(*at)] : kind::other;
  }

  void word();
  void digits();
  void marks();
  void blanks();
  void other();
};

// "loss", "HTTPError": capitals, then small letters.
void scanner::word() {
  const auto first = at;
  auto sum = token;
  auto before = now();
  auto row = static_cast<std::size_t>((*at | 0x20) - 'a') * 26;
  for (++at;; ++at) {
    const auto next = now();
    if (next > kind::upper || next > before)
      break;
    const auto letter = static_cast<std::size_t>((*at | 0x20) - 'a');
    const auto& pairs = before == kind::lower ? lower_pairs : mixed_pairs;
    sum += static_cast<std::size_t>(pairs[row + letter] - '0');
    before = next;
    row = letter * 26;
  }
  // Words this long are none, and no part of them is cheap.
  const auto length = static_cast<std::size_t>(at - first);
  cost += length > 16 ? std::max(sum + sum / 8, length * 4) : sum;
}

void scanner::digits() {
  const auto first = at;
  while (now() == kind::digit)
    ++at;
  cost += static_cast<std::size_t>(at - first + 2) / 3 * token;
}

void scanner::marks() {
  const auto first = at;
  auto mark = mark_numbers[static_cast<unsigned char>(*at)];
  ++at;
  auto next = now();
  if (next != kind::mark) {
    // Alone in front of a word it belongs to that, unless a blank took it.
    const bool joined =
      next <= kind::upper && (first == begin || first[-1] != ' ');
    cost += joined ? static_cast<std::size_t>(marks_in_front[mark] - '0')
                   : token;
    return;
  }
  cost += token;
  for (; next == kind::mark; ++at, next = now()) {
    const auto number = mark_numbers[static_cast<unsigned char>(*at)];
    const auto pair =
      static_cast<std::size_t>(mark_pairs[mark * 32u + number] - '0');
    // What JSON puts between two values is cheap; more than that it never does.
    const bool repeated = at - first > 8 && number != mark;
    cost += repeated && pair < token / 2 ? token / 2 : pair;
    mark = number;
  }
}

void scanner::blanks() {
  const auto first = at;
  std::size_t changes = 0;
  for (++at; now() == kind::blank; ++at)
    if (*at != at[-1])
      ++changes;
  const auto n = static_cast<std::size_t>(at - first);
  // One blank belongs to the word or the marks behind it.
  const auto next = now();
  if (n == 1 && *first == ' ' && next != kind::digit && next != kind::other)
    return;
  cost += token + changes * 5 + n / 2;
}

void scanner::other() {
  const auto lead = static_cast<unsigned char>(*at);
  const std::ptrdiff_t more = lead >= 0xF0   ? 3
                              : lead >= 0xE0 ? 2
                              : lead >= 0xC0 ? 1
                                             : 0;
  if (more == 0 || end - at <= more) {
    cost += 2 * token; // a control character, or no UTF-8
    ++at;
    return;
  }
  std::uint32_t c = lead & (0x3Fu >> more);
  for (std::ptrdiff_t i = 1; i <= more; ++i)
    c = c << 6 | (static_cast<unsigned char>(at[i]) & 0x3Fu);
  cost += cost_of(c);
  at += more + 1;
}

} // namespace

std::size_t token_size(std::string_view text) {
  scanner s{.at = text.data(), .end = text.data() + text.size()};
  while (s.at < s.end)
    switch (s.now()) {
    case kind::lower:
    case kind::upper:
      s.word();
      break;
    case kind::digit:
      s.digits();
      break;
    case kind::mark:
      s.marks();
      break;
    case kind::blank:
      s.blanks();
      break;
    case kind::other:
      s.other();
    }
  return (s.cost + 1) / 2;
}

std::size_t token_size(const json::value& value) {
  return token_size(std::string_view(write_json(value)));
}

std::size_t token_size(const json::object& value) {
  return token_size(std::string_view(write_json(value)));
}

} // namespace mcp
