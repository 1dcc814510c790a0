#include "server/check_health.hpp"
#include "server/logging.hpp"
#include "server/options.hpp"
#include "server/serve.hpp"
#include "server/settings.hpp"
#include "server/wiring.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

/// Keys are in memory: neither a core file nor another process of the user may
/// have them.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

/// Programs that start a server to talk to it give it a pipe or, as Node.js
/// does, a socket. Service managers give /dev/null.
mcp::input_kind kind_of_stdin() {
  struct stat in {};
  if (fstat(STDIN_FILENO, &in) != 0)
    return mcp::input_kind::nothing;
  if (S_ISFIFO(in.st_mode) || S_ISSOCK(in.st_mode))
    return mcp::input_kind::pipe;
  return isatty(STDIN_FILENO) ? mcp::input_kind::terminal
                              : mcp::input_kind::nothing;
}

std::vector<std::string> names_of_variables() {
  std::vector<std::string> out;
  for (char** variable = environ; variable && *variable; ++variable) {
    const std::string_view text = *variable;
    out.emplace_back(text.substr(0, text.find('=')));
  }
  return out;
}

} // namespace

int main(int argc, char** argv) {
  const auto env = [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
  const auto settings = mcp::read_settings({argv + 1, argv + argc},
                                           {.value = env,
                                            .names = names_of_variables(),
                                            .input = kind_of_stdin()});
  if (!settings) {
    std::fprintf(stderr, "wandb-mcp-server: %s\n",
                 settings.error().message.c_str());
    return 2;
  }
  if (settings->show_help) {
    std::fputs(mcp::usage().c_str(), stdout);
    return 0;
  }
  if (settings->show_version) {
    std::puts("wandb-mcp-server " MCP_VERSION);
    return 0;
  }
  if (!settings->print_tools.empty()) {
    std::puts(mcp::described_tools(*settings).c_str());
    return 0;
  }
  if (settings->check_health) {
    const auto found = mcp::check_health(settings->host, settings->port);
    std::fprintf(found.healthy ? stdout : stderr, "%s\n", found.what.c_str());
    return found.healthy ? 0 : 1;
  }
  if (!settings->core_dumps)
    forbid_core_dumps();
  std::signal(SIGPIPE, SIG_IGN);
  mcp::start_logging(*settings);
  for (const auto& hint : settings->hints)
    spdlog::warn("{}", hint);
  int exit_code = 1;
  try {
    mcp::hosted all{mcp::session_services_of(*settings),
                    mcp::server_info_of(*settings)};
    if (settings->tool_timeout.count() > 0)
      all.task_budget = settings->tool_timeout;
    exit_code = settings->transport == "stdio"
                  ? mcp::serve_stdio(*settings, all)
                  : mcp::serve_http(*settings, all);
  } catch (const std::exception& e) {
    spdlog::critical("{}", e.what());
  }
  mcp::stop_logging();
  return exit_code;
}
