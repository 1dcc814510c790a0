#include "tools/resources.hpp"

namespace mcp::tools {

std::vector<const resource_template*> wandb_templates() {
  return {&entity_resource,  &project_resource,  &run_resource,
          &history_resource, &artifact_resource, &call_resource,
          &report_resource};
}

} // namespace mcp::tools
