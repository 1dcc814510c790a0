#include "protocol/wandb/weave_filter.hpp"

#include "protocol/wandb/timestamp.hpp"
#include "protocol/wandb/weave_columns.hpp"
#include "protocol/wandb/weave_condition.hpp"
#include "protocol/wandb/weave_expression.hpp"
#include "protocol/wandb/weave_filter_ids.hpp"
#include "protocol/wandb/weave_filter_keys.hpp"

#include <algorithm>
#include <string>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

constexpr std::size_t deepest = 6;
constexpr std::size_t most_conditions = 500;
constexpr std::size_t longest_path = 512;

bool truth_of(std::string_view path, const json::value& v) {
  if (const auto* b = v.if_bool())
    return *b;
  if (const auto* n = v.if_int64(); n && (*n == 0 || *n == 1))
    return *n == 1;
  if (const auto* text = v.if_string()) {
    if (*text == "true")
      return true;
    if (*text == "false")
      return false;
  }
  reject_filter(path, "expected true or false");
}

// Translates one filter object. Only the outermost one has `lists`: the
// server's own filter can not be used below $or, $and and $not.
class translation {
public:
  translation(const json::object& source, std::string path, std::size_t depth,
              std::size_t& conditions_left, json::object* lists,
              std::string_view project)
      : source_(source), path_(std::move(path)), depth_(depth),
        out_(conditions_left), lists_(lists), project_(project) {}

  json::array run() {
    for (const auto& member : source_)
      if (!is_filter_key(member.key()))
        reject_filter(place(member.key()), filter_key_advice(member.key()));
    roots();
    for (const auto& ids : filter_id_lists())
      id_filter(ids);
    if (const auto* v = given("op_name"))
      add_named(here(), filter_ids_of("op_name"), place("op_name"), *v);
    part_filter("op_name");
    name_filter("display_name");
    part_filter("display_name");
    if (const auto* v = given("status"))
      status_filter(*v);
    if (const auto* v = given("time_range"))
      time_filter(*v);
    if (const auto* v = given("wb_run_id"))
      run_filter(*v);
    for (const auto* key : {"latency", "latency_ms"})
      if (const auto* v = given(key))
        latency_filter(place(key), *v);
    for (const auto* key : {"attributes", "inputs", "output", "summary"})
      if (const auto* v = given(key))
        path_filter(key, *v);
    if (const auto* v = given("$in"))
      in_filter(*v);
    if (const auto* v = given("$or"))
      or_filter(*v);
    if (const auto* v = given("$and"))
      for (auto& clause : clauses("$and", *v))
        out_.add(place("$and"), std::move(clause.as_object()));
    if (const auto* v = given("$not"))
      out_.add(place("$not"), expression::negate(clause(place("$not"), *v)));
    if (const auto* v = given("has_exception"))
      exception_filter(*v);
    column_filters();
    return out_.take();
  }

private:
  filter_place here() { return {out_, lists_, project_}; }

  std::string place(std::string_view key) const {
    return path_ + "." + std::string(key.substr(0, longest_path));
  }

  /// The member, unless it is absent or null.
  const json::value* given(std::string_view key) const {
    const auto* v = source_.if_contains(key);
    return v && !v->is_null() ? v : nullptr;
  }

  void roots() {
    const auto* v = given("trace_roots_only");
    if (!v)
      return;
    const bool only_roots = truth_of(place("trace_roots_only"), *v);
    if (lists_)
      lists_->emplace("trace_roots_only", only_roots);
    else if (only_roots)
      out_.add(place("trace_roots_only"),
               expression::eq(expression::field("parent_id"),
                              expression::literal(nullptr)));
  }

  void id_filter(const filter_ids& ids) {
    if (const auto* v = given(ids.list))
      add_ids(here(), ids, place(ids.list), *v);
    for (const auto& name : ids.single) {
      if (name.empty())
        continue;
      if (name == "parent_id" && source_.contains(name) && !given(name))
        reject_filter(place(name), "null is no id; for calls without a parent "
                                   "use \"trace_roots_only\": true");
      const auto* v = given(name);
      if (v && v->is_object())
        add_condition(out_, place(name), ids.column, *v);
      else if (v)
        add_ids(here(), ids, place(name), *v);
    }
  }

  void name_filter(std::string_view column) {
    const auto* v = given(column);
    if (!v)
      return;
    const auto where = place(column);
    if (v->is_object())
      return add_condition(out_, where, column, *v);
    const auto text =
      text_of(where, *v, "a text, in which * stands for anything");
    if (text.empty())
      reject_filter(where, "the text is empty");
    add_pattern(out_, where, column, text);
  }

  void part_filter(std::string_view column) {
    const auto key = std::string(column) + "_contains";
    const auto* v = given(key);
    if (!v)
      return;
    const auto number = v->is_number() ? json::serialize(*v) : std::string();
    const auto part = v->is_number()
                        ? std::string_view(number)
                        : text_of(place(key), *v, "a part of the name");
    out_.add(place(key), expression::contains(column, part));
  }

  void status_filter(const json::value& v) {
    const auto where = place("status");
    if (v.is_array())
      add_one_of(out_, where, "summary.weave.status", v);
    else
      add_condition(out_, where, "summary.weave.status", v);
  }

  void time_filter(const json::value& v) {
    const auto where = place("time_range");
    const auto* range = v.if_object();
    if (!range)
      reject_filter(where, "expected {\"start\": time, \"end\": time}");
    for (const auto& [key, bound] : *range) {
      if (key != "start" && key != "end")
        reject_filter(where + "." + std::string(key),
                      "expected only \"start\" and \"end\"");
      if (!bound.is_null() && !bound.is_string())
        reject_filter(where + "." + std::string(key),
                      "expected an ISO 8601 time such as "
                      "\"2025-02-01T10:00:00Z\"");
    }
    const auto bound = [&](std::string_view key, std::string_view op) {
      const auto* time = range->if_contains(key);
      if (time && !time->is_null())
        add_time(where + "." + std::string(key), op, *time);
    };
    bound("start", "$gte");
    bound("end", "$lt");
  }

  void add_time(const std::string& where, std::string_view op,
                const json::value& time) {
    const auto parsed = parse_timestamp(time.get_string());
    if (!parsed)
      reject_filter(where, parsed.error().message);
    auto later = expression::gte(expression::field("started_at"),
                                 expression::literal(parsed->seconds));
    out_.add(where, op == "$gte" ? std::move(later)
                                 : expression::negate(std::move(later)));
  }

  void run_filter(const json::value& v) {
    const auto where = place("wb_run_id");
    const auto& ids = filter_ids_of("wb_run_id");
    constexpr std::string_view marker = "$contains:";
    std::string pattern(v.is_string() ? std::string_view(v.get_string()) : "");
    const auto at = pattern.find(marker);
    if (at == pattern.npos)
      return add_named(here(), ids, where, v);
    pattern = "*" + pattern.erase(at, marker.size()) + "*";
    add_named(here(), ids, where, json::string(pattern));
  }

  void latency_filter(const std::string& where, const json::value& v) {
    if (!v.is_object())
      reject_filter(where, "expected comparisons in milliseconds, such as "
                           "{\"$gt\": 5000}");
    add_condition(out_, where, "summary.weave.latency_ms", v);
  }

  void path_filter(std::string_view column, const json::value& v) {
    const auto where = place(column);
    const auto* members = v.if_object();
    if (!members)
      reject_filter(where, "expected {dotted path: condition}, or "
                           "{\"$contains\": text} to search all of it");
    if (members->empty())
      return;
    const auto is_operator = [](const auto& m) {
      return m.key().starts_with('$');
    };
    if (std::all_of(members->begin(), members->end(), is_operator))
      return add_condition(out_, where, column, v);
    for (const auto& member : *members) {
      const std::string_view key = member.key();
      if (key.empty() || is_operator(member) || key.size() > longest_path)
        reject_filter(where + "." + std::string(key.substr(0, longest_path)),
                      "expected a dotted path; operators go inside its "
                      "condition");
      add_condition(out_, where + "." + std::string(key),
                    std::string(column) + "." + std::string(key),
                    member.value());
    }
  }

  void in_filter(const json::value& v) {
    const auto where = place("$in");
    const auto* members = v.if_object();
    if (!members)
      reject_filter(where, "expected {field: [values]}");
    for (const auto& [field, list] : *members) {
      const auto inner =
        where + "." + std::string(field.substr(0, longest_path));
      const auto base = base_column(field);
      if (!is_call_column(field)
          && !(has_paths(base) && base.size() + 1 < field.size()))
        reject_filter(inner, "expected a column, or a dotted path below "
                             "attributes, inputs, output or summary");
      if (field == "op_name" || field == "wb_run_id")
        add_ids(here(), filter_ids_of(field), inner, list);
      else
        add_one_of(out_, inner, field, list);
    }
  }

  void or_filter(const json::value& v) {
    out_.add(place("$or"), expression::any_of(clauses("$or", v)));
  }

  json::array clauses(std::string_view key, const json::value& v) {
    const auto where = place(key);
    const auto* list = v.if_array();
    if (!list || list->empty())
      reject_filter(where, "expected a list of filter objects");
    json::array out;
    for (std::size_t i = 0; i < list->size(); ++i)
      out.emplace_back(
        clause(where + "[" + std::to_string(i) + "]", (*list)[i]));
    return out;
  }

  json::object clause(const std::string& where, const json::value& v) {
    const auto* members = v.if_object();
    if (!members)
      reject_filter(where, "expected a filter object");
    if (depth_ == deepest)
      reject_filter(where, "filters are nested more than 6 deep");
    translation inner(*members, where, depth_ + 1, out_.left(), nullptr,
                      project_);
    auto operations = inner.run();
    if (operations.empty())
      reject_filter(where, "expected at least one condition here; without any "
                           "it would match every call");
    return expression::all_of(std::move(operations));
  }

  void exception_filter(const json::value& v) {
    const auto where = place("has_exception");
    auto none = expression::eq(expression::field("exception"),
                               expression::literal(nullptr));
    out_.add(where, truth_of(where, v) ? expression::negate(std::move(none))
                                       : std::move(none));
  }

  // Columns and paths used as keys of their own, in the order given. Whoever
  // writes {"ended_at": null} means it.
  void column_filters() {
    for (const auto& [key, v] : source_) {
      const auto base = base_column(key);
      const bool path = base.size() < key.size();
      const bool plain =
        key == "started_at" || key == "ended_at" || key == "deleted_at"
        || key == "exception" || key == "project_id" || key == "wb_run_step"
        || key == "wb_run_step_end" || key == "storage_size_bytes"
        || key == "total_storage_size_bytes";
      if (path || plain)
        add_condition(out_, place(key), key, v);
    }
  }

  const json::object& source_;
  const std::string path_;
  const std::size_t depth_;
  condition_list out_;
  json::object* lists_;
  const std::string_view project_;
};

} // namespace

result<weave_filter> translate_filter(const json::object& filters,
                                      std::string_view project_id) {
  weave_filter out;
  std::size_t conditions_left = most_conditions;
  try {
    auto operations =
      translation(filters, "filters", 0, conditions_left, &out.filter,
                  project_id)
        .run();
    if (!operations.empty())
      out.expression = expression::all_of(std::move(operations));
  } catch (const failure_exception& e) {
    return e.reason;
  }
  return out;
}

} // namespace mcp::wandb
