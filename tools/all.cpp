#include "tools/all.hpp"

namespace mcp::tools {

const std::vector<const tool*>& all_tools() {
  static const std::vector<const tool*> tools{
    &list_entities,
    &query_wandb_entity_projects,
    &query_wandb,
    &list_wandb_automations,
    &list_wandb_integrations,
    &probe_project,
    &get_run_history,
    &compare_runs,
    &diagnose_run,
    &query_weave_traces,
    &count_weave_traces,
    &infer_trace_schema,
    &resolve_trace_roots,
    &summarize_evaluation,
    &list_registries,
    &list_registry_collections,
    &list_artifact_versions,
    &get_artifact_details,
    &compare_artifact_versions,
    &create_wandb_report,
    &log_analysis_to_wandb,
    &search_wandb_docs,
  };
  return tools;
}

} // namespace mcp::tools
