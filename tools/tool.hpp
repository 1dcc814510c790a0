#pragma once

#include "tools/context.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

/// The arguments of one call after validation: every property of the tool's
/// input schema that has a "default" is present, types are those the schema
/// asks for (after lenient coercion), and there are no others. An optional one
/// without a default that came empty (null, "", [], {}) is absent.
class arguments {
public:
  explicit arguments(json::object values) : values_(std::move(values)) {}

  /// A required or defaulted string.
  std::string text(std::string_view name) const;
  /// Empty when absent or null.
  std::optional<std::string> text_or_null(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  std::optional<std::int64_t> integer_or_null(std::string_view name) const;
  std::optional<double> number_or_null(std::string_view name) const;
  bool flag(std::string_view name) const;
  /// Null when absent or null.
  const json::object* object(std::string_view name) const;
  const json::array* array(std::string_view name) const;
  /// The strings of an array; empty when absent or null.
  std::vector<std::string> texts(std::string_view name) const;
  const json::object& all() const { return values_; }

private:
  json::object values_;
};

/// What a tool gives back. `structured` is sent as structuredContent; the text
/// block is `text`, or `structured` as JSON when `text` is empty.
struct tool_result {
  json::object structured;
  std::optional<std::string> text = {};
  /// MCP content blocks to send instead of the text block; `structured` may be
  /// empty then.
  json::array blocks = {};
  bool is_error = false;
  /// What was not done as asked, a sentence each: goes into the answer as
  /// `argument_notes`, beside what the catalog says of arguments' names.
  std::vector<std::string> notes = {};
};

/// A tool fails by throwing this (or by not catching `failure_exception`). The
/// result is isError with {"error": code, "message": message, ...details}.
/// `code` is for machines and part of the tool's contract ("run_not_found");
/// `message` says in one or two sentences what is wrong and what would work.
class tool_error : public std::runtime_error {
public:
  tool_error(std::string error_code, const std::string& message,
             json::object more = {})
      : std::runtime_error(message), code(std::move(error_code)),
        details(std::move(more)) {}
  std::string code;
  json::object details;
};

/// Throws the `tool_error` of arguments that can not mean anything.
[[noreturn]] void invalid_input(const std::string& message);

/// The groups an operator can switch on and off (--toolsets).
enum class toolset { models, weave, registry, reports, docs };

/// What a stated job costs upstream, so that operators can size their limits.
/// The documentation states it and tests hold it.
struct upstream_cost {
  std::string_view job; // "the loss curve of one run"
  int requests = 0;
};

/// MCP's ToolAnnotations (all versions since 2025-03-26).
struct annotations {
  bool read_only = true;
  bool destructive = false;
  bool idempotent = true;
  bool open_world = true;
};

/// Whether a call may go on as a task after its first answer, for clients that
/// know the extension io.modelcontextprotocol/tasks.
enum class task_support {
  never,
  optional, // when it takes long
  required, // always; other clients are refused
};

/// One MCP tool. Everything a client sees of it and the coroutine that runs it.
struct tool {
  std::string_view name;
  std::string_view title;
  toolset set = toolset::models;
  std::string_view description;
  std::string_view input_schema;  // JSON Schema 2020-12 object, as text
  std::string_view output_schema; // the same; empty: nothing is promised
  annotations hints = {};
  std::chrono::milliseconds budget = std::chrono::seconds(30);
  upstream_cost cost = {};
  task_support tasks = task_support::never;
  /// Whether a name is one for a member of the argument `filters` (or
  /// `filter`), and the value one that means there what it means alone. Such a
  /// name given as an argument of its own is taken for that member. Null: the
  /// tool has no such argument.
  bool (*is_filter)(std::string_view name, const json::value& value) = nullptr;
  /// Arguments that this server takes away from the tool: a call that gives
  /// one that isn't empty fails with `refusal`, whatever the schema says.
  std::span<const std::string_view> refused = {};
  std::string_view refusal = {};
  /// `context` outlives the coroutine; `args` is moved into it.
  task<tool_result> (*run)(call_context& context, arguments args);
};

/// Every tool, in the order tools/list gives them. Adding a tool is adding its
/// file and one line in tools/all.cpp.
const std::vector<const tool*>& all_tools();

} // namespace mcp::tools
