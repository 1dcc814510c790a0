#pragma once

#include "protocol/errors.hpp"

#include <string>

namespace mcp::tools {

/// What W&B said of a query it refused, for the caller to repair it: at most
/// 500 bytes of one line, without what looks like a key. Empty when the failure
/// is of another kind than a refused query, or when the words tell of W&B's
/// insides (a database, a connection) and help nobody.
[[nodiscard]] std::string wandb_words(const failure& why);

} // namespace mcp::tools
