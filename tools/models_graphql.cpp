#include "tools/models_graphql.hpp"

#include "protocol/wandb/graphql_paging.hpp"
#include "protocol/wandb/graphql_query.hpp"
#include "protocol/wandb/graphql_reply.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"
#include "tools/models_pages.hpp"
#include "tools/wandb_words.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace mcp::tools {
namespace {

constexpr std::size_t max_variable_bytes = 64 * 1024;
constexpr std::size_t max_variable_depth = 12;
constexpr std::size_t max_variable_values = 5000;
constexpr std::size_t most_errors = 10;

[[noreturn]] void refuse(const wandb::graphql_problem& problem,
                         const std::vector<std::string>& types = {}) {
  using kind = wandb::graphql_problem::kind;
  json::object details;
  if (problem.line > 0) {
    details.emplace("line", problem.line);
    details.emplace("column", problem.column);
  }
  const auto message = "query: " + to_string(problem) + ".";
  switch (problem.what) {
  case kind::not_read_only:
    details.emplace("operation_types", json::value_from(types));
    throw tool_error("read_only_violation", message, std::move(details));
  case kind::too_complex:
    throw tool_error("query_too_complex", message, std::move(details));
  case kind::syntax:
  case kind::invalid:
    break;
  }
  throw tool_error("invalid_input", message, std::move(details));
}

/// The kinds of all operations in a document that was refused.
std::vector<std::string> operation_types(const std::string& text) {
  std::vector<std::string> out;
  if (const auto parsed = wandb::parse_graphql(text))
    for (const auto& o : parsed->operations)
      if (std::find(out.begin(), out.end(), o.type) == out.end())
        out.push_back(o.type);
  return out;
}

std::size_t count_of(const json::value& v) {
  std::size_t out = 1;
  if (const auto* object = v.if_object())
    for (const auto& member : *object)
      out += count_of(member.value());
  else if (const auto* list = v.if_array())
    for (const auto& item : *list)
      out += count_of(item);
  return out;
}

std::size_t depth_of(const json::value& v) {
  std::size_t deepest = 0;
  if (const auto* object = v.if_object())
    for (const auto& member : *object)
      deepest = std::max(deepest, depth_of(member.value()));
  else if (const auto* list = v.if_array())
    for (const auto& item : *list)
      deepest = std::max(deepest, depth_of(item));
  else
    return 0;
  return deepest + 1;
}

void check_variables(const json::object& variables) {
  const json::value all = variables;
  if (depth_of(all) > max_variable_depth)
    throw tool_error("invalid_input",
                     "variables: nested deeper than 12 levels.");
  if (count_of(all) > max_variable_values)
    throw tool_error("invalid_input", "variables: more than 5,000 values.");
  if (json_size(all) > max_variable_bytes)
    throw tool_error("invalid_input", "variables: longer than 64 KiB.");
}

/// What happened, in our words.
std::string_view message_for(std::string_view code) {
  if (code == to_string(errc::unauthorized))
    return "W&B does not accept this user's API key here.";
  if (code == to_string(errc::not_permitted))
    return "The user has no access to this part of the answer.";
  if (code == to_string(errc::not_found))
    return "W&B does not know what this part of the query asks for.";
  if (code == to_string(errc::rate_limited))
    return "W&B limits this user's requests; try again later.";
  if (code == to_string(errc::upstream_timeout))
    return "W&B did not answer this part in time; ask for less.";
  return "W&B could not answer this part of the query.";
}

/// What went wrong, without W&B's internals.
json::array shown_errors(const json::array& errors) {
  json::array out;
  for (const auto& error : errors) {
    if (out.size() == most_errors)
      break;
    const json::array one{error};
    const auto why = wandb::graphql_failure(one);
    const auto* object = error.if_object();
    auto code = object ? text_at(*object, "error") : std::string();
    if (code.empty())
      code = to_string(why.code);
    auto message = wandb_words(why);
    if (message.empty())
      message = message_for(code);
    json::object shown{{"error", code}, {"message", message}};
    if (object)
      if (const auto* path = array_at(*object, {"path"}))
        shown.emplace("path", *path);
    out.push_back(std::move(shown));
  }
  return out;
}

/// How many list items are in `before` and no longer in `after`. A connection
/// that lost some has a next page again, which nobody knows the cursor of.
std::size_t tell_of_dropped(const json::value& before, json::value& after) {
  std::size_t out = 0;
  if (auto* list = after.if_array(); list && before.is_array()) {
    out = before.get_array().size() - list->size();
    for (std::size_t i = 0; i < list->size(); ++i)
      out += tell_of_dropped(before.get_array()[i], (*list)[i]);
  } else if (auto* object = after.if_object(); object && before.is_object()) {
    for (auto& [name, member] : *object)
      out += tell_of_dropped(before.get_object().at(name), member);
    const auto* edges = array_at(*object, {"edges"});
    auto* info = object->if_contains("pageInfo");
    if (edges && info && info->is_object()
        && edges->size() < before.at("edges").get_array().size()) {
      auto& page = info->get_object();
      if (page.contains("hasNextPage"))
        page["hasNextPage"] = true;
      if (page.contains("endCursor"))
        page["endCursor"] = nullptr;
    }
  }
  return out;
}

/// The same of what is said about the list that was followed.
void tell_of_followed(json::object& answer) {
  auto* paging = answer.if_contains("_pagination");
  auto* about = paging ? paging->if_object() : nullptr;
  const auto* path = about ? about->if_contains("path") : nullptr;
  if (!path || !path->is_string())
    return;
  const json::value* at = nullptr;
  std::string_view rest = path->get_string();
  for (const auto* from = &answer; from && !rest.empty();) {
    const auto dot = rest.find('.');
    at = from->if_contains(rest.substr(0, dot));
    from = at ? at->if_object() : nullptr;
    rest = dot == rest.npos ? std::string_view() : rest.substr(dot + 1);
  }
  const auto* edges = at && at->is_object()
                        ? array_at(at->get_object(), {"edges"})
                        : nullptr;
  if (!edges || edges->size() >= about->at("items").to_number<std::size_t>())
    return;
  const auto kept = edges->size();
  (*about)["items"] = kept;
  (*about)["has_more"] = true;
  (*about)["end_cursor"] = nullptr;
  (*about)["stopped_because"] = "token_budget";
  auto* more = answer.if_contains("extensions");
  auto* told = more && more->is_object()
                 ? more->get_object().if_contains("wandb_mcp")
                 : nullptr;
  if (!told || !told->is_object())
    return;
  auto& as = told->get_object();
  as["returned_count"] = kept;
  as["has_more"] = true;
  as["next_cursor"] = nullptr;
  as["truncated_by_response_budget"] = true;
}

tool_result finish(const call_limits& limits, json::object data,
                   const json::array& errors) {
  tool_result out;
  if (!errors.empty()) {
    auto shown = shown_errors(errors);
    out.is_error = true;
    // A caller may have used these names as aliases; its data goes first.
    const auto code = shown[0].at("error");
    const auto message = shown[0].at("message");
    data.emplace(data.contains("errors") ? "_errors" : "errors",
                 std::move(shown));
    if (!data.contains("error") && !data.contains("message")) {
      data.emplace("error", code);
      data.emplace("message", message);
    }
  }
  json::value answer = std::move(data);
  const auto budget = response_budget(limits);
  if (token_size(answer) > budget) {
    answer.get_object()["_truncation"] =
      "The answer was too long: lists and long texts in it were cut. Ask for "
      "fewer fields, for keys: [..] of config and summaryMetrics, or for "
      "fewer items.";
    const auto before = answer;
    constexpr std::size_t for_count = 80; // how much was dropped, in words
    const bool fits = shrink(answer, budget - std::min(budget, for_count));
    if (const auto dropped = tell_of_dropped(before, answer); dropped > 0) {
      auto& note = answer.get_object()["_truncation"].get_string();
      note.append(" " + std::to_string(dropped) + " list items were left out.");
      tell_of_followed(answer.get_object());
    }
    if (!fits)
      throw tool_error(
        "response_too_large",
        "The answer is longer than "
          + std::to_string(limits.max_response_tokens)
          + " tokens. Select fewer fields, use keys: [..] on config and "
            "summaryMetrics, or lower max_items.");
  }
  out.structured = std::move(answer.get_object());
  return out;
}

} // namespace

task<tool_result> run_graphql(call_context& context, graphql_call call) {
  if (call.query.find_first_not_of(" \t\r\n,") == call.query.npos)
    throw tool_error("invalid_input", "query: the document is empty.");
  check_variables(call.variables);
  const auto parsed = wandb::parse_graphql_query(call.query);
  if (!parsed)
    refuse(parsed.error(), operation_types(call.query));
  for (const auto& s : parsed->operations.front().selections)
    if (s.response_name() == "_pagination"
        || s.response_name() == "_truncation")
      throw tool_error("invalid_input",
                       "query: _pagination and _truncation are names of this "
                       "tool's own; use another alias.");
  const wandb::page_request wish{.max_items = call.max_items,
                                 .items_per_page = call.items_per_page,
                                 .path = call.paginate_path};
  auto plan = wandb::plan_pages(call.query, *parsed, call.variables, wish);
  if (!plan)
    refuse(plan.error());
  if (!plan->paged) {
    const auto why_not = plan->why_not;
    auto reply = co_await context.graphql_partial(std::move(call.query),
                                                  std::move(call.variables));
    if (why_not != "no_connection") {
      json::object report{{"pages", 1}, {"stopped_because", why_not}};
      reply.data["_pagination"] = std::move(report);
    }
    co_return finish(context.limits(), std::move(reply.data), reply.errors);
  }
  auto pages = co_await follow_pages(
    context, std::move(*plan), std::move(call.variables), call.items_per_page);
  co_return finish(context.limits(), std::move(pages.data), pages.errors);
}

} // namespace mcp::tools
