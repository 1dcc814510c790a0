#include "protocol/wandb/graphql_parser.hpp"

#include <algorithm>
#include <array>

namespace mcp::wandb {
namespace {

using namespace graphql;
using token_kind = graphql_token_kind;

constexpr std::array<std::string_view, 9> schema_words{
  "schema", "scalar", "type",      "interface", "union",
  "enum",   "input",  "directive", "extend"};

std::string shown(const graphql_token& t) {
  if (t.kind == token_kind::end)
    return "the end of the document";
  // A long string would drown the message.
  if (t.text.size() > 24)
    return "\""
           + std::string(t.text.substr(0, t.kind == token_kind::name ? 21 : 0))
           + "...\"";
  return "\"" + std::string(t.text) + "\"";
}

// Recursive descent, one function per production of the grammar. It leaves by
// throwing, because every production can fail; the entry point alone catches.
class parser {
public:
  parser(std::string_view text, std::vector<graphql_token> tokens,
         std::size_t max_depth)
      : text_(text), tokens_(std::move(tokens)), max_depth_(max_depth) {}

  document all() {
    document out;
    do {
      const auto& t = now();
      if (t.is("{") || t.is("query") || t.is("mutation")
          || t.is("subscription"))
        out.operations.push_back(read_operation());
      else if (t.is("fragment"))
        out.fragments.push_back(read_fragment());
      else if (is_schema(t))
        fail(t, "this defines a schema; only a query can be run");
      else
        fail(t, "expected a query, found " + shown(t));
    } while (now().kind != token_kind::end);
    return out;
  }

private:
  // What is entered more than max_depth times inside itself.
  struct level {
    explicit level(parser& p) : p_(p) {
      if (++p_.depth_ > p_.max_depth_) {
        auto problem = graphql_problem_at(
          p_.text_, p_.now().offset,
          "nested deeper than " + std::to_string(p_.max_depth_) + " levels");
        problem.what = graphql_problem::kind::too_complex;
        throw problem;
      }
    }
    level(const level&) = delete;
    level& operator=(const level&) = delete;
    ~level() { --p_.depth_; }
    parser& p_;
  };

  const graphql_token& now() const { return tokens_[at_]; }
  const graphql_token& take() {
    const auto& t = tokens_[at_];
    if (t.kind != token_kind::end)
      ++at_;
    return t;
  }
  std::size_t last_end() const {
    const auto& t = tokens_[at_ - 1];
    return t.offset + t.text.size();
  }

  [[noreturn]] void fail(const graphql_token& t, std::string message) const {
    throw graphql_problem_at(text_, t.offset, std::move(message));
  }

  bool skip(std::string_view wanted) {
    if (!now().is(wanted))
      return false;
    take();
    return true;
  }

  void expect(std::string_view wanted) {
    if (!skip(wanted))
      fail(now(),
           "expected \"" + std::string(wanted) + "\", found " + shown(now()));
  }

  std::string expect_name(const char* what) {
    if (now().kind != token_kind::name)
      fail(now(), std::string("expected ") + what + ", found " + shown(now()));
    return std::string(take().text);
  }

  static bool is_schema(const graphql_token& t) {
    // A description can only stand before a definition of a schema.
    return t.kind == token_kind::string || t.kind == token_kind::block_string
           || (t.kind == token_kind::name
               && std::find(schema_words.begin(), schema_words.end(), t.text)
                    != schema_words.end());
  }

  operation read_operation() {
    operation out;
    out.where.begin = now().offset;
    if (now().is("{")) {
      out.shorthand = true;
      out.variables_at = now().offset;
    } else {
      out.type = std::string(take().text);
      if (now().kind == token_kind::name)
        out.name = std::string(take().text);
      out.variables_at = last_end();
      if (skip("(")) {
        do
          out.variables.push_back(read_variable());
        while (!now().is(")"));
        out.variables_at = now().offset;
        take();
      }
      out.directives = read_directives(false);
    }
    out.selections = read_selections();
    out.where.end = last_end();
    return out;
  }

  fragment read_fragment() {
    fragment out;
    out.where.begin = now().offset;
    expect("fragment");
    if (now().is("on"))
      fail(now(), "a fragment must not be named \"on\"");
    out.name = expect_name("the name of the fragment");
    expect("on");
    out.on = expect_name("the name of a type");
    out.directives = read_directives(false);
    out.selections = read_selections();
    out.where.end = last_end();
    return out;
  }

  variable_definition read_variable() {
    variable_definition out;
    expect("$");
    out.name = expect_name("the name of a variable");
    expect(":");
    const auto begin = now().offset;
    read_type();
    out.type = std::string(text_.substr(begin, last_end() - begin));
    if (skip("="))
      out.fallback = read_value(true);
    out.directives = read_directives(true);
    return out;
  }

  void read_type() {
    const level here(*this);
    if (skip("[")) {
      read_type();
      expect("]");
    } else {
      expect_name("a type");
    }
    skip("!");
  }

  std::vector<selection> read_selections() {
    const level here(*this);
    expect("{");
    std::vector<selection> out;
    do
      out.push_back(now().is("...") ? read_spread() : read_field());
    while (!now().is("}"));
    take();
    return out;
  }

  selection read_field() {
    selection out;
    out.where.begin = now().offset;
    out.name = expect_name("a field");
    if (skip(":")) {
      out.alias = std::move(out.name);
      out.name = expect_name("a field");
    }
    out.arguments_at = {last_end(), last_end()};
    if (now().is("(")) {
      out.arguments_at.begin = now().offset;
      out.arguments = read_arguments(false);
      out.arguments_at.end = last_end();
    }
    out.directives = read_directives(false);
    if (now().is("{"))
      out.selections = read_selections();
    out.where.end = last_end();
    return out;
  }

  selection read_spread() {
    selection out;
    out.where.begin = now().offset;
    expect("...");
    if (now().kind == token_kind::name && !now().is("on")) {
      out.what = selection::kind::fragment_spread;
      out.name = std::string(take().text);
      out.directives = read_directives(false);
    } else {
      out.what = selection::kind::inline_fragment;
      if (skip("on"))
        out.on = expect_name("the name of a type");
      out.directives = read_directives(false);
      out.selections = read_selections();
    }
    out.where.end = last_end();
    return out;
  }

  std::vector<argument> read_arguments(bool constant) {
    expect("(");
    std::vector<argument> out;
    do {
      argument a;
      a.name = expect_name("the name of an argument");
      expect(":");
      a.given = read_value(constant);
      out.push_back(std::move(a));
    } while (!now().is(")"));
    take();
    return out;
  }

  std::vector<directive> read_directives(bool constant) {
    std::vector<directive> out;
    while (skip("@")) {
      directive d;
      d.name = expect_name("the name of a directive");
      if (now().is("("))
        d.arguments = read_arguments(constant);
      out.push_back(std::move(d));
    }
    return out;
  }

  value read_value(bool constant) {
    const level here(*this);
    value out;
    const auto t = now();
    out.where.begin = t.offset;
    if (t.is("$")) {
      if (constant)
        fail(t, "a variable is not allowed here");
      take();
      out.what = value::kind::variable;
      out.text = expect_name("the name of a variable");
    } else if (skip("[")) {
      out.what = value::kind::list;
      while (!now().is("]"))
        out.items.push_back(read_value(constant));
      take();
    } else if (skip("{")) {
      out.what = value::kind::object;
      while (!now().is("}")) {
        out.fields.push_back(expect_name("the name of an input field"));
        expect(":");
        out.items.push_back(read_value(constant));
      }
      take();
    } else {
      out.what = scalar_kind(t);
      const bool quoted = out.what == value::kind::string;
      out.text = quoted ? graphql_string_value(t) : std::string(t.text);
      take();
    }
    out.where.end = last_end();
    return out;
  }

  value::kind scalar_kind(const graphql_token& t) const {
    switch (t.kind) {
    case token_kind::integer:
      return value::kind::integer;
    case token_kind::floating:
      return value::kind::floating;
    case token_kind::string:
    case token_kind::block_string:
      return value::kind::string;
    case token_kind::name:
      if (t.text == "true" || t.text == "false")
        return value::kind::boolean;
      return t.text == "null" ? value::kind::null : value::kind::enumeration;
    case token_kind::punctuator:
    case token_kind::end:
      break;
    }
    fail(t, "expected a value, found " + shown(t));
  }

  std::string_view text_;
  std::vector<graphql_token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t max_depth_;
};

} // namespace

graphql_result<document> parse_graphql(std::string_view text,
                                       const graphql_limits& limits) {
  if (text.size() > limits.max_bytes)
    return graphql_problem{.what = graphql_problem::kind::too_complex,
                           .message = "the document is longer than "
                                      + std::to_string(limits.max_bytes)
                                      + " bytes"};
  auto tokens = lex_graphql(text, limits.max_tokens);
  if (!tokens)
    return tokens.error();
  try {
    return parser(text, std::move(*tokens), limits.max_depth).all();
  } catch (const graphql_problem& problem) {
    return problem;
  }
}

} // namespace mcp::wandb
