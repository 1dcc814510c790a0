#include "tools/models_pages.hpp"

#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace mcp::tools {
namespace {

// What "_pagination", "errors" and their punctuation may take of the budget.
constexpr std::size_t reserved = 1000;

/// The connection in an answer; null when something on the way is null, left
/// out by @include, or a list: a connection inside a list is many connections.
json::object* connection_in(json::object& data,
                            const std::vector<std::string>& path) {
  auto* object = &data;
  for (const auto& name : path) {
    auto* found = object->if_contains(name);
    object = found ? found->if_object() : nullptr;
    if (!object)
      return nullptr;
  }
  return object;
}

struct page_end {
  bool more = false;
  json::value cursor; // null when there is none
};

page_end end_of(const json::object& connection,
                const wandb::connection_names& names) {
  page_end out;
  if (const auto* info = object_at(connection, {names.page_info})) {
    const auto* more = info->if_contains(names.has_next_page);
    out.more = more && more->is_bool() && more->get_bool();
    auto cursor = value_or_null(*info, names.end_cursor);
    if (cursor.is_string() && !cursor.get_string().empty())
      out.cursor = std::move(cursor);
  }
  return out;
}

/// Follows one connection. Edges are taken in order, each node once, until
/// there are no more, enough, or no room for more.
class follower {
public:
  follower(call_context& context, wandb::page_plan plan, json::object variables,
           std::int64_t per_page)
      : context_(context), plan_(std::move(plan)),
        variables_(std::move(variables)), per_page_(per_page),
        after_(plan_.start) {}

  task<void> run() {
    auto first = co_await request(next_size(), after_);
    data_ = std::move(first.data);
    errors_ = std::move(first.errors);
    auto* connection = connection_in(data_, plan_.path);
    auto* edges = connection ? edges_in(*connection) : nullptr;
    if (!edges)
      co_return; // nothing to follow: the answer stands as it is
    found_ = true;
    auto page = std::move(*edges);
    *edges = json::array();
    used_ = token_size(data_) + reserved;
    end_ = end_of(*connection, plan_.names);
    // Anything the server could ask of us beyond this many pages is a fault.
    const auto most_pages = plan_.max_items / per_page_ + 3;
    for (;;) {
      ++pages_;
      const auto taken = take_edges(page);
      if (taken < page.size()) {
        co_await cut_page(taken);
        co_return;
      }
      if (stop(page.empty(), most_pages))
        co_return;
      after_ = end_.cursor;
      tell_progress();
      if (!co_await next_page(page))
        co_return;
    }
  }

  /// After run().
  joined_pages take() {
    join();
    return {std::move(data_), std::move(errors_)};
  }

private:
  void join() {
    if (!found_)
      return;
    const auto items = kept_.size();
    auto& connection = *connection_in(data_, plan_.path);
    connection[plan_.names.edges] = std::move(kept_);
    if (auto* info = connection[plan_.names.page_info].if_object()) {
      (*info)[plan_.names.has_next_page] = end_.more;
      (*info)[plan_.names.end_cursor] = end_.cursor;
    }
    std::string path;
    for (const auto& name : plan_.path)
      path += (path.empty() ? "" : ".") + name;
    json::object report{{"path", path},
                        {"pages", pages_},
                        {"items", items},
                        {"has_more", end_.more},
                        {"end_cursor", end_.cursor},
                        {"stopped_because", why_}};
    if (!plan_.others.empty())
      report.emplace("not_followed", json::value_from(plan_.others));
    data_["_pagination"] = std::move(report);
    if (data_.contains("extensions"))
      return; // an alias of the caller's
    json::object paging{
      {"returned_count", items},
      {"has_more", end_.more},
      {"next_cursor", end_.more ? end_.cursor : json::value()},
      {"truncated_by_response_budget", why_ == "token_budget"},
      {"limit_applied", plan_.max_items}};
    json::object extensions{{"wandb_mcp", std::move(paging)}};
    data_["extensions"] = std::move(extensions);
  }

  void tell_progress() {
    if (kept_.size() == told_)
      return; // a page of nothing but repeated nodes
    told_ = kept_.size();
    context_.progress(static_cast<double>(told_),
                      static_cast<double>(plan_.max_items),
                      "Read " + std::to_string(told_) + " items");
  }

  std::int64_t next_size() const {
    return std::min(per_page_,
                    plan_.max_items - static_cast<std::int64_t>(kept_.size()));
  }

  task<graphql_reply> request(std::int64_t size, json::value after) {
    auto variables = variables_;
    variables[plan_.first_variable] = size;
    variables[plan_.after_variable] = std::move(after);
    return context_.graphql_partial(plan_.document, std::move(variables));
  }

  json::array* edges_in(json::object& connection) const {
    auto* edges = connection.if_contains(plan_.names.edges);
    return edges ? edges->if_array() : nullptr;
  }

  /// Gives how many edges of the page it dealt with; fewer than all when the
  /// items are enough or the answer is full.
  std::size_t take_edges(json::array& page) {
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (static_cast<std::int64_t>(kept_.size()) >= plan_.max_items) {
        why_ = "max_items";
        return i;
      }
      if (is_repeated(page[i]))
        continue;
      const auto size = token_size(page[i]) + 1;
      // The very first edge is kept at any size: it can still be shortened.
      if (!kept_.empty() && used_ + size > response_budget(context_.limits())) {
        why_ = "token_budget";
        return i;
      }
      used_ += size;
      kept_.push_back(std::move(page[i]));
    }
    return page.size();
  }

  bool is_repeated(const json::value& edge) {
    const auto& names = plan_.names;
    if (names.node.empty() || names.node_id.empty())
      return false;
    const auto* node = object_at(edge, {names.node});
    const auto* id = node ? node->if_contains(names.node_id) : nullptr;
    return id && id->is_string()
           && !seen_.insert(std::string(id->get_string())).second;
  }

  /// A page had to be cut behind `taken` edges: finds the cursor of that place,
  /// so that whoever goes on from there misses nothing.
  task<void> cut_page(std::size_t taken) {
    end_.more = true;
    if (taken == 0) {
      end_.cursor = after_;
      co_return;
    }
    if (const auto& name = plan_.names.cursor; !name.empty()) {
      end_.cursor = text_cursor(kept_[kept_.size() - 1], name);
      if (!end_.cursor.is_null())
        co_return;
    }
    // The document does not ask for edges' cursors: the end of a page that is
    // just so long tells it as well.
    end_.cursor = nullptr;
    try {
      const auto size = static_cast<std::int64_t>(taken);
      auto reply = co_await request(size, after_);
      auto* connection = connection_in(reply.data, plan_.path);
      const auto* edges = connection ? edges_in(*connection) : nullptr;
      if (edges && edges->size() == taken)
        end_.cursor = end_of(*connection, plan_.names).cursor;
    } catch (const failure_exception&) {
      // Without a cursor the answer is still true, only harder to continue.
    }
  }

  static json::value text_cursor(const json::value& edge,
                                 const std::string& name) {
    const auto* object = edge.if_object();
    const auto cursor = object ? value_or_null(*object, name) : json::value();
    return cursor.is_string() ? cursor : json::value(nullptr);
  }

  bool stop(bool page_was_empty, std::int64_t most_pages) {
    if (!errors_.empty())
      why_ = "error";
    else if (!end_.more)
      why_ = "complete";
    else if (static_cast<std::int64_t>(kept_.size()) >= plan_.max_items)
      why_ = "max_items";
    else if (end_.cursor.is_null())
      why_ = "no_cursor";
    else if (end_.cursor == after_)
      why_ = "cursor_not_advancing";
    else if (page_was_empty)
      why_ = "empty_page";
    else if (pages_ >= most_pages)
      why_ = "page_limit";
    else
      return false;
    return true;
  }

  /// Gives false when the next page could not be had; what there is stays.
  task<bool> next_page(json::array& page) {
    try {
      auto reply = co_await request(next_size(), after_);
      auto* connection = connection_in(reply.data, plan_.path);
      auto* edges = connection ? edges_in(*connection) : nullptr;
      errors_ = std::move(reply.errors);
      if (edges) {
        page = std::move(*edges);
        end_ = end_of(*connection, plan_.names);
        co_return true;
      }
      why_ = errors_.empty() ? "connection_vanished" : "error";
    } catch (const failure_exception& error) {
      if (error.reason.code == errc::cancelled)
        throw;
      why_ = "error";
      json::object shown{{"message", error.reason.message},
                         {"error", to_string(error.reason.code)}};
      errors_.push_back(std::move(shown));
    }
    co_return false;
  }

  call_context& context_;
  wandb::page_plan plan_;
  json::object variables_;
  std::int64_t per_page_;
  json::value after_; // where the current page began

  json::object data_; // of page one; its edges are in kept_ meanwhile
  json::array errors_;
  json::array kept_;
  std::unordered_set<std::string> seen_;
  page_end end_;
  std::size_t used_ = 0; // bytes of the answer so far
  std::size_t told_ = 0;
  std::int64_t pages_ = 0;
  bool found_ = false;
  std::string why_;
};

} // namespace

task<joined_pages> follow_pages(call_context& context, wandb::page_plan plan,
                                json::object variables, std::int64_t per_page) {
  follower f(context, std::move(plan), std::move(variables), per_page);
  co_await f.run();
  co_return f.take();
}

} // namespace mcp::tools
