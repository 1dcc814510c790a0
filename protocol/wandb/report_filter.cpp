#include "protocol/wandb/report_filter.hpp"

#include "protocol/json/parse.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace mcp::wandb {
namespace {

constexpr std::size_t longest_expression = 4000;
constexpr int deepest = 16;
constexpr std::size_t most_alternatives = 32;
constexpr std::size_t most_conditions = 200;
constexpr std::size_t longest_quoted = 40;

// Inside this file only: a recursive descent is clearer when it can give up
// from anywhere.
struct refusal {
  std::string why;
};

[[noreturn]] void refuse(std::string why) {
  throw refusal{std::move(why)};
}

bool is_inside_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string quoted(std::string_view text) {
  auto end = std::min(text.size(), longest_quoted);
  while (end < text.size() && is_inside_character(text[end]))
    ++end;
  return "\"" + std::string(text.substr(0, end))
         + (end < text.size() ? "...\"" : "\"");
}

std::string_view first_character(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && is_inside_character(text[end]))
    ++end;
  return text.substr(0, end);
}

/// Attributes of a run: as the app shows them and as they are stored.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21>
  attributes{{{"ID", "name"},
              {"name", "name"},
              {"Name", "displayName"},
              {"displayName", "displayName"},
              {"State", "state"},
              {"state", "state"},
              {"CreatedTimestamp", "createdAt"},
              {"createdAt", "createdAt"},
              {"Runtime", "duration"},
              {"duration", "duration"},
              {"User", "username"},
              {"username", "username"},
              {"Group", "group"},
              {"group", "group"},
              {"JobType", "jobType"},
              {"jobType", "jobType"},
              {"Hostname", "host"},
              {"host", "host"},
              {"Sweep", "sweep"},
              {"sweep", "sweep"},
              {"Tags", "tags"}}};

enum class token_kind { end, name, text, number, sign };

struct token {
  token_kind kind = token_kind::end;
  std::string text; // of a text: what it stands for
};

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class lexer {
public:
  explicit lexer(std::string_view text) : text_(text) { next(); }

  const token& now() const { return now_; }

  void next() {
    while (at_ < text_.size()
           && std::string_view(" \t\r\n").find(text_[at_])
                != std::string_view::npos)
      ++at_;
    if (at_ == text_.size()) {
      now_ = {};
      return;
    }
    const char c = text_[at_];
    if (c == '"' || c == '\'')
      return quote(c);
    if (is_name_start(c))
      return take(token_kind::name, [](char x) {
        return is_name_start(x) || is_digit(x) || x == '.';
      });
    if (is_digit(c) || c == '-' || c == '.')
      return take(token_kind::number, [](char x) {
        return is_digit(x) || is_name_start(x) || x == '.' || x == '-'
               || x == '+';
      });
    for (const std::string_view sign : {"==", "!=", "<=", ">="})
      if (text_.substr(at_).starts_with(sign)) {
        at_ += 2;
        now_ = {token_kind::sign, std::string(sign)};
        return;
      }
    if (std::string_view("=<>()[],").find(c) == std::string_view::npos)
      refuse("the character " + quoted(first_character(text_.substr(at_)))
             + " has no meaning in a filter");
    ++at_;
    now_ = {token_kind::sign, std::string(1, c)};
  }

private:
  template <class Predicate>
  void take(token_kind kind, Predicate belongs) {
    const auto start = at_++;
    while (at_ < text_.size() && belongs(text_[at_]))
      ++at_;
    now_ = {kind, std::string(text_.substr(start, at_ - start))};
  }

  void quote(char mark) {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == mark) {
        ++at_;
        now_ = {token_kind::text, std::move(out)};
        return;
      }
      if (c == '\\') {
        if (++at_ == text_.size())
          break;
        c = text_[at_];
        if (c != '\\' && c != '"' && c != '\'')
          refuse("of escapes, only \\\\, \\\" and \\' are understood");
      }
      out += c;
    }
    refuse("a text has no closing quote");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  token now_;
};

class parser {
public:
  explicit parser(std::string_view text) : lexer_(text) {}

  run_filter whole() {
    auto out = alternatives(0);
    if (lexer_.now().kind != token_kind::end)
      unexpected();
    return out;
  }

private:
  run_filter alternatives(int depth) {
    auto out = conjunction(depth);
    while (is_word("or")) {
      lexer_.next();
      auto more = conjunction(depth);
      std::move(more.begin(), more.end(), std::back_inserter(out));
      check_size(out);
    }
    return out;
  }

  run_filter conjunction(int depth) {
    auto out = operand(depth);
    while (is_word("and")) {
      lexer_.next();
      out = product(out, operand(depth));
    }
    return out;
  }

  /// (a or b) and (c or d) is ac or ad or bc or bd.
  static run_filter product(const run_filter& left, const run_filter& right) {
    if (left.size() * right.size() > most_alternatives)
      too_large();
    run_filter out;
    for (const auto& a : left)
      for (const auto& b : right) {
        auto both = a;
        both.insert(both.end(), b.begin(), b.end());
        out.push_back(std::move(both));
      }
    check_size(out);
    return out;
  }

  static void check_size(const run_filter& filter) {
    std::size_t conditions = 0;
    for (const auto& alternative : filter)
      conditions += alternative.size();
    if (filter.size() > most_alternatives || conditions > most_conditions)
      too_large();
  }

  [[noreturn]] static void too_large() {
    refuse("it has too many alternatives or conditions");
  }

  run_filter operand(int depth) {
    if (!is_sign("("))
      return {{condition()}};
    if (depth == deepest)
      refuse("its parentheses are nested too deep");
    lexer_.next();
    auto out = alternatives(depth + 1);
    expect(")");
    return out;
  }

  run_condition condition() {
    run_condition out;
    left_side(out);
    out.op = comparison();
    const bool wants_list = out.op == "IN" || out.op == "NIN";
    out.value = wants_list ? list() : scalar();
    const bool ordered = out.op.front() == '<' || out.op.front() == '>';
    if (ordered && out.value.is_bool())
      refuse("True and False can only be compared with == and !=");
    if (out.section == "run" && out.name == "tags") {
      // A run has several: a tag is among them or is not.
      if (ordered)
        refuse("tags can only be compared with ==, !=, in and not in");
      if (!wants_list) {
        out.value = json::array{out.value};
        out.op = out.op == "=" ? "IN" : "NIN";
      }
    }
    return out;
  }

  void left_side(run_condition& out) {
    if (lexer_.now().kind != token_kind::name)
      unexpected();
    const auto name = lexer_.now().text;
    lexer_.next();
    if (is_sign("(")) {
      lexer_.next();
      if (name == "Tags" && is_sign(")")) {
        lexer_.next();
        return attribute(out, "Tags");
      }
      if (lexer_.now().kind != token_kind::text || lexer_.now().text.empty())
        refuse(quoted(name + "(") + " needs a name in quotes");
      const auto inner = lexer_.now().text;
      lexer_.next();
      expect(")");
      if (name == "Config")
        return member(out, "config", inner);
      if (name == "SummaryMetric" || name == "Summary")
        return member(out, "summary", inner);
      if (name == "Metric")
        return attribute(out, inner);
      refuse(quoted(name)
             + " is not known: there are Config, SummaryMetric, "
               "Metric and Tags");
    }
    for (const auto& [prefix, section] : {std::pair("config.", "config"),
                                          {"summary.", "summary"},
                                          {"summary_metrics.", "summary"}})
      if (name.starts_with(prefix)) {
        const auto rest = name.substr(std::string_view(prefix).size());
        if (rest.empty())
          refuse("a name is missing after " + quoted(prefix));
        return member(out, section, rest);
      }
    attribute(out, name);
  }

  static void member(run_condition& out, const char* section,
                     std::string name) {
    out.section = section;
    out.name = std::move(name);
  }

  static void attribute(run_condition& out, std::string_view name) {
    if (name == "tags")
      name = "Tags";
    for (const auto& [shown, stored] : attributes)
      if (name == shown)
        return member(out, "run", std::string(stored));
    refuse(quoted(name)
           + " is no attribute of a run: name a metric as "
             "SummaryMetric(\"...\"), a setting as "
             "Config(\"...\")");
  }

  std::string comparison() {
    if (is_word("in")) {
      lexer_.next();
      return "IN";
    }
    if (is_word("not")) {
      lexer_.next();
      if (!is_word("in"))
        unexpected();
      lexer_.next();
      return "NIN";
    }
    static constexpr std::array<std::string_view, 7> signs{"==", "=", "!=", "<",
                                                           "<=", ">", ">="};
    const auto& now = lexer_.now();
    if (now.kind != token_kind::sign
        || std::find(signs.begin(), signs.end(), now.text) == signs.end())
      unexpected();
    auto out = now.text == "==" ? std::string("=") : now.text;
    lexer_.next();
    return out;
  }

  json::value scalar() {
    const auto now = lexer_.now();
    lexer_.next();
    if (now.kind == token_kind::text)
      return json::string(now.text);
    if (now.kind == token_kind::name) {
      if (now.text == "True" || now.text == "true")
        return true;
      if (now.text == "False" || now.text == "false")
        return false;
      refuse(quoted(now.text) + " is not a value: texts need quotes");
    }
    if (now.kind == token_kind::number)
      if (auto number = parse_json(now.text); number && number->is_number())
        return *number;
    refuse("a value is missing or is not a number: " + quoted(now.text));
  }

  json::value list() {
    const bool round = is_sign("(");
    if (!round && !is_sign("["))
      refuse("in needs a list, such as [\"a\", \"b\"]");
    const char* const closing = round ? ")" : "]";
    lexer_.next();
    json::array out;
    while (!is_sign(closing)) {
      if (!out.empty()) {
        expect(",");
        if (is_sign(closing))
          break;
      }
      out.push_back(scalar());
    }
    lexer_.next();
    if (out.empty())
      refuse("a list is empty");
    return out;
  }

  bool is_sign(std::string_view sign) const {
    return lexer_.now().kind == token_kind::sign && lexer_.now().text == sign;
  }
  bool is_word(std::string_view word) const {
    auto text = lexer_.now().text;
    for (auto& c : text)
      if (c >= 'A' && c <= 'Z')
        c = static_cast<char>(c - 'A' + 'a');
    return lexer_.now().kind == token_kind::name && text == word;
  }
  void expect(std::string_view sign) {
    if (!is_sign(sign))
      unexpected();
    lexer_.next();
  }
  [[noreturn]] void unexpected() const {
    if (lexer_.now().kind == token_kind::end)
      refuse("it ends too early");
    refuse(quoted(lexer_.now().text) + " is not expected there");
  }

  lexer lexer_;
};

} // namespace

run_filter runs_named(const std::vector<std::string>& ids) {
  json::array names;
  for (const auto& id : ids)
    names.emplace_back(id);
  return {{{.section = "run",
            .name = "name",
            .op = "IN",
            .value = std::move(names)}}};
}

result<run_filter> parse_run_filter(std::string_view expression) {
  std::string why = "it is too long";
  if (expression.size() <= longest_expression) {
    try {
      return parser(expression).whole();
    } catch (refusal& r) {
      why = std::move(r.why);
    }
  }
  return failure{.code = errc::bad_argument,
                 .message = "The filter can not be read: " + why + "."};
}

} // namespace mcp::wandb
