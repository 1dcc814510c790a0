#include "protocol/wandb/markdown_blocks.hpp"

#include "protocol/wandb/markdown_inline.hpp"
#include "protocol/wandb/report_blocks.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace mcp::wandb {
namespace {

constexpr std::size_t longest_paragraph = 200;
constexpr std::size_t deepest_fence = 3; // blanks before it; more is a list's

std::size_t indent_of(std::string_view line) {
  const auto first = line.find_first_not_of(' ');
  return first == line.npos ? line.size() : first;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) {
                      return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
                    });
}

struct fence {
  char mark = '`';
  std::size_t length = 0;
  std::size_t indent = 0;
  std::string_view language;
};

std::optional<fence> opened_by(std::string_view line) {
  const auto indent = indent_of(line);
  const auto rest = line.substr(indent);
  if (!rest.starts_with("```") && !rest.starts_with("~~~"))
    return std::nullopt;
  fence out{.mark = rest[0], .indent = indent, .language = {}};
  out.length = std::min(rest.find_first_not_of(rest[0]), rest.size());
  const auto info = trimmed(rest.substr(out.length));
  if (out.mark == '`' && info.find('`') != info.npos)
    return std::nullopt; // code inside of a line
  out.language = info.substr(0, info.find_first_of(" \t{,"));
  return out;
}

bool closes(std::string_view line, const fence& f) {
  const auto rest = trimmed(line);
  return rest.size() >= f.length && rest.find_first_not_of(f.mark) == rest.npos;
}

std::string_view without_indent(std::string_view line, std::size_t indent) {
  return line.substr(std::min(indent, indent_of(line)));
}

struct heading {
  int level;
  std::string_view text;
};

std::optional<heading> heading_of(std::string_view line) {
  const auto level = std::min(line.find_first_not_of('#'), line.size());
  if (level < 1 || level > 3 || level == line.size() || line[level] != ' ')
    return std::nullopt;
  auto text = trimmed(line.substr(level));
  // A row of # behind the text is decoration.
  const auto last = text.find_last_not_of('#');
  if (last == text.npos)
    text = {};
  else if (last + 1 < text.size() && text[last] == ' ')
    text = trimmed(text.substr(0, last));
  if (text.empty())
    return std::nullopt;
  return heading{static_cast<int>(level), text};
}

/// Three or more of - * _, with or without blanks between them.
bool is_rule(std::string_view line) {
  const auto marks = trimmed(line);
  if (indent_of(line) > 3 || marks.empty()
      || std::string_view("-*_").find(marks[0]) == std::string_view::npos)
    return false;
  std::size_t count = 0;
  for (const char c : marks) {
    if (c == marks[0])
      ++count;
    else if (c != ' ')
      return false;
  }
  return count >= 3;
}

bool is_list_item(std::string_view line) {
  const auto rest = line.substr(indent_of(line));
  auto mark = rest.find_first_not_of("0123456789");
  if (mark == rest.npos)
    return false;
  if (mark == 0 ? std::string_view("-*+").find(rest[0]) == rest.npos
                : mark > 9 || (rest[mark] != '.' && rest[mark] != ')'))
    return false;
  ++mark;
  return mark == rest.size() || rest[mark] == ' ';
}

class scanner {
public:
  void line(std::string_view text) {
    if (fence_) {
      if (closes(text, *fence_))
        return end_fence(text);
      return add(code_,
                 fence_in_list_ ? text : without_indent(text, fence_->indent));
    }
    note_list(text);
    if (const auto opened = opened_by(text);
        opened && (in_list_ || opened->indent <= deepest_fence))
      return begin_fence(*opened, text);
    if (const auto h = heading_of(text)) {
      flush();
      blocks_.push_back(heading_block(h->level, markdown_line(h->text)));
    } else if (equals_ignoring_case(trimmed(text), "[toc]")) {
      flush();
      blocks_.push_back(contents_block());
    } else if (is_rule(text) && !underlines(text)) {
      flush();
      blocks_.push_back(rule_block());
    } else {
      add(pending_, text);
    }
    after_blank_ = trimmed(text).empty();
  }

  json::array end() {
    if (fence_)
      end_fence({});
    flush();
    return std::move(blocks_);
  }

private:
  struct text_lines {
    std::string text;
    bool any = false;
  };

  static void add(text_lines& to, std::string_view line) {
    if (to.any)
      to.text += '\n';
    to.text += line;
    to.any = true;
  }

  void note_list(std::string_view line) {
    if (is_list_item(line) && !is_rule(line))
      in_list_ = true;
    else if (after_blank_ && indent_of(line) == 0 && !line.empty())
      in_list_ = false;
  }

  /// A row of dashes right under a text makes it a heading, no rule.
  bool underlines(std::string_view line) const {
    return pending_.any && !after_blank_ && trimmed(line)[0] == '-'
           && trimmed(line).find(' ') == std::string_view::npos;
  }

  void begin_fence(const fence& f, std::string_view line) {
    fence_ = f;
    language_ = f.language;
    code_ = {};
    // Cut out of its list, the code would break the list in two.
    fence_in_list_ = in_list_ && f.indent > 0;
    if (fence_in_list_)
      add(pending_, line);
    else
      flush();
  }

  void end_fence(std::string_view closing) {
    if (fence_in_list_) {
      if (code_.any)
        add(pending_, code_.text);
      add(pending_, closing.empty()
                      ? std::string(fence_->indent, ' ')
                          + std::string(fence_->length, fence_->mark)
                      : std::string(closing));
    } else {
      blocks_.push_back(code_block(code_.text, block_language(language_)));
    }
    fence_.reset();
    after_blank_ = false;
  }

  void flush() {
    in_list_ = false;
    auto text = std::string_view(pending_.text);
    // Blank lines around it go; blanks before its first word may mean code.
    while (!text.empty()) {
      const auto end = text.find('\n');
      if (!trimmed(text.substr(0, end)).empty() || end == text.npos)
        break;
      text.remove_prefix(end + 1);
    }
    const auto last = text.find_last_not_of(" \t\n");
    text = text.substr(0, last == text.npos ? 0 : last + 1);
    if (!text.empty()) {
      const bool plain =
        text.size() <= longest_paragraph && is_plain_text(text);
      blocks_.push_back(plain ? paragraph_block(text) : markdown_block(text));
    }
    pending_ = {};
  }

  json::array blocks_;
  text_lines pending_;
  bool in_list_ = false;
  bool after_blank_ = true;
  std::optional<fence> fence_;
  std::string language_;
  bool fence_in_list_ = false;
  text_lines code_;
};

} // namespace

json::array markdown_blocks(std::string_view text) {
  scanner out;
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    out.line(text.substr(0, end));
    if (end == text.npos)
      break;
    const bool pair = text.substr(end).starts_with("\r\n");
    text.remove_prefix(end + (pair ? 2 : 1));
  }
  return out.end();
}

} // namespace mcp::wandb
