#include "tools/models_axis.hpp"

#include "protocol/near_names.hpp"
#include "tools/models_budget.hpp"

namespace mcp::tools {
namespace {

constexpr std::size_t most_named = 50;
constexpr std::size_t longest_shown = 100;

/// Every row has them, whether the index says so or not.
bool is_of_every_row(const std::string& name) {
  return name == "_step" || name == "_timestamp" || name == "_runtime";
}

} // namespace

void check_axis(const run_header& run, const run_path& path,
                const std::string& x_axis) {
  if (is_of_every_row(x_axis) || !run.metrics || run.metrics->empty()
      || run.metrics->contains(x_axis))
    return;
  const std::vector<std::string> known(run.metrics->begin(),
                                       run.metrics->end());
  const auto near = near_names(x_axis, known);
  std::string message = "x_axis: run \"" + shorten(path.run, longest_shown)
                        + "\" logged no \"" + shorten(x_axis, longest_shown)
                        + "\"";
  message += near.empty() ? "." : "; " + did_you_mean(near);
  json::array shown{"_step", "_runtime", "_timestamp"};
  for (const auto& name : known)
    if (!name.starts_with('_') && shown.size() < most_named)
      shown.emplace_back(shorten(name, longest_shown));
  throw tool_error("invalid_input", message,
                   {{"x_axis", shorten(x_axis, longest_shown)},
                    {"near", json::value_from(near)},
                    {"available_keys", std::move(shown)}});
}

} // namespace mcp::tools
