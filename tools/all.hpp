#pragma once

// Every tool by its variable. Self-registration would be lost in a static
// library, and tools/list should keep one order: all.cpp has it.

#include "tools/tool.hpp"

namespace mcp::tools {

extern const tool list_entities;
extern const tool query_wandb_entity_projects;
extern const tool query_wandb;
extern const tool get_run_history;
extern const tool query_weave_traces;
extern const tool count_weave_traces;

} // namespace mcp::tools
