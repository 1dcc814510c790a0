#include "protocol/oauth/scope.hpp"

#include <algorithm>

namespace mcp::oauth {

scopes parse_scopes(std::string_view text) {
  scopes out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    out.write |= text.substr(0, end) == write_scope;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string_view to_text(scopes s) {
  return s.write ? "wandb:read wandb:write" : "wandb:read";
}

bool within(scopes asked, scopes granted) {
  return granted.write || !asked.write;
}

} // namespace mcp::oauth
