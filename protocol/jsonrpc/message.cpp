#include "protocol/jsonrpc/message.hpp"

#include "protocol/json/parse.hpp"
#include "protocol/json/write.hpp"
#include "protocol/jsonrpc/id_finder.hpp"

#include <cmath>

namespace mcp::jsonrpc {
namespace {

namespace json = boost::json;

rejected refuse(std::optional<request_id> id, std::string message,
                errc code = errc::invalid_request) {
  return {std::move(id), {.code = code, .message = std::move(message)}};
}

read_message read_fields(json::value& v, const reader_limits& limits) {
  auto* object = v.if_object();
  if (!object)
    return refuse({}, "a message must be a JSON object");
  const auto* raw_id = object->if_contains("id");
  std::optional<request_id> id;
  if (raw_id) {
    id = read_id(*raw_id, limits.max_id_bytes);
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
    auto* params = object->if_contains("params");
    if (params && !params->is_null()) {
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

/// Whether nothing may be said about a message, whatever is wrong with it.
bool is_notification(const json::value& v) {
  const auto* o = v.if_object();
  const auto* method = o ? o->if_contains("method") : nullptr;
  return method && method->is_string() && !o->contains("id");
}

read_message read_one(json::value& v, const reader_limits& limits) {
  const bool silent = is_notification(v);
  auto out = read_fields(v, limits);
  if (!out && silent) {
    auto why = out.error();
    why.unanswered = true;
    return why;
  }
  return out;
}

/// A text that is beyond a limit, if it can be seen whose it is.
std::optional<rejected> beyond_limits(std::string_view text,
                                      const failure& why) {
  id_finder message;
  message.feed(text);
  rejected out{.id = message.id(), .why = why};
  out.unanswered = message.is_notification();
  if (!out.id && !out.unanswered)
    return {};
  return out;
}

} // namespace

std::optional<request_id> read_id(const json::value& v, std::size_t max_bytes) {
  if (const auto* s = v.if_string(); s && s->size() <= max_bytes)
    return write_json(v);
  if (v.is_int64() || v.is_uint64())
    return write_json(v);
  // Beyond 2^53 a double does not know any more which integer it was.
  constexpr double exact = 9'007'199'254'740'992;
  if (const auto* d = v.if_double();
      d && std::trunc(*d) == *d && std::abs(*d) <= exact)
    return std::to_string(static_cast<std::int64_t>(*d));
  return {};
}

result<envelope> read_envelope(std::string_view padded_text,
                               const reader_limits& limits) {
  auto value = parse_padded_json(padded_text, {.max_depth = limits.max_depth,
                                               .max_values = limits.max_values,
                                               .unique_members = true});
  envelope out;
  if (!value) {
    auto whose = is_beyond_limits(value.error())
                   ? beyond_limits(padded_text, value.error())
                   : std::nullopt;
    if (!whose)
      return value.error();
    out.messages.emplace_back(std::move(*whose));
    return out;
  }
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
