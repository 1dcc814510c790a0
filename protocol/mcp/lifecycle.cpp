#include "protocol/mcp/lifecycle.hpp"

namespace mcp {
namespace {

namespace json = boost::json;

failure missing(const char* what) {
  return {.code = errc::invalid_params,
          .message = std::string("initialize: ") + what};
}

} // namespace

result<session_claims> read_initialize(const json::object& params) {
  session_claims out;
  const auto* requested = params.if_contains("protocolVersion");
  if (!requested || !requested->is_string())
    return missing("\"protocolVersion\" must be a string");
  out.negotiated = negotiate(requested->get_string());
  const auto* client = params.if_contains("clientInfo");
  if (!client || !client->is_object())
    return missing("\"clientInfo\" must be an object");
  const auto* name = client->get_object().if_contains("name");
  const auto* client_version = client->get_object().if_contains("version");
  if (!name || !name->is_string())
    return missing("\"clientInfo.name\" must be a string");
  if (!client_version || !client_version->is_string())
    return missing("\"clientInfo.version\" must be a string");
  out.client_name = std::string(name->get_string());
  out.client_version = std::string(client_version->get_string());
  const auto* can = params.if_contains("capabilities");
  if (!can || !can->is_object())
    return missing("\"capabilities\" must be an object");
  out.capabilities = read_client_capabilities(can->get_object());
  return out;
}

json::object implementation_json(const server_info& server, version v) {
  json::object out{{"name", server.name}, {"version", server.version}};
  if (has_structured_content(v) && !server.title.empty())
    out.emplace("title", server.title);
  return out;
}

std::string initialize_result(version negotiated, const server_info& server,
                              const server_features& features) {
  const json::object result{
    {"protocolVersion", to_string(negotiated)},
    {"capabilities", server_capabilities(features, negotiated)},
    {"serverInfo", implementation_json(server, negotiated)},
    {"instructions", server.instructions}};
  return json::serialize(result);
}

std::string initialize_result(version negotiated, const server_info& server) {
  const server_features features{.prompts = true, .resources = true};
  return initialize_result(negotiated, server, features);
}

} // namespace mcp
