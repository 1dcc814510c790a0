#pragma once

// A server that offers one of everything the protocol has, for the official
// conformance suite: made of the same parts, through the same interfaces, as
// the W&B server.

#include "protocol/mcp/client_requests.hpp"
#include "tools/offer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mcp::everything {

namespace json = boost::json;

// In the order of their lists. The suite takes the first tool and the first
// resource for what needs no arguments.
const std::vector<const tools::tool*>& content_tools();
const std::vector<const tools::tool*>& asking_tools();
const std::vector<const tools::tool*>& round_tools();
const std::vector<const tools::tool*>& diagnostic_tools();
const std::vector<const tools::tool*>& task_tools();
const std::vector<const tools::prompt*>& prompts();
const std::vector<const tools::resource*>& resources();
const std::vector<const tools::resource_template*>& templates();

/// All of the above.
tools::offer everything();

/// A picture of one pixel and a moment of silence, in Base64.
extern const std::string_view tiny_png;
extern const std::string_view tiny_wav;

/// The schema of a tool without arguments.
inline constexpr std::string_view no_arguments =
  R"({"type":"object","properties":{},"additionalProperties":false})";

json::object text_block(std::string_view text);
tools::tool_result text_result(std::string_view text);

/// A form of one required field.
client_request ask_for_text(std::string_view message, std::string_view field);
client_request ask_to_confirm(std::string_view message, std::string_view field);
client_request ask_model(std::string_view prompt, int max_tokens);

/// What an accepted form holds under `field`; empty when it does not.
std::string text_of(const json::object& answers, std::string_view key,
                    std::string_view field);
/// The text that the client's model answered.
std::string model_text_of(const json::object& answers, std::string_view key);

} // namespace mcp::everything
