#include "tests/actors/front.hpp"

#include <string>

using namespace mcp;
using namespace mcp::testing;

namespace {

const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";

struct refused_case {
  const char* what;
  header_map headers;
  std::string body;
  int status;
  const char* says;
};

} // namespace

TEST_CASE("initialize opens a session that answers", "[actors]") {
  front w;
  const auto id = w.open();
  const auto via = w.post(ping, id);
  CHECK(via->status() == 200);
  CHECK(via->body() == R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST_CASE("a session is reached from any connection with its key", "[actors]") {
  front w;
  const auto id = w.open();
  w.actor = w.connect();
  CHECK(w.post(ping, id)->status() == 200);
  // The second time without the directory.
  CHECK(w.post(ping, id)->status() == 200);
}

TEST_CASE("a POST that is not welcome says why", "[actors]") {
  front w;
  const auto c = GENERATE(values<refused_case>({
    {"no key", {{"Authorization", ""}}, ping, 401, "Authorization required"},
    {"other scheme",
     {{"Authorization", "Basic eDp5"}},
     ping,
     401,
     "Authorization required"},
    {"no W&B key",
     {{"Authorization", "Bearer nope"}},
     ping,
     401,
     "Invalid API key format"},
    {"no Accept", {{"Accept", ""}}, ping, 406, "Not Acceptable"},
    {"Accept JSON only",
     {{"Accept", "application/json"}},
     ping,
     406,
     "Not Acceptable"},
    {"Accept stream only",
     {{"Accept", "text/event-stream"}},
     ping,
     406,
     "Not Acceptable"},
    {"JSON refused",
     {{"Accept", "*/*, application/json;q=0"}},
     ping,
     406,
     "Not Acceptable"},
    {"no Content-Type", {{"Content-Type", ""}}, ping, 415, "application/json"},
    {"a form",
     {{"Content-Type", "application/x-www-form-urlencoded"}},
     ping,
     415,
     "application/json"},
    {"unknown version",
     {{"MCP-Protocol-Version", "2020-01-01"}},
     ping,
     400,
     "\"supported\":[\"2026-07-28\""},
    {"empty body", {}, "", 400, "-32700"},
    {"not JSON", {}, "hello", 400, "-32700"},
    {"no message", {}, "{}", 400, "-32600"},
    {"empty batch", {}, "[]", 400, "-32600"},
    {"no session", {}, ping, 400, "Missing session ID"},
    {"no session, notification",
     {},
     R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
     400,
     "Missing session ID"},
    {"unknown session",
     {{"Mcp-Session-Id", "abc"}},
     ping,
     404,
     "Session not found"},
    {"endless session",
     {{"Mcp-Session-Id", std::string(5000, 'a')}},
     ping,
     404,
     "Session not found"},
    {"foreign host", {{"Host", "evil.example"}}, ping, 403, "Host not allowed"},
    {"no host", {{"Host", ""}}, ping, 403, "Host not allowed"},
    {"foreign origin",
     {{"Origin", "https://evil.example"}},
     ping,
     403,
     "Origin not allowed"},
    {"initialize in a batch",
     {},
     R"([{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}])",
     400,
     "batch"},
  }));
  CAPTURE(c.what);
  const auto via = w.post(c.body, "", c.headers);
  CHECK(via->status() == c.status);
  CHECK_THAT(via->body(), Catch::Contains(c.says));
  CHECK(json::parse(via->body()).is_object());
  CHECK_THAT(via->body(), !Catch::Contains(alice_key));
}

TEST_CASE("without OAuth a 401 invites nobody to it", "[actors]") {
  front w;
  const auto via = w.post(ping, "", {{"Authorization", ""}});
  CHECK(via->header("WWW-Authenticate").empty());
}

TEST_CASE("another user's session is as unknown as any", "[actors]") {
  front w;
  const auto id = w.open();
  const header_map bob{{"Authorization", "Bearer " + bob_key}};
  // On the connection that knows the session, and on another.
  const auto known = w.post(ping, id, bob);
  w.actor = w.connect();
  const auto fresh = w.post(ping, id, bob);
  const auto unknown = w.post(ping, "abc", bob);
  for (const auto& via : {known, fresh, unknown}) {
    CHECK(via->status() == 404);
    CHECK(via->body() == unknown->body());
  }
}

TEST_CASE("messages that want no answer are accepted", "[actors]") {
  front w;
  const auto id = w.open();
  for (const auto* body :
       {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","id":9,"result":{}})"}) {
    const auto via = w.post(body, id);
    CHECK(via->status() == 202);
    CHECK(via->body().empty());
  }
}

TEST_CASE("batches are answered in the one version that has them", "[actors]") {
  front w;
  const std::string batch = "[" + ping + "," + ping + ",7]";
  const auto old = w.post(batch, w.open("2025-03-26"));
  CHECK(old->status() == 200);
  CHECK(json::parse(old->body()).as_array().size() == 3);
  for (const auto* v : {"2025-06-18", "2025-11-25"})
    CHECK(w.post(batch, w.open(v))->status() == 400);
}

TEST_CASE("a call answers as JSON when nothing comes before its result",
          "[actors]") {
  front w;
  const auto id = w.open();
  const auto via =
    w.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
           R"({"name":"fetch"}})",
           id);
  CHECK(via->status() == 0);
  w.gateway.answer(0, "x");
  w.run();
  CHECK(via->status() == 200);
  CHECK_FALSE(via->streaming);
}

TEST_CASE("a call with progress answers as a stream", "[actors]") {
  front w;
  const auto id = w.open();
  const auto via =
    w.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
           R"({"name":"fetch","_meta":{"progressToken":7}}})",
           id);
  CHECK(via->streaming);
  REQUIRE(via->events.size() == 2);
  // So that the client can come back even before there is anything to say.
  CHECK_THAT(via->events[0],
             Catch::Contains("retry: 1000") && Catch::Contains("id: "));
  CHECK_THAT(via->events[1], Catch::Contains("notifications/progress")
                               && Catch::Contains("id: "));
  w.gateway.answer(0, "x");
  w.run();
  REQUIRE(via->events.size() == 3);
  CHECK_THAT(via->events[2], Catch::Contains("\"result\""));
  CHECK(via->closed);
}

TEST_CASE("a client that leaves takes its call with it", "[actors]") {
  front w;
  const auto id = w.open();
  const auto via =
    w.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
           R"({"name":"fetch"}})",
           id);
  caf::anon_send(w.actor, gone_atom_v);
  w.run();
  CHECK(w.gateway.sent[0].cancelled);
  CHECK_FALSE(via->response);
  CHECK(w.post(ping, id)->status() == 200);
}

TEST_CASE("a cancelled call's POST ends without a message", "[actors]") {
  front w;
  const auto id = w.open();
  const auto via =
    w.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
           R"({"name":"fetch"}})",
           id);
  auto other = w.connect();
  std::swap(w.actor, other);
  CHECK(w.post(R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
               R"("params":{"requestId":1}})",
               id)
          ->status()
        == 202);
  CHECK(via->streaming);
  CHECK(via->events.empty());
  CHECK(via->closed);
}

TEST_CASE("GET opens the session's stream, DELETE ends the session",
          "[actors]") {
  front w;
  const auto id = w.open();
  const header_map headers{{"Authorization", "Bearer " + alice_key},
                           {"Accept", "text/event-stream"},
                           {"Mcp-Session-Id", id}};
  auto listening = w.connect();
  const auto stream =
    w.send(listening, {.method = http::verb::get, .headers = headers});
  CHECK(stream->streaming);
  CHECK_FALSE(stream->closed);
  const auto ended =
    w.send(w.actor, {.method = http::verb::delete_, .headers = headers});
  CHECK(ended->status() == 204);
  CHECK(stream->closed);
  CHECK(w.post(ping, id)->status() == 404);
  CHECK(w.send(w.actor, {.method = http::verb::delete_, .headers = headers})
          ->status()
        == 404);
}

TEST_CASE("GET and DELETE have their own rules", "[actors]") {
  front w;
  const std::string bearer = "Bearer " + alice_key;
  const auto status = [&](http::verb method, const header_map& headers) {
    return w.send(w.actor, {.method = method, .headers = headers})->status();
  };
  CHECK(status(http::verb::get, {}) == 401);
  CHECK(status(http::verb::get,
               {{"Authorization", bearer}, {"Accept", "application/json"}})
        == 406);
  CHECK(status(http::verb::get,
               {{"Authorization", bearer}, {"Accept", "text/event-stream"}})
        == 400);
  CHECK(status(http::verb::get, {{"Authorization", bearer},
                                 {"Accept", "text/event-stream"},
                                 {"Mcp-Session-Id", "x"}})
        == 404);
  CHECK(status(http::verb::delete_, {{"Authorization", bearer}}) == 400);
  CHECK(status(http::verb::put, {{"Authorization", bearer}}) == 405);
  CHECK(status(http::verb::patch, {}) == 405);
  CHECK(status(http::verb::options, {}) == 204);
}

TEST_CASE("other paths are pages or not there", "[actors]") {
  front w;
  const auto status = [&](http::verb method, const char* target) {
    return w.send(w.actor, {.method = method, .target = target})->status();
  };
  CHECK(status(http::verb::get, "/health") == 200);
  CHECK(status(http::verb::get, "/health?x=1") == 200);
  CHECK(status(http::verb::head, "/health") == 200);
  CHECK(status(http::verb::post, "/health") == 404);
  CHECK(status(http::verb::get, "/nowhere") == 404);
  CHECK(status(http::verb::get, "/mcpx") == 404);
  CHECK(status(http::verb::get, "") == 404);
}

TEST_CASE("a web page of a welcome origin may read the answers", "[actors]") {
  front w;
  const auto via =
    w.post(ping, w.open(), {{"Origin", "http://localhost:3000"}});
  CHECK(via->header("Access-Control-Allow-Origin") == "http://localhost:3000");
  CHECK(via->header("Vary") == "Origin");
}

TEST_CASE("with authentication off the server's key is used", "[actors]") {
  front w;
  auto open = std::make_shared<connection_services>(*w.services);
  open->fixed_key = secret(alice_key);
  w.actor = w.spawn(connection, std::uint64_t{1}, open);
  const auto id = w.open();
  CHECK(w.post(ping, id, {{"Authorization", ""}})->status() == 200);
  open->directory = {};
}

TEST_CASE("an expired id is not good on a connection that knows it either",
          "[actors]") {
  front w;
  const auto id = w.open();
  CHECK(w.post(ping, id)->status() == 200);
  w.unix_now += 86400;
  CHECK(w.post(ping, id)->status() == 404);
}

TEST_CASE("a header that decides something may come once only", "[actors]") {
  front w;
  const auto id = w.open();
  for (const auto* name :
       {"Host", "Authorization", "Content-Type", "Mcp-Session-Id",
        "MCP-Protocol-Version", "Origin"}) {
    CAPTURE(name);
    auto request = std::make_shared<net::http_request>();
    request->method = http::verb::post;
    request->target = "/mcp";
    request->headers.set("Host", "localhost");
    request->headers.add(name, "one");
    request->headers.add(name, "two");
    auto via = std::make_shared<recorded_exchange>();
    caf::anon_send(w.actor, http_arrival{request, via});
    w.run();
    CHECK(via->status() == 400);
    CHECK_THAT(via->body(), Catch::Contains(name));
  }
}

TEST_CASE("a freed session comes back under its id", "[actors]") {
  front w;
  const auto id = w.open();
  for (int i = 0; i < 300; ++i)
    w.advance(15s);
  CHECK(w.post(ping, id)->status() == 200);
}

TEST_CASE("a session that was freed in the meantime is found again",
          "[actors]") {
  front w;
  const auto id = w.open();
  CHECK(w.post(ping, id)->status() == 200);
  // It retires while the next request is on its way to it.
  const auto found = w.session_of(id);
  caf::anon_send(found, retire_atom_v);
  CHECK(w.post(ping, id)->status() == 200);
}

TEST_CASE("a session with work to do retires when it is done", "[actors]") {
  front w;
  const auto id = w.open();
  const auto running =
    w.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
           R"("params":{"name":"fetch"}})",
           id);
  caf::anon_send(w.session_of(id), retire_atom_v);
  w.run();
  w.gateway.answer(0, "{}");
  w.run();
  CHECK(running->status() == 200);
}
