#include "tools/models_diff.hpp"

#include "protocol/json/write.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_config.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>

namespace mcp::tools {
namespace {

constexpr std::size_t max_value = 500;

std::optional<double> number_of(const json::value& v) {
  if (const auto* flag = v.if_bool())
    return *flag ? 1.0 : 0.0;
  if (v.is_number())
    return v.to_number<double>();
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(const json::value& v) {
  if (const auto* flag = v.if_bool())
    return *flag ? 1 : 0;
  if (const auto* whole = v.if_int64())
    return *whole;
  return std::nullopt;
}

using leaves = std::map<std::string, const json::value*>;

leaves leaves_of(const json::object& from) {
  leaves out;
  each_leaf(from, [&out](const std::string& path, const json::value& v) {
    out.emplace(path, &v);
  });
  return out;
}

json::value shown(const json::value& v) {
  if (const auto* text = v.if_string())
    return json::string(shorten(*text, max_value));
  if (!v.is_structured())
    return v;
  auto text = write_json(v);
  if (text.size() <= max_value)
    return v;
  return json::string(shorten(text, max_value));
}

/// Counts what it is given, and keeps the first.
struct kept_members {
  std::size_t most;
  json::object members = {};
  std::size_t count = 0;

  void add(const std::string& path, json::value v) {
    if (++count <= most)
      members.emplace(path, std::move(v));
  }
};

} // namespace

double six_decimals(double v) {
  // Beyond this a double has no six decimals to round.
  if (std::abs(v) >= 1e9 || v == 0 || !std::isfinite(v))
    return v;
  auto scale = 1e6;
  if (std::abs(v) < 1e-3)
    scale = std::pow(10, 5 - std::floor(std::log10(std::abs(v))));
  // Of the smallest doubles no scale is left; they stay as they are.
  return std::isfinite(scale) ? std::round(v * scale) / scale : v;
}

bool same_value(const json::value& a, const json::value& b) {
  if (const auto x = integer_of(a), y = integer_of(b); x && y)
    return *x == *y;
  if (const auto x = number_of(a), y = number_of(b); x && y)
    return *x == *y;
  if (const auto* x = a.if_array(), *y = b.if_array(); x && y) {
    if (x->size() != y->size())
      return false;
    for (std::size_t i = 0; i < x->size(); ++i)
      if (!same_value((*x)[i], (*y)[i]))
        return false;
    return true;
  }
  if (const auto* x = a.if_object(), *y = b.if_object(); x && y) {
    if (x->size() != y->size())
      return false;
    for (const auto& [name, v] : *x) {
      const auto* other = y->if_contains(name);
      if (!other || !same_value(v, *other))
        return false;
    }
    return true;
  }
  return a == b;
}

json::value difference(const json::value& a, const json::value& b) {
  constexpr std::int64_t safe = std::numeric_limits<std::int64_t>::max() / 2;
  if (const auto x = integer_of(a), y = integer_of(b);
      x && y && std::abs(*x) < safe && std::abs(*y) < safe)
    return *y - *x;
  const auto x = number_of(a), y = number_of(b);
  if (!x || !y)
    return nullptr;
  const auto delta = six_decimals(*y - *x);
  return std::isfinite(delta) ? json::value(delta) : json::value(nullptr);
}

json::object diff_objects(const json::object& a, const json::object& b,
                          std::size_t most) {
  const auto in_a = leaves_of(a), in_b = leaves_of(b);
  kept_members only_a{most}, only_b{most}, changed{most};
  std::size_t identical = 0;
  for (const auto& [path, v] : in_a) {
    const auto other = in_b.find(path);
    if (other == in_b.end()) {
      only_a.add(path, shown(*v));
    } else if (same_value(*v, *other->second)) {
      ++identical;
    } else {
      json::object both{{"run_a", shown(*v)}, {"run_b", shown(*other->second)}};
      if (auto delta = difference(*v, *other->second); !delta.is_null())
        both.emplace("delta", std::move(delta));
      changed.add(path, std::move(both));
    }
  }
  for (const auto& [path, v] : in_b)
    if (!in_a.contains(path))
      only_b.add(path, shown(*v));
  return {{"only_in_run_a", std::move(only_a.members)},
          {"only_in_run_b", std::move(only_b.members)},
          {"changed", std::move(changed.members)},
          {"identical_count", identical},
          {"only_in_run_a_count", only_a.count},
          {"only_in_run_b_count", only_b.count},
          {"changed_count", changed.count}};
}

} // namespace mcp::tools
