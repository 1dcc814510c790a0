#include "protocol/wandb/markdown_inline.hpp"

#include "protocol/wandb/report_blocks.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace mcp::wandb {
namespace {

constexpr std::size_t longest_line = 1000;
constexpr std::string_view punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

bool is_punctuation(char c) {
  return punctuation.find(c) != punctuation.npos;
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

class line_reader {
public:
  explicit line_reader(std::string_view line) : line_(line) {}

  json::array read() {
    while (at_ < line_.size())
      step();
    flush();
    if (pieces_.empty())
      pieces_.push_back(inline_text(""));
    return std::move(pieces_);
  }

private:
  void step() {
    const char c = line_[at_];
    if (c == '\\' && at_ + 1 < line_.size() && is_punctuation(line_[at_ + 1])) {
      text_ += line_[at_ + 1];
      at_ += 2;
    } else if ((c == '`' && code()) || (c == '[' && link())
               || ((c == '*' || c == '_') && emphasis())) {
      // taken
    } else {
      text_ += c;
      ++at_;
    }
  }

  std::size_t run_length(std::size_t at) const {
    auto end = at;
    while (end < line_.size() && line_[end] == line_[at])
      ++end;
    return end - at;
  }

  /// `code` in any number of backticks, closed by as many.
  bool code() {
    const auto marks = run_length(at_);
    const auto start = at_ + marks;
    for (auto i = line_.find('`', start); i < line_.size();) {
      const auto length = run_length(i);
      if (length == marks) {
        auto inside = line_.substr(start, i - start);
        if (inside.size() > 2 && inside.front() == ' ' && inside.back() == ' ')
          inside = inside.substr(1, inside.size() - 2);
        flush();
        pieces_.push_back(inline_code(inside));
        at_ = i + marks;
        return true;
      }
      i = line_.find('`', i + length);
    }
    text_.append(marks, '`');
    at_ = start;
    return true;
  }

  /// [text](url "title"), with neither brackets nor blanks inside.
  bool link() {
    const auto middle = line_.find("](", at_);
    if (middle == line_.npos)
      return false;
    const auto label = line_.substr(at_ + 1, middle - at_ - 1);
    const auto end = line_.find(')', middle);
    if (label.empty() || label.find('[') != label.npos || end == line_.npos)
      return false;
    auto url = line_.substr(middle + 2, end - middle - 2);
    url = url.substr(0, url.find_first_of(" \t"));
    if (!is_safe_url(url))
      return false;
    flush();
    pieces_.push_back(inline_link(label, url));
    at_ = end + 1;
    return true;
  }

  static bool is_safe_url(std::string_view url) {
    return url.starts_with("https://") || url.starts_with("http://")
           || url.starts_with("mailto:") || url.starts_with('#')
           || (url.starts_with('/') && !url.starts_with("//"));
  }

  /// Skips a mark that opens or closes emphasis; "2 * 3" and "a_b" have none.
  bool emphasis() {
    const auto length = run_length(at_);
    const char before = at_ == 0 ? ' ' : line_[at_ - 1];
    const auto end = at_ + length;
    const char after = end == line_.size() ? ' ' : line_[end];
    const auto open = std::string(length, line_[at_]);
    const auto is_edge = [](char c) {
      return is_blank(c) || is_punctuation(c);
    };
    if (!open_.empty() && open == open_.back() && !is_blank(before)
        && (line_[at_] == '*' || is_edge(after))) {
      open_.pop_back();
      at_ = end;
      return true;
    }
    if (length <= 3 && open_.size() < 8 && !is_blank(after)
        && (line_[at_] == '*' ? !is_blank(before) || is_edge(before)
                              : is_edge(before))
        && closes_later(open, end)) {
      open_.push_back(open);
      at_ = end;
      return true;
    }
    text_ += open;
    at_ = end;
    return true;
  }

  bool closes_later(const std::string& mark, std::size_t from) {
    // What nothing closes from here on, nothing closes further on.
    if (std::find(never_closed_.begin(), never_closed_.end(), mark)
        != never_closed_.end())
      return false;
    for (auto i = line_.find(mark, from + 1); i < line_.size();) {
      const auto length = run_length(i);
      if (length == mark.size() && !is_blank(line_[i - 1]))
        return true;
      i = line_.find(mark, i + length);
    }
    never_closed_.push_back(mark);
    return false;
  }

  void flush() {
    if (!text_.empty())
      pieces_.push_back(inline_text(text_));
    text_.clear();
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::string text_;
  std::vector<std::string> open_; // marks of emphasis that wait for their end
  std::vector<std::string> never_closed_;
  json::array pieces_;
};

} // namespace

json::array markdown_line(std::string_view line) {
  if (line.size() > longest_line)
    return {inline_text(line)};
  return line_reader(line).read();
}

bool is_plain_text(std::string_view text) {
  // Dashes, dots and parentheses mean something at the start of a line only.
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    return true;
  const char start = text[first];
  return text.find_first_of("\n*_`[]<>#|~\\&$") == text.npos && first == 0
         && start != '-' && start != '+' && start != '='
         && (start < '0' || start > '9') && text.find("://") == text.npos
         && text.find("www.") == text.npos;
}

} // namespace mcp::wandb
