#include "tools/typed_query.hpp"

#include "tools/first_look.hpp"
#include "tools/models_budget.hpp"
#include "tools/missing_run.hpp"
#include "tools/models_json.hpp"
#include "tools/typed_query_answer.hpp"
#include "tools/typed_query_errors.hpp"
#include "tools/typed_query_hints.hpp"
#include "tools/typed_query_items.hpp"
#include "tools/typed_query_lists.hpp"
#include "tools/typed_query_upstream.hpp"

namespace mcp::tools {
namespace {

bool is_filtered(const typed_query& q) {
  return q.what == typed_resource::runs && !q.filters.empty() && !q.place;
}

task<json::object> answer(call_context& context, const typed_query& q,
                          std::size_t budget) {
  if (q.is_list() && !q.count_only) {
    auto list = co_await read_typed_list(context, q);
    const bool nothing = list.items.empty() && is_filtered(q);
    auto out = list_answer(q, std::move(list), budget);
    if (nothing)
      out["nothing_matched"] = co_await no_run_matched(context, q);
    co_return out;
  }
  const typed_page none;
  auto project = co_await ask_typed(context, q, none);
  if (q.count_only) {
    auto out = typed_scope(q);
    out["response_mode"] = "count";
    out["total_count"] = value_or_null(project, "runCount");
    out["project_exhaustive"] = true;
    if (is_filtered(q) && out["total_count"] == json::value(0))
      out["nothing_matched"] = co_await no_run_matched(context, q);
    co_return out;
  }
  if (q.what == typed_resource::project)
    co_return item_answer(q, item_of(q, project, context.limits().app_url),
                          budget);
  const auto* member = q.what == typed_resource::run ? "run" : "sweep";
  const auto* node = object_at(project, {member});
  if (!node) {
    const bool of_run = q.what == typed_resource::run;
    tool_error error(
      "resource_not_found",
      "There is no " + q.resource + " \"" + shorten(q.selector, 100)
        + "\" in this project. Give the ID of the URL, not the display name"
        + (of_run ? "; resource \"runs\" with filters {\"displayName\": "
                    "...} finds it by that."
                  : "; resource \"sweeps\" lists the IDs."));
    if (of_run) {
      error.details = {{"entity_name", q.entity},
                       {"project_name", q.project},
                       {"run_id", q.selector}};
      error = co_await explain_missing_run(context, std::move(error));
    }
    throw tool_error(error);
  }
  co_return item_answer(q, item_of(q, *node, context.limits().app_url), budget);
}

} // namespace

task<tool_result> run_typed_query(call_context& context, arguments args) {
  auto scope = scope_given(args);
  try {
    const auto q = read_typed_query(args, context.limits());
    auto structured = co_await answer(
      context, q, answer_budget(context.limits(), args));
    tool_result out{.structured = std::move(structured)};
    co_return out;
  } catch (const tool_error& error) {
    throw_with_scope(error, std::move(scope));
  } catch (const failure_exception& error) {
    throw_typed_failure(error.reason, std::move(scope));
  }
}

} // namespace mcp::tools
