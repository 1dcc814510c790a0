#include "server/local_files.hpp"

#include <fstream>
#include <sstream>

namespace mcp {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return in ? out.str() : std::string();
}

std::string netrc_password(std::string_view netrc, std::string_view host) {
  std::istringstream in{std::string(netrc)};
  bool here = false;
  for (std::string word; in >> word;) {
    if (word == "machine") {
      in >> word;
      here = word == host;
    } else if (word == "default") {
      here = false;
    } else if (word == "login" || word == "account") {
      in >> word;
    } else if (word == "password") {
      if (in >> word && here)
        return word;
    }
  }
  return {};
}

std::vector<std::pair<std::string, std::string>>
parse_dotenv(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  std::istringstream in{std::string(text)};
  const auto trim = [](std::string s) {
    const auto first = s.find_first_not_of(" \t\r");
    if (first == s.npos)
      return std::string();
    return s.substr(first, s.find_last_not_of(" \t\r") - first + 1);
  };
  for (std::string line; std::getline(in, line);) {
    line = trim(line);
    if (line.starts_with("export "))
      line = trim(line.substr(7));
    const auto equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == line.npos)
      continue;
    auto value = trim(line.substr(equals + 1));
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'')
        && value.find(value[0], 1) != value.npos)
      value = value.substr(1, value.find(value[0], 1) - 1);
    else
      value = trim(value.substr(0, value.find(" #")));
    out.emplace_back(trim(line.substr(0, equals)), value);
  }
  return out;
}

} // namespace mcp
