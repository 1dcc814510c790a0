#pragma once

#include "tools/context.hpp"

#include <string_view>

namespace mcp::tools {

/// A document, and the same one without the fields that older W&B servers do
/// not have. Both are fixed texts.
struct query_texts {
  std::string_view full;
  std::string_view reduced;
};

/// Whether a GraphQL server refused a query because its schema lacks a field,
/// an argument or a type, by the words of any common server.
[[nodiscard]] bool is_unknown_name(const failure& why);

/// Runs `texts.full`; when W&B answers that it does not know a name in it
/// (self-hosted servers are years apart), runs `texts.reduced` once instead.
/// Gives and throws what `call_context::graphql` does. `variables` are sent
/// with both: one that only `full` declares is ignored by the other.
task<json::object> graphql_or_reduced(call_context& context, query_texts texts,
                                      json::object variables);

} // namespace mcp::tools
