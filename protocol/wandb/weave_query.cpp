#include "protocol/wandb/weave_query.hpp"

namespace mcp::wandb {
namespace {

namespace json = boost::json;

void add_filter(json::object& body, const weave_filter& filter) {
  if (!filter.filter.empty())
    body.emplace("filter", filter.filter);
  if (!filter.expression.empty()) {
    json::object query;
    query.emplace("$expr", filter.expression);
    body.emplace("query", std::move(query));
  }
}

void add_names(json::object& body, std::string_view key,
               const std::vector<std::string>& names) {
  if (names.empty())
    return;
  json::array list;
  for (const auto& name : names)
    list.emplace_back(name);
  body.emplace(key, std::move(list));
}

bool is_good_name(std::string_view name) {
  return !name.empty() && name.size() <= 256 && name.find('/') == name.npos;
}

} // namespace

json::object stream_query_body(const calls_query& query) {
  json::object body;
  body.emplace("project_id", query.project_id);
  body.emplace("include_costs", query.include_costs);
  body.emplace("include_feedback", query.include_feedback);
  if (query.include_storage_size)
    body.emplace("include_storage_size", true);
  if (query.include_total_storage_size)
    body.emplace("include_total_storage_size", true);
  add_filter(body, query.filter);
  if (!query.sort_field.empty()) {
    json::object order;
    order.emplace("field", query.sort_field);
    order.emplace("direction", query.descending ? "desc" : "asc");
    json::array orders;
    orders.emplace_back(std::move(order));
    body.emplace("sort_by", std::move(orders));
  }
  if (query.limit) {
    body.emplace("limit", *query.limit);
    body.emplace("offset", 0);
  }
  add_names(body, "columns", query.columns);
  add_names(body, "expand_columns", query.expand_columns);
  return body;
}

json::object query_stats_body(std::string_view project_id,
                              const weave_filter& filter, bool storage_size) {
  json::object body;
  body.emplace("project_id", project_id);
  add_filter(body, filter);
  if (storage_size)
    body.emplace("include_total_storage_size", true);
  return body;
}

result<calls_stats> read_query_stats(const json::value& answer) {
  const auto* members = answer.if_object();
  const auto* count = members ? members->if_contains("count") : nullptr;
  if (!count || !count->is_int64())
    return failure{.code = errc::upstream_garbage,
                   .message = "The Weave trace server's count is missing."};
  calls_stats out{.count = count->get_int64(),
                  .total_storage_size_bytes = std::nullopt};
  const auto* size = members->if_contains("total_storage_size_bytes");
  if (size && size->is_int64())
    out.total_storage_size_bytes = size->get_int64();
  return out;
}

result<std::string> project_id_of(std::string_view entity,
                                  std::string_view project) {
  if (!is_good_name(entity))
    return failure{.code = errc::bad_argument,
                   .message = "entity_name: expected the name of a team or "
                              "user, without a slash."};
  if (!is_good_name(project))
    return failure{.code = errc::bad_argument,
                   .message = "project_name: expected the name of a project, "
                              "without its entity or a slash."};
  return std::string(entity) + "/" + std::string(project);
}

} // namespace mcp::wandb
