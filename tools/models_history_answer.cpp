#include "tools/models_history_answer.hpp"

#include "protocol/json/write.hpp"
#include "tools/models_budget.hpp"

#include <algorithm>
#include <map>

namespace mcp::tools {
namespace {

using rows_list = std::vector<wandb::history_row>;

// "sampled_points", "step_range", the note and so on.
constexpr std::size_t reserved_bytes = 600;
constexpr std::size_t max_text = 500;

std::size_t size_of(const rows_list& rows) {
  std::size_t size = 2;
  for (const auto& row : rows)
    size += json_size(row) + 1;
  return size;
}

/// Rows until they fit, by their average size: some rows are wider than others,
/// so it may take more than one try.
void thin_to_fit(rows_list& rows, std::string_view x_axis,
                 std::size_t max_bytes) {
  auto size = size_of(rows);
  while (size > max_bytes && rows.size() > 2) {
    const auto fitting = rows.size() * max_bytes / size;
    const auto count = std::clamp<std::size_t>(fitting, 2, rows.size() - 1);
    rows = wandb::thin_rows(std::move(rows), count, x_axis);
    size = size_of(rows);
  }
}

void cut_texts(rows_list& rows) {
  for (auto& row : rows)
    for (auto& member : row) {
      auto& v = member.value();
      if (auto* text = v.if_string()) {
        if (text->size() > max_text)
          *text = shorten(*text, max_text);
      } else if (v.is_structured() && json_size(v) > max_text) {
        v = shorten(write_json(v), max_text);
      }
    }
}

/// Columns in the order of their names until the rows are full. Gives how many
/// were left out.
std::size_t drop_columns(rows_list& rows, std::string_view x_axis,
                         std::size_t max_bytes) {
  std::map<std::string, std::size_t> sizes;
  std::size_t used = 2;
  for (const auto& row : rows) {
    used += 3;
    for (const auto& member : row) {
      const auto size = member.key().size() + json_size(member.value()) + 4;
      if (wandb::is_row_place(member.key(), x_axis))
        used += size;
      else
        sizes[std::string(member.key())] += size;
    }
  }
  std::size_t dropped = 0;
  for (const auto& [name, size] : sizes) {
    if (used + size <= max_bytes) {
      used += size;
      continue;
    }
    ++dropped;
    for (auto& row : rows)
      row.erase(name);
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

} // namespace

void add_rows(json::object& answer, rows_list rows, std::string_view x_axis,
              std::size_t max_bytes) {
  // Thousands of metric names can be half of the answer by themselves.
  auto* names = answer["keys_returned"].if_array();
  const auto names_room = max_bytes / 4;
  if (names && json_size(json::value(*names)) > names_room) {
    const auto all = names->size();
    const auto average = json_size(json::value(*names)) / all + 1;
    names->resize(std::min(all, names_room / average));
    answer["keys_omitted"] = all - names->size();
  }
  const auto before = rows.size();
  const auto rest = json_size(answer) + reserved_bytes;
  const auto room = rest < max_bytes ? max_bytes - rest : 0;
  thin_to_fit(rows, x_axis, room);
  std::string note;
  if (rows.size() < before)
    note = "Rows were thinned from " + std::to_string(before) + " to "
           + std::to_string(rows.size())
           + " to keep the answer short; pass keys or a narrower step range "
             "for more.";
  if (size_of(rows) > room) {
    cut_texts(rows);
    if (const auto dropped = drop_columns(rows, x_axis, room)) {
      answer["keys_omitted"] = dropped;
      note += (note.empty() ? "" : " ") + std::to_string(dropped)
              + " metrics were left out; pass keys to choose.";
    }
  }
  answer["sampled_points"] = rows.size();
  answer["step_range"] = step_range(rows);
  if (!note.empty() || answer.contains("keys_omitted")) {
    answer["truncated"] = true;
    answer["truncation_note"] =
      note.empty() ? std::string("Not all metric names are listed.") : note;
  }
  json::array list;
  list.reserve(rows.size());
  for (auto& row : rows)
    list.emplace_back(std::move(row));
  answer["rows"] = std::move(list);
}

} // namespace mcp::tools
