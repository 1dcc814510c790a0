#include "bench/scenario.hpp"

#include <stdexcept>

namespace mcp::bench {
namespace {

constexpr std::string_view session_version = "2025-11-25";
constexpr std::string_view stateless_version = "2026-07-28";

std::string numbered(const std::string& text, std::uint64_t number) {
  const auto at = text.find("%N");
  if (at == text.npos)
    return text;
  return text.substr(0, at) + std::to_string(number) + text.substr(at + 2);
}

} // namespace

question question_named(std::string_view scenario) {
  if (scenario == "ping")
    return {.method = "ping", .params = "", .name = "", .expect = "\"result\""};
  if (scenario == "list")
    return {
      .method = "tools/list", .params = "", .name = "", .expect = "\"tools\""};
  // A tool that runs, and answers without W&B: it refuses to write.
  if (scenario == "call")
    return {.method = "tools/call",
            .params = R"({"name":"query_wandb_tool","arguments":{"query":)"
                      R"("mutation { createProject { id } }","variables":{}}})",
            .name = "query_wandb_tool",
            .expect = "read_only_violation"};
  // One upstream request each: no two ask for the same entity.
  if (scenario == "query")
    return {.method = "tools/call",
            .params = R"({"name":"query_wandb_entity_projects","arguments":)"
                      R"({"entity":"bench-%N","max_projects":5}})",
            .name = "query_wandb_entity_projects",
            .expect = "bench-project"};
  throw std::invalid_argument("unknown scenario " + std::string(scenario));
}

request_writer::request_writer(const target& to, const std::string& api_key)
    : speaks_(to.speaks), path_(to.path),
      post_line_("POST " + to.path + " HTTP/1.1\r\n"),
      authorization_("Authorization: Bearer " + api_key + "\r\n") {
  head_ = "Host: " + to.host + ":" + std::to_string(to.port) + "\r\n"
          + authorization_
          + "Accept: application/json, text/event-stream\r\n"
            "Content-Type: application/json\r\n";
}

std::string request_writer::post(std::string_view session,
                                 std::string_view extra,
                                 std::string_view body) const {
  const auto length = std::to_string(body.size());
  std::string out;
  out.reserve(post_line_.size() + head_.size() + session.size() + extra.size()
              + body.size() + 64);
  out.append(post_line_).append(head_);
  if (!session.empty())
    out.append("Mcp-Session-Id: ").append(session).append("\r\n");
  out.append(extra);
  out.append("Content-Length: ").append(length).append("\r\n\r\n");
  return out.append(body);
}

std::string request_writer::initialize(std::uint64_t id) const {
  return post("", "",
              R"({"jsonrpc":"2.0","id":)" + std::to_string(id)
                + R"(,"method":"initialize","params":{"protocolVersion":")"
                + std::string(session_version)
                + R"(","capabilities":{},"clientInfo":{"name":"mcp-bench",)"
                  R"("version":"1"}}})");
}

std::string request_writer::initialized(std::string_view session) const {
  return post(session, "MCP-Protocol-Version: 2025-11-25\r\n",
              R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
}

std::string request_writer::ask(const question& q, std::uint64_t id,
                                std::string_view session) const {
  std::string body = R"({"jsonrpc":"2.0","id":)" + std::to_string(id)
                     + R"(,"method":")" + q.method + '"';
  if (speaks_ != dialect::stateless) {
    if (!q.params.empty())
      body += R"(,"params":)" + numbered(q.params, id);
    return post(
      session,
      speaks_ == dialect::session ? "MCP-Protocol-Version: 2025-11-25\r\n" : "",
      body + '}');
  }
  auto params = q.params.empty() ? std::string("{") : numbered(q.params, id);
  if (!q.params.empty())
    params.back() = ',';
  body += R"(,"params":)" + params
          + R"("_meta":{"io.modelcontextprotocol/protocolVersion":")"
          + std::string(stateless_version)
          + R"(","io.modelcontextprotocol/clientCapabilities":{},)"
            R"("io.modelcontextprotocol/clientInfo":{"name":"mcp-bench",)"
            R"("version":"1"}}}})";
  std::string extra = "MCP-Protocol-Version: " + std::string(stateless_version)
                      + "\r\nMcp-Method: " + q.method + "\r\n";
  if (!q.name.empty())
    extra += "Mcp-Name: " + q.name + "\r\n";
  return post("", extra, body);
}

std::string request_writer::listen(std::string_view session) const {
  std::string out = "GET " + path_ + " HTTP/1.1\r\n" + head_;
  if (!session.empty())
    out.append("Mcp-Session-Id: ").append(session).append("\r\n");
  return out + "\r\n";
}

std::string request_writer::finish(std::string_view session) const {
  std::string out = "DELETE " + path_ + " HTTP/1.1\r\n" + head_;
  return out.append("Mcp-Session-Id: ").append(session).append("\r\n\r\n");
}

const char* wrong(std::string_view body, const question& q, std::uint64_t id) {
  const auto text = "\"id\":" + std::to_string(id);
  const auto at = body.find(text);
  if (at == body.npos)
    return "another id";
  const auto next = body.substr(at + text.size(), 1);
  if (next != "," && next != "}")
    return "another id";
  return body.find(q.expect) == body.npos ? "wrong content" : nullptr;
}

} // namespace mcp::bench
