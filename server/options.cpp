#include "server/options.hpp"

#include <algorithm>

namespace mcp {

const std::vector<option_group>& option_groups() {
  static const auto all = [] {
    auto out = access_options();
    for (auto& group : offer_options())
      out.push_back(std::move(group));
    return out;
  }();
  return all;
}

const std::vector<option>& options() {
  static const auto all = [] {
    std::vector<option> out;
    for (const auto& group : option_groups())
      out.insert(out.end(), group.options.begin(), group.options.end());
    return out;
  }();
  return all;
}

namespace {

constexpr std::size_t width = 80;
constexpr std::size_t indent = 6;

void add_wrapped(std::string& out, const std::string& words) {
  std::size_t column = 0;
  for (std::size_t at = 0; at < words.size();) {
    const auto end = std::min(words.find(' ', at), words.size());
    const auto length = end - at;
    if (column == 0 || column + 1 + length > width) {
      out.append(column == 0 ? 0 : 1, '\n').append(indent, ' ');
      column = indent;
    } else {
      out += ' ';
      ++column;
    }
    out.append(words, at, length);
    column += length;
    at = end + 1;
  }
  out += '\n';
}

void add_option(std::string& out, const option& o) {
  out += "  --" + o.name;
  if (o.value)
    out += std::string(" ") + o.value;
  for (std::size_t i = 0; i < o.variables.size(); ++i)
    out += (i ? ", " : "  [") + std::string(o.variables[i]);
  out += o.variables.empty() ? "\n" : "]\n";
  std::string help = o.help;
  if (*o.fallback)
    help += std::string(" (default: ") + o.fallback + ")";
  add_wrapped(out, help);
}

} // namespace

std::string usage() {
  std::string out =
    "Usage: wandb-mcp-server [--OPTION VALUE | --SWITCH]...\n"
    "\n"
    "A Model Context Protocol server for Weights & Biases data. Every option\n"
    "can be set by the environment variable in brackets; the option wins.\n"
    "Dashes and underscores in names are the same. A switch may be given a\n"
    "value: --read_only=false.\n"
    "\n"
    "Examples:\n"
    "  wandb-mcp-server --port 8080\n"
    "      serves HTTP at http://127.0.0.1:8080/mcp; each user sends their\n"
    "      own W&B API key\n"
    "  WANDB_API_KEY=... wandb-mcp-server --transport stdio\n"
    "      serves the one program that started it, with this key\n";
  for (const auto& group : option_groups()) {
    out += std::string("\n") + group.title + ":\n";
    for (const auto& o : group.options)
      add_option(out, o);
  }
  out += "\nOther:\n"
         "  -h, --help\n      Show this\n"
         "  --version\n      Show the version\n";
  return out;
}

} // namespace mcp
