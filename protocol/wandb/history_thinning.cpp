#include "protocol/wandb/history_thinning.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <unordered_map>

namespace mcp::wandb {
namespace {

using places = std::vector<std::size_t>; // indices of rows, ascending

/// The rows that hold a metric, the rarest metric first. Metrics that are
/// always logged together count as one: a row of gradients of 300 layers is no
/// more worth than a row of one loss.
std::vector<places> series_of(const std::vector<history_row>& rows,
                              std::string_view x_axis) {
  std::unordered_map<std::string_view, places> where;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (const auto& member : rows[i])
      if (!is_row_place(member.key(), x_axis))
        where[member.key()].push_back(i);
  std::vector<std::pair<std::string_view, places*>> rarest_first;
  rarest_first.reserve(where.size());
  for (auto& [key, list] : where)
    rarest_first.emplace_back(key, &list);
  std::sort(rarest_first.begin(), rarest_first.end(),
            [](const auto& a, const auto& b) {
              return std::pair(a.second->size(), a.first)
                     < std::pair(b.second->size(), b.first);
            });
  std::vector<places> out;
  std::set<std::pair<std::size_t, std::uint64_t>> seen;
  for (auto& [key, list] : rarest_first) {
    std::uint64_t hash = 14695981039346656037u; // FNV-1a
    for (const auto i : *list)
      hash = (hash ^ i) * 1099511628211u;
    if (seen.emplace(list->size(), hash).second)
      out.push_back(std::move(*list));
  }
  return out;
}

class selection {
public:
  selection(std::size_t total, std::size_t count)
      : keep_(total, false), room_(count) {}

  bool kept(std::size_t i) const { return keep_[i]; }
  std::size_t room() const { return room_; }

  void add(std::size_t i) {
    if (room_ == 0 || keep_[i])
      return;
    keep_[i] = true;
    --room_;
  }

  places missing(const places& of) const {
    places out;
    for (const auto i : of)
      if (!keep_[i])
        out.push_back(i);
    return out;
  }

  void spread(const places& over, std::size_t wanted) {
    wanted = std::min({wanted, over.size(), room_});
    for (std::size_t i = 1; i <= wanted; ++i)
      add(over[i * (over.size() + 1) / (wanted + 1) - 1]);
  }

private:
  std::vector<bool> keep_;
  std::size_t room_;
};

} // namespace

std::vector<history_row> thin_rows(std::vector<history_row> rows,
                                   std::size_t count, std::string_view x_axis) {
  const auto total = rows.size();
  if (total <= count)
    return rows;
  if (count == 0)
    return {};
  const auto series = series_of(rows, x_axis);
  selection chosen(total, count);
  chosen.add(total - 1);
  for (const auto& one : series)
    if (std::none_of(one.begin(), one.end(),
                     [&](auto i) { return chosen.kept(i); }))
      chosen.add(one.back()); // its newest value
  std::vector<const places*> too_long;
  for (const auto& one : series) {
    const auto missing = chosen.missing(one);
    if (missing.size() > chosen.room()) {
      too_long.push_back(&one);
      continue;
    }
    for (const auto i : missing)
      chosen.add(i);
  }
  chosen.add(0);
  for (auto left = too_long.size(); const auto* one : too_long)
    chosen.spread(chosen.missing(*one), chosen.room() / left--);
  places rest;
  for (std::size_t i = 0; i < total; ++i)
    if (!chosen.kept(i))
      rest.push_back(i);
  chosen.spread(rest, chosen.room());

  std::vector<history_row> out;
  out.reserve(count);
  for (std::size_t i = 0; i < total; ++i)
    if (chosen.kept(i))
      out.push_back(std::move(rows[i]));
  return out;
}

} // namespace mcp::wandb
