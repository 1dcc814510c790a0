#include "tools/registry_pages.hpp"

#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t plain_page = 100;
constexpr std::size_t filtered_page = 200;

struct page {
  json::array edges;
  bool more = false;
  json::value cursor; // null when there is none
};

json::object* connection_at(json::object& data,
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

std::optional<page> take_page(json::object& connection) {
  auto* edges = connection.if_contains("edges");
  if (!edges || !edges->is_array())
    return std::nullopt;
  page out;
  out.edges = std::move(edges->get_array());
  if (const auto* info = object_at(connection, {"pageInfo"})) {
    const auto* more = info->if_contains("hasNextPage");
    out.more = more && more->is_bool() && more->get_bool();
    auto cursor = value_or_null(*info, "endCursor");
    if (cursor.is_string() && !cursor.get_string().empty())
      out.cursor = std::move(cursor);
  }
  return out;
}

[[noreturn]] void not_a_list() {
  throw failure_exception({.code = errc::upstream_garbage,
                           .message = "W&B answered without the list that was "
                                      "asked for."});
}

/// Gives false when no more edges are to be looked at.
bool take_edges(collected& out, page& from, const page_wish& wish,
                const std::function<verdict(const json::object&)>& take) {
  for (auto& item : from.edges) {
    auto* edge = item.if_object();
    if (!edge)
      continue; // hidden, or not what W&B sends
    if (out.examined >= wish.most_rows) {
      out.more = true;
      return false;
    }
    const auto what = take(*edge);
    if (what == verdict::end) {
      ++out.examined;
      out.whole = true;
      return false;
    }
    if (what == verdict::keep && out.edges.size() >= wish.wanted) {
      out.more = true;
      return false;
    }
    ++out.examined;
    if (what == verdict::keep)
      out.edges.push_back(std::move(*edge));
  }
  return true;
}

} // namespace

std::size_t page_wish::page_size(std::size_t have) const {
  if (filtered)
    return filtered_page;
  const auto open = wanted > have ? wanted - have : 1;
  return std::min(open + 1, plain_page);
}

task<collected>
collect_pages(call_context& context, page_source source, page_wish wish,
              std::function<verdict(const json::object&)> take) {
  collected out;
  auto data = std::move(source.first.data);
  json::value after = nullptr;
  std::size_t told = 0;
  for (std::size_t pages = 1;; ++pages) {
    auto* connection = connection_at(data, source.path);
    auto now = connection ? take_page(*connection) : std::nullopt;
    if (!now)
      not_a_list();
    if (const auto* total = connection->if_contains("totalCount");
        total && total->is_int64())
      out.total = total->get_int64();
    if (!take_edges(out, *now, wish, take))
      co_return out;
    if (!now->more) {
      out.whole = true;
      co_return out;
    }
    if (out.edges.size() >= wish.wanted || pages >= wish.most_pages
        || now->cursor.is_null() || now->cursor == after) {
      out.more = true;
      co_return out;
    }
    if (out.examined > told) {
      told = out.examined;
      context.progress(static_cast<double>(told), std::nullopt,
                       "Read " + std::to_string(told) + " rows");
    }
    after = std::move(now->cursor);
    source.variables["after"] = after;
    source.variables["first"] = wish.page_size(out.edges.size());
    const query_texts texts{.full = source.first.document, .reduced = {}};
    auto next = co_await ask_wandb(context, texts, source.variables);
    throw_errors(next);
    data = std::move(next.data);
  }
}

void add_list(json::object& answer, std::string_view name, json::array rows,
              bool more, std::size_t limit, std::size_t budget) {
  const auto fill = [&](json::array list, bool cut) {
    answer["count"] = list.size();
    answer["returned_count"] = list.size();
    answer["limit"] = limit;
    answer["has_more"] = more || cut;
    answer["truncated"] = more || cut;
    if (cut)
      answer["truncation_note"] =
        "Rows were left out, or long texts shortened, to keep the answer "
        "short. Lower max_items or narrow the question.";
    answer[name] = std::move(list);
  };
  // Sizes are added up row by row: the longest prefix that fits is kept.
  fill({}, true);
  const auto room = [&] {
    const auto used = token_size(answer) + 16; // digits of the counts
    return budget > used ? budget - used : 0;
  }();
  std::size_t used = 0, fits = 0;
  for (; fits < rows.size(); ++fits) {
    used += token_size(rows[fits]) + 1;
    if (used > room)
      break;
  }
  const bool cut = fits < rows.size();
  if (cut && fits == 0) {
    // One row alone is too much; a part of it is better than nothing.
    rows.resize(1);
    json::value first = std::move(rows[0]);
    rows.clear();
    if (shrink(first, room > 1 ? room - 1 : 0))
      rows.push_back(std::move(first));
  } else {
    rows.resize(fits);
  }
  if (!cut)
    answer.erase("truncation_note");
  fill(std::move(rows), cut);
}

} // namespace mcp::tools
