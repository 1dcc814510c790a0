#include "server/wiring.hpp"

#include "tools/all.hpp"

#include <algorithm>
#include <thread>

namespace mcp {

net::http_client_options http_client_options_of(const settings& s) {
  return {.user_agent = "wandb-mcp-server/" MCP_VERSION, .ca_file = s.ca_file};
}

std::shared_ptr<const upstream_options> upstream_options_of(const settings& s) {
  auto out = std::make_shared<upstream_options>();
  out->api_url = s.wandb_base_url;
  out->trace_url = s.trace_server_url;
  out->max_response_bytes = s.max_accumulated_bytes;
  return out;
}

std::shared_ptr<const session_services> session_services_of(const settings& s) {
  auto out = std::make_shared<session_services>();
  out->catalog = std::make_shared<tools::catalog>(tools::all_tools());
  auto limits = std::make_shared<tools::call_limits>();
  limits->max_response_tokens = s.max_response_tokens;
  limits->max_accumulated_bytes = s.max_accumulated_bytes;
  limits->app_url = s.app_url;
  out->limits = std::move(limits);
  return out;
}

server_info server_info_of(const settings&) {
  return {.name = "wandb-mcp-server",
          .title = "Weights & Biases",
          .version = MCP_VERSION,
          .instructions =
            "Tools over the user's own Weights & Biases data. Start with "
            "list_entities_tool when the entity is unknown and with "
            "query_wandb_entity_projects when the project is. Experiment runs, "
            "configs and summaries: query_wandb_tool. Loss curves and other "
            "metrics over steps: get_run_history_tool. LLM traces (Weave): "
            "count_weave_traces_tool first, then query_weave_traces_tool with "
            "narrow columns. Say which limits applied to what you report."};
}

std::size_t thread_count(const settings& s) {
  return s.threads != 0 ? s.threads
                        : std::max(1u, std::thread::hardware_concurrency());
}

} // namespace mcp
