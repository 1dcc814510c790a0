#include "protocol/wandb/report_svg.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

// A scanner of XML's tags, stricter than XML itself: what it does not know, it
// refuses. Names are compared without their prefix and without their case, for
// both can be chosen to hide something.

namespace mcp::wandb {
namespace {

constexpr std::size_t deepest = 128;
constexpr std::string_view blanks = " \t\r\n";

struct objection {
  std::string why;
};

[[noreturn]] void object_to(std::string why) {
  throw objection{std::move(why)};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'
         || c == ':';
}

template <std::size_t N>
bool is_one_of(std::string_view text,
               const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

std::string local_name(std::string_view name) {
  const auto colon = name.rfind(':');
  return lower(colon == name.npos ? name : name.substr(colon + 1));
}

/// References to characters resolved; those that are not printable ASCII stand
/// for nothing that could be dangerous.
std::string decoded(std::string_view value) {
  std::string out;
  while (!value.empty()) {
    const auto mark = value.find('&');
    out += value.substr(0, mark);
    if (mark == value.npos)
      break;
    value.remove_prefix(mark + 1);
    const auto end = value.find(';');
    if (end == value.npos || end > 10)
      object_to("it has a stray &");
    const auto name = value.substr(0, end);
    value.remove_prefix(end + 1);
    if (name == "amp")
      out += '&';
    else if (name == "lt")
      out += '<';
    else if (name == "gt")
      out += '>';
    else if (name == "quot")
      out += '"';
    else if (name == "apos")
      out += '\'';
    else if (name.size() > 1 && name[0] == '#') {
      const bool hex = name[1] == 'x' || name[1] == 'X';
      const auto digits = name.substr(hex ? 2 : 1);
      unsigned code = 0;
      const auto* last = digits.data() + digits.size();
      const auto [stop, error] =
        std::from_chars(digits.data(), last, code, hex ? 16 : 10);
      if (digits.empty() || stop != last || error != std::errc{})
        object_to("it has a malformed character reference");
      out += code < 0x80 ? static_cast<char>(code) : '?';
    } else {
      object_to("it uses an entity of its own");
    }
  }
  return out;
}

/// Browsers skip blanks and control characters in a URL's scheme.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : lower(text))
    if (static_cast<unsigned char>(c) > 0x20 && c != 0x7F)
      out += c;
  return out;
}

/// `target` is squeezed.
bool stays_inside(std::string_view target) {
  static constexpr std::array<std::string_view, 4> bitmaps{
    "data:image/png;base64,", "data:image/jpeg;base64,",
    "data:image/gif;base64,", "data:image/webp;base64,"};
  return target.empty() || target[0] == '#'
         || std::any_of(bitmaps.begin(), bitmaps.end(),
                        [&](auto b) { return target.starts_with(b); });
}

void check_style(std::string_view css) {
  const auto text = squeezed(css);
  if (text.find('\\') != text.npos)
    object_to("its style has escapes, which can hide a link");
  for (const std::string_view word :
       {"@import", "expression(", "javascript:", "behavior:", "-moz-binding",
        "image-set(", "image(", "src("})
    if (text.find(word) != text.npos)
      object_to("its style loads or runs something (" + std::string(word)
                + ")");
  for (auto at = text.find("url("); at != text.npos;
       at = text.find("url(", at + 4)) {
    auto target = std::string_view(text).substr(at + 4);
    target.remove_prefix(
      std::min(target.find_first_not_of("\"'"), target.size()));
    if (!stays_inside(target))
      object_to("its style links to something outside of it");
  }
}

class scanner {
public:
  explicit scanner(std::string_view text) : text_(text) {}

  void run() {
    while (at_ < text_.size()) {
      if (text_[at_] == '<')
        markup();
      else
        characters();
    }
    if (!open_.empty() || roots_ == 0)
      object_to("it is not one complete <svg> element");
  }

private:
  std::string_view rest() const { return text_.substr(at_); }

  void skip_past(std::string_view end) {
    const auto found = text_.find(end, at_);
    if (found == text_.npos)
      object_to("it ends too early");
    at_ = found + end.size();
  }

  void characters() {
    const auto end = std::min(text_.find('<', at_), text_.size());
    const auto text = text_.substr(at_, end - at_);
    if (open_.empty() && text.find_first_not_of(blanks) != text.npos)
      object_to("it has text around its <svg> element");
    const auto plain = decoded(text);
    if (in_style())
      style_ += plain;
    at_ = end;
  }

  bool in_style() const { return !open_.empty() && open_.back() == "style"; }

  void markup() {
    if (rest().starts_with("<!--"))
      return skip_past("-->");
    if (rest().starts_with("<![CDATA[")) {
      const auto start = at_ + 9;
      skip_past("]]>");
      if (open_.empty())
        object_to("it has text around its <svg> element");
      if (in_style())
        style_ += text_.substr(start, at_ - 3 - start);
      return;
    }
    if (rest().starts_with("<?xml ") && at_ == 0)
      return skip_past("?>");
    if (rest().starts_with("<!") || rest().starts_with("<?"))
      object_to("it has a DOCTYPE or an instruction to the reader");
    if (rest().starts_with("</"))
      return close();
    open();
  }

  std::string_view name() {
    const auto start = at_;
    while (at_ < text_.size() && is_name_character(text_[at_]))
      ++at_;
    if (at_ == start
        || std::string_view("0123456789-.:").find(text_[start])
             != std::string_view::npos)
      object_to("a name is missing or has unusual characters");
    return text_.substr(start, at_ - start);
  }

  void skip_blanks() {
    at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
  }

  void close() {
    at_ += 2;
    const auto local = local_name(name());
    skip_blanks();
    if (!rest().starts_with('>') || open_.empty() || open_.back() != local)
      object_to("its elements are not nested properly");
    ++at_;
    if (in_style()) {
      check_style(style_);
      style_.clear();
    }
    open_.pop_back();
  }

  void open() {
    ++at_;
    const auto local = local_name(name());
    if (open_.empty() && (roots_++ > 0 || local != "svg"))
      object_to("it is not one complete <svg> element");
    static constexpr std::array<std::string_view, 10> forbidden{
      "script", "foreignobject", "iframe",  "object",   "embed",
      "audio",  "video",         "handler", "listener", "set"};
    if (is_one_of(local, forbidden))
      object_to("it has an element " + local);
    if (open_.size() == deepest)
      object_to("its elements are nested too deep");
    for (;;) {
      const auto before = at_;
      skip_blanks();
      if (rest().starts_with("/>")) {
        at_ += 2;
        return;
      }
      if (rest().starts_with('>')) {
        ++at_;
        open_.push_back(local);
        return;
      }
      if (at_ == text_.size())
        object_to("it ends too early");
      if (at_ == before)
        object_to("its attributes are not apart");
      attribute(local);
    }
  }

  void attribute(std::string_view element) {
    const auto full = lower(name());
    const auto local = local_name(full);
    skip_blanks();
    if (!rest().starts_with('='))
      object_to("an attribute has no value");
    ++at_;
    skip_blanks();
    if (at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\''))
      object_to("the value of an attribute has no quotes");
    const auto mark = text_[at_];
    const auto start = ++at_;
    skip_past(std::string_view(&mark, 1));
    const auto raw = text_.substr(start, at_ - 1 - start);
    if (raw.find('<') != raw.npos)
      object_to("the value of an attribute has a <");
    check(element, full, local, decoded(raw));
  }

  static void check(std::string_view element, std::string_view full,
                    std::string_view local, const std::string& value) {
    if (local.starts_with("on"))
      object_to("it has an event handler (" + std::string(local) + ")");
    if (full == "xml:base")
      object_to("it sets another base for its links");
    if (full == "xmlns" || full.starts_with("xmlns:"))
      return; // a name that looks like a link
    if ((local == "href" || local == "src") && !stays_inside(squeezed(value)))
      object_to("it links to something outside of it");
    if (element.starts_with("animate") && local == "attributename") {
      const auto changed = local_name(squeezed(value));
      if (changed == "href" || changed == "src" || changed.starts_with("on"))
        object_to("it animates a link");
    }
    // Any presentation attribute takes url().
    check_style(local == "style" ? value : hidden_links(value));
  }

  /// Attributes other than style are no CSS; only their links matter.
  static std::string_view hidden_links(const std::string& value) {
    const auto text = squeezed(value);
    const bool suspicious =
      text.find("url(") != text.npos || text.find("javascript:") != text.npos;
    return suspicious ? std::string_view(value) : std::string_view{};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  // A comment or a CDATA section does not part what is around it.
  std::string style_;
  std::size_t roots_ = 0;
};

} // namespace

std::optional<std::string> svg_objection(std::string_view svg) {
  try {
    scanner(svg).run();
  } catch (objection& o) {
    return std::move(o.why);
  }
  return std::nullopt;
}

} // namespace mcp::wandb
