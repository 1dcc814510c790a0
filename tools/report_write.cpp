#include "tools/report_write.hpp"

#include "protocol/json/write.hpp"
#include "protocol/wandb/graphql_reply.hpp"
#include "tools/catalog.hpp"
#include "tools/models_json.hpp"
#include "tools/models_run.hpp"

#include <algorithm>
#include <random>

namespace mcp::tools {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_write = std::chrono::seconds(20);
constexpr milliseconds time_to_answer = std::chrono::seconds(1);

} // namespace

task<project_place> find_project(call_context& context, std::string entity,
                                 std::string project) {
  static constexpr std::string_view document =
    R"(query ProjectHeader($entity: String!, $project: String!) {
  project(name: $project, entityName: $entity) {
    id
    internalId
    name
    entityName
  }
})";
  json::object variables{{"entity", entity}, {"project", project}};
  const auto data = co_await context.graphql(document, std::move(variables));
  const auto* found = object_at(data, {"project"});
  if (!found)
    project_not_found(entity, project);
  co_return project_place{.entity = std::move(entity),
                          .project = std::move(project),
                          .internal_id = text_at(*found, "internalId")};
}

milliseconds time_for_write(const call_context& context) {
  return std::min(longest_write, context.time_left() - time_to_answer);
}

task<json::object> write_graphql(call_context& context,
                                 std::string_view document,
                                 json::object variables) {
  upstream_request request;
  request.path = "/graphql";
  request.read = false;
  request.at_most = time_for_write(context);
  if (request.at_most <= milliseconds::zero())
    throw failure_exception({.code = errc::upstream_timeout,
                             .message = "W&B was too slow; nothing was sent."});
  json::object body{{"query", document}, {"variables", std::move(variables)}};
  request.body = write_json(body);
  const auto reply = co_await context.fetch(std::move(request));
  auto read = context.read_graphql(reply);
  if (!read) {
    auto why = read.error();
    if (why.code == errc::upstream_garbage)
      why.code = errc::outcome_unknown;
    throw failure_exception(std::move(why));
  }
  // A mutation that W&B refused has no result; one that was done may come with
  // complaints about what else was asked for.
  const bool done =
    std::any_of(read->data.begin(), read->data.end(),
                [](const auto& member) { return !member.value().is_null(); });
  if (!done && !read->errors.empty())
    throw failure_exception(wandb::graphql_failure(read->errors));
  co_return std::move(read->data);
}

void throw_write_failure(const failure& why, std::string_view refused,
                         const std::string& message, json::object details) {
  auto body = error_result(why).structured;
  switch (why.code) {
  case errc::upstream_error:
  case errc::not_permitted:
  case errc::not_found:
  case errc::bad_argument:
    body["cause"] = body["error"];
    body["error"] = refused;
    break;
  default:
    break;
  }
  const std::string code(body.at("error").as_string());
  body.erase("error");
  body.erase("message");
  for (auto& [name, value] : details)
    body.insert_or_assign(name, value);
  throw tool_error(code, message + why.message, std::move(body));
}

std::string random_name(std::size_t length) {
  static constexpr std::string_view letters =
    "0123456789abcdefghijklmnopqrstuvwxyz";
  std::random_device random;
  std::uniform_int_distribution<std::size_t> pick(0, letters.size() - 1);
  std::string out;
  while (out.size() < length)
    out += letters[pick(random)];
  return out;
}

} // namespace mcp::tools
