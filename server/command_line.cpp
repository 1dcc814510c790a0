#include "server/command_line.hpp"

#include "protocol/near_names.hpp"
#include "server/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace mcp {
namespace {

/// The command line as CLI11 sees it: each option's text, not yet understood.
struct command_line {
  CLI::App app;
  std::map<std::string, std::string> values;

  command_line() {
    app.set_help_flag("-h,--help");
    app.set_version_flag("--version", MCP_VERSION);
    for (const auto& o : options()) {
      auto& value = values[o.name];
      if (o.value)
        app.add_option("--" + o.name, value)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      else
        app.add_flag("--" + o.name + "{true}", value);
    }
  }
};

/// "--seal-key-file=x" -> "--seal_key_file=x".
std::string with_underscores(std::string word) {
  if (word.starts_with("--"))
    std::replace(
      word.begin() + 2,
      word.begin()
        + static_cast<std::ptrdiff_t>(std::min(word.find('='), word.size())),
      '-', '_');
  return word;
}

/// What to say of a word that looks like an option and is none.
std::optional<std::string> unknown_option(const std::string& word) {
  if (!word.starts_with("--") || word.size() == 2)
    return {};
  const auto name = word.substr(2, word.find('=') - 2);
  std::vector<std::string> known{"help", "version"};
  for (const auto& o : options())
    known.push_back(o.name);
  if (std::find(known.begin(), known.end(), name) != known.end())
    return {};
  auto near = near_names(name, known);
  for (auto& n : near)
    n = "--" + n;
  const auto meant = did_you_mean(near);
  return "--" + name + ": there is no such option; "
         + (meant.empty() ? "see --help" : meant);
}

} // namespace

result<option_sources>
read_command_line(const std::vector<std::string>& arguments, settings& s) {
  command_line line;
  // CLI11 wants the words last to first.
  std::vector<std::string> words;
  for (auto it = arguments.rbegin(); it != arguments.rend(); ++it)
    words.push_back(with_underscores(*it));
  for (auto it = words.rbegin(); it != words.rend(); ++it)
    if (auto wrong = unknown_option(*it))
      return failure{.code = errc::bad_argument, .message = std::move(*wrong)};
  option_sources given;
  try {
    line.app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    s.show_help = true;
    return given;
  } catch (const CLI::CallForVersion&) {
    s.show_version = true;
    return given;
  } catch (const CLI::ParseError& e) {
    return failure{.code = errc::bad_argument,
                   .message = std::string(e.what()) + "; see --help"};
  }
  for (const auto& o : options()) {
    if (line.app.count("--" + o.name) == 0)
      continue;
    const auto& v = line.values[o.name];
    if (o.restricts && o.value && v.find_first_not_of(" \t") == v.npos)
      return failure{.code = errc::bad_argument,
                     .message = "--" + o.name
                                + ": it is empty, which may be a restriction "
                                  "that got lost"};
    if (auto wanted = o.set(s, v))
      return failure{.code = errc::bad_argument,
                     .message = "--" + o.name + ": expected " + *wanted};
    given.emplace(o.name, "--" + o.name);
  }
  return given;
}

} // namespace mcp
