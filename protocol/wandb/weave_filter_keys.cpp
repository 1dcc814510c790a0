#include "protocol/wandb/weave_filter_keys.hpp"

#include "protocol/near_names.hpp"
#include "protocol/wandb/weave_columns.hpp"

#include <algorithm>

namespace mcp::wandb {
namespace {

constexpr std::array<filter_ids, 10> id_lists{{
  {"op_names", {}, "op_name"},
  {"trace_ids", {"trace_id"}, "trace_id"},
  {"parent_ids", {"parent_id"}, "parent_id"},
  {"call_ids", {"call_id", "id"}, "id"},
  {"thread_ids", {"thread_id"}, "thread_id"},
  {"turn_ids", {"turn_id"}, "turn_id"},
  {"wb_user_ids", {"wb_user_id"}, "wb_user_id"},
  {"wb_run_ids", {}, "wb_run_id"},
  {"input_refs", {}, ""},
  {"output_refs", {}, ""},
}};

// Besides these, every column is a key.
constexpr std::array<std::string_view, 12> other_keys{"trace_roots_only",
                                                      "op_name_contains",
                                                      "display_name_contains",
                                                      "status",
                                                      "time_range",
                                                      "latency",
                                                      "latency_ms",
                                                      "$in",
                                                      "$or",
                                                      "$and",
                                                      "$not",
                                                      "has_exception"};

/// "did you mean op_name?; " for a key that is near one there is.
std::string near_keys(std::string_view key) {
  const auto columns = call_columns();
  std::vector<std::string_view> known(other_keys.begin(), other_keys.end());
  known.insert(known.end(), columns.begin(), columns.end());
  for (const auto& ids : id_lists)
    known.push_back(ids.list);
  const auto base = base_column(key);
  auto near = near_names(base, std::span<const std::string_view>(known));
  if (base.size() < key.size())
    for (auto& one : near)
      one += key.substr(base.size());
  return near.empty() ? std::string() : did_you_mean(near) + "; ";
}

} // namespace

std::span<const filter_ids> filter_id_lists() {
  return id_lists;
}

bool is_filter_key(std::string_view key) {
  if (key.empty())
    return false;
  if (is_call_column(key))
    return true;
  if (std::find(other_keys.begin(), other_keys.end(), key) != other_keys.end())
    return true;
  for (const auto& ids : id_lists)
    if (key == ids.list || key == ids.single[0] || key == ids.single[1])
      return true;
  const auto base = base_column(key);
  return base.size() + 1 < key.size() && has_paths(base);
}

std::string filter_key_advice(std::string_view key) {
  if (key == "op_names_prefix")
    return "not a filter; use op_name with * at its end";
  if (key == "trace_parent_ids")
    return "not a filter; use parent_ids";
  if (key == "root_traces_only")
    return "not a filter; use trace_roots_only";
  return "not a filter; " + near_keys(key)
         + "known are trace_roots_only, trace_id, call_ids, "
         "parent_ids, op_name, op_name_contains, display_name, status, "
         "has_exception, time_range, latency, wb_run_id, attributes, inputs, "
         "output, summary, $in, $or, $and, $not, and columns or dotted paths";
}

} // namespace mcp::wandb
