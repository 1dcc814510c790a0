#pragma once

// Reading W&B's connections page by page, and giving the rows as a list that
// says how much of the whole it is.

#include "tools/registry_ask.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

/// What becomes of an edge. `end`: it and all behind it are not wanted.
enum class verdict { keep, drop, end };

struct page_wish {
  std::size_t wanted = 50;
  /// Whether edges are sorted out here, after W&B sent them. Pages are large
  /// then, since it is not known how many are needed.
  bool filtered = false;
  std::size_t most_rows = 1000; // edges looked at
  std::size_t most_pages = 8;

  /// How many edges to ask for when `have` are kept: one more than wanted if
  /// that fits the page, because it tells whether there are more.
  std::size_t page_size(std::size_t have) const;
};

struct collected {
  std::vector<json::object> edges;
  bool more = false;  // there are, or may be, others that would be kept
  bool whole = false; // looked at all there is to look at
  std::size_t examined = 0;
  std::optional<std::int64_t> total; // as W&B counts, before sorting out
};

/// Where the edges are, and how to get the next page of them. `variables` are
/// those of page one; its `after` is replaced.
struct page_source {
  asked first;
  json::object variables;
  std::vector<std::string> path; // of the connection: {"project", "runs"}
};

/// Takes the first page apart and asks for as many others as it takes. Pages
/// may be empty and yet have a successor: W&B hides what a user may not see.
/// Throws `failure_exception`; also `upstream_garbage` when page one has no
/// list at `source.path`.
task<collected> collect_pages(call_context& context, page_source source,
                              page_wish wish,
                              std::function<verdict(const json::object&)> take);

/// Puts `rows` into `answer` as its member `name`, with count, returned_count,
/// limit, has_more and truncated beside it. What does not fit `budget` is left
/// out from the end; truncation_note says so then.
void add_list(json::object& answer, std::string_view name, json::array rows,
              bool more, std::size_t limit, std::size_t budget);

} // namespace mcp::tools
