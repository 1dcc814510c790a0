#include "protocol/wandb/weave_filter_ids.hpp"

#include "protocol/wandb/weave_expression.hpp"
#include "protocol/wandb/weave_names.hpp"

#include <algorithm>
#include <optional>

namespace mcp::wandb {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_list = 1000;

// Ids may come as numbers; the server wants text.
std::optional<std::string> id_text(const json::value& v) {
  if (const auto* text = v.if_string())
    return std::string(*text);
  if (v.is_int64() || v.is_uint64())
    return json::serialize(v);
  return std::nullopt;
}

// A * that stands for anything; the one for all versions is none.
bool is_pattern(std::string_view text) {
  const auto star = text.find('*');
  return star != text.npos
         && !(star + 1 == text.size() && text.ends_with(":*"));
}

// False when only an expression can say it: below the top, a second time, or
// where a name has a * inside of it.
bool add_to_list(const filter_place& at, const filter_ids& ids,
                 const json::array& texts) {
  if (!at.lists || at.lists->contains(ids.list))
    return false;
  json::array forms;
  for (const auto& v : texts) {
    const std::string_view text = v.get_string();
    if (ids.column == "op_name" && is_pattern(text))
      return false;
    if (ids.column == "op_name" && !at.project.empty())
      for (const auto& form : op_names_of(text, at.project))
        forms.emplace_back(form);
    else if (ids.column == "wb_run_id")
      forms.emplace_back(run_id_of(text, at.project));
    else
      forms.emplace_back(text);
  }
  if (forms.size() > longest_list)
    return false;
  if (ids.column == "op_name" && at.project.empty()
      && !std::all_of(forms.begin(), forms.end(), [](const auto& form) {
           return std::string_view(form.get_string()).starts_with("weave://");
         }))
    return false;
  at.lists->emplace(ids.list, std::move(forms));
  return true;
}

json::object name_is(const filter_place& at, const filter_ids& ids,
                     const std::string& where, std::string_view text) {
  if (is_pattern(text)) {
    condition_list parts(at.out.left());
    add_pattern(parts, where, ids.column, text);
    if (parts.empty())
      reject_filter(where, "a * alone matches every call");
    return expression::all_of(parts.take());
  }
  return ids.column == "op_name" ? op_is(text) : run_is(text);
}

void add_expression(const filter_place& at, const filter_ids& ids,
                    const std::string& where, const json::array& texts) {
  if (ids.column.empty())
    reject_filter(where, "works at the top of the filters only");
  if (ids.column == "op_name" || ids.column == "wb_run_id") {
    json::array any;
    for (const auto& text : texts)
      any.push_back(name_is(at, ids, where, text.get_string()));
    return at.out.add(where, expression::any_of(std::move(any)));
  }
  if (texts.size() == 1)
    at.out.add(where, expression::eq(expression::field(ids.column),
                                     expression::literal(texts.front())));
  else
    at.out.add(where, expression::in(expression::field(ids.column), texts));
}

void add_condition_on(const filter_place& at, const filter_ids& ids,
                      const std::string& where, std::string_view name,
                      const json::value& v) {
  const auto place = where + "." + std::string(name);
  if (name == "$in")
    return add_ids(at, ids, place, v);
  if (name == "$eq" && v.is_string())
    return add_ids(at, ids, place, v);
  if (name == "$ne" && v.is_string())
    return at.out.add(
      place, expression::negate(name_is(at, ids, place, v.get_string())));
  if (name == "$regex" && v.is_string())
    if (const auto regex = read_regex(v.get_string()); regex && regex->whole)
      return add_ids(at, ids, place, json::string(regex->text));
  json::object rest;
  rest.emplace(name, v);
  add_condition(at.out, where, ids.column, rest);
}

} // namespace

const filter_ids& filter_ids_of(std::string_view column) {
  const auto lists = filter_id_lists();
  return *std::find_if(lists.begin(), lists.end(), [&](const auto& ids) {
    return ids.column == column;
  });
}

void add_ids(const filter_place& at, const filter_ids& ids,
             const std::string& where, const json::value& v) {
  json::array texts;
  const auto add = [&](const json::value& element) {
    const auto text = id_text(element);
    if (!text || text->empty())
      reject_filter(where, "expected a text or a list of texts");
    texts.emplace_back(*text);
  };
  if (const auto* list = v.if_array()) {
    if (list->empty() || list->size() > longest_list)
      reject_filter(where, "expected 1 to 1000 entries");
    for (const auto& element : *list)
      add(element);
  } else {
    add(v);
  }
  if (!add_to_list(at, ids, texts))
    add_expression(at, ids, where, texts);
}

void add_named(const filter_place& at, const filter_ids& ids,
               const std::string& where, const json::value& v) {
  if (v.is_array())
    return add_ids(at, ids, where, v);
  if (const auto* members = v.if_object(); members && !members->empty()) {
    for (const auto& member : *members)
      add_condition_on(at, ids, where, member.key(), member.value());
    return;
  }
  auto text = text_of(where, v, "a text, in which * stands for anything");
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    reject_filter(where, "the text is empty");
  text = text.substr(first, text.find_last_not_of(" \t") + 1 - first);
  if (is_pattern(text))
    add_pattern(at.out, where, ids.column, text);
  else
    add_ids(at, ids, where, json::string(text));
}

} // namespace mcp::wandb
