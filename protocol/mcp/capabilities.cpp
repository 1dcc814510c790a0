#include "protocol/mcp/capabilities.hpp"

#include "protocol/near_names.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace mcp {
namespace {

namespace json = boost::json;

/// Which versions know a method, and what must be offered for it.
struct method_rule {
  std::string_view name;
  bool session;
  bool stateless;
  bool (*offered)(const server_features&);
};

bool always(const server_features&) {
  return true;
}
bool with_tools(const server_features& f) {
  return f.tools;
}
bool with_prompts(const server_features& f) {
  return f.prompts;
}
bool with_resources(const server_features& f) {
  return f.resources;
}
bool with_subscribe(const server_features& f) {
  return f.resources && f.resources_subscribe;
}
bool with_logging(const server_features& f) {
  return f.logging;
}
bool with_completions(const server_features& f) {
  return f.completions;
}
bool with_tasks(const server_features& f) {
  return f.extensions.contains(tasks_extension);
}

constexpr std::array rules{
  method_rule{"initialize", true, false, always},
  method_rule{"ping", true, false, always},
  method_rule{"logging/setLevel", true, false, with_logging},
  method_rule{"resources/subscribe", true, false, with_subscribe},
  method_rule{"resources/unsubscribe", true, false, with_subscribe},
  method_rule{"tools/list", true, true, with_tools},
  method_rule{"tools/call", true, true, with_tools},
  method_rule{"prompts/list", true, true, with_prompts},
  method_rule{"prompts/get", true, true, with_prompts},
  method_rule{"resources/list", true, true, with_resources},
  method_rule{"resources/templates/list", true, true, with_resources},
  method_rule{"resources/read", true, true, with_resources},
  method_rule{"completion/complete", true, true, with_completions},
  method_rule{"server/discover", false, true, always},
  method_rule{"subscriptions/listen", false, true, always},
  method_rule{"tasks/get", false, true, with_tasks},
  method_rule{"tasks/update", false, true, with_tasks},
  method_rule{"tasks/cancel", false, true, with_tasks},
};

/// A capability is declared by being there. Some clients write true, false or
/// null instead of an object.
bool declared(const json::object& in, std::string_view name) {
  const auto* v = in.if_contains(name);
  return v && !v->is_null() && !(v->is_bool() && !v->get_bool());
}

const json::object& part(const json::object& in, std::string_view name) {
  static const json::object none;
  const auto* v = in.if_contains(name);
  return v && v->is_object() ? v->get_object() : none;
}

} // namespace

json::object server_capabilities(const server_features& f, version v) {
  json::object out;
  if (f.tools) {
    json::object tools;
    if (f.tools_changed)
      tools["listChanged"] = true;
    out["tools"] = std::move(tools);
  }
  if (f.prompts) {
    json::object prompts;
    if (f.prompts_changed)
      prompts["listChanged"] = true;
    out["prompts"] = std::move(prompts);
  }
  if (f.resources) {
    json::object resources;
    if (f.resources_subscribe)
      resources["subscribe"] = true;
    if (f.resources_changed)
      resources["listChanged"] = true;
    out["resources"] = std::move(resources);
  }
  if (f.logging)
    out["logging"] = json::object{};
  if (f.completions)
    out["completions"] = json::object{};
  if (era_of(v) == era::stateless && !f.extensions.empty())
    out["extensions"] = f.extensions;
  return out;
}

bool offers_method(std::string_view method, version v,
                   const server_features& features) {
  const bool stateless = era_of(v) == era::stateless;
  return std::any_of(rules.begin(), rules.end(), [&](const method_rule& r) {
    return r.name == method && (stateless ? r.stateless : r.session)
           && r.offered(features);
  });
}

protocol_refusal refuse_method(std::string_view method, version v,
                               const server_features& features) {
  auto out = refuse_method(method);
  const bool stateless = era_of(v) == era::stateless;
  std::vector<std::string_view> offered;
  for (const auto& r : rules) {
    const bool of_version = stateless ? r.stateless : r.session;
    if (of_version && r.offered(features))
      offered.push_back(r.name);
    if (r.name != method)
      continue;
    out.message = "method \"" + std::string(method) + "\" is "
                  + (of_version ? "not offered by this server"
                     : stateless ? "of older protocol versions, not of "
                                 : "of newer protocol versions, not of ");
    if (!of_version)
      out.message += to_string(v);
    return out;
  }
  if (const auto near = near_names(method, offered); !near.empty())
    out.message += "; " + did_you_mean(near);
  else
    out.message += "; there are: " + listed(offered);
  return out;
}

bool may_ask_for_input(std::string_view method) {
  return method == "tools/call" || method == "prompts/get"
         || method == "resources/read";
}

bool declares_extension(const json::object& capabilities,
                        std::string_view extension) {
  return declared(part(capabilities, "extensions"), extension);
}

client_capabilities read_client_capabilities(const json::object& in) {
  client_capabilities out;
  out.roots = declared(in, "roots");
  out.sampling = declared(in, "sampling");
  out.sampling_tools = declared(part(in, "sampling"), "tools");
  out.sampling_context = declared(part(in, "sampling"), "context");
  const auto& elicitation = part(in, "elicitation");
  out.elicitation_url = declared(elicitation, "url");
  out.elicitation = declared(in, "elicitation")
                    && (declared(elicitation, "form") || !out.elicitation_url);
  return out;
}

json::object to_json(const client_capabilities& can) {
  json::object out;
  if (can.roots)
    out["roots"] = json::object{};
  if (can.sampling) {
    json::object sampling;
    if (can.sampling_context)
      sampling["context"] = json::object{};
    if (can.sampling_tools)
      sampling["tools"] = json::object{};
    out["sampling"] = std::move(sampling);
  }
  if (can.elicitation || can.elicitation_url) {
    json::object elicitation;
    if (can.elicitation)
      elicitation["form"] = json::object{};
    if (can.elicitation_url)
      elicitation["url"] = json::object{};
    out["elicitation"] = std::move(elicitation);
  }
  return out;
}

} // namespace mcp
