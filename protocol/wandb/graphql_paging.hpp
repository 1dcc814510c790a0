#pragma once

// W&B pages its lists as connections: runs(first: 20, after: "cursor") gives
// edges and pageInfo. A caller's document asks for one page; to follow the
// pages of a connection its `first` and `after` must come from variables that
// we set. The document says by itself which fields are connections and what
// their members are called in the answer, aliases and fragments included, so
// nothing is guessed from an answer, and nothing else in the document changes.

#include "protocol/wandb/graphql_connections.hpp"
#include "protocol/wandb/graphql_lexer.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::wandb {

struct page_request {
  std::int64_t max_items = 100;
  std::int64_t items_per_page = 20;
  /// Which connection, as response names joined by dots: "project.runs".
  std::optional<std::string> path = {};
};

/// How to run a document page by page.
struct page_plan {
  /// The document to send for every page, the caller's own when `paged` is
  /// false.
  std::string document;
  bool paged = false;
  /// Without paging, why: "no_connection", "shared_fragment" (its text serves a
  /// second place as well, which must not get this one's cursor) or
  /// "pages_backwards".
  std::string why_not;

  std::vector<std::string> path; // response names from the root
  connection_names names;
  std::string first_variable; // to set for each page
  std::string after_variable;
  boost::json::value start;   // the cursor the caller starts from, or null
  std::int64_t max_items = 0; // the smaller of the request's and the caller's
  /// The other connections of the document, as paths: they stay as they are.
  std::vector<std::string> others;
};

/// Finds the connection to follow and rewrites the document for it: the first
/// one, in the order of the text, that is not inside another one's edges.
/// Takes:  `document` as parsed by `parse_graphql_query` from `text`;
///         `variables` as the caller gave them.
/// Gives:  a plan; not finding a connection is a plan without pages.
/// Errors: `invalid` no connection at `path`; a `first` that is no number of at
///         least 1; an `after` that is no text.
/// Pure. Cost: proportional to the document with its fragments expanded.
[[nodiscard]] graphql_result<page_plan>
plan_pages(std::string_view text, const graphql::document& document,
           const boost::json::object& variables, const page_request& request);

} // namespace mcp::wandb
