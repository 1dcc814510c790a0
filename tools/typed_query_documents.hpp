#pragma once

#include "tools/typed_query.hpp"

#include <cstdint>
#include <string_view>

namespace mcp::tools {

/// One page of a list; of no meaning to the other resources.
struct typed_page {
  std::int64_t first = 0;
  json::value after;  // a cursor, or null
  std::string view;   // a report's internal name, or empty
  bool count = false; // also count all
};

/// The GraphQL document for the resource, or for its count.
[[nodiscard]] std::string_view document_of(const typed_query& q);

/// Its variables.
[[nodiscard]] json::object variables_of(const typed_query& q,
                                        const typed_page& page);

} // namespace mcp::tools
