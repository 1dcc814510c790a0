#include "tools/weave_access.hpp"

#include "protocol/wandb/weave_columns.hpp"
#include "protocol/wandb/weave_filter_keys.hpp"

namespace mcp::tools {
namespace {

constexpr std::size_t most_names = 100;

template <class T>
T value_or_throw(result<T> r) {
  if (!r)
    throw failure_exception(r.error());
  return std::move(*r);
}

} // namespace

std::string weave_project(const arguments& args) {
  return value_or_throw(
    wandb::project_id_of(args.text("entity_name"), args.text("project_name")));
}

wandb::weave_filter weave_filters(const arguments& args) {
  const auto* filters = args.object("filters");
  if (!filters)
    return {};
  return value_or_throw(
    wandb::translate_filter(*filters, weave_project(args)));
}

bool is_weave_filter(std::string_view name, const json::value& value) {
  return wandb::is_filter_key(name)
         && (value.is_object() || !wandb::has_paths(name));
}

std::vector<std::string> weave_names(const arguments& args,
                                     std::string_view name) {
  std::vector<std::string> out;
  const auto* list = args.array(name);
  if (!list)
    return out;
  const auto fail = [&] {
    throw failure_exception(
      {.code = errc::bad_argument,
       .message = std::string(name) + ": expected at most 100 texts."});
  };
  if (list->size() > most_names)
    fail();
  for (const auto& element : *list) {
    if (!element.is_string())
      fail();
    out.emplace_back(element.get_string());
  }
  return out;
}

task<wandb::calls_stats> count_calls(call_context& context, std::string project,
                                     wandb::weave_filter filter,
                                     bool storage_size) {
  auto body = wandb::query_stats_body(project, filter, storage_size);
  const auto answer = co_await context.weave(
    std::string(wandb::query_stats_path), std::move(body));
  co_return value_or_throw(wandb::read_query_stats(answer));
}

task<counted> try_count(call_context& context, std::string project,
                        wandb::weave_filter filter) {
  counted out;
  try {
    const auto stats = co_await count_calls(context, std::move(project),
                                            std::move(filter), false);
    out.count = stats.count;
  } catch (const failure_exception& e) {
    out.why_not = e.reason;
  }
  co_return out;
}

void throw_weave_failure(const failure& why, std::string code) {
  if (is_for_operator(why.why)
      || (why.code != errc::upstream_error
          && why.code != errc::upstream_garbage))
    throw failure_exception(why);
  json::object details;
  if (why.http_status != 0)
    details.emplace("http_status", why.http_status);
  throw tool_error(std::move(code), why.message, std::move(details));
}

} // namespace mcp::tools
