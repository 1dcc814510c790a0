#pragma once

#include "tools/context.hpp"

namespace mcp::tools {

struct report_plots {
  json::array blocks;
  json::array skipped; // {"label", "reason"}
};

/// The argument plots_html as blocks: an object from labels to pictures, one
/// picture alone, or null. A picture is what wandb::read_picture takes.
/// At most 512 KiB each and 2 MiB together; what is more, or refused, is
/// skipped.
[[nodiscard]] report_plots read_plots(const json::value& plots);

} // namespace mcp::tools
