#include "protocol/wandb/graphql_lexer.hpp"

#include "protocol/hex.hpp"
#include "protocol/mcp/utf8.hpp"

#include <algorithm>
#include <stdexcept>

namespace mcp::wandb {
namespace {

using kind = graphql_token_kind;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c);
}

// The length of the UTF-8 character at `at`, 0 when it is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first <= 0xDF)
    return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!tail(1) || !tail(2) || (first == 0xE0 && byte(1) < 0xA0)
        || (first == 0xED && byte(1) > 0x9F))
      return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3) || (first == 0xF0 && byte(1) < 0x90)
        || (first == 0xF4 && byte(1) > 0x8F))
      return 0;
    return 4;
  }
  return 0;
}

// Thrown inside the lexer alone: its depth of calls makes results noisy.
struct lexer_error {
  std::size_t offset;
  const char* message;
};

class lexer {
public:
  explicit lexer(std::string_view text) : text_(text) {}

  graphql_token next() {
    skip_ignored();
    const auto start = at_;
    if (at_ == text_.size())
      return {kind::end, start, {}};
    const char c = text_[at_];
    if (is_name_start(c)) {
      while (is_name_part(peek()))
        ++at_;
      return token(kind::name, start);
    }
    if (c == '-' || is_digit(c))
      return number();
    if (c == '"')
      return text_.substr(at_).starts_with("\"\"\"") ? block_string()
                                                     : string();
    if (c == '.') {
      if (!text_.substr(at_).starts_with("..."))
        fail(start, "a \".\" must be part of \"...\"");
      at_ += 3;
      return token(kind::punctuator, start);
    }
    if (std::string_view("!$&():=@[]{|}").find(c) != std::string_view::npos) {
      ++at_;
      return token(kind::punctuator, start);
    }
    fail(start, "unexpected character");
  }

private:
  [[noreturn]] static void fail(std::size_t offset, const char* message) {
    throw lexer_error{offset, message};
  }

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  graphql_token token(kind k, std::size_t start) const {
    return {k, start, text_.substr(start, at_ - start)};
  }

  void skip_ignored() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',') {
        ++at_;
      } else if (text_.substr(at_).starts_with("\xEF\xBB\xBF")) {
        at_ += 3; // a byte order mark may stand between any two tokens
      } else if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r')
          source_character();
      } else {
        return;
      }
    }
  }

  // Steps over one character that may stand in a comment or string.
  void source_character() {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
      fail(at_, "a control character is not allowed");
    const auto length = utf8_length(text_, at_);
    if (length == 0)
      fail(at_, "the document is not valid UTF-8");
    at_ += length;
  }

  void digits() {
    if (!is_digit(peek()))
      fail(at_, "expected a digit");
    while (is_digit(peek()))
      ++at_;
  }

  graphql_token number() {
    const auto start = at_;
    auto k = kind::integer;
    if (peek() == '-')
      ++at_;
    if (peek() == '0') {
      ++at_;
      if (is_digit(peek()))
        fail(at_, "a number must not begin with 0");
    } else {
      digits();
    }
    if (peek() == '.') {
      k = kind::floating;
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      k = kind::floating;
      ++at_;
      if (peek() == '+' || peek() == '-')
        ++at_;
      digits();
    }
    if (peek() == '.' || is_name_start(peek()))
      fail(at_, "a number must not be followed by a name or \".\"");
    return token(k, start);
  }

  graphql_token string() {
    const auto start = at_++;
    for (;;) {
      if (at_ == text_.size() || peek() == '\n' || peek() == '\r')
        fail(start, "the string does not end on its line");
      if (peek() == '"') {
        ++at_;
        return token(kind::string, start);
      }
      if (peek() != '\\') {
        source_character();
        continue;
      }
      const auto escape = at_++;
      const char c = peek();
      if (c == 'u') {
        for (std::size_t i = 1; i <= 4; ++i)
          if (hex_digit(peek(i)) < 0)
            fail(escape, "\\u must be followed by four hex digits");
        at_ += 5;
      } else if (c != '\0'
                 && std::string_view("\"\\/bfnrt").find(c)
                      != std::string_view::npos) {
        ++at_;
      } else {
        fail(escape, "unknown escape in a string");
      }
    }
  }

  graphql_token block_string() {
    const auto start = at_;
    at_ += 3;
    for (;;) {
      const auto rest = text_.substr(at_);
      if (rest.empty())
        fail(start, "the block string does not end");
      if (rest.starts_with("\\\"\"\"")) {
        at_ += 4;
      } else if (rest.starts_with("\"\"\"")) {
        at_ += 3;
        return token(kind::block_string, start);
      } else {
        source_character();
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

unsigned four_hex(std::string_view text) {
  unsigned out = 0;
  for (const char c : text.substr(0, 4))
    out = out * 16 + static_cast<unsigned>(hex_digit(c));
  return out;
}

std::string plain_value(std::string_view inside) {
  std::string out;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\') {
      out.push_back(inside[i]);
      continue;
    }
    switch (const char c = inside[++i]) {
    case 'b':
      out.push_back('\b');
      break;
    case 'f':
      out.push_back('\f');
      break;
    case 'n':
      out.push_back('\n');
      break;
    case 'r':
      out.push_back('\r');
      break;
    case 't':
      out.push_back('\t');
      break;
    case 'u': {
      auto code = four_hex(inside.substr(i + 1));
      i += 4;
      const auto rest = inside.substr(i + 1);
      if (code >= 0xD800 && code < 0xDC00 && rest.starts_with("\\u")) {
        const auto low = four_hex(rest.substr(2));
        if (low >= 0xDC00 && low < 0xE000) {
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
          i += 6;
        }
      }
      append_utf8(out, code);
      break;
    }
    default:
      out.push_back(c);
    }
  }
  return out;
}

// October 2021, 2.9.4, BlockStringValue().
std::string block_value(std::string_view inside) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const auto rest = inside.substr(i);
    if (rest.starts_with("\\\"\"\"")) {
      lines.back() += "\"\"\"";
      i += 3;
    } else if (rest[0] == '\n' || rest[0] == '\r') {
      i += rest.starts_with("\r\n") ? 1 : 0;
      lines.emplace_back();
    } else {
      lines.back().push_back(rest[0]);
    }
  }
  const auto indent_of = [](const std::string& line) {
    return std::min(line.find_first_not_of(" \t"), line.size());
  };
  auto common = std::string::npos;
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (const auto indent = indent_of(lines[i]); indent < lines[i].size())
      common = std::min(common, indent);
  if (common != std::string::npos)
    for (std::size_t i = 1; i < lines.size(); ++i)
      lines[i].erase(0, common);
  const auto blank = [&](const std::string& line) {
    return indent_of(line) == line.size();
  };
  const auto first = std::find_if_not(lines.begin(), lines.end(), blank);
  auto last = lines.end();
  while (last != first && blank(*(last - 1)))
    --last;
  std::string out;
  for (auto line = first; line != last; ++line) {
    if (line != first)
      out.push_back('\n');
    out += *line;
  }
  return out;
}

} // namespace

std::string to_string(const graphql_problem& problem) {
  if (problem.line == 0)
    return problem.message;
  return "line " + std::to_string(problem.line) + ", column "
         + std::to_string(problem.column) + ": " + problem.message;
}

void throw_exception_from_error(const graphql_problem& problem,
                                const boost::source_location&) {
  throw std::invalid_argument(to_string(problem));
}

graphql_problem graphql_problem_at(std::string_view document,
                                   std::size_t offset, std::string message) {
  const auto before = document.substr(0, offset);
  std::size_t line = 1, start = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool crlf =
      before[i] == '\r' && i + 1 < document.size() && document[i + 1] == '\n';
    if (before[i] == '\n' || (before[i] == '\r' && !crlf)) {
      ++line;
      start = i + 1;
    }
  }
  return {.what = graphql_problem::kind::syntax,
          .message = std::move(message),
          .line = line,
          .column = offset - start + 1};
}

graphql_result<std::vector<graphql_token>>
lex_graphql(std::string_view document, std::size_t max_tokens) {
  std::vector<graphql_token> out;
  lexer source(document);
  try {
    do {
      out.push_back(source.next());
      if (out.size() > max_tokens + 1)
        return graphql_problem{.what = graphql_problem::kind::too_complex,
                               .message = "the document has more than "
                                          + std::to_string(max_tokens)
                                          + " tokens"};
    } while (out.back().kind != kind::end);
  } catch (const lexer_error& error) {
    return graphql_problem_at(document, error.offset, error.message);
  }
  return out;
}

std::string graphql_string_value(const graphql_token& token) {
  if (token.kind == kind::block_string)
    return block_value(token.text.substr(3, token.text.size() - 6));
  return plain_value(token.text.substr(1, token.text.size() - 2));
}

} // namespace mcp::wandb
