#pragma once

// What a server without raw GraphQL offers of query_wandb_tool.

#include <array>
#include <string_view>

namespace mcp::tools {

/// The arguments of the GraphQL form.
inline constexpr std::array<std::string_view, 5> graphql_form{
  "query", "variables", "max_items", "items_per_page", "paginate_path"};

/// The tool's description when it has the typed form alone.
inline constexpr std::string_view typed_form_description =
  R"(Reads W&B runs, sweeps, reports and projects.
When to use: to find, filter, sort or count runs, and for configs and summaries. Not for LLM traces (query_weave_traces_tool) or metrics over steps (get_run_history_tool).

Pass entity_name, project_name, resource. Gives items, total_count, has_more; pass next_cursor back as cursor, the rest unchanged, to go on. For a display name: runs with filters {"displayName": "..."}.)";

} // namespace mcp::tools
