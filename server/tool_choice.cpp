#include "server/tool_choice.hpp"

#include "tools/all.hpp"

#include <algorithm>
#include <string_view>

namespace mcp {
namespace {

using names = std::vector<std::string>;

bool holds(const names& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

names all_sets() {
  names out;
  for (const auto* t : tools::all_tools())
    if (const auto set = tools::to_string(t->set); !holds(out, set))
      out.emplace_back(set);
  return out;
}

/// Whether a profile of the Python server has a toolset of ours. Its group
/// "models" is everything that is neither Weave nor agents here.
bool has(std::string_view profile, std::string_view set) {
  if (set == "weave")
    return profile != "models-only";
  if (set == "agents")
    return profile.starts_with("models-weave-agents");
  return true;
}

/// What the Python server's managed workloads allow.
void lower_caps(tools::caps& c, const std::string& profile) {
  if (profile != "shared" && profile != "dedicated")
    return;
  const bool shared = profile == "shared";
  const auto set = [shared](std::optional<std::int64_t>& cap,
                            std::int64_t of_shared, std::int64_t of_dedicated) {
    if (!cap)
      cap = shared ? of_shared : of_dedicated;
  };
  set(c.traces, 100, 250);
  set(c.history_samples, 500, 1500);
  set(c.history_keys, 20, 50);
  set(c.query_items, 100, 250);
  set(c.query_items_per_page, 50, 200);
  set(c.full_detail_items, 3, 10);
  set(c.gql_items, 100, 250);
  set(c.gql_items_per_page, 50, 200);
  set(c.probe_runs, 6, 12);
  set(c.schema_sample_rows, 100, 250);
}

failure wrong(std::string message) {
  return {.code = errc::bad_argument, .message = std::move(message)};
}

std::optional<failure> check_selection(const settings& s) {
  const auto left = tools::select_tools(tools::all_tools(), s.offered);
  if (left)
    return {};
  return wrong("toolsets, disable_tools: " + left.error().message);
}

} // namespace

std::optional<failure> settle_tools(settings& s) {
  if (auto unknown = check_selection(s))
    return unknown;
  if (s.access_mode == "read-only")
    s.offered.read_only = true;
  lower_caps(s.caps, s.workload_profile);

  const auto all = all_sets();
  auto left = s.offered.toolsets.empty() ? all : s.offered.toolsets;
  if (!s.tool_profile.empty())
    std::erase_if(left,
                  [&](const auto& set) { return !has(s.tool_profile, set); });
  if (s.weave_tools == false)
    std::erase(left, "weave");
  if (s.weave_agent_tools == false)
    std::erase(left, "agents");
  if (left.empty())
    return wrong("toolsets, tool_profile, weave_tools and weave_agent_tools "
                 "leave no tool to offer");
  if (left != all)
    s.offered.toolsets = left;
  const std::string_view profile = s.tool_profile;
  const bool wants_agents =
    s.weave_agent_tools == true || profile.starts_with("models-weave-agents");
  if (wants_agents && !holds(all, "agents"))
    s.hints.push_back((s.weave_agent_tools == true ? "weave_agent_tools"
                                                   : s.tool_profile)
                      + ": there are no tools for Weave agents here yet");
  if (profile.ends_with("-aria") || profile.ends_with("-agent-lens"))
    s.hints.push_back(s.tool_profile
                      + ": Aria and Agent Lens are private services of W&B's; "
                        "their tools are left out");
  return check_selection(s);
}

} // namespace mcp
