#include "tools/report_panel.hpp"

#include "protocol/json/write.hpp"
#include "protocol/mcp/utf8.hpp"
#include "protocol/near_names.hpp"
#include "tools/models_json.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace mcp::tools {
namespace {

constexpr std::size_t most_names = 50;
constexpr std::size_t longest_shown = 40;
constexpr std::size_t most_runs = 200;
constexpr std::size_t most_columns = 100;
constexpr std::size_t largest_table = 1u << 20; // bytes

const json::value* given(const json::object& panel, std::string_view name) {
  const auto* found = panel.if_contains(name);
  return found && !found->is_null() ? found : nullptr;
}

std::string quoted(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

[[noreturn]] void refuse_missing(std::string_view name) {
  refuse_panel(quoted(name) + " is missing or empty");
}

/// Empty when absent.
std::string_view optional_text(const json::object& panel,
                               std::string_view name) {
  const auto* found = given(panel, name);
  if (!found)
    return {};
  const auto* text = found->if_string();
  if (!text)
    refuse_panel(quoted(name) + " must be a text", true);
  return *text;
}

/// A list of names; one name alone counts as a list of one.
std::vector<std::string> required_names(const json::object& panel,
                                        std::string_view name) {
  const auto* found = given(panel, name);
  if (!found)
    refuse_missing(name);
  std::vector<std::string> out;
  if (const auto* one = found->if_string()) {
    if (!one->empty())
      out.emplace_back(*one);
  } else if (const auto* list = found->if_array()) {
    for (const auto& item : *list) {
      const auto* text = item.if_string();
      if (!text || text->empty())
        refuse_panel(quoted(name) + " must hold names of metrics", true);
      out.emplace_back(*text);
    }
  } else {
    refuse_panel(quoted(name) + " must be a list of names", true);
  }
  if (out.empty())
    refuse_missing(name);
  if (out.size() > most_names)
    refuse_panel(quoted(name) + " has more than 50 names", true);
  return out;
}

/// An object of texts; empty when absent.
json::object texts_of(const json::object& panel, std::string_view name) {
  const auto* found = given(panel, name);
  if (!found)
    return {};
  const auto* object = found->if_object();
  if (!object
      || !std::all_of(object->begin(), object->end(), [](const auto& member) {
           return member.value().is_string();
         }))
    refuse_panel(quoted(name) + " must be an object of texts", true);
  return *object;
}

json::object required_texts(const json::object& panel, std::string_view name) {
  auto out = texts_of(panel, name);
  if (out.empty())
    refuse_missing(name);
  return out;
}

wandb::report_panel read_custom(const json::object& panel,
                                std::string_view type) {
  wandb::custom_chart chart;
  if (type == "custom_chart_table") {
    chart.source = "summaryTable";
    chart.table_key = required_panel_text(panel, "table_name");
    chart.definition = optional_text(panel, "chart_name");
    if (chart.definition.empty())
      chart.definition = "wandb/line/v0";
  } else {
    chart.definition = required_panel_text(panel, "chart_name");
    if (!given(panel, "query"))
      refuse_missing("query");
    for (const std::string_view source : {"summaryTable", "historyTable"})
      if (const auto* key = value_at(panel, {"query", source, "tableKey"})) {
        const auto* text = key->if_string();
        if (text && !text->empty()) {
          chart.source = source;
          chart.table_key = *text;
          break;
        }
      }
    if (chart.source.empty())
      refuse_panel("\"query\" must be {\"summaryTable\": {\"tableKey\": "
                   "...}} or {\"historyTable\": {\"tableKey\": ...}}",
                   true);
  }
  chart.fields = required_texts(panel, "chart_fields");
  chart.strings = texts_of(panel, "chart_strings");
  const auto title = optional_text(panel, "title");
  if (!title.empty() && !chart.strings.contains("title"))
    chart.strings.emplace("title", title);
  return wandb::custom_panel(chart);
}

std::string cell_text(const json::value& cell) {
  std::string text;
  if (const auto* plain = cell.if_string())
    text = *plain;
  else if (!cell.is_null())
    text = write_json(cell);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '|')
      out += "\\|";
    else if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
      continue;
    else
      out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string table_line(const json::array& cells, std::size_t columns) {
  std::string out = "|";
  for (std::size_t i = 0; i < columns; ++i) {
    out += ' ';
    if (i < cells.size())
      out += cell_text(cells[i]);
    out += " |";
  }
  return out;
}

/// Run ids, in `run_ids` or in `runset`.
wandb::run_filter named_runs(const json::value& ids) {
  const auto* list = ids.if_array();
  std::vector<std::string> names;
  if (list)
    for (const auto& id : *list)
      if (const auto* text = id.if_string(); text && !text->empty())
        names.emplace_back(*text);
  if (!list || names.empty() || names.size() != list->size())
    refuse_panel("\"run_ids\" must be a list of run ids", true);
  if (names.size() > most_runs)
    refuse_panel("\"run_ids\" has more than 200 ids", true);
  return wandb::runs_named(names);
}

/// A member of the panel, or of its `runset` under another name.
const json::value* scope(const json::object& panel, std::string_view name,
                         std::string_view name_in_runset) {
  if (const auto* found = given(panel, name))
    return found;
  const auto* runset = object_at(panel, {"runset"});
  return runset ? given(*runset, name_in_runset) : nullptr;
}

} // namespace

void refuse_panel(std::string reason, bool misleading) {
  throw panel_refusal{std::move(reason), misleading};
}

std::string panel_type(const json::value& panel) {
  const auto* object = panel.if_object();
  auto out = object ? text_at(*object, "type") : std::string();
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view required_panel_text(const json::object& panel,
                                     std::string_view name) {
  const auto text = optional_text(panel, name);
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    refuse_missing(name);
  return text;
}

int heading_level(const json::object& panel) {
  const auto* level = given(panel, "level");
  if (!level)
    return 2;
  const auto* number = level->if_int64();
  if (!number || *number < 1 || *number > 3)
    refuse_panel("\"level\" must be 1, 2 or 3", true);
  return static_cast<int>(*number);
}

wandb::report_panel read_panel(const json::object& panel,
                               std::string_view type) {
  if (type.empty())
    refuse_panel("\"type\" is missing");
  if (type == "custom_chart" || type == "custom_chart_table")
    return read_custom(panel, type);
  if (type == "markdown_panel")
    return wandb::markdown_panel(required_panel_text(panel, "markdown"));
  const auto title = optional_text(panel, "title");
  if (type == "line") {
    const auto metrics = required_names(panel, "y");
    const auto x = optional_text(panel, "x");
    return wandb::line_panel(title, x.empty() ? "_step" : x, metrics);
  }
  if (type == "bar")
    return wandb::bar_panel(title, required_names(panel, "metrics"));
  if (type == "scatter") {
    const auto x = required_panel_text(panel, "x");
    return wandb::scatter_panel(title, x, required_panel_text(panel, "y"));
  }
  if (type == "run_comparison")
    return wandb::line_panel(title, "_step", required_names(panel, "metrics"));
  static constexpr std::array<std::string_view, 11> types{
    "line",         "bar",        "scatter",        "run_comparison",
    "custom_chart", "heading",    "markdown_table", "markdown_panel",
    "markdown",     "panel_grid", "custom_chart_table"};
  const auto near = near_names(type, types);
  if (std::find(types.begin(), types.end(), type) != types.end())
    refuse_panel("a " + std::string(type) + " can't be inside a panel_grid");
  refuse_panel("there is no type of panel " + quoted(quotable(type)) + "; "
               + (near.empty() ? "" : did_you_mean(near) + " ")
               + "There are: " + listed(types));
}

std::string markdown_table(const json::object& panel) {
  const auto* headers = array_at(panel, {"headers"});
  const auto* rows = array_at(panel, {"rows"});
  if (!headers || headers->empty())
    refuse_missing("headers");
  if (!rows)
    refuse_missing("rows");
  const auto columns = headers->size();
  if (columns > most_columns)
    refuse_panel("\"headers\" has more than 100 columns", true);
  std::string out;
  if (const auto title = optional_text(panel, "title"); !title.empty())
    out = "### " + cell_text(json::value(title)) + "\n\n";
  out += table_line(*headers, columns) + "\n|";
  for (std::size_t i = 0; i < columns; ++i)
    out += " --- |";
  for (const auto& row : *rows) {
    const auto* cells = row.if_array();
    if (!cells)
      refuse_panel("each of \"rows\" must be a list", true);
    out += '\n';
    out += table_line(*cells, columns);
    if (out.size() > largest_table)
      refuse_panel("the table is larger than 1 MiB", true);
  }
  return out;
}

bool names_runs(const json::object& panel) {
  for (const auto* name :
       {"filters", "analysis_run_id", "run_ids", "runset_query", "runset"})
    if (given(panel, name))
      return true;
  return false;
}

wandb::run_set runs_of_panel(const json::object& panel,
                             const wandb::run_set& all_runs) {
  auto out = all_runs;
  if (const auto* runset = given(panel, "runset");
      runset && !runset->is_object())
    refuse_panel("\"runset\" must be an object", true);
  if (const auto* search = scope(panel, "runset_query", "query")) {
    const auto* text = search->if_string();
    if (!text)
      refuse_panel("\"runset_query\" must be a text", true);
    out.search = *text;
  }
  const auto* filters = scope(panel, "filters", "filters");
  if (filters && filters->is_string() && filters->get_string().empty())
    filters = nullptr;
  if (filters) {
    const auto* text = filters->if_string();
    if (!text)
      refuse_panel("\"filters\" must be the text of an expression, such as "
                   "Config(\"lr\") > 0.1 and State == \"finished\"",
                   true);
    auto read = wandb::parse_run_filter(*text);
    if (!read) {
      auto reason = std::move(read.error().message);
      reason.pop_back(); // its full stop
      refuse_panel(std::move(reason), true);
    }
    out.filter = std::move(*read);
  } else if (const auto* run = given(panel, "analysis_run_id")) {
    const auto* text = run->if_string();
    if (!text || text->empty())
      refuse_panel("\"analysis_run_id\" must be the id of a run", true);
    out.filter = wandb::runs_named({std::string(*text)});
  } else if (const auto* ids = scope(panel, "run_ids", "run_ids")) {
    out.filter = named_runs(*ids);
  }
  return out;
}

std::vector<std::string> unknown_panel_members(const json::object& panel,
                                               std::string_view type) {
  using names = std::vector<std::string_view>;
  static const std::map<std::string_view, names> members{
    {"line", {"y", "x"}},
    {"bar", {"metrics"}},
    {"scatter", {"x", "y"}},
    {"run_comparison", {"metrics"}},
    {"markdown_table", {"headers", "rows"}},
    {"markdown_panel", {"markdown"}},
    {"custom_chart", {"query", "chart_name", "chart_fields", "chart_strings"}},
    {"custom_chart_table",
     {"table_name", "chart_name", "chart_fields", "chart_strings"}},
    {"heading", {"text", "level"}},
    {"markdown", {"text"}},
    {"panel_grid", {"panels"}}};
  const auto of_type = members.find(type);
  if (of_type == members.end())
    return {};
  auto known = of_type->second;
  known.insert(known.end(), {"type", "title"});
  if (type != "heading" && type != "markdown" && type != "markdown_table")
    known.insert(known.end(), {"filters", "analysis_run_id", "run_ids",
                               "runset_query", "runset", "hide_run_sets"});
  std::vector<std::string> out;
  for (const auto& member : panel) {
    const std::string_view name = member.key();
    if (member.value().is_null()
        || std::find(known.begin(), known.end(), name) != known.end())
      continue;
    const std::span<const std::string_view> there(known);
    const auto near = near_names(name, there);
    out.push_back(quoted(cut_utf8(name, longest_shown)) + " of a "
                  + std::string(type) + " panel was not understood; "
                  + (near.empty() ? "it takes " + listed(there) + "."
                                  : did_you_mean(near)));
  }
  return out;
}

bool hides_run_sets(const json::object& panel) {
  const auto* hide = given(panel, "hide_run_sets");
  return hide && hide->is_bool() && hide->get_bool();
}

} // namespace mcp::tools
