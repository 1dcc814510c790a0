// resolve_trace_roots_tool: which call each of many traces began with, found
// with one request for all of them.
#include "tools/all.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/weave_access.hpp"
#include "tools/weave_reader.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace mcp::tools {
namespace {

// A trace rarely has more than one root. When it does, its further roots may
// take the places of others' in the answer, and those are asked for again.
constexpr int most_rounds = 3;

std::vector<std::string> unique_ids(const arguments& args) {
  std::vector<std::string> out;
  std::unordered_set<std::string> seen;
  for (auto& id : args.texts("trace_ids"))
    if (seen.insert(id).second)
      out.push_back(std::move(id));
  if (out.size() > wandb::most_ids)
    invalid_input("trace_ids: " + std::to_string(out.size())
                  + " different ids were given; at most 1000 can be resolved "
                    "at once. Split them over several calls.");
  return out;
}

/// Keeps the root of each trace; the oldest, which comes last, when it has
/// several.
class roots_reader : public call_reader {
public:
  using call_reader::call_reader;

  std::unordered_map<std::string, json::object> roots;

protected:
  void take(json::object call) override {
    auto trace = text_at(call, "trace_id");
    if (trace.empty())
      return;
    json::object root;
    for (const auto* key :
         {"id", "trace_id", "op_name", "display_name", "started_at"})
      root.emplace(key, value_or_null(call, key));
    roots.insert_or_assign(std::move(trace), std::move(root));
  }
};

wandb::calls_query roots_query(const std::string& project,
                               const std::vector<std::string>& ids) {
  wandb::calls_query q;
  q.project_id = project;
  q.filter.filter.emplace("trace_roots_only", true);
  q.filter.filter.emplace("trace_ids", json::array(ids.begin(), ids.end()));
  q.columns = {"id",           "trace_id",   "op_name",
               "display_name", "started_at", "parent_id"};
  q.sort_field = "started_at";
  q.limit = static_cast<std::int64_t>(ids.size());
  return q;
}

using root_map = std::unordered_map<std::string, json::object>;

json::object result_of(const std::vector<std::string>& ids,
                       const root_map& found, std::size_t shown,
                       const std::string& not_all) {
  json::object roots;
  json::array unresolved;
  for (const auto& id : ids) {
    const auto it = found.find(id);
    if (it == found.end())
      unresolved.emplace_back(id);
    else if (roots.size() < shown)
      roots.emplace(id, it->second);
  }
  const auto resolved = ids.size() - unresolved.size();
  json::object out;
  out.emplace("roots", std::move(roots));
  out.emplace("resolved", resolved);
  out.emplace("total_requested", ids.size());
  out.emplace("unresolved_count", unresolved.size());
  // An id that was looked for in vain can be told from one not looked for.
  if (not_all.empty())
    out.emplace("unresolved", std::move(unresolved));
  out.emplace("returned_count", std::min(shown, resolved));
  out.emplace("truncated", shown < resolved || !not_all.empty());
  if (!not_all.empty()) {
    out.emplace("partial", true);
    out.emplace("truncation_note",
                "Traces without a root here may well have one: " + not_all);
  } else if (shown < resolved) {
    out.emplace("truncation_note",
                "Only the first " + std::to_string(shown)
                  + " roots fit this answer, in the order of trace_ids. Ask "
                    "again with the trace ids that come after them.");
  }
  return out;
}

// Roots that do not fit are left out from the end.
json::object fitting_result(const std::vector<std::string>& ids,
                            const root_map& found, const std::string& not_all,
                            std::size_t allowed) {
  auto shown = found.size();
  for (;;) {
    auto out = result_of(ids, found, shown, not_all);
    const auto size = token_size(out);
    if (size <= allowed)
      return out;
    if (shown == 0) {
      // So many ids without a root that their list alone is too much.
      if (auto* list = out.if_contains("unresolved")) {
        out.at("truncated") = true;
        out.insert_or_assign(
          "truncation_note",
          "Not all of it fits this answer. Ask for fewer trace ids at a time.");
        auto& unresolved = list->get_array();
        while (!unresolved.empty() && token_size(out) > allowed)
          unresolved.resize(unresolved.size() / 2);
      }
      return out;
    }
    shown = std::min(shown - 1, shown * allowed / size);
  }
}

task<json::object> resolve(call_context& context, std::string project,
                           std::vector<std::string> ids) {
  root_map found;
  std::string not_all; // why an id may have been looked for in vain
  auto open = ids;
  std::size_t told = 0;
  for (int round = 0; !open.empty() && not_all.empty(); ++round) {
    if (round == most_rounds) {
      not_all = "some traces have many roots, which took the places of "
                "others'. Ask for fewer trace ids at a time.";
      break;
    }
    if (found.size() > told) {
      told = found.size();
      context.progress(double(told), double(ids.size()),
                       std::to_string(told) + " of "
                         + std::to_string(ids.size()) + " roots found");
    }
    call_reader::bounds bounds{open.size(),
                               context.limits().max_accumulated_bytes};
    auto reader = std::make_shared<roots_reader>(bounds);
    const auto cut =
      co_await read_calls(context, roots_query(project, open), reader);
    for (auto& [trace, root] : reader->roots)
      found.insert_or_assign(trace, std::move(root));
    if (cut)
      not_all = "W&B's answer broke off: " + cut->message;
    else if (reader->stopped())
      not_all = "reading stopped at "
                + std::to_string(reader->max_received_bytes())
                + " bytes from W&B. Ask for fewer trace ids at a time.";
    else
      not_all = unreadable_note(*reader);
    if (reader->came() < open.size())
      break; // fewer than could come: there are no others
    std::erase_if(open, [&](const auto& id) { return found.contains(id); });
  }
  // A trace that was not asked for is not answered.
  const std::unordered_set<std::string> asked(ids.begin(), ids.end());
  std::erase_if(found, [&](const auto& f) { return !asked.contains(f.first); });
  co_return fitting_result(ids, found, not_all,
                           response_budget(context.limits()));
}

task<tool_result> run(call_context& context, arguments args) {
  auto project = weave_project(args);
  auto ids = unique_ids(args);
  std::optional<failure> why;
  try {
    auto out = co_await resolve(context, std::move(project), std::move(ids));
    co_return tool_result{.structured = std::move(out)};
  } catch (const failure_exception& e) {
    why = e.reason;
  }
  throw_weave_failure(*why, "resolve_failed");
}

} // namespace

const tool resolve_trace_roots{
  .name = "resolve_trace_roots_tool",
  .title = "Resolve trace roots",
  .set = toolset::weave,
  .description =
    "Finds the root call (the session, workflow or pipeline) of each of many "
    "Weave traces at once, instead of one query per trace.\n"
    "When to use: after query_weave_traces_tool found child calls (an error, a "
    "costly model call, a text) and you need what they belong to: pass their "
    "distinct trace_id values. For the calls inside a trace use "
    "query_weave_traces_tool with filters.trace_id.\n"
    "Gives roots: trace id -> {id, trace_id, op_name, display_name, "
    "started_at}, and unresolved: ids that no root was found for (a call id "
    "instead of a trace id, or another project). Read a root with "
    "query_weave_traces_tool and its id in filters.call_ids.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name", "trace_ids"],
    "properties": {
      "entity_name": {"type": "string", "minLength": 1,
        "description": "W&B team or user."},
      "project_name": {"type": "string", "minLength": 1,
        "description": "Name of the project."},
      "trace_ids": {"type": "array", "items": {"type": "string"},
        "description": "trace_id values, at most 1000 different ones."}
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["roots", "resolved", "total_requested", "unresolved_count", "returned_count", "truncated"],
    "properties": {
      "roots": {
        "type": "object",
        "description": "By trace id.",
        "additionalProperties": {
          "type": "object",
          "properties": {
            "id": {"type": ["string", "null"], "description": "Call id of the root."},
            "trace_id": {"type": ["string", "null"]},
            "op_name": {"type": ["string", "null"]},
            "display_name": {"type": ["string", "null"]},
            "started_at": {"type": ["string", "null"]}
          }
        }
      },
      "resolved": {"type": "integer", "description": "Traces whose root was found."},
      "total_requested": {"type": "integer", "description": "Different trace ids."},
      "unresolved": {"type": "array", "items": {"type": "string"}},
      "unresolved_count": {"type": "integer"},
      "returned_count": {"type": "integer", "description": "Roots in this answer."},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"},
      "partial": {"type": "boolean", "description": "What W&B sent was not read to its end."}
    }
  })",
  .cost = {.job = "the roots of 200 traces", .requests = 1},
  .tasks = task_support::optional,
  .run = run,
};

} // namespace mcp::tools
