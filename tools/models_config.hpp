#pragma once

// A run's config and summary: W&B gives both as JSON text, the config with each
// value wrapped as {"value": v, "desc": ...} and both with members of its own.

#include <boost/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

namespace json = boost::json;

/// The user's config of a run object: values unwrapped, W&B's own members left
/// out, odd values as `read_lenient` gives them.
/// Gives: an empty object when there is none; nothing when it can not be read.
[[nodiscard]] std::optional<json::object> config_in(const json::object& run);

/// The same of its summary; members that begin with "_" or "wandb/" are W&B's.
[[nodiscard]] std::optional<json::object> summary_in(const json::object& run);

/// The value of a dotted name: the member of that very name, or else inside of
/// nested objects, where {"value": v, "desc": ...} stands for v. Null if none.
[[nodiscard]] const json::value* find_dotted(const json::object& in,
                                             std::string_view name);

/// The members to ask W&B for so that `find_dotted` can find these names: the
/// names and what stands before their dots. Null for none, which means all.
[[nodiscard]] json::value members_for(const std::vector<std::string>& names);

/// Calls `leaf` with the dotted path of every value that is no plain object.
/// Empty objects, media ("_type": ...) and what is behind a path of more than
/// 1024 bytes are leaves.
void each_leaf(
  const json::object& in,
  const std::function<void(const std::string& path, const json::value&)>& leaf);

/// How Python names the type of a value: int, float, str, bool, list, dict,
/// NoneType. "NaN" and the infinities are floats.
[[nodiscard]] std::string_view type_name(const json::value& v);

/// True for names that speak of how well a run went: loss, accuracy, ...
[[nodiscard]] bool is_quality_name(std::string_view name);

} // namespace mcp::tools
