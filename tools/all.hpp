#pragma once

// Every tool by its variable. Self-registration would be lost in a static
// library, and tools/list should keep one order: all.cpp has it.

#include "tools/tool.hpp"

namespace mcp::tools {

extern const tool list_entities;
extern const tool query_wandb_entity_projects;
extern const tool query_wandb;
extern const tool list_wandb_automations;
extern const tool list_wandb_integrations;
extern const tool search_wandb_docs;
extern const tool probe_project;
extern const tool get_run_history;
extern const tool compare_runs;
extern const tool diagnose_run;
extern const tool query_weave_traces;
extern const tool count_weave_traces;
extern const tool infer_trace_schema;
extern const tool resolve_trace_roots;
extern const tool summarize_evaluation;
extern const tool list_registries;
extern const tool list_registry_collections;
extern const tool list_artifact_versions;
extern const tool get_artifact_details;
extern const tool compare_artifact_versions;
extern const tool create_wandb_report;
extern const tool log_analysis_to_wandb;

} // namespace mcp::tools
