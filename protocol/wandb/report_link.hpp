#pragma once

#include <string>
#include <string_view>

namespace mcp::wandb {

/// `text` as one segment of a URL's path: everything but [A-Za-z0-9_.~-] as
/// %XX.
[[nodiscard]] std::string url_segment(std::string_view text);

/// Where the W&B app shows a report. `app_url` has no trailing slash; `view_id`
/// is the base64 that W&B gave. The title is in it for people only.
[[nodiscard]] std::string report_link(std::string_view app_url,
                                      std::string_view entity,
                                      std::string_view project,
                                      std::string_view title,
                                      std::string_view view_id);

/// Where the W&B app shows a run.
[[nodiscard]] std::string run_link(std::string_view app_url,
                                   std::string_view entity,
                                   std::string_view project,
                                   std::string_view run_id);

} // namespace mcp::wandb
