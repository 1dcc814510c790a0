#pragma once

#include <string>
#include <string_view>

namespace mcp::tools {

/// A name as one segment of a URL's path: everything but unreserved characters
/// is percent-encoded (RFC 3986, 2.3).
[[nodiscard]] std::string url_segment(std::string_view text);

/// The page of a project in W&B's app, and of what is in it. `app_url` has no
/// slash at its end.
[[nodiscard]] std::string project_url(std::string_view app_url,
                                      std::string_view entity,
                                      std::string_view project);

/// `view_id` is W&B's id of the report, `title` its display name.
[[nodiscard]] std::string report_page(std::string_view project_url,
                                      std::string_view title,
                                      std::string_view view_id);

} // namespace mcp::tools
