#include "tools/weave_hints.hpp"

#include "protocol/wandb/weave_call.hpp"
#include "protocol/wandb/weave_columns.hpp"
#include "protocol/wandb/weave_text.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/weave_schema.hpp"

#include <algorithm>
#include <set>

namespace mcp::tools {
namespace {

constexpr std::size_t most_calls = 200;
constexpr std::size_t most_bytes = 4u << 20;
constexpr std::size_t most_fields = 8;
constexpr std::size_t most_paths = 30;
constexpr std::size_t most_values = 15;
constexpr std::size_t longest_value = 60;

/// The fields that filters speak of: columns, paths, "status", "latency_ms".
class field_names {
public:
  void add(const json::object& filters, int depth = 0) {
    for (const auto& [key, v] : filters) {
      const std::string_view name = key;
      if (depth > 6 || v.is_null())
        continue;
      if (const auto* inner = v.if_object();
          inner && (name == "$not" || name == "$in"))
        name == "$not" ? add(*inner, depth + 1) : add_keys(*inner);
      else if (const auto* list = v.if_array();
               list && (name == "$or" || name == "$and"))
        for (const auto& clause : *list) {
          if (clause.is_object())
            add(clause.get_object(), depth + 1);
        }
      else if (wandb::has_paths(name))
        add_paths(name, v);
      else
        add_one(name);
    }
  }

  const std::vector<std::string>& all() const { return names_; }

private:
  void add_keys(const json::object& fields) {
    for (const auto& field : fields)
      add_one(field.key());
  }

  void add_paths(std::string_view column, const json::value& v) {
    if (const auto* paths = v.if_object())
      for (const auto& path : *paths)
        if (!path.key().starts_with('$'))
          add_one(std::string(column) + "." + std::string(path.key()));
  }

  void add_one(std::string_view name) {
    for (const std::string_view behind : {"_contains", "s"})
      if (name.ends_with(behind)
          && wandb::is_call_column(name.substr(0, name.size() - behind.size())))
        name.remove_suffix(behind.size());
    if (name == "latency" || name == "summary.weave.latency_ms")
      name = "latency_ms";
    else if (name == "time_range")
      name = "started_at";
    else if (name == "has_exception" || name == "summary.weave.status")
      name = "status";
    constexpr std::string_view columns[] = {
      "op_name",   "display_name", "status",    "latency_ms", "started_at",
      "wb_run_id", "wb_user_id",   "thread_id", "turn_id"};
    const bool known = std::find(std::begin(columns), std::end(columns), name)
                         != std::end(columns)
                       || wandb::base_column(name).size() < name.size();
    if (known && names_.size() < most_fields
        && std::find(names_.begin(), names_.end(), name) == names_.end())
      names_.emplace_back(name);
  }

  std::vector<std::string> names_;
};

bool is_range(std::string_view name) {
  return name == "latency_ms" || name == "started_at";
}

/// Learns the values of these fields.
class values_reader : public call_reader {
public:
  explicit values_reader(std::vector<std::string> fields)
      : call_reader({most_calls, most_bytes}), fields_(std::move(fields)) {}

  json::object values() const {
    json::object out = ranges_;
    for (const auto& field : shown())
      if (const auto path = text_at(field.as_object(), "path");
          std::find(fields_.begin(), fields_.end(), path) != fields_.end())
        out.insert_or_assign(path, field.at("top_values"));
    return out;
  }

  /// Paths of the columns whose path has no value in any call.
  json::object paths() const {
    json::object out;
    const auto known = values();
    for (const auto& name : fields_) {
      const auto column = wandb::base_column(name);
      if (column.size() == name.size() || known.contains(name))
        continue;
      json::array paths;
      for (const auto& field : shown())
        if (const auto path = text_at(field.as_object(), "path");
            path.starts_with(std::string(column) + ".")
            && paths.size() < most_paths)
          paths.emplace_back(path.substr(column.size() + 1));
      out.insert_or_assign(column, std::move(paths));
    }
    return out;
  }

protected:
  void take(json::object call) override {
    json::object known;
    std::set<std::string_view> columns;
    for (const auto& name : fields_) {
      const auto column = wandb::base_column(name);
      if (!columns.insert(column).second)
        continue;
      auto v = value_of(call, column);
      if (is_range(column))
        extend(column, v);
      else if (!v.is_null())
        known.emplace(column, std::move(v));
    }
    schema_.add(known);
  }

private:
  json::array shown() const {
    trace_schema::extent how;
    how.values = most_values;
    how.characters = longest_value;
    how.elements = false;
    return schema_.fields(how);
  }

  static json::value value_of(const json::object& call,
                              std::string_view column) {
    if (column == "status")
      return json::value(json::string(wandb::call_status(call)));
    if (column == "latency_ms")
      return wandb::call_latency(call);
    if (column == "op_name") {
      const auto name = text_at(call, column);
      const auto known = wandb::short_op_name(name);
      return json::value(json::string(known.empty() ? name : known));
    }
    return value_or_null(call, column);
  }

  // Times compare as texts: the server writes them all alike.
  void extend(std::string_view column, const json::value& v) {
    if (!v.is_number() && !v.is_string())
      return;
    auto& range = ranges_[column];
    if (!range.is_object())
      range = json::object{{"least", v}, {"most", v}};
    auto& least = range.get_object().at("least");
    auto& most = range.get_object().at("most");
    if (is_less(v, least))
      least = v;
    if (is_less(most, v))
      most = v;
  }

  static bool is_less(const json::value& a, const json::value& b) {
    if (a.is_number() && b.is_number())
      return a.to_number<double>() < b.to_number<double>();
    return a.is_string() && b.is_string() && a.get_string() < b.get_string();
  }

  const std::vector<std::string> fields_;
  trace_schema schema_;
  json::object ranges_;
};

wandb::calls_query newest(std::string project, bool roots,
                          const std::vector<std::string>& fields) {
  wandb::calls_query q;
  q.project_id = std::move(project);
  if (roots)
    q.filter.filter.emplace("trace_roots_only", true);
  q.columns = {"id", "op_name", "started_at"};
  for (const auto& name : fields) {
    std::string column(wandb::base_column(name));
    if (column == "status" || column == "latency_ms")
      column = "summary";
    if (std::find(q.columns.begin(), q.columns.end(), column)
        == q.columns.end())
      q.columns.push_back(std::move(column));
  }
  q.sort_field = "started_at";
  q.limit = static_cast<std::int64_t>(most_calls);
  return q;
}

bool asks_for_roots(const json::object& filters) {
  const auto* v = filters.if_contains("trace_roots_only");
  return v && (*v == json::value(true) || *v == json::value("true"));
}

constexpr const char* no_calls =
  "The project has no Weave calls. Check its name with "
  "query_wandb_entity_projects; runs and metrics are query_wandb_tool's.";
constexpr const char* no_match = "No call matches all of the filters.";

} // namespace

task<json::object> nothing_matched(call_context& context, std::string project,
                                   json::object filters) {
  json::object out;
  if (filters.empty()) {
    out.emplace("note", no_calls);
    co_return out;
  }
  field_names fields;
  fields.add(filters);
  out.emplace("note", no_match);
  if (fields.all().empty())
    co_return out;
  const bool roots = asks_for_roots(filters);
  const auto reader = std::make_shared<values_reader>(fields.all());
  try {
    auto q = newest(std::move(project), roots, fields.all());
    co_await read_calls(context, std::move(q), reader);
  } catch (const failure_exception&) {
    co_return out;
  }
  if (reader->seen() == 0) {
    if (!roots)
      out["note"] = no_calls;
    co_return out;
  }
  out["note"] = std::string(no_match) + " known_values are those of the newest "
                + std::to_string(reader->seen())
                + (roots ? " calls without a parent: trace_roots_only leaves "
                           "out all others."
                         : " calls.");
  auto known = reader->values();
  auto paths = reader->paths();
  // Half of the answer at most: what stands around it needs room as well.
  if (json_size(known) + json_size(paths)
      > response_budget(context.limits()) / 2) {
    out["note"] = no_match;
    co_return out;
  }
  out.emplace("calls_looked_at", reader->seen());
  out.emplace("known_values", std::move(known));
  if (!paths.empty())
    out.emplace("known_paths", std::move(paths));
  co_return out;
}

} // namespace mcp::tools
