#include "protocol/wandb/weave_call.hpp"

#include "protocol/json/lenient.hpp"
#include "protocol/json/non_finite.hpp"
#include "protocol/wandb/weave_text.hpp"

#include <charconv>
#include <cmath>
#include <string>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

const json::object* object_in(const json::object& o, std::string_view key) {
  const auto* v = o.if_contains(key);
  return v ? v->if_object() : nullptr;
}

const json::value* weave_member(const json::object& call,
                                std::string_view key) {
  const auto* summary = object_in(call, "summary");
  const auto* weave = summary ? object_in(*summary, "weave") : nullptr;
  return weave ? weave->if_contains(key) : nullptr;
}

// A number, also as text; 0 for anything else.
double amount(const json::object& costs, std::string_view key) {
  const auto* v = costs.if_contains(key);
  if (!v)
    return 0;
  double out = 0;
  if (const auto* text = v->if_string())
    std::from_chars(text->data(), text->data() + text->size(), out);
  else if (v->is_number())
    out = v->to_number<double>();
  return std::isfinite(out) ? out : 0;
}

failure garbage() {
  return {.code = errc::upstream_garbage,
          .message = "The Weave trace server sent a line that is not a call."};
}

} // namespace

result<json::object> read_call(std::string_view padded_line) {
  auto line = padded_line;
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  auto parsed = read_padded_lenient(line);
  if (!parsed || !parsed->is_object())
    return garbage();
  auto& call = parsed->get_object();
  if (const auto* id = call.if_contains("id"); id && id->is_string())
    return std::move(call);
  for (const auto* key : {"error", "detail", "reason"}) {
    const auto* why = call.if_contains(key);
    if (!why)
      continue;
    const auto text =
      why->is_string() ? std::string(why->get_string()) : json::serialize(*why);
    return failure{.code = errc::upstream_error,
                   .message = "The Weave trace server failed while it sent "
                              "the rows: "
                              + cut_text(text, 500)};
  }
  return garbage();
}

std::string_view call_status(const json::object& call) {
  const auto* status = weave_member(call, "status");
  if (!status || !status->is_string())
    status = call.if_contains("status");
  if (!status || !status->is_string())
    return {};
  return status->get_string();
}

json::value call_latency(const json::object& call) {
  // A number that is none in JSON comes as a text.
  const auto is_latency = [](const json::value* v) {
    return v
           && (v->is_number()
               || (v->is_string()
                   && !non_finite_text(v->get_string()).empty()));
  };
  const auto* latency = weave_member(call, "latency_ms");
  if (!is_latency(latency))
    latency = call.if_contains("latency_ms");
  return is_latency(latency) ? *latency : json::value();
}

const json::object* call_costs(const json::object& call) {
  const auto* costs = weave_member(call, "costs");
  const auto* models = costs ? costs->if_object() : object_in(call, "costs");
  return models && !models->empty() ? models : nullptr;
}

const json::value* call_feedback(const json::object& call) {
  const auto* feedback = weave_member(call, "feedback");
  return feedback && !feedback->is_null() ? feedback : nullptr;
}

std::optional<call_cost> cost_of(const json::object& call) {
  const auto* models = call_costs(call);
  if (!models)
    return std::nullopt;
  call_cost out;
  for (const auto& model : *models) {
    const auto* costs = model.value().if_object();
    if (!costs)
      continue;
    out.prompt += amount(*costs, "prompt_tokens_total_cost");
    out.completion += amount(*costs, "completion_tokens_total_cost");
  }
  return out;
}

std::string_view short_op_name(std::string_view op_name) {
  const auto at = op_name.find("/op/");
  if (at == op_name.npos)
    return {};
  const auto name = op_name.substr(at + 4);
  return name.substr(0, name.find(':'));
}

} // namespace mcp::wandb
