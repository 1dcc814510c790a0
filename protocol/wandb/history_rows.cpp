#include "protocol/wandb/history_rows.hpp"

#include "protocol/json/lenient.hpp"
#include "protocol/json/non_finite.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

/// `1.0` is how some writers log step 1.
void make_whole(json::value& v) {
  const auto* number = v.if_double();
  if (number && std::abs(*number) < 9e15 && std::floor(*number) == *number)
    v = static_cast<std::int64_t>(*number);
}

const json::value* find_nested(const json::object& row, std::string_view key) {
  if (const auto* found = row.if_contains(key))
    return found;
  for (auto dot = key.find('.'); dot != key.npos; dot = key.find('.', dot + 1))
    if (const auto* inner = row.if_contains(key.substr(0, dot)))
      if (const auto* object = inner->if_object())
        if (const auto* found = find_nested(*object, key.substr(dot + 1)))
          return found;
  return nullptr;
}

history_row kept_members(const json::object& row, const row_members& members) {
  history_row out;
  const auto keep = [&out](std::string_view name, const json::value& v) {
    if (v.is_null())
      return;
    auto& added = out[name];
    added = v;
    clean_non_finite(added);
    if (name == "_step")
      make_whole(added);
  };
  if (members.keys.empty()) {
    out.reserve(row.size());
    if (const auto* step = row.if_contains("_step"))
      keep("_step", *step); // first, where a reader looks for it
    for (const auto& [name, v] : row)
      if (!name.starts_with('_') || is_row_place(name, members.x_axis))
        keep(name, v);
    return out;
  }
  for (const std::string_view name :
       {std::string_view("_step"), std::string_view(members.x_axis),
        std::string_view("_timestamp"), std::string_view("_runtime")})
    if (const auto* v = find_nested(row, name))
      keep(name, *v);
  bool measured = false;
  for (const auto& key : members.keys)
    if (const auto* v = find_nested(row, key); v && !v->is_null()) {
      keep(key, *v);
      measured = true;
    }
  return measured ? out : history_row{};
}

// What the rows of several series meet on.
struct place {
  bool by_step;
  double value;
  std::size_t occurrence;
  auto operator<=>(const place&) const = default;
};

} // namespace

void clean_non_finite(json::value& v) {
  if (auto* text = v.if_string()) {
    if (const auto known = non_finite_text(*text); !known.empty())
      v = json::string(known);
  } else if (auto* object = v.if_object()) {
    for (auto& member : *object)
      clean_non_finite(member.value());
  } else if (auto* list = v.if_array()) {
    for (auto& item : *list)
      clean_non_finite(item);
  }
}

bool is_non_finite(const json::value& v) {
  const auto* text = v.if_string();
  return text && !text->empty()
         && non_finite_text(*text) == std::string_view(*text);
}

bool is_row_place(std::string_view name, std::string_view x_axis) {
  return name == "_step" || name == "_timestamp" || name == "_runtime"
         || name == x_axis;
}

std::optional<double> number_in(const history_row& row, std::string_view name) {
  const auto* found = row.if_contains(name);
  if (!found || !found->is_number())
    return std::nullopt;
  return found->to_number<double>();
}

std::optional<std::int64_t> step_of(const history_row& row) {
  const auto step = number_in(row, "_step");
  if (!step || std::abs(*step) > 9e15)
    return std::nullopt;
  return static_cast<std::int64_t>(*step);
}

result<rows_read> read_history_rows(const json::array& rows,
                                    const row_members& members) {
  rows_read out;
  out.rows.reserve(rows.size());
  bool any = false;
  for (const auto& row : rows) {
    const auto* object = row.if_object();
    result<json::value> parsed = json::value();
    if (const auto* text = row.if_string()) {
      parsed = read_lenient(*text);
      object = parsed ? parsed->if_object() : nullptr;
    }
    if (!object) {
      out.unreadable += row.is_null() ? 0 : 1;
      continue;
    }
    any = true;
    if (auto kept = kept_members(*object, members); !kept.empty())
      out.rows.push_back(std::move(kept));
  }
  if (!any && out.unreadable > 0)
    return failure{.code = errc::upstream_garbage,
                   .message = "W&B sent history rows that can not be read."};
  return out;
}

void sort_rows(std::vector<history_row>& rows, std::string_view x_axis) {
  constexpr auto last = std::numeric_limits<double>::infinity();
  // Keys are looked up once per row, not once per comparison.
  std::vector<std::pair<double, std::size_t>> order;
  order.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    order.emplace_back(number_in(rows[i], x_axis).value_or(last), i);
  if (std::is_sorted(order.begin(), order.end()))
    return;
  std::sort(order.begin(), order.end());
  std::vector<history_row> out;
  out.reserve(rows.size());
  for (const auto& [value, i] : order)
    out.push_back(std::move(rows[i]));
  rows = std::move(out);
}

std::vector<history_row>
join_series(std::vector<std::vector<history_row>> series,
            std::string_view x_axis) {
  std::vector<history_row> out;
  std::map<place, std::size_t> known;
  for (auto& one : series) {
    std::map<std::pair<bool, double>, std::size_t> seen;
    for (auto& row : one) {
      auto at = number_in(row, "_step");
      const bool by_step = at.has_value();
      if (!at)
        at = number_in(row, x_axis);
      if (!at) {
        out.push_back(std::move(row));
        continue;
      }
      const auto occurrence = seen[{by_step, *at}]++;
      const auto [entry, added] =
        known.emplace(place{by_step, *at, occurrence}, out.size());
      if (added) {
        out.push_back(std::move(row));
        continue;
      }
      auto& target = out[entry->second];
      for (auto& member : row)
        target.emplace(member.key(), std::move(member.value()));
    }
  }
  sort_rows(out, "_step");
  if (x_axis != "_step")
    sort_rows(out, x_axis);
  return out;
}

} // namespace mcp::wandb
