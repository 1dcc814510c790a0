#pragma once

// Requests for prompts, resources and completions as a client sends them, to a
// server that offers what this one does beside its tools.

#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/catalog.hpp"
#include "tools/prompts.hpp"
#include "tools/resources.hpp"

#include <string>
#include <vector>

namespace mcp::tools {

inline const catalog& primitives() {
  static const catalog all(
    offer{.prompts = wandb_prompts(), .templates = wandb_templates()});
  return all;
}

/// The result. Throws `request_refused`.
inline json::value ask(fake_context& c, std::string_view method,
                       json::object params, version v = version::v2025_11_25) {
  auto plan = primitives().plan(method, std::move(params), v);
  REQUIRE(plan.has_value());
  return json::parse(c.drive(plan->run(c)).result);
}

/// The code that a request is refused with; 0 when it is answered.
inline int refusal(fake_context& c, std::string_view method,
                   json::object params, version v = version::v2025_11_25) {
  try {
    ask(c, method, std::move(params), v);
  } catch (const request_refused& e) {
    return e.code;
  }
  return 0;
}

/// A GraphQL answer with this "data".
inline std::string data(const std::string& text) {
  return R"({"data":)" + text + "}";
}

} // namespace mcp::tools
