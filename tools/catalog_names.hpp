#pragma once

// What is said of a name that the catalog does not have: what came, what is
// near, and whether the operator switched it off.

#include "tools/offer.hpp"

#include <string>
#include <string_view>

namespace mcp::tools {

/// `unknown tool "query_wandb"; did you mean query_wandb_tool? ...`, or that
/// the tool is switched off and by which option. The name is quoted, cut at 64
/// bytes.
[[nodiscard]] std::string unknown_tool(const offer& all, std::string_view name);
[[nodiscard]] std::string unknown_prompt(const offer& all,
                                         std::string_view name);

/// The same of a URI that is no resource's and fits no template.
[[nodiscard]] std::string unknown_uri(const offer& all, std::string_view uri);

} // namespace mcp::tools
