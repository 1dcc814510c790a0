#include "server/ready_line.hpp"

namespace mcp {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names)
    out += (out.empty() ? "" : " ") + n;
  return out;
}

std::string authentication_of(const settings& s) {
  if (s.transport == "stdio")
    return "the key it was started with";
  if (s.auth_disabled)
    return "none, the server's key for everybody";
  if (s.auth == "both")
    return "API keys and OAuth";
  return s.auth == "oauth" ? "OAuth" : "API keys";
}

} // namespace

std::string at_a_glance(const settings& s) {
  std::string out = "authentication: " + authentication_of(s)
                    + "; W&B at " + s.wandb_base_url;
  if (!s.wandb_internal_base_url.empty())
    out += " (called at WANDB_INTERNAL_BASE_URL)";
  out += ", traces at " + s.trace_server_url + "; toolsets: "
         + (s.offered.toolsets.empty() ? "all" : joined(s.offered.toolsets))
         + (s.offered.read_only ? ", read-only" : ", read and write");
  if (!s.raw_graphql)
    out += ", no GraphQL";
  if (!s.offered.disabled.empty())
    out += ", without " + joined(s.offered.disabled);
  return out;
}

} // namespace mcp
