#include "protocol/mcp/refusal.hpp"

#include "protocol/mcp/utf8.hpp"
#include "protocol/mcp/version.hpp"

#include <stdexcept>

namespace mcp {

namespace json = boost::json;

void throw_exception_from_error(const protocol_refusal& why,
                                const boost::source_location&) {
  throw std::runtime_error(why.message);
}

protocol_refusal refuse_malformed(std::string message) {
  return {.http_status = 400, .code = -32602, .message = std::move(message)};
}

protocol_refusal refuse_params(std::string message, json::value data) {
  return {.http_status = 200,
          .code = -32602,
          .message = std::move(message),
          .data = std::move(data)};
}

protocol_refusal refuse_method(std::string_view method) {
  return {.http_status = 404,
          .code = -32601,
          .message = "unknown method \"" + quotable(method) + "\""};
}

protocol_refusal refuse_headers(std::string message) {
  return {.http_status = 400,
          .code = header_mismatch_code,
          .message = std::move(message)};
}

protocol_refusal refuse_capability(const json::object& required) {
  return {.http_status = 400,
          .code = missing_capability_code,
          .message = "this needs a capability that the client did not declare",
          .data = json::object{{"requiredCapabilities", required}}};
}

protocol_refusal refuse_version(std::string_view requested) {
  json::array supported;
  std::string named; // for who reads no data
  for (const auto& v : spoken_versions()) {
    supported.emplace_back(v);
    named += (named.empty() ? "" : ", ") + v;
  }
  return {.http_status = 400,
          .code = unsupported_version_code,
          .message = "unsupported protocol version; supported: " + named,
          .data = json::object{{"supported", std::move(supported)},
                               {"requested", quotable(requested)}}};
}

std::string write_refusal(const std::optional<jsonrpc::request_id>& id,
                          const protocol_refusal& why) {
  return jsonrpc::write_error(id, why.code, why.message, why.data);
}

} // namespace mcp
