#include "tests/server/reading.hpp"

using namespace mcp;
using namespace mcp::testing;

namespace {

using variables = std::map<std::string, std::string>;
using words = std::vector<std::string>;

/// "stdio: stdin is a pipe ..."
std::string chosen(const words& arguments, variables env, input_kind input) {
  env.emplace("WANDB_API_KEY", some_key);
  const auto s = read(arguments, env, input);
  return s ? s->transport + ": " + s->transport_reason : s.error().message;
}

} // namespace

TEST_CASE("whoever starts it with a pipe and a key talks to it", "[server]") {
  CHECK_THAT(chosen({}, {}, input_kind::pipe),
             Catch::StartsWith("stdio: stdin is a pipe"));
  CHECK(chosen({}, {}, input_kind::terminal) == "http: stdin is a terminal");
  CHECK(chosen({}, {}, input_kind::nothing) == "http: nobody is at stdin");
}

TEST_CASE("whatever is for a server that listens means HTTP", "[server]") {
  const auto pipe = input_kind::pipe;
  CHECK(chosen({"--port", "1"}, {}, pipe) == "http: --port");
  CHECK(chosen({"--host", "127.0.0.1"}, {}, pipe) == "http: --host");
  CHECK(chosen({}, {{"MCP_HOST", "::1"}}, pipe) == "http: MCP_HOST");
  CHECK(chosen({}, {{"MCP_PORT", "1"}}, pipe) == "http: MCP_PORT");
  CHECK(chosen({}, {{"PORT", "1"}}, pipe) == "http: PORT");
  CHECK(chosen({"--max_sessions", "100"}, {}, pipe) == "http: --max_sessions");
  CHECK(chosen({"--auth_disabled"}, {}, pipe) == "http: --auth_disabled");
  CHECK(chosen({}, {{"MCP_ALLOWED_HOSTS", "a"}}, pipe)
        == "http: MCP_ALLOWED_HOSTS");
}

TEST_CASE("what means nothing to the choice leaves it", "[server]") {
  for (const auto& arguments :
       {words{"--read_only"}, words{"--wandb_base_url", "https://a.example"},
        words{"--log_level", "debug"}, words{"--threads", "1"}})
    CHECK_THAT(chosen(arguments, {}, input_kind::pipe),
               Catch::StartsWith("stdio"));
  // The Python server's configuration for stdio may hold these.
  for (const auto& env : {variables{{"SESSION_TTL_SECONDS", "60"}},
                          variables{{"MAX_SESSIONS_PER_KEY", "3"}},
                          variables{{"MCP_AUTH_DISABLED", "true"}}})
    CHECK_THAT(chosen({}, env, input_kind::pipe), Catch::StartsWith("stdio"));
}

TEST_CASE("who says which gets it", "[server]") {
  CHECK(chosen({"--transport", "http"}, {}, input_kind::pipe)
        == "http: --transport");
  CHECK(chosen({"--transport", "stdio", "--port", "1"}, {},
               input_kind::terminal)
        == "stdio: --transport");
  CHECK(chosen({}, {{"MCP_TRANSPORT", "stdio"}}, input_kind::nothing)
        == "stdio: MCP_TRANSPORT");
  CHECK(chosen({}, {{"MCP_TRANSPORT", "streamable-http"}}, input_kind::pipe)
        == "http: MCP_TRANSPORT");
}

TEST_CASE("stdio without a key says how to serve HTTP instead", "[server]") {
  const auto s = read({}, {}, input_kind::pipe);
  REQUIRE_FALSE(s.has_value());
  CHECK_THAT(s.error().message, Catch::Contains("stdin is a pipe")
                                  && Catch::Contains("WANDB_API_KEY")
                                  && Catch::Contains("--transport http"));
}
