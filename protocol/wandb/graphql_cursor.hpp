#pragma once

// A list that is handed out in parts ends with a cursor of W&B's. Given to a
// caller as it is, it would also "continue" another list, and silently skip
// rows there. So the caller gets it together with a fingerprint of the question
// it belongs to. It is no secret: W&B checks the user again for every page.

#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mcp::wandb {

/// Where a list goes on.
struct list_place {
  char way = 'p';     // how the list is read; the caller's own letter
  std::string cursor; // W&B's
};

/// Longer texts are no cursors of ours.
constexpr std::size_t max_cursor_bytes = 4096;

/// Gives: text of [A-Za-z0-9_-]; empty when W&B's cursor is too long to come
///        back within `max_cursor_bytes`.
/// `question` is whatever must be the same when the caller comes back.
[[nodiscard]] std::string seal_cursor(const list_place& place,
                                      std::string_view question);

/// Gives: nothing when `text` was not made by `seal_cursor` for this question.
/// Takes any bytes.
[[nodiscard]] std::optional<list_place> open_cursor(std::string_view text,
                                                    std::string_view question);

/// The value as compact JSON with the members of every object sorted: equal
/// values give equal text.
[[nodiscard]] std::string canonical_json(const boost::json::value& value);

} // namespace mcp::wandb
