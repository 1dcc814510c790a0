#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Telling somebody who named what there isn't what they may have meant.

namespace mcp {

/// The names in `known` that `name` may have been meant for, the nearest first:
/// those that differ in case and separators alone ("entityName"), in a few
/// letters ("finshed"), or by whole words that one of them has more
/// ("sort" and "sort_by"). `name` itself is never among them.
/// Takes: any bytes; of `name` the first 100 count.
/// Gives: at most `at_most` of them, in `known`'s spelling and each once.
/// Costs: time in proportion to `known`, and to the square of a name's length.
[[nodiscard]] std::vector<std::string>
near_names(std::string_view name, std::span<const std::string_view> known,
           std::size_t at_most = 3);
[[nodiscard]] std::vector<std::string>
near_names(std::string_view name, std::span<const std::string> known,
           std::size_t at_most = 3);

/// "did you mean sort_by or sort_direction?" for what `near_names` gave; empty
/// for none.
[[nodiscard]] std::string did_you_mean(std::span<const std::string> near);

/// "a, b, c", and "a, b and 7 more" of a list longer than `at_most`.
[[nodiscard]] std::string listed(std::span<const std::string_view> names,
                                 std::size_t at_most = 40);
[[nodiscard]] std::string listed(std::span<const std::string> names,
                                 std::size_t at_most = 40);

} // namespace mcp
