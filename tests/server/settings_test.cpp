#include "server/local_files.hpp"
#include "tests/server/reading.hpp"

using namespace mcp;
using namespace mcp::testing;

namespace {

struct bad_value {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> variables;
  const char* says;
};

} // namespace

TEST_CASE("without anything, the documented defaults hold", "[server]") {
  const auto s = read({});
  REQUIRE(s.has_value());
  CHECK(s->transport == "http");
  CHECK(s->host == "127.0.0.1");
  CHECK(s->port == 8080);
  CHECK(s->wandb_base_url == "https://api.wandb.ai");
  CHECK(s->trace_server_url == "https://trace.wandb.ai");
  CHECK(s->app_url == "https://wandb.ai");
  CHECK(s->session_ttl == std::chrono::hours(1));
  CHECK(s->session_max_age == std::chrono::hours(24));
  CHECK(s->max_sessions_per_key == 10);
  CHECK(s->max_response_tokens == 22500);
  CHECK_FALSE(s->auth_disabled);
}

TEST_CASE("dashes and underscores are the same, and = is a space", "[server]") {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"--session_ttl_seconds", "5"},
                                             {"--session-ttl-seconds", "5"},
                                             {"--session-ttl_seconds=5"}}) {
    const auto s = read(words);
    REQUIRE(s.has_value());
    CHECK(s->session_ttl == std::chrono::seconds(5));
  }
}

TEST_CASE("an option wins over its variable", "[server]") {
  CHECK(read({}, {{"MCP_PORT", "1234"}})->port == 1234);
  CHECK(read({"--port", "99"}, {{"MCP_PORT", "1234"}})->port == 99);
  // Set but empty is not set.
  CHECK(read({}, {{"MCP_PORT", ""}})->port == 8080);
  CHECK(read({}, {{"WEAVE_TRACE_SERVER_URL", "http://a/"},
                  {"WF_TRACE_SERVER_URL", "http://b"}})
          ->trace_server_url
        == "http://b");
  CHECK(read({}, {{"WEAVE_TRACE_SERVER_URL", "http://a/"}})->trace_server_url
        == "http://a");
}

TEST_CASE("switches take the usual words", "[server]") {
  for (const auto* yes : {"true", "TRUE", "1", "yes", "on"})
    CHECK(read({}, {{"MCP_AUTH_DISABLED", yes}, {"WANDB_API_KEY", some_key}})
            ->auth_disabled);
  for (const auto* no : {"false", "False", "0", "no", "off"})
    CHECK_FALSE(read({}, {{"MCP_AUTH_DISABLED", no}})->auth_disabled);
}

TEST_CASE("a bad value names its place and what it takes", "[server]") {
  const auto c = GENERATE(values<bad_value>({
    {{"--port", "70000"}, {}, "--port: expected a whole number"},
    {{"--port", "80x"}, {}, "--port"},
    {{"--port", "-1"}, {}, "--port"},
    {{"--host", "no such host"}, {}, "--host: expected an IP address"},
    {{"--transport", "sse"}, {}, "one of http stdio"},
    {{}, {{"MCP_PORT", "x"}}, "MCP_PORT: expected"},
    {{}, {{"MCP_AUTH_DISABLED", "maybe"}}, "MCP_AUTH_DISABLED: expected true"},
    {{}, {{"SESSION_TTL_SECONDS", "0"}}, "SESSION_TTL_SECONDS"},
    {{}, {{"MAX_RESPONSE_TOKENS", "1.5"}}, "MAX_RESPONSE_TOKENS"},
    {{}, {{"WANDB_BASE_URL", "api.wandb.ai"}}, "an http or https URL"},
    {{}, {{"WANDB_BASE_URL", "https://u:p@api.wandb.ai"}}, "without credent"},
    {{"--toolsets", "weaves"}, {}, "there is no toolset"},
    {{"--toolsets", "weave,,docs"}, {}, "--toolsets: expected names"},
    {{"--disable_tools", "query"}, {}, "there is no tool"},
    {{}, {{"WANDB_MCP_READ_ONLY", "perhaps"}}, "WANDB_MCP_READ_ONLY"},
    {{}, {{"MCP_LOG_FORMAT", "xml"}}, "one of text json"},
    {{}, {{"WANDB_API_KEY", "too-short"}}, "WANDB_API_KEY: expected a W&B"},
    {{"--nonsense"}, {}, "--nonsense"},
    {{"nonsense"}, {}, "nonsense"},
    {{"--port"}, {}, "--port"},
  }));
  const auto s = read(c.arguments, c.variables);
  REQUIRE_FALSE(s.has_value());
  CHECK_THAT(s.error().message, Catch::Contains(c.says));
  CHECK_THAT(s.error().message, !Catch::Contains("too-short"));
}

TEST_CASE("no authentication is for loopback, unless said twice", "[server]") {
  const std::map<std::string, std::string> off{{"MCP_AUTH_DISABLED", "true"},
                                               {"WANDB_API_KEY", some_key}};
  CHECK(read({}, off).has_value());
  CHECK(read({"--host", "localhost"}, off).has_value());
  CHECK(read({"--host", "::1"}, off).has_value());
  CHECK_FALSE(read({"--host", "0.0.0.0"}, off).has_value());
  CHECK(read({"--host", "0.0.0.0", "--allow_unauthenticated_remote"}, off)
          .has_value());
  CHECK_FALSE(read({}, {{"MCP_AUTH_DISABLED", "true"}}).has_value());
}

TEST_CASE("white space around the key is left out, and said", "[server]") {
  const auto s = read({}, {{"WANDB_API_KEY", " " + some_key + "\r\n"}});
  REQUIRE(s.has_value());
  CHECK(s->wandb_api_key.reveal() == some_key);
  REQUIRE(s->hints.size() == 1);
  CHECK_THAT(s->hints[0], Catch::StartsWith("WANDB_API_KEY"));
  CHECK_THAT(s->hints[0], !Catch::Contains(some_key));
  CHECK(read({}, {{"WANDB_API_KEY", some_key}})->hints.empty());
}

TEST_CASE("sign-in needs to know where it is", "[server]") {
  const auto s = read({"--oauth", "--public_url", "https://mcp.example.com/"});
  REQUIRE(s.has_value());
  CHECK(s->auth == "both");
  CHECK(s->has_oauth());
  CHECK(s->public_url == "https://mcp.example.com");
  // A proxy may ask by either name, and our own pages send forms.
  CHECK(s->allowed_hosts
        == std::vector<std::string>{"mcp.example.com", "localhost", "127.0.0.1",
                                    "[::1]"});
  CHECK(s->allowed_origins
        == std::vector<std::string>{"https://mcp.example.com"});
  CHECK(read({"--auth", "oauth", "--public_url", "http://localhost:8080"})
          .has_value());
  CHECK_FALSE(read({})->has_oauth());
}

TEST_CASE("settings of sign-in that would not work are refused", "[server]") {
  const auto c = GENERATE(values<bad_value>({
    {{"--oauth"}, {}, "needs public_url"},
    {{"--auth", "both"}, {}, "needs public_url"},
    {{"--auth", "basic"}, {}, "--auth"},
    {{"--oauth", "--public_url", "http://mcp.example.com"}, {}, "https"},
    {{"--oauth", "--public_url", "https://mcp.example.com/mcp"},
     {},
     "without a path"},
    {{"--oauth", "--public_url", "mcp.example.com"}, {}, "--public_url"},
    {{"--oauth", "--public_url", "https://a.example", "--store", "mysql://x"},
     {},
     "--store"},
    {{"--oauth", "--public_url", "http://localhost:1"},
     {{"MCP_AUTH_DISABLED", "true"}, {"WANDB_API_KEY", some_key}},
     "exclude each other"},
  }));
  const auto s = read(c.arguments, c.variables);
  REQUIRE_FALSE(s.has_value());
  CHECK_THAT(s.error().message, Catch::Contains(c.says));
}

TEST_CASE("what must be remembered is kept where programs keep it",
          "[server]") {
  CHECK(read({}, {{"STATE_DIRECTORY", "/var/lib/x"}, {"HOME", "/home/u"}})
          ->state_folder
        == "/var/lib/x");
  CHECK(read({}, {{"XDG_STATE_HOME", "/s"}, {"HOME", "/home/u"}})->state_folder
        == "/s/wandb-mcp-server");
  CHECK(read({}, {{"HOME", "/home/u"}})->state_folder
        == "/home/u/.local/state/wandb-mcp-server");
  CHECK(read({})->state_folder.empty());
}

TEST_CASE("stdio needs a key", "[server]") {
  CHECK_FALSE(read({"--transport", "stdio"}).has_value());
  CHECK(
    read({"--transport", "stdio"}, {{"WANDB_API_KEY", some_key}}).has_value());
}

TEST_CASE("the password of the right machine is read from netrc", "[server]") {
  const std::string netrc = "machine other.example\n  login user\n"
                            "  password wrong\n"
                            "machine api.wandb.ai login user password right\n"
                            "default login a password b\n";
  CHECK(netrc_password(netrc, "api.wandb.ai") == "right");
  CHECK(netrc_password(netrc, "nobody.example").empty());
  CHECK(netrc_password("machine", "x").empty());
  CHECK(netrc_password("machine x password", "x").empty());
  CHECK(netrc_password("machine x login password password p", "x") == "p");
}

TEST_CASE("a .env file's lines are names and values", "[server]") {
  const auto all = parse_dotenv("# comment\nA=1\n export B = two words \n"
                                "C=\"quoted # not a comment\" # comment\n"
                                "D='x'\r\nE=v # comment\nnothing\n=\n");
  const std::map<std::string, std::string> m(all.begin(), all.end());
  CHECK(m.at("A") == "1");
  CHECK(m.at("B") == "two words");
  CHECK(m.at("C") == "quoted # not a comment");
  CHECK(m.at("D") == "x");
  CHECK(m.at("E") == "v");
}

TEST_CASE("tools are chosen by name, with blanks around them", "[server]") {
  const auto s = read({"--toolsets", "weave, models", "--read-only"},
                      {{"WANDB_MCP_DISABLE_TOOLS", "list_entities_tool"}});
  REQUIRE(s.has_value());
  CHECK(s->offered.toolsets == std::vector<std::string>{"weave", "models"});
  CHECK(s->offered.read_only);
  CHECK(s->offered.disabled == std::vector<std::string>{"list_entities_tool"});
}

TEST_CASE("printing the tools needs no key", "[server]") {
  const auto s = read({"--transport", "stdio", "--print_tools", "json"});
  REQUIRE(s.has_value());
  CHECK(s->print_tools == "json");
  CHECK_FALSE(read({"--print_tools", "yaml"}).has_value());
}
