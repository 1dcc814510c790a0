#pragma once

#include "tools/context.hpp"

#include <string>

namespace mcp::tools {

struct docs_found {
  std::string text; // not empty
  std::string host; // who said it
};

/// Asks the documentation servers of the call's limits, in their order, until
/// one answers.
/// - One request, when the server needs no handshake and its tool has a name
///   that we know; else the handshake and tools/list come first. Answers are
///   reused for ten minutes.
/// - Redirects (307, 308) are followed to https only.
/// Throws: `tool_error`: server_busy, tool_timeout, upstream_error,
///         malformed_response, response_too_large, no_results. Neither the
///         query nor the server's words are in it.
task<docs_found> search_docs(call_context& context, std::string query);

} // namespace mcp::tools
