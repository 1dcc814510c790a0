#include "tools/registry_ask.hpp"

#include "protocol/json/write.hpp"
#include "protocol/wandb/graphql_reply.hpp"
#include "tools/tool.hpp"

namespace mcp::tools {
namespace {

task<asked> ask_once(call_context& context, std::string_view document,
                     json::object variables,
                     std::chrono::milliseconds reuse_for) {
  upstream_request request;
  request.path = "/graphql";
  request.reuse_for = reuse_for;
  const json::object body{{"query", document},
                          {"variables", std::move(variables)}};
  request.body = write_json(body);
  const auto reply = co_await context.fetch(std::move(request));
  auto read = context.read_graphql(reply);
  if (!read)
    throw failure_exception(read.error());
  asked out{std::move(read->data), std::move(read->errors), document};
  // Some servers answer an unknown field with 200, data null inside.
  if (!out.errors.empty()) {
    auto why = wandb::graphql_failure(out.errors);
    if (is_unknown_name(why))
      throw failure_exception(std::move(why));
  }
  co_return out;
}

} // namespace

task<asked> ask_wandb(call_context& context, query_texts texts,
                      json::object variables,
                      std::chrono::milliseconds reuse_for) {
  // Nothing can be awaited inside a handler.
  bool is_old = false;
  try {
    co_return co_await ask_once(context, texts.full, variables, reuse_for);
  } catch (const failure_exception& error) {
    if (!is_unknown_name(error.reason))
      throw;
    is_old = !texts.reduced.empty();
  }
  try {
    if (is_old)
      co_return co_await ask_once(context, texts.reduced, std::move(variables),
                                  reuse_for);
  } catch (const failure_exception& error) {
    if (!is_unknown_name(error.reason))
      throw;
  }
  throw tool_error("unsupported_server",
                   "This W&B server is too old for what the tool needs of it. "
                   "It has to be upgraded before this can work.");
}

void throw_errors(const asked& answer) {
  if (!answer.errors.empty())
    throw failure_exception(wandb::graphql_failure(answer.errors));
}

} // namespace mcp::tools
