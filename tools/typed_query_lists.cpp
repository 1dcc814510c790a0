#include "tools/typed_query_lists.hpp"

#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/typed_query_items.hpp"
#include "tools/typed_query_upstream.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::int64_t most_requests = 10;
// How the place of a list is to be read.
constexpr char by_page = 'p';
constexpr char by_title = 't'; // reports, looking for a display title

class list_reader {
public:
  list_reader(call_context& context, const typed_query& q)
      : context_(context), q_(q) {
    if (q.place) {
      out_.way = q.place->way;
      after_ = json::string(q.place->cursor);
    }
  }

  task<void> run() {
    if (out_.way == by_title) {
      co_await scan_titles();
      co_return;
    }
    co_await follow();
    if (q_.what == typed_resource::reports && !q_.selector.empty() && !q_.place
        && out_.items.empty() && !out_.has_more) {
      out_.way = by_title;
      tell(std::nullopt, "No internal name; looking for the title");
      co_await scan_titles();
    }
  }

  typed_list take() { return std::move(out_); }

private:
  task<void> follow() {
    const auto per_page =
      std::min(context_.limits().lists.max_per_request, q_.limit);
    const auto most =
      std::min(most_requests, (q_.limit + per_page - 1) / per_page + 1);
    for (std::int64_t asked = 1;; ++asked) {
      const auto size = std::min(per_page, q_.limit - count());
      const bool more = co_await read_page(size, asked == 1, "");
      if (!more || count() >= q_.limit || asked >= most || is_full())
        co_return;
      tell(static_cast<double>(most),
           "Read " + std::to_string(count()) + " items");
    }
  }

  void tell(std::optional<double> total, std::string what) {
    context_.progress(++told_, total, std::move(what));
  }

  /// One page of all reports, of which those with the title are kept.
  task<void> scan_titles() {
    const auto& lists = context_.limits().lists;
    const auto size = q_.spec ? lists.max_full_detail : lists.max_per_request;
    co_await read_page(size, false, q_.selector);
  }

  /// Reads one page and keeps what may be kept of it. Gives false when nothing
  /// comes behind it.
  task<bool> read_page(std::int64_t size, bool count_all, std::string title) {
    const typed_page wish{
      .first = size,
      .after = after_,
      .view =
        title.empty() && q_.what == typed_resource::reports ? q_.selector : "",
      .count = count_all};
    const auto project = co_await ask_typed(context_, q_, wish);
    const auto* edges = array_at(project, {"page", "edges"});
    if (!edges)
      unavailable();
    if (const auto* total = project.if_contains("total");
        total && total->is_int64())
      out_.total = total->get_int64();
    bool cut = false;
    for (const auto& edge : *edges) {
      const auto* node = object_at(edge, {"node"});
      if (!node || (!title.empty() && text_at(*node, "displayName") != title))
        continue;
      if (count() >= q_.limit) {
        cut = true;
        break;
      }
      out_.items.push_back(item_of(q_, *node, context_.limits().app_url));
      used_ += token_size(out_.items.back()) + 1;
      out_.cursors.push_back(text_at(edge.get_object(), "cursor"));
    }
    const auto* info = object_at(project, {"page", "pageInfo"});
    const auto* next = info ? info->if_contains("hasNextPage") : nullptr;
    const bool more = next && next->is_bool() && next->get_bool();
    out_.has_more = more || cut;
    if (cut) {
      // More than was asked for: go on behind the last one kept.
      out_.next_cursor = out_.cursors.back();
    } else if (more) {
      auto cursor = text_at(*info, "endCursor");
      if (cursor.empty() || json::value(cursor) == after_)
        unavailable();
      out_.next_cursor = cursor;
      after_ = json::string(std::move(cursor));
    } else {
      out_.next_cursor.clear();
    }
    if (out_.has_more && out_.next_cursor.empty())
      unavailable();
    co_return more && !cut;
  }

  std::int64_t count() const { return std::ssize(out_.items); }

  /// Rows beyond the budget would only be thrown away again. Twice: the answer
  /// may get shorter by whole documents.
  bool is_full() const {
    return used_ > 2 * response_budget(context_.limits());
  }

  [[noreturn]] static void unavailable() {
    throw tool_error(
      "selective_read_unavailable",
      "W&B answered with pages that can not be followed. Use the "
      "GraphQL form (argument query) instead.");
  }

  call_context& context_;
  const typed_query& q_;
  int told_ = 0; // progress
  json::value after_;
  typed_list out_{.way = by_page};
  std::size_t used_ = 0;
};

} // namespace

task<typed_list> read_typed_list(call_context& context, const typed_query& q) {
  list_reader reader(context, q);
  co_await reader.run();
  auto out = reader.take();
  if (q.what == typed_resource::reports && !q.place && !out.has_more)
    out.total = std::ssize(out.items);
  co_return out;
}

} // namespace mcp::tools
