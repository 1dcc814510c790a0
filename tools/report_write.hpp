#pragma once

// What the tools that write into a project share.

#include "tools/tool.hpp"

#include <string>
#include <string_view>

namespace mcp::tools {

/// A project that exists and that the user can read.
struct project_place {
  std::string entity;
  std::string project;
  std::string internal_id; // as run sets of reports name it
};

/// Looks the project up, because W&B would make a missing one without a word.
/// Throws `tool_error` project_not_found.
task<project_place> find_project(call_context& context, std::string entity,
                                 std::string project);

/// Runs one mutation, once, and gives the content of "data". An answer that
/// can't be read throws `outcome_unknown`: the mutation may have been done.
/// `document` is a fixed text.
task<json::object> write_graphql(call_context& context,
                                 std::string_view document,
                                 json::object variables);

/// How long one write may take: long enough for W&B, short enough that the
/// call can still say how it went. Zero or less: no time is left for another.
[[nodiscard]] std::chrono::milliseconds
time_for_write(const call_context& context);

/// Throws the `tool_error` of a write that failed. `refused` is the code when
/// W&B refused it; all other failures keep their own. `message` is put before
/// what the failure says. `details` join the body.
[[noreturn]] void throw_write_failure(const failure& why,
                                      std::string_view refused,
                                      const std::string& message,
                                      json::object details = {});

/// Random lower-case letters and digits, as W&B names runs and views.
[[nodiscard]] std::string random_name(std::size_t length);

} // namespace mcp::tools
