#include "tools/typed_query_upstream.hpp"

#include "tools/models_budget.hpp"
#include "tools/models_json.hpp"

namespace mcp::tools {

task<json::object> ask_typed(call_context& context, const typed_query& q,
                             typed_page page) {
  const auto data =
    co_await context.graphql(document_of(q), variables_of(q, page));
  const auto* project = object_at(data, {"project"});
  if (!project)
    throw tool_error("resource_not_found",
                     "There is no project \"" + shorten(q.project, 100)
                       + "\" of \"" + shorten(q.entity, 100)
                       + "\" that this user can read. "
                         "query_wandb_entity_projects lists the projects.");
  co_return *project;
}

} // namespace mcp::tools
