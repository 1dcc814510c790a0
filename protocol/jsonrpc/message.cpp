#include "protocol/jsonrpc/message.hpp"

#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"

namespace mcp::jsonrpc {
namespace {

namespace json = boost::json;

rejected refuse(std::optional<request_id> id, std::string message,
                errc code = errc::invalid_request) {
  return {std::move(id), {.code = code, .message = std::move(message)}};
}

/// The id as text; empty when it is not a string or an integer, or too long.
std::optional<request_id> id_text(const json::value& v, std::size_t max_bytes) {
  if (const auto* s = v.if_string(); s && s->size() <= max_bytes)
    return write_json(v);
  if (v.is_int64() || v.is_uint64())
    return write_json(v);
  return {};
}

read_message read_one(json::value& v, const reader_limits& limits) {
  auto* object = v.if_object();
  if (!object)
    return refuse({}, "a message must be a JSON object");
  const auto* raw_id = object->if_contains("id");
  std::optional<request_id> id;
  if (raw_id) {
    id = id_text(*raw_id, limits.max_id_bytes);
    // An error response may carry "id": null; nothing else may.
    if (!id && !(raw_id->is_null() && object->contains("error")))
      return refuse({}, "\"id\" must be a string or an integer");
  }
  const auto* version = object->if_contains("jsonrpc");
  if (!version || !version->is_string() || version->get_string() != "2.0")
    return refuse(id, "\"jsonrpc\" must be \"2.0\"");
  message out;
  if (auto* method = object->if_contains("method")) {
    if (!method->is_string() || method->get_string().empty())
      return refuse(id, "\"method\" must be a non-empty string");
    if (object->contains("result") || object->contains("error"))
      return refuse(id, "a message has a method or a result, not both");
    out.kind = id ? message_kind::request : message_kind::notification;
    out.method = std::string(method->get_string());
    if (auto* params = object->if_contains("params")) {
      if (!params->is_object())
        return refuse(id, "\"params\" must be an object", errc::invalid_params);
      out.params = std::move(params->get_object());
    }
    if (id)
      out.id = std::move(*id);
    return out;
  }
  out.kind = message_kind::response;
  auto* result = object->if_contains("result");
  auto* error = object->if_contains("error");
  if (!raw_id || (result != nullptr) == (error != nullptr))
    return refuse(id, "a message needs a \"method\", or an \"id\" with either "
                      "\"result\" or \"error\"");
  if (error && !error->is_object())
    return refuse(id, "\"error\" must be an object");
  if (id)
    out.id = std::move(*id);
  if (result)
    out.result = std::move(*result);
  else
    out.error = std::move(error->get_object());
  return out;
}

} // namespace

result<envelope> read_envelope(std::string_view padded_text,
                               const reader_limits& limits) {
  auto value = parse_padded_json(padded_text, {.max_depth = limits.max_depth,
                                               .max_values = limits.max_values,
                                               .unique_members = true});
  if (!value)
    return value.error();
  envelope out;
  auto* several = value->if_array();
  if (!several) {
    out.messages.push_back(read_one(*value, limits));
    return out;
  }
  if (several->empty())
    return failure{.code = errc::invalid_request,
                   .message = "a batch must hold at least one message"};
  if (several->size() > limits.max_batch)
    return failure{.code = errc::invalid_request,
                   .message = "a batch may hold at most "
                              + std::to_string(limits.max_batch) + " messages"};
  out.batch = true;
  out.messages.reserve(several->size());
  for (auto& v : *several)
    out.messages.push_back(read_one(v, limits));
  return out;
}

std::string write_result(const request_id& id, std::string_view result_json) {
  std::string out;
  out.reserve(36 + id.size() + result_json.size());
  out += R"({"jsonrpc":"2.0","id":)";
  out += id;
  out += R"(,"result":)";
  out += result_json;
  out += '}';
  return out;
}

std::string write_error(const std::optional<request_id>& id, int code,
                        std::string_view message, const json::value& data) {
  json::object error{{"code", code}, {"message", message}};
  if (!data.is_null())
    error.emplace("data", data);
  std::string out = R"({"jsonrpc":"2.0","id":)";
  out += id ? *id : "null";
  out += R"(,"error":)";
  out += write_json(error);
  out += '}';
  return out;
}

std::string write_error(const std::optional<request_id>& id,
                        const failure& why) {
  json::object data;
  if (why.retry_after)
    data.emplace("retry_after_ms", why.retry_after->count());
  return write_error(id, jsonrpc_code(why.code), why.message,
                     data.empty() ? json::value{} : json::value(data));
}

std::string write_notification(std::string_view method,
                               const json::object& params) {
  std::string out = R"({"jsonrpc":"2.0","method":)";
  out += write_json(json::value(method));
  out += R"(,"params":)";
  out += write_json(params);
  out += '}';
  return out;
}

} // namespace mcp::jsonrpc
