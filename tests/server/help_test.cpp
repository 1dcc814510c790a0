// What people read about options is what there is.
#include "server/options.hpp"
#include "server/local_files.hpp"
#include "server/ready_line.hpp"
#include "server/variables.hpp"
#include "tests/server/reading.hpp"

#include <algorithm>
#include <set>
#include <sstream>

using namespace mcp;
using namespace mcp::testing;

namespace {

const std::string root = MCP_SOURCE_FOLDER;

std::string in_code(const std::string& text) {
  return "`" + text + "`";
}

/// How a row of README's table begins: option, variables, default.
std::string row_of(const option& o) {
  std::string row = "| " + in_code("--" + o.name) + " | ";
  for (std::size_t i = 0; i < o.variables.size(); ++i)
    row += (i ? ", " : "") + in_code(o.variables[i]);
  row += o.variables.empty() ? "| " : " | ";
  const std::string fallback = o.fallback;
  // A value is code, words are not.
  const bool value = fallback.find(' ') == fallback.npos;
  if (!fallback.empty())
    row += (value ? in_code(fallback) : fallback) + " ";
  return row + "|";
}

} // namespace

TEST_CASE("README's table has every option, and no other", "[server]") {
  const auto readme = read_file(root + "/README.md");
  std::set<std::string> rows;
  std::stringstream lines(readme);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| `--"))
      rows.insert(line);
  for (const auto& o : options()) {
    const auto row = row_of(o);
    CAPTURE(row);
    const auto at = rows.lower_bound(row);
    const bool there = at != rows.end() && at->starts_with(row);
    CHECK(there);
    if (there)
      rows.erase(at);
  }
  for (const auto& row : rows) {
    CAPTURE(row);
    CHECK(row.empty());
  }
}

TEST_CASE("the page for who comes from the Python server has every variable",
          "[server]") {
  const auto page = read_file(root + "/docs/operations.md");
  const auto begin = page.find("## Coming from the Python server");
  REQUIRE(begin != page.npos);
  const auto section = page.substr(begin);
  for (const auto& v : idle_variables()) {
    CAPTURE(v.name);
    CHECK(section.find(in_code(std::string(v.name))) != section.npos);
  }
}

TEST_CASE("--help shows every option with its variables and default",
          "[server]") {
  const auto help = usage();
  CHECK(help.starts_with("Usage: wandb-mcp-server "));
  CHECK_THAT(help, Catch::Contains("Examples:"));
  for (const auto& group : option_groups())
    CHECK_THAT(help, Catch::Contains(std::string("\n") + group.title + ":\n"));
  for (const auto& o : options()) {
    CHECK_THAT(help, Catch::Contains("  --" + o.name));
    for (const auto* v : o.variables)
      CHECK_THAT(help, Catch::Contains(v));
  }
  std::stringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((line.size() <= 80 || line.starts_with("  --")));
  }
}

TEST_CASE("every option has a variable, and each variable one option",
          "[server]") {
  std::set<std::string> seen;
  for (const auto& o : options()) {
    CAPTURE(o.name);
    // These two are things to do, and no settings.
    CHECK((!o.variables.empty() || o.name == "print_tools"
           || o.name == "check_health"));
    for (const auto* v : o.variables)
      CHECK(seen.insert(v).second);
  }
  for (const auto& v : idle_variables())
    CHECK(seen.insert(std::string(v.name)).second);
}

TEST_CASE("a misspelt option is told the nearest", "[server]") {
  for (const auto& [word, meant] :
       {std::pair{"--prot", "--port"}, {"--read-onyl", "--read_only"},
        {"--toolset=weave", "--toolsets"}, {"--hots", "--host"}}) {
    const auto s = read({word, "1"});
    REQUIRE_FALSE(s.has_value());
    CHECK_THAT(s.error().message, Catch::Contains("there is no such option")
                                    && Catch::Contains(meant));
  }
  CHECK_THAT(read({"--zzzzzzzzz"}).error().message,
             Catch::Contains("see --help"));
}

TEST_CASE("the ready line says who may come in, to what", "[server]") {
  const auto s = read({"--read_only", "--toolsets", "models,docs",
                       "--raw_graphql=false"});
  REQUIRE(s.has_value());
  CHECK(at_a_glance(*s)
        == "authentication: API keys; W&B at https://api.wandb.ai, traces at "
           "https://trace.wandb.ai; toolsets: models docs, read-only, no "
           "GraphQL");
  CHECK_THAT(at_a_glance(*read({})),
             Catch::Contains("toolsets: all, read and write"));
  CHECK_THAT(at_a_glance(*read({"--auth_disabled"},
                               {{"WANDB_API_KEY", some_key}})),
             Catch::Contains("none, the server's key for everybody")
               && !Catch::Contains(some_key));
  CHECK_THAT(at_a_glance(*read({"--oauth", "--public_url",
                                "http://localhost:1"})),
             Catch::Contains("API keys and OAuth"));
}
