#pragma once

#include "tools/artifact_files.hpp"
#include "tools/artifact_path.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mcp::tools {

/// What to read of an artifact beside itself.
struct artifact_wish {
  bool creator = true; // the run that logged it
  bool use = false;    // who uses it, where it is linked
  std::size_t most_users = 20;
  std::size_t files = 0; // how many; 0 for none, at most 1000
};

/// One version of an artifact.
struct artifact_info {
  artifact_path path;
  std::string version; // "v3"; empty when W&B numbers it nowhere
  std::string type;
  std::string digest;
  json::object metadata;
  json::array tags;    // sorted
  json::array aliases; // sorted; of this collection, without "v3"
  /// id name full_name type version state description size file_count tags
  /// aliases metadata created_at updated_at digest commit_hash
  json::object record;

  /// Run identities; null when there is none or W&B did not say.
  json::value logged_by;
  std::string created_by_user; // when it was no run
  json::value used_by;         // a list; null when W&B did not say
  std::optional<std::int64_t> used_by_total;
  json::value source; // path of the version that this is a link to, or null
  json::value links;  // paths of links to it; null when W&B did not say

  /// Set when files were asked for and W&B said nothing against it.
  std::optional<file_listing> files;
  json::value files_cursor;          // where the listing goes on, or null
  std::string files_failed;          // why there are none
  std::vector<std::string> warnings; // what else could not be read
};

/// Asks once; once more when W&B stumbles over the lineage, and for servers
/// that do not know artifacts by collection. Using it is not recorded.
/// Throws `tool_error`: project_not_found, artifact_not_found, type_mismatch
/// (a `type` was given and it is another); `failure_exception`.
task<artifact_info> read_artifact(call_context& context, artifact_path path,
                                  artifact_wish wish,
                                  std::optional<std::string> type);

} // namespace mcp::tools
