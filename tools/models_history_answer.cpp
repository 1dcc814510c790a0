#include "tools/models_history_answer.hpp"

#include "protocol/json/write.hpp"
#include "protocol/wandb/history_thinning.hpp"
#include "tools/models_budget.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

namespace mcp::tools {
namespace {

// Members that are added after the rows were measured: the note and so on.
constexpr std::size_t reserved = 600;
constexpr std::size_t max_text = 500;
constexpr std::size_t shown_metrics = 50;
constexpr std::size_t most_counted = 100;
// Of all metrics of a run, some are better seen as curves than all as dots.
constexpr std::size_t fewest_rows = 20;

std::size_t size_of(const rows_list& rows) {
  std::size_t size = 2;
  for (const auto& row : rows)
    size += token_size(row) + 1;
  return size;
}

/// Rows until they fit, by their average size: some rows are wider than others,
/// so it may take more than one try.
void thin_to_fit(rows_list& rows, std::string_view x_axis,
                 std::size_t max_size, std::size_t fewest) {
  auto size = size_of(rows);
  while (size > max_size && rows.size() > fewest) {
    const auto fitting = rows.size() * max_size / size;
    const auto count =
      std::clamp<std::size_t>(fitting, fewest, rows.size() - 1);
    rows = wandb::thin_rows(std::move(rows), count, x_axis);
    size = size_of(rows);
  }
}

/// Gives true when something was cut.
bool cut_texts(rows_list& rows) {
  bool cut = false;
  for (auto& row : rows)
    for (auto& member : row) {
      auto& v = member.value();
      if (auto* text = v.if_string()) {
        if (text->size() <= max_text)
          continue;
        *text = shorten(*text, max_text);
        cut = true;
      } else if (v.is_structured() && json_size(v) > max_text) {
        v = shorten(write_json(v), max_text);
        cut = true;
      }
    }
  return cut;
}

/// Names without a number come first: of a loss and the norms of 250 layers the
/// loss.
bool comes_first(const std::string& a, const std::string& b) {
  const auto numbered = [](const std::string& name) {
    return name.find_first_of("0123456789") != name.npos;
  };
  if (numbered(a) != numbered(b))
    return numbered(b);
  return a < b;
}

/// Columns in that order until the rows are full. Gives those that were left
/// out.
std::vector<std::string> drop_columns(rows_list& rows, std::string_view x_axis,
                                      std::size_t max_size) {
  struct column {
    std::string name;
    std::size_t rows = 0;
    std::size_t size = 0;
  };
  std::unordered_map<std::string_view, column> found;
  std::size_t used = 4;
  for (const auto& row : rows) {
    used += 4;
    for (const auto& member : row) {
      auto& c = found[member.key()];
      ++c.rows;
      c.size += token_size(member.value());
    }
  }
  std::vector<column> columns;
  for (auto& [name, c] : found) {
    c.name = name;
    c.size += c.rows * (token_size(name) + 11); // quotes, colon and comma
    if (wandb::is_row_place(name, x_axis))
      used += c.size;
    else
      columns.push_back(std::move(c));
  }
  std::sort(columns.begin(), columns.end(),
            [](const auto& a, const auto& b) {
              return comes_first(a.name, b.name);
            });
  std::vector<std::string> dropped;
  for (auto& c : columns) {
    if (used + c.size <= max_size) {
      used += c.size;
      continue;
    }
    for (auto& row : rows)
      row.erase(c.name);
    dropped.push_back(std::move(c.name));
  }
  return dropped;
}

json::value step_range(const rows_list& rows) {
  std::optional<std::int64_t> low, high;
  for (const auto& row : rows)
    if (const auto step = wandb::step_of(row)) {
      low = std::min(low.value_or(*step), *step);
      high = std::max(high.value_or(*step), *step);
    }
  if (!low)
    return nullptr;
  return json::array{*low, *high};
}

/// Where on the axis the rows lie, and what was asked for.
json::object coverage_of(const rows_list& rows, const history_question& q) {
  json::object out{{"first_x", nullptr}, {"last_x", nullptr}};
  for (const auto& row : rows)
    if (const auto* x = row.if_contains(q.x_axis); x && x->is_number()) {
      if (out["first_x"].is_null())
        out["first_x"] = *x;
      out["last_x"] = *x;
    }
  const auto number_or_null = [](const auto& v) -> json::value {
    return v ? json::value(*v) : json::value(nullptr);
  };
  out["requested_min_step"] = number_or_null(q.min_step);
  out["requested_max_step"] = number_or_null(q.max_step);
  out["target_x"] = number_or_null(q.target);
  out["tolerance"] = q.target ? json::value(q.tolerance) : json::value(nullptr);
  return out;
}

/// Thousands of metric names can be half of an answer by themselves.
json::array some_names(const std::vector<std::string>& all, std::size_t room) {
  json::array out;
  std::size_t used = 2;
  for (const auto& name : all) {
    used += token_size(json::value(name)) + 1;
    if (used > room)
      break;
    out.emplace_back(name);
  }
  return out;
}

/// What became of the keys that were asked for.
void add_key_counts(json::object& answer, const history_question& q,
                    const history_rows& fetched, const run_header& run,
                    bool exact, std::size_t room) {
  json::object counts;
  std::vector<std::string> unobserved, missing, known;
  std::size_t used = 0;
  for (const auto& key : q.keys) {
    if (key == "_step" || key == q.x_axis)
      continue;
    const auto found = fetched.counts.find(key);
    const std::size_t observed =
      found == fetched.counts.end() ? 0 : found->second.rows;
    // What is returned is known later, and is no more than that.
    json::object count{{"observed", observed}, {"returned", observed}};
    used += key.size() + 40;
    if (used <= room)
      counts.emplace(key, std::move(count));
    if (observed > 0)
      continue;
    unobserved.push_back(key);
    if (run.metrics && !key.starts_with('_') && !run.metrics->contains(key))
      missing.push_back(key);
  }
  answer["key_row_counts"] = std::move(counts);
  answer["key_counts_exact"] = exact;
  if (!unobserved.empty())
    answer["unobserved_keys"] = some_names(unobserved, room);
  if (missing.empty())
    return;
  answer["missing_keys"] = some_names(missing, room);
  for (const auto& name : *run.metrics)
    if (!name.starts_with('_') && known.size() < shown_metrics)
      known.push_back(name);
  answer["available_keys"] = some_names(known, room);
}

void count_returned(json::object& answer, const rows_list& rows) {
  auto* counts = answer.if_contains("key_row_counts");
  if (!counts)
    return;
  for (auto& [key, count] : counts->get_object()) {
    const std::string_view name = key;
    const auto n = std::count_if(rows.begin(), rows.end(), [name](auto& row) {
      return row.contains(name);
    });
    count.get_object()["returned"] = n;
  }
}

/// keys_returned without those.
void leave_out(json::object& answer, const std::vector<std::string>& dropped) {
  auto& names = answer.at("keys_returned").get_array();
  const std::set<std::string_view> gone(dropped.begin(), dropped.end());
  json::array kept;
  for (auto& name : names)
    if (!gone.contains(std::string_view(name.get_string())))
      kept.push_back(std::move(name));
  names = std::move(kept);
}

/// Makes the rows fit and says what that took. Gives the note; empty when all
/// was kept.
std::string fit_rows(json::object& answer, rows_list& rows,
                     const history_question& q, std::size_t room) {
  const auto before = rows.size();
  thin_to_fit(rows, q.x_axis, room,
              q.keys.empty() ? fewest_rows : 2);
  std::string note;
  if (rows.size() < before)
    note = "Rows were thinned from " + std::to_string(before) + " to "
           + std::to_string(rows.size())
           + " to keep the answer short; pass keys or a narrower step range "
             "for more.";
  if (size_of(rows) <= room)
    return note;
  const auto add = [&note](const std::string& more) {
    note += (note.empty() ? "" : " ") + more;
  };
  if (cut_texts(rows)) {
    answer["source_values_truncated"] = true;
    add("Long values were cut.");
  }
  // The list of names gets shorter with the columns. One part of the room names
  // what there is instead.
  const auto freed = token_size(answer.at("keys_returned")) * 3 / 4;
  const auto names = (room + freed) / 6;
  const auto dropped = drop_columns(rows, q.x_axis, room + freed - names);
  if (!dropped.empty()) {
    answer["keys_omitted"] = dropped.size();
    add(std::to_string(dropped.size())
        + " metrics were left out; pass keys to choose, as keys: ["
        + write_json(json::value(dropped.front())) + "].");
    answer["keys_omitted_by_limits"] = some_names(dropped, names);
    room += freed - names;
    leave_out(answer, dropped);
  }
  if (size_of(rows) > room)
    thin_to_fit(rows, q.x_axis, room, 2);
  return note;
}

} // namespace

void add_history(json::object& answer, const history_question& q,
                 history_rows fetched, const run_header& run,
                 std::optional<std::int64_t> all_rows, std::size_t max_size) {
  const auto matching =
    std::max(static_cast<std::int64_t>(fetched.matching), all_rows.value_or(0));
  if (all_rows
      && static_cast<std::int64_t>(fetched.scanned + fetched.unreadable)
           >= *all_rows)
    fetched.sampled = false;
  const bool whole =
    !fetched.sampled && !fetched.partial && fetched.unreadable == 0;
  answer["requested_keys"] = some_names(q.keys, max_size / 8);
  answer["matching_rows"] = matching;
  answer["matching_rows_exact"] = whole || all_rows.has_value();
  answer["requested_samples"] = q.requested_samples;
  answer["effective_samples"] = q.samples;
  answer["rows_scanned"] = fetched.scanned;
  answer["x_axis"] = q.x_axis;
  answer["source_truncated"] = fetched.partial;
  answer["source_values_truncated"] = false;
  if (fetched.unreadable > 0)
    answer["unreadable_rows"] = fetched.unreadable;
  if (fetched.partial)
    answer["partial"] = true; // some of the range was not read
  if (q.samples < q.requested_samples)
    answer["profile_limit_note"] = "samples was taken as "
                                   + std::to_string(q.samples)
                                   + ", the most that one answer holds.";

  std::vector<std::string> names;
  json::object non_finite;
  for (const auto& [name, count] : fetched.counts) {
    names.push_back(name);
    if (count.non_finite > 0 && !wandb::is_row_place(name, q.x_axis)
        && non_finite.size() < most_counted)
      non_finite.emplace(name, count.non_finite);
  }
  std::sort(names.begin(), names.end(), comes_first);
  auto listed = some_names(names, max_size / 4);
  const bool names_cut = listed.size() < names.size();
  if (names_cut)
    answer["keys_omitted"] = names.size() - listed.size();
  answer["keys_returned"] = std::move(listed);
  if (!q.keys.empty())
    add_key_counts(answer, q, fetched, run, whole, max_size / 8);
  if (!non_finite.empty())
    answer["non_finite_counts"] = std::move(non_finite);

  auto& rows = fetched.rows;
  if (rows.size() > static_cast<std::size_t>(q.samples))
    rows = wandb::thin_rows(std::move(rows),
                            static_cast<std::size_t>(q.samples), q.x_axis);
  answer["coverage"] = coverage_of(rows, q);
  const auto used = token_size(answer) + reserved;
  const auto note =
    fit_rows(answer, rows, q, used < max_size ? max_size - used : 0);

  answer["sampled_points"] = rows.size();
  answer["step_range"] = step_range(rows);
  answer["coverage"] = coverage_of(rows, q);
  const bool sampled =
    fetched.sampled || static_cast<std::int64_t>(rows.size()) < matching;
  answer["sampled"] = sampled;
  const bool truncated = !note.empty() || names_cut;
  answer["truncated"] = truncated;
  if (truncated)
    answer["truncation_note"] =
      note.empty() ? std::string("Not all metric names are listed.") : note;
  answer["exact"] = !sampled && !truncated && fetched.unreadable == 0
                    && !fetched.partial && q.target_met;
  count_returned(answer, rows);
  json::array list;
  list.reserve(rows.size());
  for (auto& row : rows)
    list.emplace_back(std::move(row));
  answer["rows"] = std::move(list);
}

} // namespace mcp::tools
