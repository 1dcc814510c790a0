#include "tools/resource_parts.hpp"

#include "protocol/json/write.hpp"

#include <algorithm>
#include <array>

namespace mcp::tools {
namespace {

bool says_absent(const tool_error& e) {
  // The last ones: a URI can spell names that nothing can have.
  static constexpr std::array<std::string_view, 9> codes{
    "entity_not_found",   "project_not_found",  "run_not_found",
    "resource_not_found", "artifact_not_found", "organization_not_found",
    "permission_denied",  "invalid_input",      "invalid_request"};
  return std::find(codes.begin(), codes.end(), e.code) != codes.end();
}

bool says_absent(const failure& why) {
  return why.code == errc::not_found || why.code == errc::not_permitted
         || why.code == errc::bad_argument;
}

task<resource_contents> whole_answer(const tool* from, call_context& context,
                                     std::string uri, json::object args) {
  const auto answer = co_await tool_answer(*from, context, std::move(args));
  co_return one_text(std::move(uri), json_type, write_json(answer));
}

} // namespace

resource_contents one_text(std::string uri, std::string_view mime_type,
                           std::string text) {
  resource_contents out;
  out.push_back(json::object{
    {"uri", std::move(uri)}, {"mimeType", mime_type}, {"text", text}});
  return out;
}

task<resource_contents> or_absent(task<resource_contents> reading) {
  try {
    co_return co_await std::move(reading);
  } catch (const tool_error& e) {
    if (!says_absent(e))
      throw;
  } catch (const failure_exception& e) {
    if (!says_absent(e.reason))
      throw;
  }
  co_return resource_contents{};
}

task<json::object> tool_answer(const tool& from, call_context& context,
                               json::object args) {
  auto result = co_await from.run(context, arguments(std::move(args)));
  co_return std::move(result.structured);
}

task<resource_contents> tool_contents(const tool& from, call_context& context,
                                      std::string uri, json::object args) {
  return or_absent(
    whole_answer(&from, context, std::move(uri), std::move(args)));
}

} // namespace mcp::tools
