#include "protocol/mcp/capabilities.hpp"
#include "server/logging.hpp"
#include "server/serve.hpp"
#include "tests/conformance/everything.hpp"

#include <csignal>
#include <cstdio>
#include <string>

/// mcp-everything --port N: serves on loopback without authentication until
/// SIGTERM. The log on stderr says "ready at URL".
int main(int argc, char** argv) {
  auto settings = mcp::read_settings(
    {argv + 1, argv + argc},
    {.value = [](const char*) { return std::optional<std::string>(); }});
  if (!settings) {
    std::fprintf(stderr, "mcp-everything: %s\n",
                 settings.error().message.c_str());
    return 2;
  }
  // Checked here: read_settings saw a server that asks for a key.
  if (!settings->listens_on_loopback()) {
    std::fputs("mcp-everything: serves without authentication, so --host must "
               "be a loopback address\n",
               stderr);
    return 2;
  }
  settings->auth_disabled = true;
  settings->wandb_api_key = mcp::secret(std::string(40, 'e'));
  // All of them are the one user's, and load tests open many.
  settings->max_sessions_per_key = 100000;

  auto services = std::make_shared<mcp::session_services>();
  services->catalog =
    std::make_shared<mcp::tools::catalog>(mcp::everything::everything());
  services->limits = std::make_shared<mcp::tools::call_limits>();
  auto& has = services->features;
  has.tools_changed = has.prompts = has.prompts_changed = true;
  has.resources = has.resources_changed = has.resources_subscribe = true;
  has.logging = has.completions = true;
  has.extensions[mcp::tasks_extension] = boost::json::object{};
  mcp::hosted what{
    services,
    {"mcp-everything", "Everything", MCP_VERSION, "One of everything."}};
  what.task_patience = std::chrono::milliseconds(100);

  std::signal(SIGPIPE, SIG_IGN);
  mcp::start_logging(*settings);
  const int exit_code = mcp::serve_http(*settings, what);
  mcp::stop_logging();
  return exit_code;
}
