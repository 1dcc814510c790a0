#pragma once

// What a server offers beside tools: prompts and resources, with completion of
// their arguments. Like a tool, each is one value: what a client sees of it and
// the coroutine that makes it.
// MCP 2025-11-25: server/prompts, server/resources,
// server/utilities/completion.

#include "tools/tool.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

/// Values by name: a prompt's arguments, or a URI template's variables.
using text_values = std::map<std::string, std::string, std::less<>>;

/// Gives candidates for a value of which `typed` is there already; `known` are
/// the values chosen so far. Whoever asks ranks and cuts them.
using completer = task<std::vector<std::string>> (*)(call_context& context,
                                                     std::string typed,
                                                     text_values known);

struct prompt_argument {
  std::string_view name;
  std::string_view description;
  bool required = false;
  completer complete = nullptr;
};

/// What prompts/get gives.
struct prompt_result {
  std::string description;
  json::array messages; // PromptMessage: {"role", "content"}
};

struct prompt {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::vector<prompt_argument> arguments;
  /// Whose tools it leads to; none: it is for all of them.
  std::optional<toolset> set = {};
  /// Unknown arguments are gone, required ones are there.
  task<prompt_result> (*make)(call_context& context, text_values arguments);
};

/// What resources/read gives: TextResourceContents or BlobResourceContents,
/// each with its "uri". Empty: there is no such resource.
using resource_contents = json::array;

struct resource {
  std::string_view uri;
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::string_view mime_type;
  std::optional<std::uint64_t> size = {}; // bytes
  std::optional<double> priority = {};    // 0 to 1, an annotation
  task<resource_contents> (*read)(call_context& context, std::string uri);
};

struct template_variable {
  std::string_view name;
  completer complete = nullptr;
};

struct resource_template {
  std::string_view uri_template; // RFC 6570: "wandb://{entity}/{project}"
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::string_view mime_type;
  std::vector<template_variable> variables;
  /// Switched off with those tools.
  toolset set = toolset::models;
  std::optional<double> priority = {};
  task<resource_contents> (*read)(call_context& context, std::string uri,
                                  text_values values);
};

/// Something that this server could offer, but its operator switched off.
struct withheld {
  enum class kind { tool, prompt, resource_template };
  kind what = kind::tool;
  std::string name; // of a template: the template
  std::string why;  // the option that did it: "--read_only"
};

/// All that one server offers, in the order of its lists.
struct offer {
  std::vector<const tool*> tools = {};
  std::vector<const prompt*> prompts = {};
  std::vector<const resource*> resources = {};
  std::vector<const resource_template*> templates = {};
  std::vector<withheld> off = {}; // for errors that name one of these
  std::size_t page_size = 250;    // items of a list in one answer
  /// Time for a prompt, a resource or a completion.
  std::chrono::milliseconds budget = std::chrono::seconds(30);
  /// What the above may live in; null: they live as long as the program.
  std::shared_ptr<const void> owner = {};
};

/// Fails a request with a JSON-RPC error; for what is no tool's failure.
class request_refused : public std::runtime_error {
public:
  request_refused(int error_code, const std::string& message,
                  json::value more = nullptr)
      : std::runtime_error(message), code(error_code), data(std::move(more)) {}
  int code;
  json::value data;
};

/// Throws `request_refused` (-32021, naming the capability) unless the call's
/// client can be asked `question`. For what makes no sense without it.
void require_client(const call_context& context,
                    const client_request& question);

} // namespace mcp::tools
