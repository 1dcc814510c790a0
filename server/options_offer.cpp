// Options: how much, which tools, and what is said of it.
#include "protocol/mcp/http_rules.hpp"
#include "server/option_values.hpp"

#include <algorithm>
#include <cctype>

namespace mcp {
namespace {

using namespace take;
using s = settings;

option for_http(option o) {
  o.http_only = true;
  return o;
}

option restricting(option o) {
  o.restricts = true;
  return o;
}

option::setter cap(std::optional<std::int64_t> tools::caps::*member,
                   std::uint64_t high) {
  return [=](s& o, const std::string& v) -> std::optional<std::string> {
    const auto number = whole_number(v, 1, high);
    if (!number)
      return "a whole number " + from_to(1, high);
    o.caps.*member = static_cast<std::int64_t>(*number);
    return {};
  };
}

/// One of some words, with blanks around it.
option::setter word(std::string settings::*member,
                    std::vector<std::string> choices) {
  return [=](s& o, const std::string& v) {
    return one_of(member, choices)(o, std::string(without_blanks(v)));
  };
}

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

option_group sessions() {
  return {"Sessions",
          {
            for_http({"session_ttl_seconds",
                      {"SESSION_TTL_SECONDS"},
                      "N",
                      "3600",
                      "An idle session is freed after this; its id stays good",
                      seconds(&s::session_ttl, 1)}),
            for_http({"session_max_age_seconds",
                      {"SESSION_MAX_AGE_SECONDS"},
                      "N",
                      "86400",
                      "A session id is good this long",
                      seconds(&s::session_max_age, 1)}),
            for_http({"max_sessions_per_key",
                      {"MAX_SESSIONS_PER_KEY"},
                      "N",
                      "10",
                      "Sessions of one key at a time; the one idle longest "
                      "makes room",
                      number(&s::max_sessions_per_key, 1, 100'000)}),
            for_http({"max_sessions",
                      {"MCP_MAX_SESSIONS"},
                      "N",
                      "200000",
                      "Sessions in memory at a time; the ids of freed ones "
                      "stay good",
                      number(&s::max_sessions, 100, 100'000'000)}),
          }};
}

option_group calls() {
  return {
    "Calls",
    {
      {"max_response_tokens",
       {"MAX_RESPONSE_TOKENS"},
       "N",
       "22500",
       "Most tokens of an answer, as o200k_base counts them; a call that "
       "names no size gets 6000 at most",
       number(&s::max_response_tokens, 100, 10'000'000)},
      {"max_accumulated_bytes",
       {"MAX_ACCUMULATED_BYTES"},
       "N",
       "67108864",
       "W&B's bytes one call may take",
       number(&s::max_accumulated_bytes, 65'536, std::uint64_t{1} << 40)},
      {"max_accumulated_bytes_per_user",
       {"MAX_ACCUMULATED_BYTES_PER_USER"},
       "N",
       "268435456",
       "W&B's bytes that one user's running calls may hold",
       number(&s::max_accumulated_bytes_per_user, 65'536,
              std::uint64_t{1} << 40)},
      {"tool_timeout_seconds",
       {"MCP_TOOL_TIMEOUT_SECONDS"},
       "N",
       "30; 60 for tools that write, for traces and for evaluations",
       "Time for one call, also for one that became a task",
       seconds(&s::tool_timeout, 1, 300)},
      {"workload_profile",
       {"MCP_WORKLOAD_PROFILE"},
       "local|shared|dedicated",
       "local",
       "The caps below as the Python server's profiles have them; a cap that "
       "is given wins",
       word(&s::workload_profile, {"local", "shared", "dedicated"})},
      {"max_query_limit",
       {"MCP_MAX_QUERY_LIMIT"},
       "N",
       "10000",
       "Traces one query_weave_traces_tool may read",
       cap(&tools::caps::traces, 10'000)},
      {"max_history_samples",
       {"MCP_MAX_HISTORY_SAMPLES"},
       "N",
       "5000",
       "Samples of a history",
       cap(&tools::caps::history_samples, 10'000)},
      {"max_history_keys",
       {"MCP_MAX_HISTORY_KEYS"},
       "N",
       "100",
       "Metrics of a history, and names of config and summary entries",
       cap(&tools::caps::history_keys, 500)},
      {"max_wandb_query_items",
       {"MCP_MAX_WANDB_QUERY_ITEMS"},
       "N",
       "1000",
       "Items of a typed query_wandb_tool",
       cap(&tools::caps::query_items, 10'000)},
      {"max_wandb_query_items_per_page",
       {"MCP_MAX_WANDB_QUERY_ITEMS_PER_PAGE", "MCP_MAX_WANDB_QUERY_PER_PAGE"},
       "N",
       "200",
       "The same, in one request to W&B",
       cap(&tools::caps::query_items_per_page, 500)},
      {"max_full_detail_items",
       {"MCP_MAX_FULL_DETAIL_ITEMS"},
       "N",
       "25",
       "Items with their whole configs, summaries and the like",
       cap(&tools::caps::full_detail_items, 100)},
      {"max_gql_items",
       {"MCP_MAX_GQL_ITEMS"},
       "N",
       "1000",
       "Rows of a GraphQL query_wandb_tool",
       cap(&tools::caps::gql_items, 1000)},
      {"max_gql_items_per_page",
       {"MCP_MAX_GQL_ITEMS_PER_PAGE", "MCP_MAX_GQL_PER_PAGE"},
       "N",
       "200",
       "The same, in one request to W&B",
       cap(&tools::caps::gql_items_per_page, 200)},
      {"max_probe_runs",
       {"MCP_MAX_PROBE_RUNS"},
       "N",
       "50",
       "Runs that probe_project_tool samples",
       cap(&tools::caps::probe_runs, 100)},
      {"max_schema_sample_rows",
       {"MCP_MAX_SCHEMA_SAMPLE_ROWS"},
       "N",
       "500",
       "Traces that infer_trace_schema_tool samples",
       cap(&tools::caps::schema_sample_rows, 1000)},
    }};
}

option_group tools_offered() {
  return {
    "Tools",
    {
      restricting({"toolsets",
                   {"WANDB_MCP_TOOLSETS"},
                   "A,B",
                   "all of them",
                   "Tools to offer, of models, weave, registry, reports, docs",
                   names(&tools::selection::toolsets)}),
      restricting({"tool_profile",
                   {"WANDB_MCP_TOOL_PROFILE"},
                   "NAME",
                   "",
                   "The same by the Python server's names: models-only, "
                   "models-weave, models-weave-agents, "
                   "models-weave-agents-aria, "
                   "models-weave-agents-agent-lens, "
                   "models-weave-graphql-compat",
                   word(&s::tool_profile,
                        {"models-only", "models-weave", "models-weave-agents",
                         "models-weave-agents-aria",
                         "models-weave-agents-agent-lens",
                         "models-weave-graphql-compat"})}),
      restricting({"weave_tools",
                   {"WANDB_MCP_ENABLE_WEAVE_TOOLS"},
                   nullptr,
                   "true",
                   "Offer the Weave tools",
                   flag(&s::weave_tools)}),
      restricting({"weave_agent_tools",
                   {"WANDB_MCP_ENABLE_WEAVE_AGENT_TOOLS"},
                   nullptr,
                   "true",
                   "Offer the tools for Weave agents, where there are any",
                   flag(&s::weave_agent_tools)}),
      restricting({"raw_graphql",
                   {"WANDB_MCP_ENABLE_RAW_GRAPHQL"},
                   nullptr,
                   "true",
                   "Let query_wandb_tool take GraphQL",
                   flag(&s::raw_graphql)}),
      restricting({"read_only",
                   {"WANDB_MCP_READ_ONLY"},
                   nullptr,
                   "false",
                   "Offer no tool that writes to W&B",
                   [](settings& o, const std::string& v) {
                     return read_flag(o.offered.read_only, v);
                   }}),
      restricting({"access_mode",
                   {"WANDB_MCP_ACCESS_MODE"},
                   "read-write|read-only",
                   "read-write",
                   "The same by the Python server's name; read-only holds "
                   "when either says so",
                   word(&s::access_mode, {"read-write", "read-only"})}),
      restricting({"disable_tools",
                   {"WANDB_MCP_DISABLE_TOOLS"},
                   "A,B",
                   "",
                   "Tools not to offer, by name",
                   names(&tools::selection::disabled)}),
      {"proxy_docs",
       {"WANDB_MCP_PROXY_DOCS"},
       nullptr,
       "true",
       "Let search_wandb_docs_tool ask the documentation server",
       flag(&s::proxy_docs)},
      {"docs_mcp_url",
       {"WANDB_DOCS_MCP_URL"},
       "URL",
       "docs.coreweave.com, else docs.wandb.ai",
       "The documentation's MCP server; no key goes there",
       url(&s::docs_mcp_url)},
      {"print_tools",
       {},
       "markdown|json",
       "",
       "Print the tools that would be offered, and end",
       one_of(&s::print_tools, {"markdown", "json"})},
      {"check_health",
       {},
       nullptr,
       "",
       "Ask the server at this host and port for /health, and end: 0 is "
       "healthy",
       flag(&s::check_health)},
    }};
}

/// Takes it, and says that it does nothing.
option accepted(const char* name, const char* variable, const char* value) {
  return {name,
          {variable},
          value,
          "",
          "Taken and left out: this server logs no calls of its own to Weave",
          [name](settings& o, const std::string&) {
            o.hints.push_back(std::string(name)
                              + ": left out; this server logs no calls of its "
                                "own to Weave");
            return std::optional<std::string>();
          }};
}

option_group logs() {
  return {
    "Logs",
    {
      {"log_level",
       {"MCP_SERVER_LOG_LEVEL"},
       "LEVEL",
       "info",
       "debug, info, warning or error",
       [](s& o, const std::string& v) {
         const auto lower = in_lower_case(v);
         return one_of(&s::log_level, {"debug", "info", "warning", "error"})(
           o, lower == "warn" ? "warning" : lower);
       }},
      {"log_format",
       {"MCP_LOG_FORMAT"},
       "text|json",
       "text",
       "Log lines; json: one object a line",
       [](s& o, const std::string& v) -> std::optional<std::string> {
         // What the Python server calls its coloured text.
         return one_of(&s::log_format,
                       {"text", "json"})(o, v == "rich" ? "text" : v);
       }},
      {"log_privacy_level",
       {"MCP_LOG_PRIVACY_LEVEL"},
       "LEVEL",
       "standard",
       "off, standard or strict: strict leaves out session ids' first "
       "characters and clients' addresses",
       one_of(&s::log_privacy, {"off", "standard", "strict"})},
      for_http({"session_prefix_length",
                {"SESSION_PREFIX_LENGTH"},
                "N",
                "12",
                "Characters of a session id in the log",
                number(&s::session_prefix_length, 0, 32)}),
      {"core_dumps",
       {"MCP_CORE_DUMPS"},
       nullptr,
       "false",
       "Allow core dumps; they hold keys",
       flag(&s::core_dumps)},
      accepted("weave_entity", "MCP_LOGS_WANDB_ENTITY", "NAME"),
      accepted("weave_project", "MCP_LOGS_WANDB_PROJECT", "NAME"),
    }};
}

} // namespace

std::vector<option_group> offer_options() {
  return {sessions(), calls(), tools_offered(), logs()};
}

} // namespace mcp
