#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

// The names that may stand in `filters`.

namespace mcp::wandb {

/// A list the trace server filters by.
struct filter_ids {
  std::string_view list;
  /// What one of its elements may be called alone; "" for nothing.
  std::array<std::string_view, 2> single;
  /// What to compare where a list can not be used; "" when no column holds it.
  std::string_view column;
};

[[nodiscard]] std::span<const filter_ids> filter_id_lists();

/// True for a named filter, a column, and a dotted path below one.
[[nodiscard]] bool is_filter_key(std::string_view key);

/// What to say about a key that is none.
[[nodiscard]] std::string filter_key_advice(std::string_view key);

} // namespace mcp::wandb
