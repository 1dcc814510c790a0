#include "protocol/wandb/weave_usage.hpp"

#include "protocol/wandb/weave_call.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

// So that sums over any number of calls stay within 64 bits.
constexpr double most_tokens = 1e11;

std::optional<double> number_at(const json::object& o, std::string_view key) {
  const auto* v = o.if_contains(key);
  if (!v)
    return std::nullopt;
  double out = 0;
  if (v->is_number()) {
    out = v->to_number<double>();
  } else if (const auto* text = v->if_string()) {
    const auto* end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, out);
    if (read.ec != std::errc() || read.ptr != end)
      return std::nullopt;
  } else {
    return std::nullopt;
  }
  return std::isfinite(out) ? std::optional(out) : std::nullopt;
}

std::int64_t count_at(const json::object& o, std::string_view key) {
  const auto n = number_at(o, key).value_or(0);
  return static_cast<std::int64_t>(std::clamp(n, 0.0, most_tokens));
}

model_usage tokens_of(const json::object& u) {
  model_usage out;
  out.requests = count_at(u, "requests");
  out.prompt = count_at(u, "prompt_tokens") + count_at(u, "input_tokens");
  out.completion =
    count_at(u, "completion_tokens") + count_at(u, "output_tokens");
  out.total = count_at(u, "total_tokens");
  if (out.total == 0)
    out.total = out.prompt + out.completion;
  return out;
}

bool says_nothing(const model_usage& u) {
  return u.requests == 0 && u.prompt == 0 && u.completion == 0 && u.total == 0
         && !u.prompt_cost && !u.completion_cost;
}

} // namespace

void model_usage::add(const model_usage& other) {
  const auto both = [](std::optional<double>& mine,
                       const std::optional<double>& more) {
    if (more)
      mine = mine.value_or(0) + *more;
  };
  requests += other.requests;
  prompt += other.prompt;
  completion += other.completion;
  total += other.total;
  both(prompt_cost, other.prompt_cost);
  both(completion_cost, other.completion_cost);
}

std::vector<named_usage> usage_of(const json::object& call) {
  std::vector<named_usage> out;
  const auto* summary = call.if_contains("summary");
  const auto* members = summary ? summary->if_object() : nullptr;
  const auto* usage = members ? members->if_contains("usage") : nullptr;
  if (usage && usage->is_object())
    for (const auto& [model, value] : usage->get_object())
      if (const auto* u = value.if_object())
        out.push_back({model, tokens_of(*u)});
  if (const auto* costs = call_costs(call))
    for (const auto& [model, value] : *costs) {
      const auto* c = value.if_object();
      if (!c)
        continue;
      auto it = std::find_if(out.begin(), out.end(), [&](const auto& named) {
        return named.model == std::string_view(model);
      });
      if (it == out.end()) {
        // A price without usage counts its own tokens.
        out.push_back({model, tokens_of(*c)});
        it = out.end() - 1;
      }
      it->usage.prompt_cost = number_at(*c, "prompt_tokens_total_cost");
      it->usage.completion_cost = number_at(*c, "completion_tokens_total_cost");
    }
  std::erase_if(out, [](const auto& named) {
    return says_nothing(named.usage);
  });
  return out;
}

} // namespace mcp::wandb
