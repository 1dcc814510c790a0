#pragma once

// What a run's process tells W&B while it runs: rows of its history, its
// summary, files that were uploaded, and its end.

#include <boost/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::wandb {

/// Where it is POSTed to, below the API's base URL.
[[nodiscard]] std::string filestream_path(std::string_view entity,
                                          std::string_view project,
                                          std::string_view run_id);

/// One POST of a stream. Empty members are left out of the body.
struct filestream_post {
  std::size_t offset = 0;                  // of the first line in the history
  std::vector<std::string> history;        // each the text of one JSON object
  std::optional<std::string> summary = {}; // the text of a JSON object
  std::vector<std::string> uploaded = {};  // paths of the run's files
  bool finished = false;                   // the run ended well
};

/// The body of the POST, as JSON.
[[nodiscard]] std::string filestream_body(const filestream_post& post);

/// Cuts a history into posts of at most about `max_bytes` of lines each; gives
/// at least one. A single longer line has a post of its own.
[[nodiscard]] std::vector<filestream_post>
filestream_posts(std::vector<std::string> history, std::size_t max_bytes);

} // namespace mcp::wandb
