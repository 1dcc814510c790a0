#include "tools/first_look.hpp"

#include "protocol/json/coercion.hpp"
#include "protocol/json/parse.hpp"
#include "tools/models_budget.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mcp::tools {
namespace {

// Not a name that a schema can have: arguments hold nothing else of that name.
constexpr std::string_view mark = "\x01 first look";

constexpr std::array<std::string_view, 27> sizing{
  "limit",        "samples",        "keys",
  "columns",      "detail_level",   "return_full_data",
  "cursor",       "metadata_only",  "truncate_length",
  "sample_size",  "sample_runs",    "top_n_values",
  "history_keys", "history_samples", "include_history_overlap",
  "config_keys",  "summary_keys",   "include",
  "query",        "items_per_page", "field_pattern",
  "include_files", "include_per_task", "include_artifacts",
  "min_step",     "max_step",       "target_x"};

bool says_how_much(std::string_view name) {
  return name.starts_with("max_")
         || std::find(sizing.begin(), sizing.end(), name) != sizing.end();
}

bool is_marked(const arguments& args) {
  return args.all().contains(mark);
}

/// The sizing arguments of a tool: "samples, keys or max_step".
std::string ways_to_ask(std::string_view input_schema) {
  const auto schema = parse_json(input_schema);
  const auto* object = schema ? schema->if_object() : nullptr;
  const auto* all = object ? object->if_contains("properties") : nullptr;
  if (!all || !all->is_object())
    return {};
  std::vector<std::string> names;
  for (const auto& [name, about] : all->get_object())
    if (says_how_much(name))
      names.emplace_back(name);
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0                  ? ""
            : i + 1 == names.size() ? " or "
                                    : ", ")
           + names[i];
  return out;
}

} // namespace

bool asks_for_no_size(const json::object& given) {
  return std::none_of(given.begin(), given.end(), [](const auto& argument) {
    return !is_left_out(argument.value()) && says_how_much(argument.key());
  });
}

void mark_first_look(json::object& accepted) {
  accepted.emplace(mark, true);
}

std::size_t answer_budget(const call_limits& limits, const arguments& args) {
  return response_budget(limits_for(limits, args));
}

call_limits limits_for(const call_limits& limits, const arguments& args) {
  auto out = limits;
  if (is_marked(args))
    out.max_response_tokens =
      std::min(limits.max_response_tokens, first_look_tokens);
  return out;
}

void explain_first_look(json::object& answer, std::string_view input_schema) {
  auto* holder = &answer;
  if (auto* about = answer.if_contains("metadata"); about && about->is_object())
    if (about->get_object().contains("truncation_note"))
      holder = &about->get_object();
  auto* note = holder->if_contains("truncation_note");
  if (!note || !note->is_string())
    return;
  const auto ways = ways_to_ask(input_schema);
  if (ways.empty())
    return;
  *note = std::string(note->get_string()) + " A call without " + ways
          + " is given a first look of "
          + std::to_string(first_look_tokens) + " tokens at most.";
}

} // namespace mcp::tools
