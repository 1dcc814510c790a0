#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::wandb {

/// Why a GraphQL document is not accepted, and where. Lines and columns count
/// from 1; columns are bytes. Zero: it concerns the document as a whole.
struct graphql_problem {
  enum class kind {
    syntax,        // not a GraphQL document
    too_complex,   // over one of our limits
    not_read_only, // a mutation or subscription
    invalid,       // a document that no server could run
  };
  kind what = kind::syntax;
  std::string message; // without the position
  std::size_t line = 0;
  std::size_t column = 0;
};

/// "line 3, column 7: ..." or the message alone.
[[nodiscard]] std::string to_string(const graphql_problem& problem);

template <class T>
using graphql_result = boost::system::result<T, graphql_problem>;

[[noreturn]] void throw_exception_from_error(const graphql_problem& problem,
                                             const boost::source_location&);

enum class graphql_token_kind {
  punctuator, // ! $ & ( ) ... : = @ [ ] { | }
  name,
  integer,
  floating,
  string,
  block_string,
  end, // after the last token; `text` is empty
};

struct graphql_token {
  graphql_token_kind kind = graphql_token_kind::end;
  std::size_t offset = 0; // in the document
  std::string_view text;  // the source, quotes included

  bool is(std::string_view wanted) const {
    return (kind == graphql_token_kind::punctuator
            || kind == graphql_token_kind::name)
           && text == wanted;
  }
};

/// Splits a document into tokens (GraphQL October 2021, section 2.1), leaving
/// out what means nothing: byte order mark, blanks, line ends, commas,
/// comments. Takes:  any bytes. The tokens point into `document`. Gives:  the
/// tokens and one `end` after them. Errors: `syntax`      not UTF-8, a
/// character that may not stand there, a
///                       malformed number or string
///         `too_complex` more than `max_tokens`
/// Cost:   one pass.
[[nodiscard]] graphql_result<std::vector<graphql_token>>
lex_graphql(std::string_view document, std::size_t max_tokens);

/// The value of a `string` or `block_string` token: escapes resolved, a block's
/// common indentation and blank first and last lines removed.
[[nodiscard]] std::string graphql_string_value(const graphql_token& token);

/// A problem at a byte of the document.
[[nodiscard]] graphql_problem graphql_problem_at(std::string_view document,
                                                 std::size_t offset,
                                                 std::string message);

} // namespace mcp::wandb
