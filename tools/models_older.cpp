#include "tools/models_older.hpp"

namespace mcp::tools {
namespace {

// The words of GraphQL's own validator ("Fields on Correct Type"), which most
// servers repeat.
bool is_unknown_field(const failure& why) {
  return why.message.find("Cannot query field") != why.message.npos;
}

} // namespace

task<json::object> graphql_or_reduced(call_context& context, query_texts texts,
                                      json::object variables) {
  // Nothing can be awaited inside a handler.
  try {
    co_return co_await context.graphql(texts.full, variables);
  } catch (const failure_exception& error) {
    if (!is_unknown_field(error.reason))
      throw;
  }
  co_return co_await context.graphql(texts.reduced, std::move(variables));
}

} // namespace mcp::tools
