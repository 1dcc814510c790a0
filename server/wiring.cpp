#include "server/wiring.hpp"

#include "tools/all.hpp"
#include "tools/describe.hpp"
#include "tools/guide.hpp"
#include "tools/prompts.hpp"
#include "tools/resources.hpp"

#include <algorithm>
#include <thread>

namespace mcp {
namespace {

/// Those that lead to tools which are there.
std::vector<const tools::prompt*>
offered_prompts(const std::vector<const tools::tool*>& offered) {
  std::vector<const tools::prompt*> out{&tools::wandb_guide};
  for (const auto* p : tools::wandb_prompts())
    if (!p->set || std::any_of(offered.begin(), offered.end(), [&](auto* t) {
          return t->set == *p->set;
        }))
      out.push_back(p);
  return out;
}

std::vector<const tools::resource_template*>
offered_templates(const settings& s) {
  auto out = tools::wandb_templates();
  const auto& sets = s.offered.toolsets;
  std::erase_if(out, [&](const auto* t) {
    return !sets.empty()
           && std::find(sets.begin(), sets.end(), tools::to_string(t->set))
                == sets.end();
  });
  return out;
}

/// What the operator switched off, for who asks for it all the same.
std::vector<tools::withheld>
withheld_by(const settings& s, const std::vector<const tools::prompt*>& prompts,
            const std::vector<const tools::resource_template*>& templates) {
  using kind = tools::withheld::kind;
  std::vector<tools::withheld> out;
  for (const auto* t : tools::all_tools())
    if (const auto why = tools::why_off(*t, s.offered); !why.empty())
      out.push_back({kind::tool, std::string(t->name), std::string(why)});
  const auto is_in = [](const auto& list, const auto* one) {
    return std::find(list.begin(), list.end(), one) != list.end();
  };
  for (const auto* p : tools::wandb_prompts())
    if (!is_in(prompts, p))
      out.push_back({kind::prompt, std::string(p->name),
                     "its tools are, by --toolsets, --read_only or "
                     "--disable_tools"});
  for (const auto* t : tools::wandb_templates())
    if (!is_in(templates, t))
      out.push_back({kind::resource_template, std::string(t->uri_template),
                     "--toolsets"});
  return out;
}

} // namespace

tools::tailored_tools offered_tools(const settings& s) {
  tools::tailoring how{.most = s.caps, .raw_graphql = s.raw_graphql};
  if (s.tool_timeout.count() > 0)
    how.budget = s.tool_timeout;
  return tools::tailored(
    tools::select_tools(tools::all_tools(), s.offered).value(), how);
}

std::string described_tools(const settings& s) {
  const auto offered = offered_tools(s);
  return s.print_tools == "json" ? tools::tools_json(offered.tools)
                                 : tools::tools_markdown(offered.tools);
}

net::http_client_options http_client_options_of(const settings& s) {
  const bool replaced = !s.ssl_cert_file.empty();
  return {.user_agent = "wandb-mcp-server/" MCP_VERSION,
          .ca_file = replaced ? s.ssl_cert_file : s.ca_file,
          .trust_system = !replaced,
          .max_connections_per_host = std::max<std::size_t>(
            1, s.max_upstream_connections / thread_count(s))};
}

std::shared_ptr<const upstream_options>
upstream_options_of(const settings& s, std::shared_ptr<upstream_reach> reach) {
  auto out = std::make_shared<upstream_options>();
  out->api_url = s.wandb_internal_base_url.empty() ? s.wandb_base_url
                                                   : s.wandb_internal_base_url;
  out->api_is_internal = !s.wandb_internal_base_url.empty();
  out->trace_url = s.trace_server_url;
  out->max_response_bytes = s.max_accumulated_bytes;
  out->request_timeout = s.wandb_request_timeout;
  out->max_bytes_per_user = s.max_accumulated_bytes_per_user;
  out->reach = std::move(reach);
  return out;
}

std::shared_ptr<const session_services> session_services_of(const settings& s) {
  auto out = std::make_shared<session_services>();
  auto offered = offered_tools(s);
  auto prompts = offered_prompts(offered.tools);
  auto templates = offered_templates(s);
  auto off = withheld_by(s, prompts, templates);
  tools::offer offer{.tools = std::move(offered.tools),
                     .prompts = std::move(prompts),
                     .resources = tools::guide_resources(),
                     .templates = std::move(templates),
                     .off = std::move(off),
                     .owner = std::move(offered.owner)};
  if (s.tool_timeout.count() > 0)
    offer.budget = s.tool_timeout;
  out->catalog = std::make_shared<tools::catalog>(std::move(offer));
  out->features = server_features_of(s);
  auto limits = std::make_shared<tools::call_limits>();
  limits->max_response_tokens = s.max_response_tokens;
  limits->max_accumulated_bytes = s.max_accumulated_bytes;
  limits->app_url = s.app_url;
  tools::apply(s.caps, limits->lists);
  if (s.proxy_docs && s.docs_mcp_url.empty())
    // The documentation is moving from the second to the first.
    limits->docs_urls = {"https://docs.coreweave.com/mcp",
                         "https://docs.wandb.ai/mcp"};
  else if (s.proxy_docs)
    limits->docs_urls = {s.docs_mcp_url};
  out->limits = std::move(limits);
  return out;
}

server_features server_features_of(const settings&) {
  server_features out;
  out.prompts = out.resources = out.logging = out.completions = true;
  out.extensions[tasks_extension] = boost::json::object{};
  return out;
}

server_info server_info_of(const settings& s) {
  struct advice {
    std::string_view needs; // a tool that must be offered
    const char* text;
  };
  static constexpr advice all[] = {
    {"list_entities_tool",
     " Start with list_entities_tool when the entity is unknown"
     " and with query_wandb_entity_projects when the project is."},
    {"query_wandb_tool",
     " Runs, configs, summaries, sweeps: query_wandb_tool."},
    {"get_run_history_tool",
     " Loss curves and other metrics over steps: get_run_history_tool."},
    {"query_weave_traces_tool",
     " LLM traces (Weave): count_weave_traces_tool first, then "
     "query_weave_traces_tool with narrow columns."},
    {"summarize_evaluation_tool", " Evaluations: summarize_evaluation_tool."},
    {"list_registries_tool",
     " Registered models and datasets: list_registries_tool."},
    {"search_wandb_docs_tool",
     " How W&B itself works: search_wandb_docs_tool."},
    {"create_wandb_report_tool",
     " Write to W&B only when the user asks for it."},
  };
  std::string text = "Tools over the user's own Weights & Biases data.";
  const auto offered = offered_tools(s);
  for (const auto& a : all)
    if (std::any_of(offered.tools.begin(), offered.tools.end(),
                    [&a](const auto* t) { return t->name == a.needs; }))
      text += a.text;
  text += " Say which limits applied to what you report. The prompt "
          "wandb_guide has filters, examples and advice.";
  return {.name = "wandb-mcp-server",
          .title = "Weights & Biases",
          .version = MCP_VERSION,
          .instructions = std::move(text)};
}

origin_rules origin_rules_of(const settings& s) {
  origin_rules out{.allowed_hosts = s.allowed_hosts,
                   .allowed_origins = s.allowed_origins,
                   .loopback = s.listens_on_loopback()};
  const auto at = s.public_url.find("://");
  if (at == s.public_url.npos)
    return out;
  const auto rest = std::string_view(s.public_url).substr(at + 3);
  out.public_host = host_without_port(rest.substr(0, rest.find('/')));
  return out;
}

std::size_t thread_count(const settings& s) {
  return s.threads != 0 ? s.threads
                        : std::max(1u, std::thread::hardware_concurrency());
}

} // namespace mcp
