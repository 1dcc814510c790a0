#include "protocol/wandb/weave_condition.hpp"

#include "protocol/errors.hpp"
#include "protocol/wandb/timestamp.hpp"
#include "protocol/wandb/weave_columns.hpp"
#include "protocol/wandb/weave_expression.hpp"
#include "protocol/wandb/weave_names.hpp"
#include "protocol/wandb/weave_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 10'000;
constexpr std::size_t longest_list = 1000;
constexpr std::string_view status_field = "summary.weave.status";

constexpr std::string_view operators =
  "a value or an object of operators: $eq, $ne, $gt, $gte, $lt, $lte, "
  "$contains, $in";

bool is_time(std::string_view field) {
  return field == "started_at" || field == "ended_at" || field == "deleted_at";
}

bool is_status(const std::string& text) {
  return text == "success" || text == "error" || text == "descendant_error"
         || text == "running";
}

// The value as it goes into a literal: statuses in lower case, times as
// seconds.
json::value literal_value(std::string_view path, std::string_view field,
                          const json::value& v) {
  if (v.is_object() || v.is_array())
    reject_filter(path, "expected a text, number, boolean or null");
  const auto* text = v.if_string();
  if (text)
    text_of(path, v, "a text");
  if (is_time(field) && !v.is_null()) {
    if (v.is_number())
      return v;
    const auto time =
      text ? parse_timestamp(*text) : result<timestamp>(failure{});
    if (!time)
      reject_filter(path, "expected an ISO 8601 time such as "
                          "\"2025-02-01T10:00:00Z\"");
    return time->seconds;
  }
  if (field == status_field) {
    std::string status(text ? std::string_view(*text) : "");
    for (auto& c : status)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!is_status(status))
      reject_filter(path, "expected one of \"success\", \"error\", "
                          "\"descendant_error\", \"running\"");
    return json::value(json::string(status));
  }
  if (field == "summary.weave.latency_ms" && !v.is_number())
    reject_filter(path, "expected a number of milliseconds");
  return v;
}

// What lies below a path is text on the server, so a number compares only with
// a converted field. What the server itself computes below summary.weave has
// its own type. Attributes convert for booleans as well.
json::object operand(std::string_view field, const json::value& literal) {
  const auto base = base_column(field);
  const bool below = has_paths(base) && base.size() < field.size();
  const bool convert =
    literal.is_number() || (literal.is_bool() && base == "attributes");
  if (below && convert && !field.starts_with("summary.weave."))
    return expression::number_field(field);
  return expression::field(field);
}

json::object compare(std::string_view op, std::string_view field,
                     json::value v) {
  auto left = operand(field, v);
  auto right = expression::literal(std::move(v));
  if (op == "$eq")
    return expression::eq(std::move(left), std::move(right));
  if (op == "$gt")
    return expression::gt(std::move(left), std::move(right));
  if (op == "$gte")
    return expression::gte(std::move(left), std::move(right));
  if (op == "$lt")
    return expression::negate(
      expression::gte(std::move(left), std::move(right)));
  if (op == "$lte")
    return expression::negate(
      expression::gt(std::move(left), std::move(right)));
  return expression::negate(expression::eq(std::move(left), std::move(right)));
}

void add_regex(condition_list& out, const std::string& path,
               std::string_view field, const json::value& v) {
  const auto regex = read_regex(text_of(path, v, "a text"));
  if (!regex || is_time(field) || field == "summary.weave.latency_ms")
    reject_filter(path,
                  "W&B's trace queries have no regular expressions, only whole "
                  "texts ({\"$eq\": \"text\"}) and parts of them "
                  "({\"$contains\": \"part\"}, several in $and or $or); "
                  "$regex is taken for these two: \"^text$\" and \"part\", "
                  "with \\ before a dot");
  if (regex->whole)
    out.add(path, compare("$eq", field, json::string(regex->text)));
  else
    out.add(path, expression::contains(field, regex->text, regex->any_case));
}

void add_operator(condition_list& out, const std::string& path,
                  std::string_view field, std::string_view op,
                  const json::value& v) {
  if (op == "$contains") {
    if (is_time(field) || field == "summary.weave.latency_ms")
      reject_filter(path, "$contains searches text; compare with $gte and $lt");
    const auto text = text_of(path, v, "the text to search for");
    out.add(path, expression::contains(field, text));
    return;
  }
  if (op == "$in")
    return add_one_of(out, path, field, v);
  if (op == "$regex")
    return add_regex(out, path, field, v);
  constexpr std::array<std::string_view, 6> comparisons{"$eq",  "$ne", "$gt",
                                                        "$gte", "$lt", "$lte"};
  if (std::find(comparisons.begin(), comparisons.end(), op)
      == comparisons.end())
    reject_filter(path, "no such operator; expected " + std::string(operators));
  auto literal = literal_value(path, field, v);
  if (literal.is_null() && op != "$eq" && op != "$ne")
    reject_filter(path, "null has no order; expected a number or a text");
  out.add(path, compare(op, field, std::move(literal)));
}

} // namespace

void reject_filter(std::string_view path, std::string_view expected) {
  throw failure_exception(
    {.code = errc::bad_argument,
     .message = cut_text(path, 200) + ": " + std::string(expected) + "."});
}

void condition_list::add(std::string_view path, json::object operation) {
  if (left_ == 0)
    reject_filter(path, "too many conditions; at most 500 in one query");
  --left_;
  operations_.emplace_back(std::move(operation));
}

std::string_view text_of(std::string_view path, const json::value& v,
                         std::string_view expected) {
  const auto* text = v.if_string();
  if (!text)
    reject_filter(path, "expected " + std::string(expected));
  if (text->size() > longest_text)
    reject_filter(path, "the text is longer than 10000 bytes");
  return *text;
}

void add_condition(condition_list& out, std::string_view path,
                   std::string_view field, const json::value& condition) {
  if (field == "storage_size_bytes" || field == "total_storage_size_bytes")
    reject_filter(path, "the trace server can not filter by storage size");
  if (condition.is_array())
    reject_filter(path, "expected " + std::string(operators)
                          + "; for one of several values use {\"$in\": [...]}");
  if (!condition.is_object()) {
    out.add(path, compare("$eq", field, literal_value(path, field, condition)));
    return;
  }
  const auto& members = condition.get_object();
  if (members.empty())
    reject_filter(path, "expected " + std::string(operators));
  for (const auto& [name, v] : members) {
    const auto place = std::string(path) + "." + std::string(name);
    if (!name.starts_with('$'))
      reject_filter(place, "expected an operator; write a nested field as one "
                           "dotted path, such as \"config.model\"");
    add_operator(out, place, field, name, v);
  }
}

void add_one_of(condition_list& out, std::string_view path,
                std::string_view field, const json::value& v) {
  const auto* list = v.if_array();
  if (!list || list->empty() || list->size() > longest_list)
    reject_filter(path, "expected a list of 1 to 1000 values");
  json::array values;
  for (const auto& element : *list)
    values.push_back(literal_value(path, field, element));
  const bool numbers =
    std::all_of(values.begin(), values.end(),
                [](const auto& element) { return element.is_number(); });
  auto left =
    numbers ? operand(field, values.front()) : expression::field(field);
  out.add(path, expression::in(std::move(left), values));
}

void add_pattern(condition_list& out, std::string_view path,
                 std::string_view field, std::string_view pattern) {
  if (pattern.find('*') == pattern.npos) {
    out.add(path, compare("$eq", field, json::string(pattern)));
    return;
  }
  while (!pattern.empty()) {
    const auto part = pattern.substr(0, pattern.find('*'));
    if (!part.empty())
      out.add(path, expression::contains(field, part));
    pattern.remove_prefix(std::min(part.size() + 1, pattern.size()));
  }
}

} // namespace mcp::wandb
