#pragma once

// A user's W&B data as resources: what a client can attach to a conversation by
// its URI, without a model choosing a tool for it.

#include "tools/offer.hpp"

#include <vector>

namespace mcp::tools {

/// Every template, from the widest to the most particular:
///   wandb://{entity}                                  its projects
///   wandb://{entity}/{project}                        with its newest runs
///   wandb://{entity}/{project}/runs/{run}             by the run's ID
///   wandb://{entity}/{project}/runs/{run}/history
///   wandb://{entity}/{project}/artifacts/{artifact}   "name:alias"
///   wandb://{entity}/{project}/calls/{call}           a Weave call
///   wandb://{entity}/{project}/reports/{report}
/// Each content fits the response budget and says what was left out. What does
/// not exist and what the user may not read are the same: no contents.
std::vector<const resource_template*> wandb_templates();

extern const resource_template entity_resource;
extern const resource_template project_resource;
extern const resource_template run_resource;
extern const resource_template history_resource;
extern const resource_template artifact_resource;
extern const resource_template call_resource;
extern const resource_template report_resource;

} // namespace mcp::tools
