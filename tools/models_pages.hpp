#pragma once

#include "protocol/wandb/graphql_paging.hpp"
#include "tools/context.hpp"

#include <cstdint>

namespace mcp::tools {

struct joined_pages {
  /// The data of page one, in it the edges of all pages and a pageInfo that
  /// tells the truth about what is left; beside it "_pagination": path, pages,
  /// items, has_more, end_cursor, stopped_because, not_followed; and some of it
  /// again in "extensions.wandb_mcp", unless the caller has an alias like that.
  json::object data;
  /// Of the page that had some; the paging ends there.
  json::array errors;
};

/// Runs a plan that is `paged`: asks for `per_page` edges at a time, for the
/// last page only those still wanted, until there are no more, `max_items` are
/// there, or the answer has reached the response budget. A node that comes
/// again is given once. What ends the paging early leaves the pages before it,
/// and `end_cursor` continues right behind the last edge given.
/// Throws `failure_exception` when page one gives no data.
task<joined_pages> follow_pages(call_context& context, wandb::page_plan plan,
                                json::object variables, std::int64_t per_page);

} // namespace mcp::tools
