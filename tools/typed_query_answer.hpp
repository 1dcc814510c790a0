#pragma once

#include "tools/typed_query.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mcp::tools {

/// The part of a list that was read.
struct typed_list {
  char way = 0; // how, as in `list_place`
  json::array items = {};
  /// W&B's cursor behind each item; empty when it gave none.
  std::vector<std::string> cursors = {};
  bool has_more = false;
  std::string next_cursor = {}; // W&B's; empty: none
  std::optional<std::int64_t> total = {};
};

/// The members of every answer and error of the typed form.
[[nodiscard]] json::object typed_scope(const typed_query& q);

/// The answer of a list, within `budget`: takes whole documents out of
/// every item first (system_metrics, config, spec, sweep, summary), then items
/// from the end, and lets next_cursor go on behind the last one left.
/// Throws `tool_error` response_too_large when that is not enough.
[[nodiscard]] json::object list_answer(const typed_query& q, typed_list list,
                                       std::size_t budget);

/// The answer of one thing: without its documents, in the same order, and then
/// without all but what names it, when it is too long.
[[nodiscard]] json::object item_answer(const typed_query& q, json::object item,
                                       std::size_t budget);

} // namespace mcp::tools
