#pragma once

#include "protocol/wandb/graphql_ast.hpp"
#include "protocol/wandb/graphql_lexer.hpp"

#include <cstddef>
#include <string_view>

namespace mcp::wandb {

/// What a document may cost before it is refused.
struct graphql_limits {
  std::size_t max_bytes = 64 * 1024;
  std::size_t max_tokens = 16 * 1024;
  /// Selection sets, lists and input objects inside each other.
  std::size_t max_depth = 64;
  std::size_t max_fragments = 32;
  std::size_t max_fields = 200; // as written
  /// Fields inside each other, after every fragment is put in its places.
  std::size_t max_field_depth = 12;
  /// Selections, counted the same way.
  std::size_t max_selections = 800;
};

/// Parses an executable document (GraphQL October 2021, section 2).
/// Takes:  any bytes.
/// Gives:  all operations and fragments, of any kind; spans count from the
///         first byte of `text`.
/// Errors: `syntax`      with the place; also a schema definition, which is not
///                       executable
///         `too_complex` over bytes, tokens or depth
[[nodiscard]] graphql_result<graphql::document>
parse_graphql(std::string_view text, const graphql_limits& = {});

} // namespace mcp::wandb
