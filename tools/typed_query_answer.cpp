#include "tools/typed_query_answer.hpp"

#include "tools/models_budget.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mcp::tools {
namespace {

constexpr std::array<std::string_view, 5> documents{"system_metrics", "config",
                                                    "spec", "sweep", "summary"};
// What the members around the items may take, beside names and cursor.
constexpr std::size_t reserved = 900;

[[noreturn]] void too_large() {
  throw tool_error("response_too_large",
                   "Even one item is too long for an answer. Name summary_keys "
                   "or config_keys, or leave include out.");
}

std::vector<std::size_t> sizes_of(const json::array& items) {
  std::vector<std::size_t> out;
  for (const auto& item : items)
    out.push_back(token_size(item) + 1);
  return out;
}

std::size_t sum(const std::vector<std::size_t>& sizes) {
  std::size_t out = 0;
  for (const auto s : sizes)
    out += s;
  return out;
}

/// What is left of the budget for items.
std::size_t room_in(std::size_t budget, const typed_query& q,
                    std::size_t cursor_size) {
  const auto taken = reserved + token_size(typed_scope(q)) + cursor_size;
  return budget > taken ? budget - taken : 0;
}

bool take_out(json::value& item, std::string_view name) {
  auto* object = item.if_object();
  if (!object)
    return false;
  object->erase("missing_" + std::string(name) + "_keys");
  return object->erase(name) > 0;
}

json::object truncation(const char* reason, const json::array& omitted,
                        std::size_t dropped) {
  return {{"applied", reason != nullptr},
          {"reason", reason ? json::value(reason) : json::value()},
          {"omitted_fields", omitted},
          {"dropped_items", dropped}};
}

std::string note_of(const json::array& omitted, std::size_t dropped,
                    bool can_go_on) {
  std::string out = "The answer was too long: ";
  if (!omitted.empty()) {
    std::string names;
    for (const auto& name : omitted)
      names +=
        (names.empty() ? "" : ", ") + std::string(name.as_string().c_str());
    out += names
           + " was left out of every item; name summary_keys or config_keys, "
             "or lower limit, to get it. ";
  }
  if (dropped > 0)
    out += std::to_string(dropped) + " items at the end were left out; "
           + (can_go_on ? "next_cursor goes on there." : "lower limit.");
  return out;
}

} // namespace

json::object typed_scope(const typed_query& q) {
  return {{"source", "wandb_selective_read"},
          {"resource", q.resource},
          {"entity", q.entity},
          {"project", q.project}};
}

json::object list_answer(const typed_query& q, typed_list list,
                         std::size_t budget) {
  std::size_t longest = list.next_cursor.size();
  for (const auto& cursor : list.cursors)
    longest = std::max(longest, cursor.size());
  const auto room = room_in(budget, q, longest * 4 / 3);
  auto sizes = sizes_of(list.items);
  json::array omitted;
  for (const auto name : documents) {
    if (sum(sizes) <= room)
      break;
    bool any = false;
    for (auto& item : list.items)
      any = take_out(item, name) || any;
    if (!any)
      continue;
    omitted.emplace_back(name);
    sizes = sizes_of(list.items);
  }
  std::size_t dropped = 0;
  auto total = sum(sizes);
  while (total > room && !sizes.empty()) {
    total -= sizes.back();
    sizes.pop_back();
    ++dropped;
  }
  if (dropped > 0) {
    // Without a place to go on from, the rest would be lost unseen.
    if (sizes.empty() || list.cursors[sizes.size() - 1].empty())
      too_large();
    list.items.resize(sizes.size());
    list.has_more = true;
    list.next_cursor = list.cursors[sizes.size() - 1];
  }

  const bool cut = dropped > 0 || !omitted.empty();
  const auto count = list.items.size();
  // A limit that was asked for takes nothing away from the answer.
  const bool short_of_limit =
    list.has_more
    && (!q.limit_given || static_cast<std::int64_t>(count) < q.requested_limit);
  const char* reason = cut              ? "response_token_budget"
                       : short_of_limit ? "collection_limit"
                                        : nullptr;
  auto out = typed_scope(q);
  out["items"] = std::move(list.items);
  out["returned_count"] = count;
  out["count"] = count;
  out["total_count"] = list.total ? json::value(*list.total) : json::value();
  out["has_more"] = list.has_more;
  out["requested_limit"] = q.requested_limit;
  out["limit"] = q.limit;
  out["limit_clamped"] = q.limit != q.requested_limit;
  out["next_cursor"] = nullptr;
  if (list.has_more) {
    const wandb::list_place place{list.way, std::move(list.next_cursor)};
    auto cursor = wandb::seal_cursor(place, q.question());
    if (cursor.empty())
      throw tool_error("selective_read_unavailable",
                       "W&B's cursor for the rest is too long to be passed on. "
                       "Use the GraphQL form (argument query) instead.");
    out["next_cursor"] = std::move(cursor);
  }
  out["project_exhaustive"] = !list.has_more && !q.place;
  out["truncated"] = reason != nullptr;
  out["truncation"] = truncation(reason, omitted, dropped);
  if (cut)
    out["truncation_note"] = note_of(omitted, dropped, true);
  return out;
}

json::object item_answer(const typed_query& q, json::object item,
                         std::size_t budget) {
  static constexpr std::array<std::string_view, 6> identity{
    "id", "name", "display_name", "entity", "project", "url"};
  const auto room = room_in(budget, q, 0);
  json::value held = std::move(item);
  json::array omitted;
  for (const auto name : documents)
    if (token_size(held) > room && take_out(held, name))
      omitted.emplace_back(name);
  if (token_size(held) > room) {
    json::object named;
    for (const auto& [name, value] : held.get_object())
      if (std::find(identity.begin(), identity.end(), name) != identity.end())
        named.emplace(name, value);
      else
        omitted.emplace_back(name);
    held = std::move(named);
    if (token_size(held) > room)
      too_large();
  }
  const bool cut = !omitted.empty();
  auto out = typed_scope(q);
  out["item"] = std::move(held);
  out["truncated"] = cut;
  out["truncation"] =
    truncation(cut ? "response_token_budget" : nullptr, omitted, 0);
  if (cut)
    out["truncation_note"] = note_of(omitted, 0, false);
  return out;
}

} // namespace mcp::tools
