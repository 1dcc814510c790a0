#include "tools/all.hpp"

namespace mcp::tools {

const std::vector<const tool*>& all_tools() {
  static const std::vector<const tool*> tools{
    &list_entities,   &query_wandb_entity_projects, &query_wandb,
    &get_run_history, &query_weave_traces,          &count_weave_traces,
  };
  return tools;
}

} // namespace mcp::tools
