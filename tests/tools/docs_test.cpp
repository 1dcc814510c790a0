#include "protocol/json/token_size.hpp"
#include "protocol/json/write.hpp"
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"
#include "tools/docs_reply.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

const std::string first_url = "https://docs.coreweave.com/mcp";
const std::string second_url = "https://docs.wandb.ai/mcp";

const std::string found =
  R"({"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"text","text":
      "Title: Sweeps"}]}})";

struct docs_context : fake_context {
  docs_context() { settings().docs_urls = {first_url, second_url}; }

  tool_result ask(std::string query = "sweeps") {
    return call_tool(*this, search_wandb_docs, {{"query", query}});
  }

  std::string header(std::size_t n, std::string_view name) const {
    for (const auto& h : requests.at(n).headers)
      if (h.starts_with(name))
        return h.substr(name.size() + 2);
    return {};
  }

  json::object sent(std::size_t n) const {
    return json::parse(requests.at(n).body).as_object();
  }
};

std::function<upstream_result(upstream_request&)>
with_session(std::string body, std::string session) {
  return [=](upstream_request&) -> upstream_result {
    upstream_reply reply;
    reply.body = std::make_shared<const std::string>(body);
    reply.mcp_session_id = session;
    return reply;
  };
}

std::function<upstream_result(upstream_request&)> moved(std::string location) {
  return [=](upstream_request&) -> upstream_result {
    upstream_reply reply;
    reply.status = 307;
    reply.body = std::make_shared<const std::string>();
    reply.location = location;
    return reply;
  };
}

failure status(int code, errc what = errc::upstream_error) {
  return {.code = what, .message = "private words", .http_status = code};
}

} // namespace

TEST_CASE("one question is one request to the documentation", "[tools]") {
  docs_context c;
  c.reply(at(first_url), found);
  const auto r = c.ask("  how do sweeps work?\n");
  CHECK(r.structured.at("result") == "Title: Sweeps");
  CHECK(r.structured.at("source") == "docs.coreweave.com");
  CHECK(r.structured.at("truncated") == false);
  CHECK(r.text == "Title: Sweeps");
  REQUIRE(c.requests.size() == 1);
  const auto& sent = c.requests[0];
  CHECK(sent.to == service::docs);
  CHECK(sent.headers.empty());
  CHECK(sent.accept == "application/json, text/event-stream");
  CHECK(sent.max_bytes == 4u << 20);
  CHECK(sent.reuse_for == std::chrono::minutes(10));
  CHECK(c.sent(0) == json::parse(R"({"jsonrpc":"2.0","id":3,
    "method":"tools/call","params":{"name":"search_core_weave_docs",
    "arguments":{"query":"how do sweeps work?"}}})"));
}

TEST_CASE("only good answers are reused", "[tools]") {
  docs_context c;
  c.reply(at(first_url), found);
  c.ask();
  const auto reusable = c.requests.at(0).reusable;
  REQUIRE(reusable);
  CHECK(reusable(found));
  CHECK_FALSE(reusable(R"({"jsonrpc":"2.0","id":3,"error":{"code":1}})"));
  CHECK_FALSE(
    reusable(R"({"jsonrpc":"2.0","id":3,"result":{"isError":true}})"));
  CHECK_FALSE(reusable("<html>"));
}

TEST_CASE("several passages are joined, others left out", "[tools]") {
  docs_context c;
  c.reply(at(first_url), R"({"jsonrpc":"2.0","id":3,"result":{"content":[
    {"type":"text","text":"one"},{"type":"image"},{"type":"text","text":" "},
    null,{"type":"text","text":"two"}]}})");
  CHECK(c.ask().structured.at("result") == "one\n\n---\n\ntwo");
}

TEST_CASE("nothing found is said, and no other server asked", "[tools]") {
  docs_context c;
  c.reply(at(first_url), R"({"jsonrpc":"2.0","id":3,"result":{"content":[]}})");
  CHECK(error_of(c.ask()) == "no_results");
  CHECK(c.requests.size() == 1);
}

TEST_CASE("when the first server fails the second one is asked", "[tools]") {
  const auto why = GENERATE(values<failure>({
    status(0, errc::upstream_unavailable),
    status(404, errc::not_found),
    status(403, errc::not_permitted),
    status(500, errc::upstream_unavailable),
    status(0, errc::upstream_timeout),
  }));
  CAPTURE(why.http_status);
  docs_context c;
  c.fail(at(first_url), why);
  c.reply(at(second_url), found);
  const auto r = c.ask();
  CHECK(r.structured.at("source") == "docs.wandb.ai");
  CHECK(c.sent(c.requests.size() - 1).at("params").at("name")
        == "search_weights_biases_documentation");
}

TEST_CASE("failures have codes of their own, and nobody else's words",
          "[tools]") {
  const auto [why, code, word] =
    GENERATE(table<failure, std::string, std::string>({
      {status(0, errc::upstream_timeout), "tool_timeout", "timed out"},
      {status(500, errc::upstream_unavailable), "upstream_error", "500"},
      {status(503, errc::upstream_unavailable), "server_busy", "busy"},
      {status(429, errc::rate_limited), "server_busy", "busy"},
      {status(0, errc::response_too_large), "response_too_large", "4 MiB"},
      {status(0, errc::upstream_garbage), "malformed_response", "read"},
    }));
  CAPTURE(code);
  docs_context c;
  c.fail([](const auto&) { return true; }, why);
  const auto r = c.ask("my secret question");
  CHECK(error_of(r) == code);
  const auto text = write_json(r.structured);
  CHECK(text.find(word) != text.npos);
  CHECK(text.find("private") == text.npos);
  CHECK(text.find("secret") == text.npos);
}

TEST_CASE("answers that are none are malformed", "[tools]") {
  const auto body = GENERATE(
    as<std::string>{}, "", "<html></html>", "\x1F\x8B\x08\x00", "[]", "{}",
    R"({"jsonrpc":"2.0","id":4,"result":{}})",
    R"({"jsonrpc":"2.0","id":3,"result":5})", "data: {\n\n", "data:\n\n");
  CAPTURE(body);
  docs_context c;
  c.reply([](const auto&) { return true; }, body);
  CHECK(error_of(c.ask()) == "malformed_response");
}

TEST_CASE("a question must be one", "[tools]") {
  docs_context c;
  CHECK(error_of(c.ask("")) == "invalid_input");
  CHECK(error_of(c.ask(" \n")) == "invalid_input");
  CHECK(error_of(c.ask(std::string(65 * 1024, 'x'))) == "invalid_input");
  CHECK(error_of(call_tool(c, search_wandb_docs, {})) == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("an operator's switch is told to the caller", "[tools]") {
  fake_context c; // no documentation server
  const auto r = call_tool(c, search_wandb_docs, {{"query", "sweeps"}});
  CHECK(error_of(r) == "docs_proxy_disabled");
}

TEST_CASE("a server that wants a handshake gets one", "[tools]") {
  docs_context c;
  c.fail(at(first_url, "tools/call"), status(400)).times(1);
  c.answer(at(first_url, R"("initialize")"),
           with_session(R"({"jsonrpc":"2.0","id":1,"result":
             {"protocolVersion":"2025-03-26"}})",
                        "s-1"));
  c.reply(at(first_url, "notifications/initialized"), "");
  c.reply(at(first_url, "tools/call"), found);
  CHECK_FALSE(c.ask().is_error);
  REQUIRE(c.requests.size() == 4);
  CHECK(c.header(0, "Mcp-Session-Id").empty());
  CHECK(c.header(3, "Mcp-Session-Id") == "s-1");
  CHECK(c.header(3, "MCP-Protocol-Version") == "2025-03-26");
}

TEST_CASE("a session that was forgotten is made again", "[tools]") {
  docs_context c;
  c.fail(at(first_url, "tools/call"), status(400)).times(1);
  c.answer(at(first_url, R"("initialize")"),
           with_session(R"({"jsonrpc":"2.0","id":1,"result":{}})", "old"))
    .times(1);
  c.answer(at(first_url, R"("initialize")"),
           with_session(R"({"jsonrpc":"2.0","id":1,"result":{}})", "new"));
  c.reply(at(first_url, "notifications/initialized"), "");
  c.fail(at(first_url, "tools/call"), status(404, errc::not_found)).times(1);
  c.reply(at(first_url, "tools/call"), found);
  CHECK_FALSE(c.ask().is_error);
  REQUIRE(c.requests.size() == 7);
  CHECK(c.requests[1].reusable);
  CHECK_FALSE(c.requests[4].reusable); // the reused one was the trouble
  CHECK(c.header(6, "Mcp-Session-Id") == "new");
}

TEST_CASE("a session id that could be more than that is not sent", "[tools]") {
  docs_context c;
  c.fail(at(first_url, "tools/call"), status(400)).times(1);
  c.answer(at(first_url, R"("initialize")"),
           with_session(R"({"jsonrpc":"2.0","id":1,"result":
             {"protocolVersion":"1\r\nX: y"}})",
                        "a\r\nAuthorization: x"));
  c.reply(at(first_url, "notifications/initialized"), "");
  c.reply(at(first_url, "tools/call"), found);
  CHECK_FALSE(c.ask().is_error);
  CHECK(c.requests.back().headers.empty());
}

TEST_CASE("an unknown tool name is looked up", "[tools]") {
  const auto refusal =
    GENERATE(as<std::string>{},
             R"({"jsonrpc":"2.0","id":3,"error":{"code":-32602,
        "message":"Unknown tool: x"}})",
             R"({"jsonrpc":"2.0","id":3,"result":{"isError":true,"content":[
        {"type":"text","text":"Tool x not found"}]}})");
  const auto [tools, name] = GENERATE(table<std::string, std::string>({
    {R"({"name":"about"},{"name":"search_pages"})", "search_pages"},
    {R"({"name":"search_blog"},{"name":"search_docs"})", "search_docs"},
    {R"({"name":"search_all"},
        {"name":"search_weights_biases_documentation"})",
     "search_weights_biases_documentation"},
    {R"({"name":"other"},null,{})", ""},
    {R"({"name":"search_a"},{"name":"search_b"})", ""},
  }));
  CAPTURE(refusal, tools);
  docs_context c;
  c.settings().docs_urls = {first_url};
  c.reply(at(first_url, "tools/call"), refusal).times(1);
  c.reply(at(first_url, "tools/list"),
          R"({"jsonrpc":"2.0","id":2,"result":{"tools":[)" + tools + "]}}");
  c.reply(at(first_url, "tools/call"), found);
  const auto r = c.ask();
  if (name.empty()) {
    CHECK(error_of(r) == "upstream_error");
    return;
  }
  CHECK_FALSE(r.is_error);
  CHECK(c.sent(2).at("params").at("name").as_string() == name);
}

TEST_CASE("a tool that fails is an error, without its words", "[tools]") {
  const auto body = GENERATE(
    as<std::string>{},
    R"({"jsonrpc":"2.0","id":3,"error":{"code":-32603,"message":"private"}})",
    R"({"jsonrpc":"2.0","id":3,"result":{"isError":true,"content":[
        {"type":"text","text":"private"}]}})");
  docs_context c;
  c.reply([](const auto&) { return true; }, body);
  const auto r = c.ask();
  CHECK(r.is_error);
  CHECK(write_json(r.structured).find("private") == std::string::npos);
  CHECK(c.requests.size() < 10);
}

TEST_CASE("redirects are followed to https only", "[tools]") {
  const auto [location, to] = GENERATE(table<std::string, std::string>({
    {"https://docs.example/mcp", "https://docs.example/mcp"},
    {"/elsewhere", "https://docs.coreweave.com/elsewhere"},
    {"http://docs.example/mcp", ""},
    {"//docs.example/mcp", ""},
    {"https://user@docs.example/", ""},
    {"https://docs.example/\nX: y", ""},
    {"file:///etc/passwd", ""},
    {"elsewhere", ""},
  }));
  CAPTURE(location);
  docs_context c;
  c.settings().docs_urls = {first_url};
  c.answer(at(first_url), moved(location));
  c.reply(at(to), found);
  const auto r = c.ask();
  if (to.empty()) {
    CHECK(error_of(r) == "upstream_error");
    CHECK(c.requests.size() == 1);
    return;
  }
  CHECK_FALSE(r.is_error);
  CHECK(c.requests.at(1).path == to);
  CHECK(c.requests.at(1).body == c.requests.at(0).body);
}

TEST_CASE("redirects that go round end", "[tools]") {
  docs_context c;
  c.answer([](const auto&) { return true; }, moved("/mcp"));
  CHECK(error_of(c.ask()) == "upstream_error");
  CHECK(c.requests.size() == 8);
}

TEST_CASE("long documentation is cut to the budget, and says so", "[tools]") {
  const auto filler =
    GENERATE(as<std::string>{}, "plain text ", "\\u0001", "\xE2\x82\xAC");
  std::string text;
  while (text.size() < 50'000)
    text += filler;
  docs_context c;
  c.settings().max_response_tokens = 1000;
  c.reply(at(first_url),
          R"({"jsonrpc":"2.0","id":3,"result":{"content":[{"text":")" + text
            + "\"}]}}");
  const auto r = c.ask();
  REQUIRE_FALSE(r.is_error);
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.text->find("narrower") != std::string::npos);
  CHECK(token_size(std::string_view(*r.text)) > 1500);
}

TEST_CASE("a question given up lets go of its request", "[tools]") {
  docs_context c;
  c.stay_silent(at(first_url));
  {
    auto call = search_wandb_docs.run(c, arguments({{"query", "x"}}));
    call.start();
    c.pump();
    REQUIRE(c.requests.size() == 1);
  }
  CHECK(c.abandoned_ids.size() == 1);
}

TEST_CASE("the response is found among the events of a stream", "[tools]") {
  const std::string reply = R"({"jsonrpc":"2.0","id":3,"result":{"a":1}})";
  const auto stream = GENERATE_COPY(
    as<std::string>{}, reply, " \n" + reply, "\xEF\xBB\xBF" + reply,
    "data: " + reply + "\n\n", "data:" + reply, "data: " + reply + "\r\n\r\n",
    "event: message\rid: 1\rdata: " + reply + "\r\r",
    ": hi\n\nretry: 5\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"x\"}\n\n"
    "data: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n\ndata: "
      + reply + "\n\n",
    "data: {\"jsonrpc\":\"2.0\",\"id\":3,\ndata: \"result\":{\"a\":1}}\n\n",
    "data: not JSON\n\ndata: " + reply + "\n\ndata: " + reply);
  CAPTURE(stream);
  const auto found_reply = read_rpc_reply(stream, 3);
  REQUIRE(found_reply.has_value());
  CHECK(found_reply->result.at("a") == 1);
}

TEST_CASE("the words about the documentation search stay few", "[tools]") {
  const auto& t = search_wandb_docs;
  const auto schema = json::serialize(json::parse(std::string(t.input_schema)));
  CHECK(t.name.size() + t.description.size() + schema.size() <= 1200);
}
