#pragma once

#include "protocol/json/schema.hpp"
#include "protocol/mcp/version.hpp"
#include "tools/tool.hpp"

#include <boost/json.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

/// A tool with its compiled input schema.
struct entry {
  const tool* what;
  argument_schema schema;
};

/// The tools one server offers; built once at start and only read after that.
class catalog {
public:
  /// Throws std::invalid_argument for a tool whose schema is not one, or two
  /// tools of one name: mistakes in the program.
  explicit catalog(const std::vector<const tool*>& offered);

  /// Null for an unknown name.
  const entry* find(std::string_view name) const;
  /// The result of tools/list as JSON text, in the order given at construction:
  /// with titles and output schemas where the version has them.
  const std::string& list_result(version v) const;
  std::vector<std::string_view> names() const;

private:
  std::map<std::string, entry, std::less<>> by_name_;
  std::vector<std::string_view> order_;
  std::string plain_list_;
  std::string structured_list_;
};

/// Runs one tool: checks the arguments, runs the coroutine, and turns whatever
/// it throws into a result that a model can act on. Never throws itself, except
/// that a mistake of ours (any other exception) passes through for the caller
/// to log. `e` and `context` must outlive the task.
task<tool_result> run(const entry& e, call_context& context,
                      json::object raw_arguments);

/// The isError result of a failure: {"error": code, "message": ..., "hint":
/// ..., "retry_after_ms": ..., "http_status": ...}.
tool_result error_result(const failure& why);

/// A CallToolResult as JSON text. Errors carry their JSON in the text block
/// alone: clients hold structuredContent against the tool's output schema,
/// which speaks of success.
std::string call_result_json(const tool_result& r, version v);

} // namespace mcp::tools
