#include "tools/weave_evaluation.hpp"

#include "protocol/mcp/utf8.hpp"
#include "protocol/json/non_finite.hpp"
#include "protocol/wandb/weave_call.hpp"
#include "protocol/wandb/weave_expression.hpp"
#include "protocol/wandb/weave_text.hpp"
#include "protocol/wandb/weave_usage.hpp"
#include "tools/models_json.hpp"

#include <charconv>

namespace mcp::tools {
namespace {

namespace expr = wandb::expression;

constexpr std::size_t longest_name = 200;
constexpr std::size_t longest_text = 300;
// Bounds of what one run may show, whatever its output holds.
constexpr int deepest_score = 6;
constexpr std::size_t most_numbers = 500;

// "support-eval" of "weave:///acme/bot/object/support-eval:9f"; other texts as
// they are, and of an object saved in place its name.
json::value name_of(const json::value* v) {
  if (!v)
    return nullptr;
  if (const auto* object = v->if_object()) {
    auto name = text_at(*object, "name");
    return name.empty() ? json::value()
                        : json::value(wandb::cut_text(name, longest_name));
  }
  const auto* text = v->if_string();
  if (!text || text->empty())
    return nullptr;
  std::string_view name(*text);
  for (const std::string_view kind : {"/object/", "/op/"})
    if (const auto at = name.find(kind);
        name.starts_with("weave://") && at != name.npos) {
      name.remove_prefix(at + kind.size());
      name = name.substr(0, name.find(':'));
      break;
    }
  return json::value(wandb::cut_text(name, longest_name));
}

// Also one that JSON does not have: those come as texts, "NaN" or all digits.
bool is_number(const json::value& v) {
  const auto* text = v.if_string();
  if (!text)
    return v.is_number();
  if (!non_finite_text(*text).empty())
    return true;
  double out = 0;
  const auto* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, out);
  return read.ptr == end && read.ec != std::errc::invalid_argument;
}

json::value shown_number(json::value v) {
  wandb::cut_value(v, longest_text); // nobody reads a thousand digits
  return v;
}

// The numbers and truth values in a summary, with the objects that hold them.
json::object numbers_in(const json::object& from, int depth,
                        std::size_t& left) {
  json::object out;
  for (const auto& [name, value] : from) {
    if (left == 0)
      break;
    if (is_number(value) || value.is_bool()) {
      out.emplace(wandb::cut_text(name, longest_name), shown_number(value));
      --left;
    } else if (const auto* inner = value.if_object(); inner && depth > 1) {
      auto numbers = numbers_in(*inner, depth - 1, left);
      if (!numbers.empty())
        out.emplace(wandb::cut_text(name, longest_name), std::move(numbers));
    }
  }
  return out;
}

void read_output(const json::object& output, evaluation_run& run) {
  auto left = most_numbers;
  for (const auto& [name, value] : output) {
    if (is_number(value)) {
      if (left > 0) {
        run.output_summary.emplace(wandb::cut_text(name, longest_name),
                                   shown_number(value));
        --left;
      }
      continue;
    }
    const auto* inner = value.if_object();
    if (!inner)
      continue;
    auto numbers = numbers_in(*inner, deepest_score, left);
    if (numbers.empty())
      continue;
    if (name == "model_latency")
      run.model_latency = std::move(numbers);
    else if (name == "model_success")
      run.model_success = std::move(numbers);
    else if (name == "output" || name == "model_output")
      run.output_summary.emplace(name, std::move(numbers));
    else
      run.scores.emplace(wandb::cut_text(name, longest_name),
                         std::move(numbers));
  }
}

json::value text_or_null(const json::object& call, std::string_view name,
                         std::size_t longest) {
  const auto* v = call.if_contains(name);
  const auto* text = v ? v->if_string() : nullptr;
  return text ? json::value(wandb::cut_text(*text, longest)) : json::value();
}

bool has_exception(const json::object& call) {
  const auto* v = call.if_contains("exception");
  return v && !v->is_null() && !(v->is_string() && v->get_string().empty());
}

bool says_failed(const json::object& call) {
  const auto* success = value_at(call, {"output", "model_success"});
  return success && success->is_bool() && !success->get_bool();
}

json::object task_of(const json::object& call, std::string_view status,
                     bool failed) {
  json::object out;
  out.emplace("id", value_or_null(call, "id"));
  out.emplace("status", status.empty() ? std::string_view("unknown") : status);
  out.emplace("has_exception", has_exception(call));
  out.emplace("failed", failed);
  if (auto latency = wandb::call_latency(call); !latency.is_null())
    out.emplace("latency_ms", std::move(latency));
  const auto* scores = object_at(call, {"output", "scores"});
  if (scores && !scores->empty()) {
    json::value shown(*scores);
    wandb::cut_value(shown, longest_text);
    if (wandb::json_size(shown) > 10 * longest_text) {
      auto left = std::size_t{50};
      shown = numbers_in(*scores, deepest_score, left);
    }
    out.emplace("scores", std::move(shown));
  }
  return out;
}

} // namespace

wandb::weave_filter evaluation_filter(const std::optional<std::string>& name,
                                      bool nested) {
  wandb::weave_filter out;
  if (!nested)
    out.filter.emplace("trace_roots_only", true);
  json::array conditions;
  conditions.emplace_back(expr::contains("op_name", "Evaluation.evaluate"));
  if (name && !name->empty()) {
    json::array places;
    for (const auto* field : {"display_name", "inputs.self", "op_name"})
      places.emplace_back(expr::contains(field, *name));
    conditions.emplace_back(expr::any_of(std::move(places)));
  }
  out.expression = expr::all_of(std::move(conditions));
  return out;
}

wandb::weave_filter prediction_filter(const std::vector<std::string>& run_ids) {
  wandb::weave_filter out;
  out.filter.emplace("parent_ids", json::array(run_ids.begin(), run_ids.end()));
  json::array names;
  for (const auto* name : {"predict_and_score", "predictAndScore"})
    names.emplace_back(expr::contains("op_name", name));
  out.expression = expr::any_of(std::move(names));
  return out;
}

void token_sums::add(const json::object& call) {
  for (const auto& [model, usage] : wandb::usage_of(call)) {
    prompt += usage.prompt;
    completion += usage.completion;
    total += usage.total;
  }
}

json::object token_sums::to_json() const {
  return {{"prompt_tokens", prompt},
          {"completion_tokens", completion},
          {"total_tokens", total}};
}

void runs_reader::take(json::object call) {
  evaluation_run run;
  run.id = text_at(call, "id");
  auto& shown = run.identity;
  shown.emplace("eval_id", run.id);
  shown.emplace("op_name", text_or_null(call, "op_name", 1000));
  shown.emplace("display_name",
                text_or_null(call, "display_name", longest_name));
  shown.emplace("evaluation", name_of(value_at(call, {"inputs", "self"})));
  shown.emplace("model", name_of(value_at(call, {"inputs", "model"})));
  shown.emplace("started_at", text_or_null(call, "started_at", 100));
  shown.emplace("ended_at", text_or_null(call, "ended_at", 100));
  const auto status = wandb::call_status(call);
  shown.emplace("status", status.empty() ? std::string_view("unknown")
                                         : cut_utf8(status, longest_name));
  shown.emplace("latency_ms", wandb::call_latency(call));
  if (has_exception(call))
    shown.emplace("exception", text_or_null(call, "exception", longest_text));
  if (const auto* output = object_at(call, {"output"})) {
    read_output(*output, run);
    run.status_is_enough = !output->contains("model_success");
  }
  if (const auto* weave = object_at(call, {"attributes", "weave"}))
    run.status_is_enough &= text_at(*weave, "source") != "js-sdk";
  run.tokens.add(call);
  runs.push_back(std::move(run));
}

const evaluation_rows& predictions_reader::of(const std::string& run_id) const {
  static const evaluation_rows none;
  const auto it = by_run_.find(run_id);
  return it == by_run_.end() ? none : it->second;
}

void predictions_reader::take(json::object call) {
  auto& rows = by_run_[text_at(call, "parent_id")];
  const auto status = wandb::call_status(call);
  const bool failed = has_exception(call) || status == "error"
                      || status == "descendant_error" || says_failed(call);
  const bool running = !failed && status == "running";
  ++rows.observed;
  rows.errors += failed;
  rows.running += running;
  rows.successes += !failed && !running;
  rows.tokens.add(call);
  rows.has_output |= object_at(call, {"output"}) != nullptr;
  if (const auto* scores = object_at(call, {"output", "scores"}))
    count_scores(*scores, rows.scored);
  if (rows.tasks.size() < max_tasks_)
    rows.tasks.emplace_back(task_of(call, status, failed));
}

} // namespace mcp::tools
