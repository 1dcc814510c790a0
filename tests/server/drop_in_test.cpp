// A configuration made for the Python server does here what it did there, or
// is told what it does not do.
#include "server/options.hpp"
#include "server/variables.hpp"
#include "server/wiring.hpp"
#include "tests/server/reading.hpp"

#include <algorithm>

using namespace mcp;
using namespace mcp::testing;

namespace {

using variables = std::map<std::string, std::string>;

std::vector<std::string> offered(const settings& s) {
  std::vector<std::string> out;
  for (const auto* t : offered_tools(s).tools)
    out.emplace_back(t->name);
  return out;
}

bool offers(const settings& s, const std::string& tool) {
  const auto all = offered(s);
  return std::find(all.begin(), all.end(), tool) != all.end();
}

const boost::json::value property(const settings& s, std::string_view tool,
                                  std::string_view argument) {
  const auto all = offered_tools(s);
  for (const auto* t : all.tools)
    if (t->name == tool) {
      const auto schema = boost::json::parse(t->input_schema);
      const auto& properties = schema.at("properties").as_object();
      const auto* found = properties.if_contains(argument);
      return found ? *found : boost::json::value();
    }
  return {};
}

/// What must become of a variable that is set to `value`.
enum class fate { heard, told, met };

struct python_variable {
  const char* name;
  const char* value;
  fate is;
};

// Every variable of the Python server, 0.3 and 0.4.
const python_variable all_of_python[] = {
  {"WANDB_API_KEY", "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", fate::heard},
  {"WANDB_BASE_URL", "https://a.example", fate::heard},
  {"WANDB_APP_URL", "https://a.example", fate::heard},
  {"WF_TRACE_SERVER_URL", "https://a.example", fate::heard},
  {"WEAVE_TRACE_SERVER_URL", "https://a.example", fate::heard},
  {"WANDB_HTTP_TIMEOUT", "19", fate::heard},
  {"WANDB_MCP_TOOL_PROFILE", "models-weave", fate::heard},
  {"WANDB_MCP_ACCESS_MODE", "read-only", fate::heard},
  {"WANDB_MCP_READ_ONLY", "true", fate::heard},
  {"WANDB_MCP_ENABLE_WEAVE_TOOLS", "false", fate::heard},
  {"WANDB_MCP_ENABLE_WEAVE_AGENT_TOOLS", "false", fate::heard},
  {"WANDB_MCP_ENABLE_RAW_GRAPHQL", "false", fate::heard},
  {"WANDB_MCP_ENABLE_ARIA_TOOLS", "true", fate::told},
  {"WANDB_MCP_ENABLE_ARIA_TOOLS", "false", fate::met},
  {"WANDB_MCP_PROXY_DOCS", "false", fate::heard},
  {"WANDB_DOCS_MCP_URL", "https://a.example", fate::heard},
  {"WANDBOT_BASE_URL", "https://a.example", fate::told},
  {"MCP_WORKLOAD_PROFILE", "shared", fate::heard},
  {"MCP_CAPACITY_CLASS", "small", fate::told},
  {"MCP_TOOL_TIMEOUT_SECONDS", "30", fate::heard},
  {"MCP_WANDB_REQUEST_TIMEOUT_SECONDS", "20", fate::heard},
  {"MAX_RESPONSE_TOKENS", "30000", fate::heard},
  {"MAX_ACCUMULATED_BYTES", "1073741824", fate::heard},
  {"MCP_ADMISSION_CONTROL_ENABLED", "true", fate::told},
  {"MCP_ADMISSION_CONTROL_ENABLED", "false", fate::met},
  {"MCP_ADMISSION_WAIT_MS", "2000", fate::told},
  {"MCP_ADMISSION_ACTOR_CAPACITY", "4", fate::told},
  {"MCP_ADMISSION_PROCESS_CAPACITY", "8", fate::told},
  {"MCP_SYNC_TOOL_WORKERS", "4", fate::told},
  {"MCP_COUNT_TOOL_WORKERS", "4", fate::told},
  {"MCP_MAX_QUERY_LIMIT", "100", fate::heard},
  {"MCP_MAX_FULL_TRACE_LIMIT", "25", fate::told},
  {"MCP_MAX_HISTORY_SAMPLES", "500", fate::heard},
  {"MCP_MAX_HISTORY_KEYS", "20", fate::heard},
  {"MCP_MAX_HISTORY_RANGE_STEPS", "5000", fate::told},
  {"MCP_MAX_WANDB_QUERY_ITEMS", "100", fate::heard},
  {"MCP_MAX_WANDB_QUERY_ITEMS_PER_PAGE", "50", fate::heard},
  {"MCP_MAX_FULL_DETAIL_ITEMS", "3", fate::heard},
  {"MCP_MAX_PROJECT_FIELDS", "500", fate::told},
  {"MCP_MAX_PROBE_RUNS", "6", fate::heard},
  {"MCP_MAX_EVALUATION_ROWS", "500", fate::told},
  {"MCP_MAX_SCHEMA_SAMPLE_ROWS", "100", fate::heard},
  {"MCP_MAX_GQL_ITEMS", "100", fate::heard},
  {"MCP_MAX_GQL_ITEMS_PER_PAGE", "50", fate::heard},
  {"SESSION_TTL_SECONDS", "60", fate::heard},
  {"MAX_SESSIONS_PER_KEY", "3", fate::heard},
  {"SESSION_PREFIX_LENGTH", "3", fate::heard},
  {"MCP_AUTH_DISABLED", "false", fate::heard},
  {"MCP_TRANSPORT", "http", fate::heard},
  {"MCP_HOSTED_MODE", "true", fate::met},
  {"WB_AGENT_BASE_URL", "https://a.example", fate::told},
  {"AGENT_LENS_BASE_URL", "https://a.example", fate::told},
  {"MCP_SERVER_ENABLE_HMAC_SHA256_SESSIONS", "true", fate::told},
  {"MCP_SERVER_SECRETS_PROVIDER", "gcp", fate::told},
  {"MCP_SERVER_SECRETS_PROJECT", "p", fate::told},
  {"MCP_SERVER_LOG_LEVEL", "WARNING", fate::heard},
  {"MCP_LOG_FORMAT", "rich", fate::heard},
  {"MCP_LOG_PRIVACY_LEVEL", "strict", fate::heard},
  {"MCP_ANALYTICS_DISABLED", "true", fate::met},
  {"MCP_ANALYTICS_LOG_STREAM", "stderr", fate::told},
  {"MCP_ANALYTICS_QUEUE_CAPACITY", "256", fate::told},
  {"MCP_ANALYTICS_TEST_BUFFER_CAPACITY", "100", fate::told},
  {"MCP_REQUEST_SUCCESS_SAMPLE_RATE", "0.1", fate::told},
  {"MCP_HARNESS_DEBUG_FIELDS", "true", fate::told},
  {"MCP_SEGMENT_FORWARD", "true", fate::told},
  {"MCP_SEGMENT_DRY_RUN", "true", fate::told},
  {"MCP_DATADOG_FORWARD", "true", fate::told},
  {"MCP_RELEASE_VERSION", "1", fate::told},
  {"MCP_DEPLOYMENT_ID", "x", fate::told},
  {"MCP_DEPLOYMENT_TYPE", "x", fate::told},
  {"MCP_RUNTIME_SURFACE", "x", fate::told},
  {"MCP_LOGS_WANDB_ENTITY", "x", fate::told},
  {"MCP_LOGS_WANDB_PROJECT", "x", fate::told},
  {"MCP_TRACE_LIST_OPERATIONS", "true", fate::told},
  {"DD_API_KEY", "x", fate::met},
  {"DD_SITE", "x", fate::met},
  {"DD_SERVICE", "x", fate::met},
  {"DD_ENV", "x", fate::met},
  {"DD_VERSION", "x", fate::met},
  {"DD_AGENT_HOST", "x", fate::met},
  {"ENVIRONMENT", "prod", fate::met},
  {"WANDB_SILENT", "true", fate::met},
  {"WEAVE_SILENT", "true", fate::met},
  {"WANDB_DEBUG", "true", fate::met},
  {"WEAVE_DISABLED", "true", fate::met},
};

} // namespace

TEST_CASE("every variable of the Python server works or is named", "[server]") {
  for (const auto& v : all_of_python) {
    CAPTURE(v.name, v.value);
    const auto s = read({}, {{v.name, v.value}});
    REQUIRE(s.has_value());
    std::string name = v.name;
    // These have options, whose names stand for them.
    if (name == "MCP_LOGS_WANDB_ENTITY")
      name = "weave_entity";
    if (name == "MCP_LOGS_WANDB_PROJECT")
      name = "weave_project";
    CHECK(say(s->hints, name) == (v.is == fate::told));
    const auto has = [&](const option& o) {
      return std::any_of(o.variables.begin(), o.variables.end(),
                         [&](auto* n) { return std::string(v.name) == n; });
    };
    const bool heard =
      std::any_of(options().begin(), options().end(), has);
    CHECK(heard == (v.is == fate::heard || name.starts_with("weave_")));
  }
}

TEST_CASE("a server that is asked to write nothing offers no writer",
          "[server]") {
  for (const auto& env :
       {variables{{"WANDB_MCP_ACCESS_MODE", " read-only "}},
        variables{{"WANDB_MCP_READ_ONLY", "true"}},
        // Either of them takes away; none gives back.
        variables{{"WANDB_MCP_ACCESS_MODE", "read-write"},
                  {"WANDB_MCP_READ_ONLY", "true"}},
        variables{{"WANDB_MCP_ACCESS_MODE", "read-only"},
                  {"WANDB_MCP_READ_ONLY", "false"}}}) {
    const auto s = read({}, env);
    REQUIRE(s.has_value());
    CHECK(s->offered.read_only);
    CHECK(offers(*s, "query_wandb_tool"));
    CHECK_FALSE(offers(*s, "create_wandb_report_tool"));
    CHECK_FALSE(offers(*s, "log_analysis_to_wandb"));
  }
  CHECK(offers(*read({}, {{"WANDB_MCP_ACCESS_MODE", "read-write"}}),
               "create_wandb_report_tool"));
}

TEST_CASE("a restriction that is not understood ends the start", "[server]") {
  for (const auto& [name, value, says] :
       std::vector<std::array<const char*, 3>>{
         {"WANDB_MCP_ACCESS_MODE", "readonly", "read-write read-only"},
         {"WANDB_MCP_ACCESS_MODE", "", "set and empty"},
         {"WANDB_MCP_READ_ONLY", " ", "set and empty"},
         {"WANDB_MCP_TOOL_PROFILE", "", "set and empty"},
         {"WANDB_MCP_TOOL_PROFILE", "models", "models-only"},
         {"WANDB_MCP_ENABLE_RAW_GRAPHQL", "nope", "true or false"},
         {"MCP_WORKLOAD_PROFILE", "tiny", "local shared dedicated"},
         {"WANDB_MCP_READONLY", "true", "did you mean WANDB_MCP_READ_ONLY"},
         {"WANDB_MCP_ACESS_MODE", "read-only", "WANDB_MCP_ACCESS_MODE"},
         {"WANDB_MCP_TOOLSET", "weave", "WANDB_MCP_TOOLSETS"}}) {
    CAPTURE(name, value);
    const auto s = read({}, {{name, value}});
    REQUIRE_FALSE(s.has_value());
    CHECK_THAT(s.error().message,
               Catch::StartsWith(name) && Catch::Contains(says));
  }
}

TEST_CASE("a restriction that got lost on the way ends the start", "[server]") {
  for (const auto& [arguments, variables] :
       std::vector<std::pair<std::vector<std::string>,
                             std::map<std::string, std::string>>>{
         {{"--toolsets", ""}, {}},
         {{"--disable_tools", " "}, {}},
         {{}, {{"MCP_READ_ONLY", "true"}}},
         {{}, {{"MCP_TOOLSETS", "models"}}}})
    CHECK_FALSE(read(arguments, variables).has_value());
}

TEST_CASE("a toolset that is off stays off, however often others are named",
          "[server]") {
  const auto s =
    read({"--toolsets", "models,models,models,models,models,models,weave"},
         {{"WANDB_MCP_ENABLE_WEAVE_TOOLS", "false"}});
  REQUIRE(s.has_value());
  CHECK(std::count(s->offered.toolsets.begin(), s->offered.toolsets.end(),
                   "weave")
        == 0);
}

TEST_CASE("sign-in alone is not widened to API keys", "[server]") {
  for (const auto* oauth : {"true", "false"}) {
    const auto s =
      read({"--public_url", "http://localhost:8080"},
           {{"MCP_AUTH", "oauth"}, {"MCP_OAUTH", oauth}});
    REQUIRE(s.has_value());
    CHECK(s->auth == "oauth");
  }
  CHECK(read({"--public_url", "http://localhost:8080"}, {{"MCP_OAUTH", "true"}})
          ->auth
        == "both");
}

TEST_CASE("other misspelt variables are named, with the nearest", "[server]") {
  const auto s = read({}, {{"MCP_SESION_TTL_SECONDS", "1"},
                           {"MCP_PORTS", "1"},
                           {"MCP_ZZZZZZZZ", "1"},
                           {"OTHER_MCP_PORTT", "1"},
                           {"MCP_TOOL_TIMEOUT", "1"}});
  REQUIRE(s.has_value());
  CHECK(say(s->hints, "MCP_PORTS: there is no such variable; did you mean "
                      "MCP_PORT"));
  CHECK(say(s->hints, "MCP_TOOL_TIMEOUT_SECONDS"));
  CHECK(say(s->hints, "MCP_ZZZZZZZZ: there is no such variable; it is left"));
  CHECK_FALSE(say(s->hints, "OTHER_MCP_PORTT"));
}

TEST_CASE("a profile is a choice of toolsets", "[server]") {
  const auto only = read({}, {{"WANDB_MCP_TOOL_PROFILE", "models-only"}});
  REQUIRE(only.has_value());
  CHECK_FALSE(offers(*only, "query_weave_traces_tool"));
  for (const auto* tool : {"query_wandb_tool", "list_registries_tool",
                           "create_wandb_report_tool",
                           "search_wandb_docs_tool"})
    CHECK(offers(*only, tool));
  CHECK(offers(*read({}, {{"WANDB_MCP_TOOL_PROFILE", "models-weave"}}),
               "query_weave_traces_tool"));

  const auto off = read({}, {{"WANDB_MCP_ENABLE_WEAVE_TOOLS", "false"}});
  CHECK_FALSE(offers(*off, "query_weave_traces_tool"));
  // What one of them takes away, another does not bring back.
  const auto both = read({"--toolsets", "weave,docs"},
                         {{"WANDB_MCP_TOOL_PROFILE", "models-only"}});
  REQUIRE(both.has_value());
  CHECK(offered(*both) == std::vector<std::string>{"search_wandb_docs_tool"});
  const auto nothing = read({"--toolsets", "weave"},
                            {{"WANDB_MCP_TOOL_PROFILE", "models-only"}});
  REQUIRE_FALSE(nothing.has_value());
  CHECK_THAT(nothing.error().message, Catch::Contains("leave no tool"));
  CHECK(say(read({}, {{"WANDB_MCP_TOOL_PROFILE",
                       "models-weave-agents-aria"}})->hints,
            "Aria"));
}

TEST_CASE("a cap stands in the schema, whoever gave it", "[server]") {
  const auto most = [](const settings& s) {
    return property(s, "query_weave_traces_tool", "limit").at("maximum");
  };
  CHECK(most(*read({})) == 10'000);
  CHECK(most(*read({}, {{"MCP_MAX_QUERY_LIMIT", "7"}})) == 7);
  CHECK(most(*read({}, {{"MCP_WORKLOAD_PROFILE", "shared"}})) == 100);
  const auto given = read({}, {{"MCP_WORKLOAD_PROFILE", "dedicated"},
                               {"MCP_MAX_QUERY_LIMIT", "7"},
                               {"MCP_MAX_HISTORY_SAMPLES", "40"},
                               {"MCP_MAX_HISTORY_KEYS", "3"}});
  CHECK(most(*given) == 7);
  const auto samples = property(*given, "get_run_history_tool", "samples");
  CHECK(samples.at("maximum") == 40);
  CHECK(samples.at("default") == 40);
  CHECK(property(*given, "get_run_history_tool", "keys").at("maxItems") == 3);
  CHECK(property(*given, "probe_project_tool", "sample_runs").at("maximum")
        == 12);
  const auto limits = session_services_of(*given)->limits->lists;
  CHECK(limits.max_items == 250);
  CHECK(limits.max_full_detail == 10);
  CHECK(limits.max_keys == 3);
  CHECK(limits.max_graphql_items == 250);
}

TEST_CASE("a call takes as long as the operator lets it", "[server]") {
  const auto s = read({}, {{"MCP_TOOL_TIMEOUT_SECONDS", "5"},
                           {"MCP_WANDB_REQUEST_TIMEOUT_SECONDS", "2"}});
  REQUIRE(s.has_value());
  const auto offered = offered_tools(*s);
  for (const auto* t : offered.tools)
    CHECK(t->budget == std::chrono::seconds(5));
  CHECK(session_services_of(*s)->catalog->offered().budget
        == std::chrono::seconds(5));
  CHECK(upstream_options_of(*s)->request_timeout == std::chrono::seconds(2));
  CHECK_FALSE(read({}, {{"MCP_TOOL_TIMEOUT_SECONDS", "301"}}).has_value());
}

TEST_CASE("GraphQL leaves the schema when it is off", "[server]") {
  const auto s = read({}, {{"WANDB_MCP_ENABLE_RAW_GRAPHQL", "false"}});
  REQUIRE(s.has_value());
  for (const auto* name : {"query", "variables", "max_items", "items_per_page",
                           "paginate_path"}) {
    CHECK(property(*s, "query_wandb_tool", name).is_null());
    CHECK_FALSE(property(*read({}), "query_wandb_tool", name).is_null());
  }
  CHECK_FALSE(property(*s, "query_wandb_tool", "resource").is_null());
  const auto offered = offered_tools(*s);
  for (const auto* t : offered.tools)
    if (t->name == "query_wandb_tool")
      CHECK_THAT(std::string(t->description), !Catch::Contains("GraphQL"));
}
