#pragma once

#include "actors/authorization_pages.hpp"
#include "protocol/mcp/http_rules.hpp"

#include <string>

namespace mcp {

/// How to connect each client; with sign-in also what is connected in the
/// person's name, with a button to revoke it. `key_url` is where a person finds
/// their API key.
[[nodiscard]] std::string connect_page(const connect_view& view,
                                       const std::string& key_url);

} // namespace mcp
