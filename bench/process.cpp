#include "bench/load.hpp"

#include <fstream>
#include <sstream>
#include <unistd.h>

namespace mcp::bench {

std::uint64_t resident_bytes(int pid) {
  if (pid <= 0)
    return 0;
  std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds(int pid) {
  if (pid <= 0)
    return 0;
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::stringstream text;
  text << in.rdbuf();
  // The name may hold anything, but ends at the last parenthesis.
  std::istringstream rest(text.str().substr(text.str().rfind(')') + 1));
  std::string skip;
  for (int i = 3; i < 14; ++i)
    rest >> skip;
  double user = 0, system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

} // namespace mcp::bench
