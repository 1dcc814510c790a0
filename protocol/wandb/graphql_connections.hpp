#pragma once

#include "protocol/wandb/graphql_ast.hpp"

#include <string>
#include <vector>

namespace mcp::wandb {

/// What the members of the connection are called in the answer.
struct connection_names {
  std::string edges;
  std::string page_info;
  std::string has_next_page;
  std::string end_cursor;
  std::string node;    // empty when the document does not ask for it
  std::string node_id; // the same
  std::string cursor;  // of an edge; the same
};

/// A list that W&B hands out in pages: a field that selects `edges` and
/// `pageInfo { hasNextPage endCursor }`, each once.
struct graphql_connection {
  std::vector<std::string> path; // response names from the root
  /// The places in the document that make it up; never empty. They belong to
  /// the document that was searched.
  std::vector<const graphql::selection*> fields;
  connection_names names;
  /// Its text stands in a fragment that another path uses as well.
  bool shared = false;
};

struct graphql_connections {
  std::vector<graphql_connection> outer; // not inside another one's edges
  std::vector<std::vector<std::string>> nested; // paths of those that are
};

/// Finds the connections of a query, in the order of its text, through
/// fragments and aliases.
/// Takes:  a document as `parse_graphql_query` gives it; it must outlive the
///         answer.
/// Cost:   proportional to the document with its fragments expanded.
[[nodiscard]] graphql_connections
find_connections(const graphql::document& parsed);

} // namespace mcp::wandb
