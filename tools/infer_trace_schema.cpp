// infer_trace_schema_tool: which fields the calls of a project have, learned
// from its newest calls while they stream by.
#include "tools/all.hpp"
#include "tools/first_look.hpp"
#include "tools/models_budget.hpp"
#include "tools/weave_access.hpp"
#include "tools/weave_schema.hpp"

#include <algorithm>
#include <cmath>

namespace mcp::tools {
namespace {

constexpr std::int64_t most_sampled = 500;
constexpr std::int64_t most_values = 20;

struct sample {
  std::int64_t requested = 0;
  std::int64_t limit = 0;
  std::int64_t total = 0;
  std::int64_t roots = 0;
  std::shared_ptr<schema_reader> reader;
  std::optional<failure> cut;
};

// Tells the client after each of the requests that run side by side.
struct finished {
  call_context& context;
  double requests = 0;

  void one(std::string what) {
    context.progress(++requests, 3, std::move(what));
  }
};

task<std::int64_t> counted(call_context& context, std::string project,
                           bool roots, finished& so_far) {
  wandb::weave_filter filter;
  if (roots)
    filter.filter.emplace("trace_roots_only", true);
  const auto stats =
    co_await count_calls(context, std::move(project), std::move(filter), false);
  so_far.one(std::to_string(stats.count)
             + (roots ? " root traces" : " calls in the project"));
  co_return stats.count;
}

task<std::optional<failure>> sampled(call_context& context, std::string project,
                                     std::int64_t limit,
                                     std::shared_ptr<schema_reader> reader,
                                     finished& so_far) {
  wandb::calls_query q;
  q.project_id = std::move(project);
  q.sort_field = "started_at";
  q.limit = limit;
  auto cut = co_await read_calls(context, std::move(q), reader);
  so_far.one(std::to_string(reader->seen()) + " calls sampled");
  co_return cut;
}

task<sample> take_sample(call_context& context, std::string project,
                         std::int64_t size) {
  sample out;
  out.requested = size;
  out.limit = std::min(size, most_sampled);
  call_reader::bounds bounds{std::size_t(out.limit),
                             context.limits().max_accumulated_bytes};
  out.reader = std::make_shared<schema_reader>(bounds);
  finished so_far{context};
  std::vector<task<std::int64_t>> counts;
  counts.push_back(counted(context, project, false, so_far));
  counts.push_back(counted(context, project, true, so_far));
  auto both =
    co_await all(all(std::move(counts)),
                 sampled(context, project, out.limit, out.reader, so_far));
  // Calls may have come between the count and the sample.
  out.total =
    std::max(both.first[0], static_cast<std::int64_t>(out.reader->came()));
  out.roots = both.first[1];
  out.cut = std::move(both.second);
  co_return out;
}

json::object scope_of(const sample& s) {
  const auto seen = static_cast<std::int64_t>(s.reader->seen());
  const auto part = s.total == 0 ? 1.0 : double(seen) / double(s.total);
  return {{"strategy", "newest_first"},
          {"requested_count", s.requested},
          {"applied_limit", s.limit},
          {"returned_count", seen},
          {"total_count", s.total},
          {"has_more", s.total > seen},
          {"project_exhaustive", s.total <= seen},
          {"coverage", std::round(part * 1e4) / 1e4}};
}

// The steps by which a list of fields gets smaller; false after the last.
bool tighten(trace_schema::extent& how, std::size_t shown) {
  if (how.characters > 40)
    how.characters = 40;
  else if (how.values > 3)
    how.values = 3;
  else if (how.values > 1 || how.names > 10) {
    how.values = std::min<std::size_t>(how.values, 1);
    how.names = 10;
  } else if (how.elements)
    how.elements = false;
  else if (how.depth > 5)
    how.depth = 5;
  else if (how.depth > 3)
    --how.depth;
  else if (how.values > 0 || how.names > 0)
    how.values = how.names = 0;
  else if (shown > 0)
    how.max_fields = shown - std::max<std::size_t>(shown / 8, 1);
  else
    return false;
  return true;
}

json::object result_of(const sample& s, const trace_schema::extent& how,
                       bool reduced) {
  const auto& schema = s.reader->schema();
  auto fields = schema.fields(how);
  const auto left_out = schema.size() - fields.size();
  std::string note;
  const auto add = [&note](const std::string& sentence) {
    note += (note.empty() ? "" : " ") + sentence;
  };
  if (reduced)
    add("To fit this answer, at most " + std::to_string(how.values)
        + " values of " + std::to_string(how.characters)
        + " characters are shown of each field.");
  if (left_out > 0)
    add(std::to_string(left_out)
        + " fields are left out, those inside of arrays and the deepest "
          "first; query_weave_traces_tool with columns such as inputs shows "
          "them in a call.");
  if (schema.overflowed())
    add("The sample has more than " + std::to_string(schema.size())
        + " fields, and the others were not looked at: some objects seem to "
          "be maps with a field for each entry.");
  if (s.reader->stopped())
    add("Reading stopped at " + std::to_string(s.reader->max_received_bytes())
        + " bytes from W&B; the sample is smaller than asked for.");
  if (const auto unread = unreadable_note(*s.reader); !unread.empty())
    add(unread);
  if (s.cut)
    add("W&B's answer broke off: " + s.cut->message);
  json::object out;
  out.emplace("fields", std::move(fields));
  out.emplace("total_traces", s.total);
  out.emplace("root_traces", s.roots);
  out.emplace("sample_size", s.reader->seen());
  out.emplace("sample_scope", scope_of(s));
  out.emplace("top_n_values", how.values);
  out.emplace("truncated", !note.empty());
  if (!note.empty())
    out.emplace("truncation_note", note);
  if (left_out > 0)
    out.emplace("fields_omitted", left_out);
  if (s.reader->seen() == 0 && !s.reader->stopped())
    out.emplace("note", "The project has no Weave traces. Check its name with "
                        "query_wandb_entity_projects; runs and metrics are "
                        "query_wandb_tool's.");
  return out;
}

json::object fitting_result(const sample& s, std::int64_t top_n,
                            std::size_t allowed) {
  trace_schema::extent how;
  how.values = static_cast<std::size_t>(std::min(top_n, most_values));
  auto out = result_of(s, how, false);
  while (token_size(out) > allowed
         && tighten(how, out.at("fields").as_array().size()))
    out = result_of(s, how, true);
  return out;
}

task<tool_result> run(call_context& context, arguments args) {
  const auto size = args.integer("sample_size");
  const auto top_n = args.integer("top_n_values");
  if (size < 1)
    invalid_input("sample_size: expected 1 or more.");
  if (top_n < 1)
    invalid_input("top_n_values: expected 1 or more.");
  auto project = weave_project(args);
  std::optional<failure> why;
  try {
    const auto s = co_await take_sample(context, std::move(project), size);
    co_return tool_result{.structured = fitting_result(
                            s, top_n, answer_budget(context.limits(), args))};
  } catch (const failure_exception& e) {
    why = e.reason;
  }
  throw_weave_failure(*why, "schema_query_failed");
}

} // namespace

const tool infer_trace_schema{
  .name = "infer_trace_schema_tool",
  .title = "Infer trace schema",
  .set = toolset::weave,
  .description =
    "Tells which fields the Weave calls of a project have, with types and "
    "frequent values, from a sample of its newest calls; and how many calls "
    "and traces there are.\n"
    "When to use: first in a project you do not know, to learn the paths and "
    "values for columns and filters. If you know them, go to "
    "query_weave_traces_tool; for numbers alone count_weave_traces_tool.\n"
    "A path such as attributes.cfg.model is, in filters, {\"attributes\": "
    "{\"cfg.model\": ...}}. Paths with [] are inside of arrays: they can be "
    "read, not filtered by. members names what a large object holds.",
  .input_schema = R"({
    "type": "object",
    "required": ["entity_name", "project_name"],
    "properties": {
      "entity_name": {"type": "string", "minLength": 1,
        "description": "W&B team or user."},
      "project_name": {"type": "string", "minLength": 1,
        "description": "Name of the project."},
      "sample_size": {"type": "integer", "minimum": 1, "default": 20,
        "description": "Newest calls to look at; at most 500."},
      "top_n_values": {"type": "integer", "minimum": 1, "default": 5,
        "description": "Most frequent values of each field; at most 20."}
    }
  })",
  .output_schema = R"({
    "type": "object",
    "required": ["fields", "total_traces", "root_traces", "sample_size", "sample_scope", "truncated"],
    "properties": {
      "fields": {
        "type": "array",
        "description": "By path.",
        "items": {
          "type": "object",
          "required": ["path", "type", "top_values", "non_null_count"],
          "properties": {
            "path": {"type": "string"},
            "type": {"type": "string", "enum": ["null", "boolean", "int", "float", "string", "datetime", "array", "object"], "description": "The most frequent one but null."},
            "top_values": {"type": "array", "items": {"type": "string"}, "description": "Most frequent first; JSON unless a text."},
            "non_null_count": {"type": "integer", "description": "Below [] elements are counted, the first five of each array."},
            "null_count": {"type": "integer"},
            "types": {"type": "object", "additionalProperties": {"type": "integer"}, "description": "When there are several."},
            "members": {"type": "array", "items": {"type": "string"}, "description": "Names in an object of more than 10."},
            "more_members": {"type": "boolean"},
            "dotted_name": {"type": "boolean", "description": "A name on the path holds a dot itself."}
          }
        }
      },
      "total_traces": {"type": "integer", "description": "Calls in the project."},
      "root_traces": {"type": "integer", "description": "Calls that start a trace."},
      "sample_size": {"type": "integer", "description": "Calls looked at."},
      "sample_scope": {
        "type": "object",
        "properties": {
          "strategy": {"type": "string"},
          "requested_count": {"type": "integer"},
          "applied_limit": {"type": "integer"},
          "returned_count": {"type": "integer"},
          "total_count": {"type": "integer"},
          "has_more": {"type": "boolean"},
          "project_exhaustive": {"type": "boolean"},
          "coverage": {"type": "number"}
        }
      },
      "top_n_values": {"type": "integer", "description": "Most values shown of a field."},
      "truncated": {"type": "boolean"},
      "truncation_note": {"type": "string"},
      "fields_omitted": {"type": "integer"},
      "note": {"type": "string"}
    }
  })",
  .cost = {.job = "the fields of a project's newest 20 calls", .requests = 3},
  .tasks = task_support::optional,
  .run = run,
};

} // namespace mcp::tools
