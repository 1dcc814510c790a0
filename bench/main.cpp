#include "bench/report.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sys/resource.h>

namespace {

namespace bench = mcp::bench;
namespace json = boost::json;

struct wishes {
  std::string scenario = "ping";
  std::string url = "http://127.0.0.1:8080/mcp";
  std::string era = "session";
  std::string key = std::string(40, 'b');
  std::string key_file;
  std::size_t tenants = 0;
  std::string mix; // "ping=5,call=3"
  std::string method, params, name, expect, notify;
  double warm_up = 1, duration = 5;
  int think_ms = 0;
  std::string format = "text";
  std::string html;
  bool quiet = false;
  bench::load_options load;
};

void add_options(CLI::App& app, wishes& w) {
  app.add_option("scenario", w.scenario,
                 "ping, list, call (a tool without upstream), query (one "
                 "upstream request each), connect (sessions come and go), "
                 "sessions (hold many, and call), streams (hold many event "
                 "streams), mixed, slow-upstream, custom, raw");
  app.add_option("--url", w.url, "the MCP endpoint, by address");
  app.add_option("--era", w.era, "session or stateless (2026-07-28)")
    ->check(CLI::IsMember({"session", "stateless"}));
  app.add_option("--key", w.key, "the API key");
  app.add_option("--key_file", w.key_file, "API keys, one tenant a line");
  app.add_option("--tenants", w.tenants, "as many made-up API keys");
  app.add_option("--mix", w.mix, "of mixed: \"ping=5,list=1,query=4\"");
  app.add_option("--method", w.method, "of custom");
  app.add_option("--params", w.params,
                 "of custom: JSON; %N becomes a running number");
  app.add_option("--name", w.name, "of custom: the tool's, for its header");
  app.add_option("--expect", w.expect, "of custom: a right answer holds it");
  app.add_option("--notify", w.notify,
                 "of streams: a tool that makes the server notify everybody");
  app.add_option("--connections,-c", w.load.connections);
  app.add_option("--sessions,-n", w.load.sessions, "spread over the keys");
  app.add_option("--threads,-t", w.load.threads, "of the load generator");
  app.add_option("--rate,-r", w.load.rate,
                 "requests/s, open loop; 0: as fast as answers come");
  app.add_flag("--own_sessions", w.load.own_sessions,
               "each connection keeps to one session, instead of rotating "
               "over all");
  app.add_option("--think", w.think_ms,
                 "milliseconds a connection waits after an answer");
  app.add_option("--duration,-d", w.duration, "seconds");
  app.add_option("--warm_up", w.warm_up, "seconds, not counted");
  app.add_option("--requests", w.load.requests, "end after that many");
  app.add_option("--seed", w.load.seed);
  app.add_option("--pid", w.load.server_pid, "the server's, to watch it");
  app.add_option("--format", w.format)->check(CLI::IsMember({"text", "json"}));
  app.add_option("--html", w.html, "write a page with plots to this file");
  app.add_flag("--quiet,-q", w.quiet, "no line a second");
}

void read_url(wishes& w) {
  auto& to = w.load.server;
  constexpr std::string_view scheme = "http://";
  auto rest = std::string_view(w.url);
  if (!rest.starts_with(scheme))
    throw std::invalid_argument("--url: expected http://ADDRESS:PORT/PATH");
  rest.remove_prefix(scheme.size());
  const auto slash = rest.find('/');
  const auto place = rest.substr(0, slash);
  to.path = slash == rest.npos ? "/" : std::string(rest.substr(slash));
  const auto colon = place.rfind(':');
  to.host = place.substr(0, colon);
  if (to.host == "localhost")
    to.host = "127.0.0.1";
  to.port = colon == place.npos ? std::uint16_t{80}
                                : static_cast<std::uint16_t>(std::stoi(
                                  std::string(place.substr(colon + 1))));
  to.speaks = w.scenario == "raw"    ? bench::dialect::raw
              : w.era == "stateless" ? bench::dialect::stateless
                                     : bench::dialect::session;
}

void read_keys(wishes& w) {
  for (std::size_t i = 0; i < w.tenants; ++i)
    w.load.keys.push_back(fmt::format("{:040x}", i + 0xbe7c4));
  if (w.key_file.empty()) {
    if (w.load.keys.empty())
      w.load.keys = {w.key};
    return;
  }
  std::ifstream in(w.key_file);
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      w.load.keys.push_back(line);
  if (w.load.keys.empty())
    throw std::invalid_argument("--key_file: no key in " + w.key_file);
}

void read_questions(wishes& w) {
  auto& out = w.load.questions;
  if (w.scenario == "custom") {
    out.push_back({w.method, w.params, w.name, w.expect});
  } else if (w.scenario == "mixed") {
    std::stringstream parts(w.mix.empty() ? "ping=4,list=1,call=3,query=2"
                                          : w.mix);
    for (std::string part; std::getline(parts, part, ',');) {
      const auto equals = part.find('=');
      auto q = bench::question_named(part.substr(0, equals));
      if (equals != part.npos)
        q.weight = std::stoi(part.substr(equals + 1));
      out.push_back(std::move(q));
    }
  } else {
    const bool queries = w.scenario == "slow-upstream" || w.scenario == "query";
    out.push_back(bench::question_named(queries                    ? "query"
                                        : w.scenario == "sessions" ? "call"
                                        : w.scenario == "raw"      ? "ping"
                                        : w.scenario == "connect"  ? "ping"
                                        : w.scenario == "streams"
                                          ? "ping"
                                          : w.scenario));
  }
}

int run(wishes& w) {
  const bench::progress_line tell =
    w.quiet ? bench::progress_line{} : [](const std::string& line) {
      std::fprintf(stderr, "%s\n", line.c_str());
    };
  if (w.scenario == "streams") {
    bench::question notify{"tools/call",
                           R"({"name":")" + w.notify + R"(","arguments":{}})",
                           w.notify, "result"};
    const auto r =
      bench::run_streams(w.load, w.notify.empty() ? nullptr : &notify);
    std::cout << (w.format == "json" ? json::serialize(to_json(r)) + "\n"
                                     : to_text(r));
    return 0;
  }
  const auto r = w.scenario == "connect" ? bench::run_churn(w.load, tell)
                                         : bench::run_load(w.load, tell);
  if (!w.html.empty())
    std::ofstream(w.html) << to_html(w.scenario, r);
  std::cout << (w.format == "json" ? json::serialize(to_json(r)) + "\n"
                                   : to_text(w.scenario, r));
  return r.failures() == 0 && r.right > 0 ? 0 : 1;
}

} // namespace

/// Exit code 0 when every answer was right, 1 when one was not, 2 for options
/// that mean nothing.
int main(int argc, char** argv) {
  wishes w;
  CLI::App app("Puts load on an MCP server and says how it did.");
  add_options(app, w);
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  try {
    w.load.duration =
      std::chrono::milliseconds(static_cast<std::int64_t>(w.duration * 1000));
    w.load.warm_up =
      std::chrono::milliseconds(static_cast<std::int64_t>(w.warm_up * 1000));
    w.load.think = std::chrono::milliseconds(w.think_ms);
    read_url(w);
    read_keys(w);
    read_questions(w);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "mcp-bench: %s\n", e.what());
    return 2;
  }
  try {
    return run(w);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "mcp-bench: %s\n", e.what());
    return 1;
  }
}
