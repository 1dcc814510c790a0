#include "tools/docs_reply.hpp"

#include "protocol/json/parse.hpp"
#include "tools/models_json.hpp"

namespace mcp::tools {
namespace {

constexpr json_limits limits{.max_depth = 64, .max_values = 200'000};

/// The next line of `rest`, which ends with LF, CRLF or CR.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find_first_of("\r\n");
  const auto line = rest.substr(0, end);
  if (end == rest.npos) {
    rest = {};
    return line;
  }
  const bool both = rest.substr(end).starts_with("\r\n");
  rest.remove_prefix(end + (both ? 2 : 1));
  return line;
}

std::optional<rpc_reply> response_in(std::string_view text, std::int64_t id) {
  auto parsed = parse_json(text, limits);
  auto* message = parsed ? parsed->if_object() : nullptr;
  if (!message)
    return std::nullopt;
  const auto* its_id = message->if_contains("id");
  const bool is_ours =
    its_id && its_id->is_int64() && its_id->get_int64() == id;
  if (const auto* error = object_at(*message, {"error"})) {
    // A server that could not read the request does not know its id.
    if (!is_ours && its_id && !its_id->is_null())
      return std::nullopt;
    rpc_reply out;
    const auto* code = error->if_contains("code");
    out.error = {.code = code && code->is_int64() ? code->get_int64() : 0,
                 .message = text_at(*error, "message")};
    return out;
  }
  auto* result = message->if_contains("result");
  if (!is_ours || !result || !result->is_object())
    return std::nullopt;
  return rpc_reply{.result = std::move(result->get_object()), .error = {}};
}

std::optional<rpc_reply> response_in_events(std::string_view stream,
                                            std::int64_t id) {
  std::string data;
  while (!stream.empty()) {
    auto line = take_line(stream);
    if (line.starts_with("data:")) {
      line.remove_prefix(5);
      if (line.starts_with(' '))
        line.remove_prefix(1);
      data += data.empty() ? "" : "\n";
      data += line;
    }
    // An event ends with an empty line; the last one may lack it.
    if ((line.empty() || stream.empty()) && !data.empty()) {
      if (auto found = response_in(data, id))
        return found;
      data.clear();
    }
  }
  return std::nullopt;
}

} // namespace

result<rpc_reply> read_rpc_reply(std::string_view body, std::int64_t id) {
  if (body.starts_with("\xEF\xBB\xBF"))
    body.remove_prefix(3);
  const auto first = body.find_first_not_of(" \t\r\n");
  auto found = first != body.npos && body[first] == '{'
                 ? response_in(body, id)
                 : response_in_events(body, id);
  if (!found)
    return failure{.code = errc::upstream_garbage,
                   .message = "no JSON-RPC response to the request"};
  return std::move(*found);
}

std::string text_of_result(const json::object& result) {
  std::string out;
  const auto* content = array_at(result, {"content"});
  if (!content)
    return out;
  for (const auto& item : *content) {
    const auto* object = item.if_object();
    const auto text = object ? text_at(*object, "text") : std::string();
    if (text.find_first_not_of(" \t\r\n") == text.npos)
      continue;
    out += (out.empty() ? "" : "\n\n---\n\n") + text;
  }
  return out;
}

bool is_error_result(const json::object& result) {
  const auto* flag = result.if_contains("isError");
  return flag && flag->is_bool() && flag->get_bool();
}

} // namespace mcp::tools
