// What counts as absent, and what is never answered: over HTTP and on lines, in
// sessions and without.

#include "actors/stdio_connection.hpp"
#include "tests/actors/front.hpp"
#include "tests/actors/line_world.hpp"

using namespace mcp;
using namespace mcp::testing;

namespace {

std::string request(std::string_view method, std::string_view params) {
  return R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method)
         + R"(","params":)" + std::string(params) + "}";
}

/// Notifications with something wrong with them, each in its own way.
std::vector<std::string> bad_notifications() {
  std::string many = "[0";
  for (int i = 0; i < 250'000; ++i)
    many += ",0";
  many += "]";
  const auto with = [](std::string_view method, const std::string& params) {
    return R"({"jsonrpc":"2.0","method":")" + std::string(method)
           + R"(","params":)" + params + "}";
  };
  return {
    with("notifications/cancelled", "[1]"),
    with("notifications/cancelled", "7"),
    with("notifications/cancelled", R"({"requestId":{}})"),
    with("notifications/cancelled", R"({"requestId":99})"),
    with("notifications/cancelled", "null"),
    with("notifications/cancelled", many),
    with("notifications/progress", R"({"a":1,"a":2})"),
    with("notifications/progress",
         std::string(100, '[') + std::string(100, ']')),
    with("notifications/nobody/knows", "{}"),
    with("tools/call", R"({"name":"echo","arguments":{"say":"x"}})"),
    with("tools/list", "null"),
    with("ping", "{}"),
    with("initialize", "{}"),
    R"({"method":"notifications/initialized"})",
    R"({"jsonrpc":"1.0","method":"notifications/initialized"})",
  };
}

} // namespace

TEST_CASE("params and cursors of null count as absent in a session",
          "[actors]") {
  front w;
  const auto id = w.open();
  const auto result_of = [&](const std::string& body) {
    const auto via = w.post(body, id);
    CHECK(via->status() == 200);
    return json::parse(via->body());
  };
  for (const auto* method :
       {"ping", "tools/list", "prompts/list", "resources/list",
        "resources/templates/list"}) {
    CAPTURE(method);
    const auto plain = result_of(request(method, "{}"));
    REQUIRE(plain.as_object().contains("result"));
    CHECK(result_of(request(method, "null")) == plain);
    CHECK(result_of(request(method, R"({"cursor":null})")) == plain);
    CHECK(result_of(request(method, R"({"_meta":null})")) == plain);
  }
  for (const auto* method :
       {"tools/call", "prompts/get", "resources/read", "resources/subscribe",
        "logging/setLevel", "completion/complete"}) {
    CAPTURE(method);
    CHECK(result_of(request(method, "null")).at("error")
          == result_of(request(method, "{}")).at("error"));
  }
  CHECK(result_of(request("tools/call", R"({"name":"echo","arguments":)"
                                        R"({"say":"x"},"_meta":)"
                                        R"({"progressToken":null}})"))
          .as_object()
          .contains("result"));
}

TEST_CASE("params and cursors of null count as absent in a lone request",
          "[actors]") {
  front w;
  for (const auto* method : {"tools/list", "prompts/list", "resources/list",
                             "resources/templates/list"}) {
    CAPTURE(method);
    const auto plain = w.ask({.method = method});
    REQUIRE(plain->status() == 200);
    const auto null =
      w.ask({.method = method, .params = {{"cursor", nullptr}}});
    CHECK(null->body() == plain->body());
  }
  const header_map headers{{"MCP-Protocol-Version", "2026-07-28"},
                           {"Mcp-Method", "tools/list"}};
  const auto none = w.post(request("tools/list", "{}"), "", headers);
  const auto null = w.post(request("tools/list", "null"), "", headers);
  CHECK(null->status() == none->status());
  CHECK(null->body() == none->body());
}

TEST_CASE("params and cursors of null count as absent on a line", "[actors]") {
  line_world w;
  w.initialize();
  for (const auto* params : {"{}", "null", R"({"cursor":null})"})
    w.line(request("tools/list", params));
  w.ask(1, "tools/list");
  w.ask(1, "tools/list", {{"cursor", nullptr}});
  REQUIRE(w.said.size() == 6);
  CHECK(w.said[2] == w.said[1]);
  CHECK(w.said[3] == w.said[1]);
  CHECK(w.said[5] == w.said[4]);
}

TEST_CASE("nothing is said to a notification over HTTP", "[actors]") {
  front w;
  const auto id = w.open();
  for (const auto& text : bad_notifications()) {
    CAPTURE(text.substr(0, 80));
    const auto via = w.post(text, id);
    CHECK(via->status() == 202);
    CHECK(via->body().empty());
    if (text.find("\"initialize\"") != text.npos)
      continue; // is of sessions, and has none here
    const auto lone =
      w.post(text, "", {{"MCP-Protocol-Version", "2026-07-28"}});
    CHECK(lone->status() == 202);
    CHECK(lone->body().empty());
  }
  const auto batch = w.post(
    R"([{"jsonrpc":"2.0","method":"x","params":3},)"
    R"({"jsonrpc":"2.0","id":1,"method":"ping"},{"method":"y"}])",
    w.open("2025-03-26"));
  CHECK(json::parse(batch->body()).as_array().size() == 1);
  CHECK(w.post(R"([{"jsonrpc":"2.0","method":"x","params":3}])",
               w.open("2025-03-26"))
          ->status()
        == 202);
}

TEST_CASE("nothing is said to a notification on a line", "[actors]") {
  line_world w;
  const bool in_session = GENERATE(false, true);
  if (in_session)
    w.initialize();
  const auto before = w.said.size();
  for (const auto& text : bad_notifications()) {
    CAPTURE(text.substr(0, 80));
    w.line(text);
    CHECK(w.said.size() == before);
  }
  w.line(R"({"jsonrpc":"2.0","id":5,"method":"ping"})");
  REQUIRE(w.said.size() == before + 1);
  CHECK(w.said.back().at("id") == 5);
}

TEST_CASE("an id of 1.0 is 1, in a request and in what refers to it",
          "[actors]") {
  front w;
  const auto id = w.open();
  const auto via =
    w.post(R"({"jsonrpc":"2.0","id":1.0,"method":"ping"})", id);
  CHECK(json::parse(via->body()).at("id") == 1);
  line_world lines;
  lines.ask(7, "tools/call", {{"name", "fetch"}});
  lines.line(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
             R"("params":{"requestId":7.0}})");
  CHECK(lines.gateway.sent[0].cancelled);
}
