#pragma once

// Jobs that people give again and again, each as a prompt that leads a model
// through the tools in a good order. They ask W&B for nothing themselves.

#include "tools/offer.hpp"

#include <vector>

namespace mcp::tools {

/// diagnose_run, compare_best_runs, find_failing_traces, summarize_evaluation,
/// write_weekly_report, review_registry. A blank argument is none.
std::vector<const prompt*> wandb_prompts();

} // namespace mcp::tools
