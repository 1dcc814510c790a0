#include "tools/typed_query_errors.hpp"

#include "tools/models_budget.hpp"
#include "tools/wandb_words.hpp"

#include <algorithm>
#include <chrono>

namespace mcp::tools {
namespace {

using std::chrono::milliseconds;

[[noreturn]] void again_later(const char* code, const std::string& message,
                              const failure& why, json::object scope) {
  const auto wait = std::clamp(why.retry_after.value_or(milliseconds(1000)),
                               milliseconds(1000), milliseconds(60'000));
  scope["retryable"] = true;
  scope["retry_after_ms"] = wait.count();
  throw tool_error(code, message, std::move(scope));
}

} // namespace

json::object scope_given(const arguments& args) {
  json::object out{{"source", "wandb_selective_read"}};
  const auto add = [&](const char* name, const char* argument) {
    const auto text = args.text_or_null(argument);
    out[name] = text ? json::value(shorten(*text, 100)) : json::value();
  };
  add("resource", "resource");
  add("entity", "entity_name");
  add("project", "project_name");
  return out;
}

void throw_with_scope(const tool_error& error, json::object scope) {
  for (const auto& [name, value] : error.details)
    scope[name] = value;
  throw tool_error(error.code, error.what(), std::move(scope));
}

void throw_typed_failure(const failure& why, json::object scope) {
  if (why.http_status != 0)
    scope["http_status"] = why.http_status;
  if (why.why != cause::none)
    scope["cause"] = to_string(why.why);
  if (is_for_operator(why.why)) {
    scope["retryable"] = false;
    throw tool_error("upstream_unavailable", why.message, std::move(scope));
  }
  switch (why.code) {
  case errc::unauthorized:
    throw tool_error("authentication_failed",
                     "W&B rejected the API key of this connection. Ask the "
                     "user to get a valid "
                     "key and to set it in the MCP client's configuration.",
                     std::move(scope));
  case errc::not_permitted:
    throw tool_error("permission_denied",
                     "The user's API key is valid but has no access to this "
                     "project.",
                     std::move(scope));
  case errc::not_found:
    throw tool_error(
      "resource_not_found",
      "W&B does not know this. query_wandb_entity_projects lists "
      "the projects of an entity.",
      std::move(scope));
  case errc::rate_limited:
  case errc::server_busy:
    again_later("server_busy",
                why.code == errc::server_busy
                  ? why.message + " Wait for retry_after_ms."
                  : "W&B limits this user's requests. Wait for retry_after_ms.",
                why, std::move(scope));
  case errc::upstream_unavailable:
    again_later("server_busy",
                "W&B can not answer at the moment. Try again later.", why,
                std::move(scope));
  case errc::upstream_timeout:
    again_later("upstream_timeout",
                "W&B did not answer in time. Ask for fewer items or keys.", why,
                std::move(scope));
  case errc::upstream_error: {
    const auto words = wandb_words(why);
    throw tool_error("selective_read_unavailable",
                     words.empty()
                       ? "W&B could not carry out the query, and does not say "
                         "what of it is wrong. Check filters and order."
                       : "W&B refused the query: " + words
                           + ". Check filters, order and cursor against that.",
                     std::move(scope));
  }
  case errc::upstream_garbage:
    throw tool_error("selective_read_unavailable",
                     "W&B answered something that can't be read. Try again "
                     "later.",
                     std::move(scope));
  case errc::response_too_large:
    throw tool_error("response_too_large",
                     "W&B answered more than one call may hold. Name "
                     "summary_keys or config_keys, or lower limit.",
                     std::move(scope));
  default:
    throw failure_exception(why);
  }
}

} // namespace mcp::tools
