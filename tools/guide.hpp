#pragma once

// The long guidance that tool descriptions have no room for, as a prompt that
// users pick ("wandb_guide") and resources that clients read
// ("wandb://guide", "wandb://guide/traces").

#include "tools/offer.hpp"

#include <string_view>
#include <vector>

namespace mcp::tools {

struct guide_topic {
  std::string_view name; // as in the URI and the prompt's argument
  std::string_view title;
  std::string_view text; // Markdown
};

const std::vector<guide_topic>& guide_topics();

extern const prompt wandb_guide;

/// The whole guide first, then each topic.
const std::vector<const resource*>& guide_resources();

} // namespace mcp::tools
