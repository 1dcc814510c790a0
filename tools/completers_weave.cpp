// Completion from the trace server, which streams: its answers are not kept.
#include "tools/completers.hpp"
#include "tools/models_json.hpp"
#include "tools/weave_evaluation.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t most_calls = 100;
constexpr std::size_t most_bytes = 4u << 20;

using candidates = std::vector<std::string>;

/// The newest calls; nothing when the project is not known or is none.
std::optional<wandb::calls_query> newest_calls(const text_values& known) {
  const auto entity = known.find("entity");
  const auto project = known.find("project");
  if (entity == known.end() || project == known.end())
    return std::nullopt;
  auto id = wandb::project_id_of(entity->second, project->second);
  if (!id)
    return std::nullopt;
  wandb::calls_query q;
  q.project_id = std::move(*id);
  q.sort_field = "started_at";
  q.limit = static_cast<std::int64_t>(most_calls);
  return q;
}

constexpr call_reader::bounds bounds{most_calls, most_bytes};

class ids_reader : public call_reader {
public:
  using call_reader::call_reader;
  candidates ids;

protected:
  void take(json::object call) override { ids.push_back(text_at(call, "id")); }
};

} // namespace

task<candidates> complete_call(call_context& context, std::string,
                               text_values known) {
  auto q = newest_calls(known);
  if (!q)
    co_return candidates{};
  q->filter.filter.emplace("trace_roots_only", true);
  q->columns = {"id", "started_at"};
  const auto reader = std::make_shared<ids_reader>(bounds);
  co_await read_calls(context, std::move(*q), reader);
  co_return std::move(reader->ids);
}

task<candidates> complete_evaluation(call_context& context, std::string typed,
                                     text_values known) {
  candidates out;
  auto q = newest_calls(known);
  if (!q)
    co_return out;
  std::optional<std::string> name;
  if (!typed.empty())
    name = std::move(typed);
  q->filter = evaluation_filter(name, false);
  q->columns = {"id", "op_name", "display_name", "started_at", "inputs"};
  const auto reader = std::make_shared<runs_reader>(bounds);
  co_await read_calls(context, std::move(*q), reader);
  for (const auto* member : {"evaluation", "display_name"})
    for (const auto& run : reader->runs)
      if (auto text = text_at(run.identity, member);
          !text.empty() && std::find(out.begin(), out.end(), text) == out.end())
        out.push_back(std::move(text));
  co_return out;
}

} // namespace mcp::tools
