#pragma once

// What a user may be typing: names from their own W&B data. Each asks once, for
// at most 200 names, and its answer serves the next keystrokes for half a
// minute. `known` holds "entity" and "project" where a name lives inside those;
// without them there are no candidates. The newest come first where W&B sorts.

#include "tools/offer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

/// The user, their default entity and teams.
task<std::vector<std::string>>
complete_entity(call_context& context, std::string typed, text_values known);

/// Of known["entity"].
task<std::vector<std::string>>
complete_project(call_context& context, std::string typed, text_values known);

// Of known["entity"] and known["project"].

/// IDs of runs.
task<std::vector<std::string>>
complete_run(call_context& context, std::string typed, text_values known);

/// Numbers in the summaries of the newest runs.
task<std::vector<std::string>>
complete_metric(call_context& context, std::string typed, text_values known);

/// "name:latest"; behind a colon the aliases that the collection has.
task<std::vector<std::string>>
complete_artifact(call_context& context, std::string typed, text_values known);

/// Internal names of reports.
task<std::vector<std::string>>
complete_report(call_context& context, std::string typed, text_values known);

/// IDs of the newest calls that begin a trace.
task<std::vector<std::string>>
complete_call(call_context& context, std::string typed, text_values known);

/// Names of evaluations and of their newest runs.
task<std::vector<std::string>> complete_evaluation(call_context& context,
                                                   std::string typed,
                                                   text_values known);

/// Names of organizations.
task<std::vector<std::string>> complete_organization(call_context& context,
                                                     std::string typed,
                                                     text_values known);

/// Short names of the registries of known["organization"], or else of all the
/// user's organizations.
task<std::vector<std::string>>
complete_registry(call_context& context, std::string typed, text_values known);

} // namespace mcp::tools
