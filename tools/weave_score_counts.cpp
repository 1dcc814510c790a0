#include "tools/weave_score_counts.hpp"

#include <cmath>
#include <string_view>

namespace mcp::tools {
namespace {

namespace json = boost::json;

constexpr std::size_t most_paths = 200;
constexpr int deepest = 6;

std::string below(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::optional<double> number(const json::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  return v && v->is_number() ? std::optional(v->to_number<double>())
                             : std::nullopt;
}

// The one whole number that makes `part` of it the fraction, also when the
// fraction was rounded to four digits; empty when there are several.
std::optional<std::int64_t> whole_of(double part, double fraction,
                                     std::int64_t total) {
  if (!(part > 0) || !(fraction > 0) || fraction > 1)
    return std::nullopt;
  const auto n = std::round(part / fraction);
  if (n < part || n > double(total))
    return std::nullopt;
  const auto off = [&](double count) {
    return std::abs(part / count - fraction);
  };
  constexpr double exact = 1e-12;
  constexpr double rounded = 0.5e-4 + exact;
  const bool alone =
    off(n + 1) > rounded && (n - 1 < part || off(n - 1) > rounded);
  if (off(n) <= exact || (off(n) <= rounded && alone))
    return static_cast<std::int64_t>(n);
  return std::nullopt;
}

struct counting {
  const std::optional<scored_rows>& rows;
  std::int64_t total;
  json::object out = {};

  void add(const std::string& path, const json::object& score) {
    const auto hits = number(score, "true_count");
    const auto fraction = number(score, "true_fraction");
    std::optional<std::int64_t> scored;
    if (hits && fraction)
      scored = whole_of(*hits, *fraction, total);
    if (!scored && rows)
      if (const auto it = rows->find(path); it != rows->end())
        scored = it->second;
    json::object counts;
    if (hits)
      counts.emplace("true_count", score.at("true_count"));
    counts.emplace("scored", scored ? json::value(*scored) : json::value());
    if (scored && *scored <= total)
      counts.emplace("not_scored", total - *scored);
    out.emplace(path, std::move(counts));
  }

  void walk(const std::string& path, const json::object& scores, int depth) {
    for (const auto& [name, value] : scores) {
      const auto* score = value.if_object();
      if (!score || out.size() >= most_paths)
        continue;
      const auto at = below(path, name);
      if (score->contains("true_fraction") || score->contains("mean"))
        add(at, *score);
      else if (depth > 1)
        walk(at, *score, depth - 1);
    }
  }
};

void count_at(const std::string& path, const json::object& scores,
              scored_rows& rows, int depth) {
  for (const auto& [name, value] : scores) {
    const auto at = below(path, name);
    if (const auto* inner = value.if_object()) {
      if (depth > 1)
        count_at(at, *inner, rows, depth - 1);
    } else if (value.is_bool() || value.is_number()) {
      if (const auto it = rows.find(at); it != rows.end())
        ++it->second;
      else if (rows.size() < most_paths)
        rows.emplace(at, 1);
    }
  }
}

} // namespace

void count_scores(const json::object& scores, scored_rows& rows) {
  count_at({}, scores, rows, deepest);
}

json::object score_counts(const json::object& scores,
                          const std::optional<scored_rows>& rows,
                          std::int64_t total) {
  counting c{rows, total};
  c.walk({}, scores, deepest);
  return std::move(c.out);
}

} // namespace mcp::tools
