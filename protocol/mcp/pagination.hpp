#pragma once

// Cursors of the list methods. A cursor is opaque to the client and good for
// one kind of list in one state of it: after the list changed, a position in
// the old one means nothing.

#include "protocol/mcp/refusal.hpp"

#include <boost/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

/// Takes:  the kind of list ("tools"), a text that changes with its content,
///         and how many items come before the position (up to 2^32-1).
/// Gives:  16 visible ASCII characters.
[[nodiscard]] std::string write_cursor(std::string_view kind,
                                       std::string_view fingerprint,
                                       std::size_t offset);

/// Errors: -32602 for what is no cursor, one of another list, or one of this
///         list before it changed.
[[nodiscard]] checked<std::size_t> read_cursor(std::string_view cursor,
                                               std::string_view kind,
                                               std::string_view fingerprint);

/// The items of a list that answer one request: [begin, end).
struct page_range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::optional<std::string> next_cursor = {}; // absent on the last page
};

/// Reads "cursor" of a list request's params; absent or null means the first
/// page.
/// Takes:  the list's size and how many items a page may hold (at least 1).
/// Errors: -32602 as above, for a cursor that is not a string, and for one
///         behind the last item.
[[nodiscard]] checked<page_range> read_page(const boost::json::object& params,
                                            std::string_view kind,
                                            std::string_view fingerprint,
                                            std::size_t items,
                                            std::size_t page_size);

} // namespace mcp
