#include "server/variables.hpp"

#include "protocol/near_names.hpp"
#include "server/option_values.hpp"

#include <algorithm>
#include <map>

namespace mcp {
namespace {

constexpr std::string_view no_telemetry =
  "left out: this server sends telemetry to nobody";
constexpr std::string_view no_classes =
  "left out: nothing here is sized in units or workers; a user has 16 requests "
  "to W&B at a time, a session 64 calls";
constexpr std::string_view no_such_cap =
  "there is no such cap here; max_response_tokens and max_accumulated_bytes "
  "bound what a call may hold";
constexpr std::string_view no_private_tools =
  "left out: Aria and Agent Lens are private services of W&B's, and their "
  "tools are not here";
constexpr std::string_view files_only =
  "left out: secrets are read from files here, see seal_key_file";
constexpr std::string_view holds_anyway = "";

constexpr idle_variable idle[] = {
  {"MCP_CAPACITY_CLASS", no_classes},
  {"MCP_ADMISSION_CONTROL_ENABLED", no_classes, true},
  {"MCP_ADMISSION_WAIT_MS", no_classes},
  {"MCP_ADMISSION_ACTOR_CAPACITY", no_classes},
  {"MCP_ADMISSION_PROCESS_CAPACITY", no_classes},
  {"MCP_SYNC_TOOL_WORKERS", no_classes},
  {"MCP_COUNT_TOOL_WORKERS", no_classes},
  {"MCP_MAX_FULL_TRACE_LIMIT", no_such_cap},
  {"MCP_MAX_HISTORY_RANGE_STEPS", no_such_cap},
  {"MCP_MAX_PROJECT_FIELDS", no_such_cap},
  {"MCP_MAX_EVALUATION_ROWS", no_such_cap},
  {"WANDB_MCP_ENABLE_ARIA_TOOLS", no_private_tools, true},
  {"WB_AGENT_BASE_URL", no_private_tools},
  {"AGENT_LENS_BASE_URL", no_private_tools},
  {"MCP_HOSTED_MODE", holds_anyway},
  {"MCP_SERVER_ENABLE_HMAC_SHA256_SESSIONS",
   "session ids are always sealed here; instances share them by seal_key_file",
   true},
  {"MCP_SERVER_SECRETS_PROVIDER", files_only},
  {"MCP_SERVER_SECRETS_PROJECT", files_only},
  {"MCP_SERVER_SECRETS_PROVIDER_PROJECT", files_only},
  {"MCP_ANALYTICS_DISABLED", holds_anyway},
  {"MCP_ANALYTICS_LOG_STREAM", no_telemetry},
  {"MCP_ANALYTICS_QUEUE_CAPACITY", no_telemetry},
  {"MCP_ANALYTICS_TEST_BUFFER_CAPACITY", no_telemetry},
  {"MCP_REQUEST_SUCCESS_SAMPLE_RATE", no_telemetry},
  {"MCP_HARNESS_DEBUG_FIELDS", no_telemetry, true},
  {"MCP_SEGMENT_FORWARD", no_telemetry, true},
  {"MCP_SEGMENT_DRY_RUN", no_telemetry, true},
  {"MCP_DATADOG_FORWARD", no_telemetry, true},
  {"MCP_RELEASE_VERSION", no_telemetry},
  {"MCP_DEPLOYMENT_ID", no_telemetry},
  {"MCP_DEPLOYMENT_TYPE", no_telemetry},
  {"MCP_RUNTIME_SURFACE", no_telemetry},
  {"MCP_TRACE_LIST_OPERATIONS",
   "left out: this server logs no calls of its own to Weave", true},
  {"WANDBOT_BASE_URL", "left out: documentation is searched at docs_mcp_url"},
  // Other programs set these too, and by themselves they ask for nothing.
  {"DD_API_KEY", holds_anyway},
  {"DD_SITE", holds_anyway},
  {"DD_SERVICE", holds_anyway},
  {"DD_ENV", holds_anyway},
  {"DD_VERSION", holds_anyway},
  {"DD_AGENT_HOST", holds_anyway},
  {"ENVIRONMENT", holds_anyway},
  {"WANDB_SILENT", holds_anyway},
  {"WEAVE_SILENT", holds_anyway},
  {"WANDB_DEBUG", holds_anyway},
  {"WEAVE_DISABLED", holds_anyway},
};

/// The option that a variable is of; null for another.
const option* option_of(std::string_view variable) {
  for (const auto& o : options())
    for (const auto* v : o.variables)
      if (variable == v)
        return &o;
  return nullptr;
}

bool is_idle(std::string_view name) {
  return std::any_of(std::begin(idle), std::end(idle),
                     [&](const auto& v) { return v.name == name; });
}

std::vector<std::string> known_names() {
  std::vector<std::string> out;
  for (const auto& o : options())
    out.insert(out.end(), o.variables.begin(), o.variables.end());
  for (const auto& v : idle)
    out.emplace_back(v.name);
  return out;
}

/// One line for all variables of which the same is to be said.
void tell_idle(settings& s, const decltype(surroundings::value)& value) {
  std::map<std::string_view, std::string> told;
  for (const auto& v : idle) {
    const auto given = value(std::string(v.name).c_str());
    if (!given || given->empty() || v.why.empty())
      continue;
    bool on = true;
    if (v.is_switch && !take::read_flag(on, *given) && !on)
      continue;
    auto& names = told[v.why];
    names += (names.empty() ? "" : ", ") + std::string(v.name);
  }
  for (const auto& [why, names] : told)
    s.hints.push_back(names + ": " + std::string(why));
}

} // namespace

std::span<const idle_variable> idle_variables() {
  return idle;
}

bool is_of_python_server(std::string_view name) {
  static constexpr std::string_view its[] = {
    "MCP_AUTH_DISABLED", "SESSION_TTL_SECONDS", "MAX_SESSIONS_PER_KEY",
    "SESSION_PREFIX_LENGTH"};
  return std::find(std::begin(its), std::end(its), name) != std::end(its);
}

std::optional<failure> check_variables(settings& s,
                                       const std::vector<std::string>& names,
                                       const decltype(surroundings::value)&
                                         value) {
  tell_idle(s, value);
  const auto known = known_names();
  for (const auto& name : names) {
    const bool ours = name.starts_with("WANDB_MCP_");
    if ((!ours && !name.starts_with("MCP_")) || option_of(name)
        || is_idle(name))
      continue;
    const auto near = near_names(name, known);
    const auto meant = did_you_mean(near);
    const auto message = name + ": there is no such variable"
                         + (meant.empty() ? "" : "; " + meant);
    const auto restricts = [](const std::string& n) {
      const auto* o = option_of(n);
      return o && o->restricts;
    };
    // Whoever wrote WANDB_MCP_READONLY, or MCP_READ_ONLY, must not get a server
    // that writes.
    if (ours ? std::any_of(near.begin(), near.end(), restricts)
             : !near.empty() && restricts(near.front()))
      return failure{.code = errc::bad_argument, .message = message};
    s.hints.push_back(message + (meant.empty() ? "; it is left out" : ""));
  }
  return {};
}

} // namespace mcp
