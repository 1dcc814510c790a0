#pragma once

#include "protocol/wandb/graphql_parser.hpp"

#include <string_view>

namespace mcp::wandb {

/// Parses a document that is one query and nothing else that could be run.
/// Errors: those of `parse_graphql`, and
///         `not_read_only` it holds a mutation or a subscription, first or not
///         `too_complex`   several operations; too many fragments or selections
///         `invalid`       no operation; a fragment that is missing, defined
///                         twice, or inside itself
[[nodiscard]] graphql_result<graphql::document>
parse_graphql_query(std::string_view text, const graphql_limits& = {});

} // namespace mcp::wandb
