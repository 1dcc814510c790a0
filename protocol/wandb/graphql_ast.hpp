#pragma once

// A parsed GraphQL query document. Every node knows its place in the text, so
// that a document is changed by splicing its text and never has to be printed
// again from the tree.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp::wandb::graphql {

/// A half-open range of bytes in the document.
struct span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct value {
  enum class kind {
    variable, // `text` is the name without "$"
    integer,
    floating,
    string, // `text` is its value, escapes resolved
    boolean,
    null,
    enumeration,
    list,
    object,
  };
  kind what = kind::null;
  std::string text;
  std::vector<value> items;        // of a list, or the values of an object
  std::vector<std::string> fields; // names of an object, as many as `items`
  span where;
};

struct argument {
  std::string name;
  value given;
};

struct directive {
  std::string name;
  std::vector<argument> arguments;
};

struct selection {
  enum class kind { field, fragment_spread, inline_fragment };
  kind what = kind::field;
  std::string name;  // field or fragment
  std::string alias; // of a field; empty when it has none
  std::string on;    // type condition of an inline fragment; may be empty
  std::vector<argument> arguments;
  std::vector<directive> directives;
  std::vector<selection> selections;
  span where;
  /// Where a field's arguments stand or, when it has none, an empty span right
  /// behind its name. The parentheses are part of it.
  span arguments_at;

  /// The member name in the answer.
  const std::string& response_name() const {
    return alias.empty() ? name : alias;
  }
};

struct variable_definition {
  std::string name; // without "$"
  std::string type; // as written: "[String!]!"
  std::optional<value> fallback;
  std::vector<directive> directives;
};

struct operation {
  std::string type = "query";
  std::string name; // may be empty
  /// `{ ... }` without the word "query" before it.
  bool shorthand = false;
  std::vector<variable_definition> variables;
  std::vector<directive> directives;
  std::vector<selection> selections;
  span where;
  /// Where more variable definitions go: before the ")" when there are some,
  /// else behind the name or the word "query".
  std::size_t variables_at = 0;
};

struct fragment {
  std::string name;
  std::string on;
  std::vector<directive> directives;
  std::vector<selection> selections;
  span where;
};

struct document {
  std::vector<operation> operations;
  std::vector<fragment> fragments;

  const fragment* find_fragment(std::string_view name) const {
    for (const auto& f : fragments)
      if (f.name == name)
        return &f;
    return nullptr;
  }
};

} // namespace mcp::wandb::graphql
