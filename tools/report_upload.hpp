#pragma once

#include "protocol/wandb/run_table.hpp"
#include "tools/tool.hpp"

#include <string>

namespace mcp::tools {

/// A run that exists.
struct run_place {
  std::string entity;
  std::string project;
  std::string run; // its id
};

/// Puts a table's file where W&B says: one request to learn where, one to put
/// it there. The run learns of it by a filestream post that names its path.
/// Throws `failure_exception`; nothing but the file is missing then.
task<bool> upload_table(call_context& context, run_place run,
                        wandb::run_table table);

} // namespace mcp::tools
