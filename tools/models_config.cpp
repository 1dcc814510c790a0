#include "tools/models_config.hpp"

#include "protocol/json/lenient.hpp"
#include "protocol/wandb/history_rows.hpp"

#include <algorithm>
#include <array>

namespace mcp::tools {
namespace {

// Every leaf repeats what stands before it, so long names must not pile up.
constexpr std::size_t max_path = 1024;

bool is_wrapped(const json::object& o) {
  return o.contains("value") && (o.size() == 1 || o.contains("desc"));
}

/// The object in a member that is JSON text, or already an object.
std::optional<json::object> object_in(const json::object& run,
                                      std::string_view name) {
  const auto* found = run.if_contains(name);
  if (!found || found->is_null())
    return json::object{};
  json::value out = *found;
  if (const auto* text = found->if_string()) {
    if (text->empty())
      return json::object{};
    auto parsed = read_lenient(*text);
    if (!parsed)
      return std::nullopt;
    out = std::move(*parsed);
  }
  if (out.is_null())
    return json::object{};
  if (!out.is_object())
    return std::nullopt;
  wandb::clean_non_finite(out);
  return std::move(out.get_object());
}

void walk(
  const json::object& in, const std::string& prefix,
  const std::function<void(const std::string&, const json::value&)>& leaf) {
  for (const auto& [name, v] : in) {
    const auto path = prefix + std::string(name);
    const auto* inner = v.if_object();
    if (inner && !inner->empty() && !inner->contains("_type")
        && path.size() <= max_path)
      walk(*inner, path + ".", leaf);
    else
      leaf(path, v);
  }
}

} // namespace

std::optional<json::object> config_in(const json::object& run) {
  auto all = object_in(run, "config");
  if (!all)
    return std::nullopt;
  json::object out;
  for (auto& [name, v] : *all) {
    if (name == "_wandb" || name == "wandb_version")
      continue;
    auto* wrapped = v.if_object();
    if (wrapped && wrapped->contains("value"))
      out.emplace(name, std::move(wrapped->at("value")));
    else
      out.emplace(name, std::move(v));
  }
  return out;
}

std::optional<json::object> summary_in(const json::object& run) {
  auto all = object_in(run, "summaryMetrics");
  if (!all)
    return std::nullopt;
  json::object out;
  for (auto& [name, v] : *all)
    if (!name.starts_with('_') && !name.starts_with("wandb/"))
      out.emplace(name, std::move(v));
  return out;
}

const json::value* find_dotted(const json::object& in, std::string_view name) {
  if (const auto* found = in.if_contains(name))
    return found;
  for (auto dot = name.find('.'); dot != name.npos;
       dot = name.find('.', dot + 1)) {
    const auto* member = in.if_contains(name.substr(0, dot));
    const auto* inner = member ? member->if_object() : nullptr;
    if (inner && is_wrapped(*inner))
      inner = inner->at("value").if_object();
    if (!inner)
      continue;
    if (const auto* found = find_dotted(*inner, name.substr(dot + 1)))
      return found;
  }
  return nullptr;
}

json::value members_for(const std::vector<std::string>& names) {
  if (names.empty())
    return nullptr;
  std::vector<std::string> all;
  for (const auto& name : names) {
    all.push_back(name);
    for (auto dot = name.find('.'); dot != name.npos;
         dot = name.find('.', dot + 1))
      all.push_back(name.substr(0, dot));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return json::value_from(all);
}

void each_leaf(
  const json::object& in,
  const std::function<void(const std::string&, const json::value&)>& leaf) {
  walk(in, {}, leaf);
}

std::string_view type_name(const json::value& v) {
  switch (v.kind()) {
  case json::kind::null:
    return "NoneType";
  case json::kind::bool_:
    return "bool";
  case json::kind::int64:
  case json::kind::uint64:
    return "int";
  case json::kind::double_:
    return "float";
  case json::kind::string:
    return wandb::is_non_finite(v) ? "float" : "str";
  case json::kind::array:
    return "list";
  case json::kind::object:
    return "dict";
  }
  return "NoneType";
}

bool is_quality_name(std::string_view name) {
  static constexpr std::array<std::string_view, 7> words{
    "loss", "acc", "score", "precision", "recall", "f1", "auc"};
  std::string low(name);
  for (char& c : low)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return std::any_of(words.begin(), words.end(),
                     [&low](auto word) { return low.find(word) != low.npos; });
}

} // namespace mcp::tools
