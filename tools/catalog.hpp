#pragma once

#include "protocol/errors.hpp"
#include "protocol/json/schema.hpp"
#include "protocol/mcp/http_headers.hpp"
#include "protocol/mcp/uri_template.hpp"
#include "protocol/mcp/version.hpp"
#include "tools/offer.hpp"

#include <boost/json.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

/// A tool with its compiled input schema.
struct entry {
  const tool* what;
  argument_schema schema;
  std::vector<header_parameter> headers; // arguments that headers mirror
};

/// What an operator leaves of the tools.
struct selection {
  std::vector<std::string> toolsets; // their names; empty: all
  bool read_only = false;            // no tool that writes to W&B
  std::vector<std::string> disabled; // names of tools
};

/// "models", "weave", "registry", "reports", "docs".
std::string_view to_string(toolset set);

/// The option that keeps this tool out: "--read_only", "--toolsets" or
/// "--disable_tools"; empty when `wanted` leaves it.
std::string_view why_off(const tool& t, const selection& wanted);

/// The tools of `from` that `wanted` leaves, in the same order.
/// Errors: `bad_argument` for a name that no set or tool has, and when nothing
///         is left.
result<std::vector<const tool*>>
select_tools(const std::vector<const tool*>& from, const selection& wanted);

/// How a request that was run as a call ended well.
struct call_end {
  std::string result;  // JSON text
  std::string outcome; // for the log: "ok", or the code of a tool's error
};

/// A request that takes a coroutine to answer: tools/call, prompts/get,
/// resources/read, completion/complete.
struct planned_call {
  // For the log: what is run ("tool", "prompt", "resource", "completion"), and
  // its name. Of a resource that is its template, for a URI is its user's.
  std::string_view subject = "tool";
  std::string label;
  std::chrono::milliseconds budget{0};
  const entry* tool = nullptr; // of tools/call
  /// To be called once. The task throws `request_refused`; anything else it
  /// throws is a mistake of ours. The catalog and the context must outlive it.
  std::function<task<call_end>(call_context&)> run;
};

/// All that one server offers; built once at start and only read after that.
class catalog {
public:
  /// Throws std::invalid_argument for a schema, URI template or "x-mcp-header"
  /// mark that is none, or two things of one name: mistakes in the program.
  explicit catalog(offer offered);
  explicit catalog(const std::vector<const tool*>& tools)
      : catalog(offer{.tools = tools}) {}

  /// Null for an unknown name.
  const entry* find(std::string_view name) const;
  /// The first page of tools/list, prompts/list, resources/list or
  /// resources/templates/list as JSON text, in the order of the offer: with
  /// what the version has. Null for another method.
  const std::string* list(std::string_view method, version v) const;
  /// The page that a list request asks for. Null for another method.
  /// Errors: -32602 for a cursor that is none of this list.
  checked<const std::string*> page(std::string_view method,
                                   const json::object& params, version v) const;
  const std::string& list_result(version v) const {
    return *list("tools/list", v);
  }
  std::vector<std::string_view> names() const;
  const offer& offered() const { return offered_; }

  /// Whether `plan` knows this method.
  static bool runs(std::string_view method);
  /// Makes a call of a request.
  /// Errors: `invalid_params` naming the member that is wrong or unknown.
  result<planned_call> plan(std::string_view method, json::object params,
                            version v) const;

private:
  result<planned_call> plan_tool(json::object& params, version v) const;
  result<planned_call> plan_prompt(json::object& params) const;
  result<planned_call> plan_read(json::object& params, version v) const;
  result<planned_call> plan_completion(json::object& params) const;

  offer offered_;
  std::map<std::string, entry, std::less<>> by_name_;
  std::vector<uri_template> templates_; // of offered_.templates
  /// The results of one list method, page by page.
  struct pages {
    std::string fingerprint; // for cursors
    std::size_t items = 0;
    /// For versions without titles, and with them; never empty.
    std::array<std::vector<std::string>, 2> texts;
  };
  template <class T>
  static pages paged(const char* member, const std::vector<const T*>& offered,
                     std::size_t page_size);
  std::map<std::string, pages, std::less<>> lists_;
};

/// Runs one tool: settles and checks the arguments, runs the coroutine, and
/// turns whatever it throws into a result that a model can act on. Where an
/// argument was taken for another, the result has `argument_notes` that say so. Never throws itself, except
/// that a mistake of ours (any other exception) passes through for the caller
/// to log. `e` and `context` must outlive the task.
task<tool_result> run(const entry& e, call_context& context,
                      json::object raw_arguments);

/// The isError result of a failure: {"error": code, "message": ..., "hint":
/// ..., "retry_after_ms": ..., "http_status": ..., "cause": ...}, and for
/// `outcome_unknown` also {"retryable": false, "upstream_status": ...}.
tool_result error_result(const failure& why);

/// A CallToolResult as JSON text. Errors carry their JSON in the text block
/// alone: clients hold structuredContent against the tool's output schema,
/// which speaks of success.
std::string call_result_json(const tool_result& r, version v);

} // namespace mcp::tools
