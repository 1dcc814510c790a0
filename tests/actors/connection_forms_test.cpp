// In which forms a client asks and is answered: lists of headers, JSON or event
// streams, compressed or not; and probes, which come by any name.

#include "tests/actors/front.hpp"

#include <zlib.h>

using namespace mcp;
using namespace mcp::testing;

namespace {

const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";

std::string call(const std::string& tool, const json::object& more = {}) {
  auto params = more;
  params["name"] = tool;
  return json::serialize(json::object{{"jsonrpc", "2.0"},
                                      {"id", 1},
                                      {"method", "tools/call"},
                                      {"params", std::move(params)}});
}

std::string begin(const std::string& v = "2025-11-25") {
  return R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{)"
         R"("protocolVersion":")"
         + v + R"(","capabilities":{"elicitation":{}},"clientInfo":{"name":"c",)"
               R"("version":"1"}}})";
}

std::string inflated(const std::string& packed) {
  z_stream s{};
  REQUIRE(inflateInit2(&s, 16 + MAX_WBITS) == Z_OK);
  std::string out(1 << 20, '\0');
  s.next_in =
    const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
  s.avail_in = static_cast<uInt>(packed.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(out.size());
  REQUIRE(inflate(&s, Z_FINISH) == Z_STREAM_END);
  out.resize(s.total_out);
  inflateEnd(&s);
  return out;
}

/// A server that takes whoever takes JSON or streams.
struct lenient_front : front {
  lenient_front() {
    auto more = std::make_shared<connection_services>(*services);
    more->lenient_accept = true;
    services = more;
    actor = connect();
  }
  std::shared_ptr<recorded_exchange> ask_for(const std::string& accept,
                                             std::string body,
                                             const std::string& session = "") {
    return post(std::move(body), session, {{"Accept", accept}});
  }
};

/// Sends a request whose headers come as they are, several of one name too.
std::shared_ptr<recorded_exchange> send_lines(front& w, std::string body,
                                              const header_map& headers) {
  auto request = std::make_shared<net::http_request>();
  request->method = http::verb::post;
  request->target = "/mcp";
  request->headers.add("Host", "localhost");
  request->headers.add("Authorization", "Bearer " + alice_key);
  request->headers.add("Content-Type", "application/json");
  for (const auto& [name, value] : headers)
    request->headers.add(name, value);
  request->body = std::move(body);
  request->body.reserve(request->body.size() + 64);
  auto via = std::make_shared<recorded_exchange>();
  caf::anon_send(w.actor, http_arrival{request, via});
  w.run();
  return via;
}

} // namespace

TEST_CASE("a list may come on several lines", "[actors]") {
  front w;
  const auto id = w.open();
  const auto two = send_lines(w, ping,
                              {{"Accept", "application/json"},
                               {"Mcp-Session-Id", id},
                               {"accept", "text/event-stream"}});
  CHECK(two->status() == 200);
  const auto three = send_lines(w, ping,
                                {{"Accept", "text/html"},
                                 {"Accept", "application/json;q=0.1"},
                                 {"Accept", "text/*"},
                                 {"Mcp-Session-Id", id}});
  CHECK(three->status() == 200);
  const auto large =
    send_lines(w,
               call("echo",
                    {{"arguments", {{"say", std::string(9000, 'x')}}}}),
               {{"Accept", both},
                {"Mcp-Session-Id", id},
                {"Accept-Encoding", "br"},
                {"Accept-Encoding", "gzip;q=0.5"}});
  CHECK(large->header("Content-Encoding") == "gzip");
  auto preflight = std::make_shared<net::http_request>();
  preflight->method = http::verb::options;
  preflight->target = "/mcp";
  preflight->headers.add("Host", "localhost");
  preflight->headers.add("Access-Control-Request-Headers", "Mcp-Param-A");
  preflight->headers.add("Access-Control-Request-Headers", "Mcp-Param-B");
  auto via = std::make_shared<recorded_exchange>();
  caf::anon_send(w.actor, http_arrival{preflight, via});
  w.run();
  CHECK_THAT(via->header("Access-Control-Allow-Headers"),
             Catch::Contains("Mcp-Param-A") && Catch::Contains("Mcp-Param-B"));
}

TEST_CASE("a lenient server answers whoever takes JSON alone", "[actors]") {
  lenient_front w;
  const auto accept = GENERATE("application/json", "", "*/*",
                               "application/*;q=0.1, text/html");
  CAPTURE(accept);
  const auto opened = w.ask_for(accept, begin());
  REQUIRE(opened->status() == 200);
  const auto id = opened->header("Mcp-Session-Id");
  CHECK(w.ask_for(accept, ping, id)->status() == 200);
  const auto lone = w.ask({.method = "tools/list",
                           .headers = {{"Accept", accept}}});
  CHECK(lone->status() == 200);
}

TEST_CASE("who takes JSON alone hears nothing before the answer", "[actors]") {
  lenient_front w;
  const auto id = w.ask_for("application/json", begin())
                    ->header("Mcp-Session-Id");
  const auto call_it = [&](const std::string& tool) {
    return w.ask_for("application/json",
                     call(tool, {{"_meta", {{"progressToken", 7}}}}), id);
  };
  SECTION("progress") {
    const auto via = call_it("fetch");
    CHECK_FALSE(via->streaming);
    w.advance(12s); // after which an answer would become a stream
    CHECK_FALSE(via->streaming);
    w.gateway.answer(0, "x");
    w.run();
    CHECK(via->status() == 200);
    CHECK(json::parse(via->body()).at("id") == 1);
  }
  SECTION("being let go") {
    const auto via = call_it("later");
    w.advance(6s);
    CHECK_FALSE(via->streaming);
    CHECK(json::parse(via->body())
            .at_pointer("/result/structuredContent/done")
          == true);
  }
  SECTION("a question, which nobody would hear") {
    const auto via = call_it("ask");
    REQUIRE(via->status() == 200);
    CHECK_THAT(via->body(), Catch::Contains("event stream"));
  }
  SECTION("a lone call's progress") {
    auto r = lone_call("fetch");
    r.params["_meta"] = {{"progressToken", 7}};
    r.headers = {{"Accept", "application/json"}};
    const auto via = w.ask(r);
    CHECK_FALSE(via->streaming);
    w.gateway.answer(0, "x");
    w.run();
    CHECK(via->status() == 200);
  }
  SECTION("its end, when it is cancelled") {
    const auto via = call_it("fetch");
    auto other = w.connect();
    std::swap(w.actor, other);
    w.ask_for("application/json",
              R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
              R"("params":{"requestId":1.0}})",
              id);
    CHECK(via->status() == 204);
  }
  SECTION("what is a stream by its nature") {
    const auto via = w.ask({.method = "subscriptions/listen",
                            .params = {{"notifications", json::object{}}},
                            .headers = {{"Accept", "application/json"}}});
    CHECK(via->status() == 406);
  }
}

TEST_CASE("who takes event streams alone is answered in one", "[actors]") {
  lenient_front w;
  const std::string accept = "text/event-stream";
  const auto opened = w.ask_for(accept, begin());
  REQUIRE(opened->streaming);
  CHECK(opened->closed);
  REQUIRE(opened->events.size() == 1);
  CHECK(message_of(opened->events[0]).at_pointer("/result/serverInfo/name")
        == "test");
  std::string id;
  for (const auto& [name, value] : opened->stream_headers)
    if (name == "Mcp-Session-Id")
      id = value;
  REQUIRE_FALSE(id.empty());
  const auto pong = w.ask_for(accept, ping, id);
  REQUIRE(pong->events.size() == 1);
  CHECK(message_of(pong->events[0]).at("result") == json::object{});
  CHECK(pong->closed);
  const auto wrong = w.ask_for(accept, call("nothing"), id);
  REQUIRE(wrong->events.size() == 1);
  CHECK(message_of(wrong->events[0]).at_pointer("/error/code") == -32602);
  const auto lone =
    w.ask({.method = "tools/list", .headers = {{"Accept", accept}}});
  REQUIRE(lone->events.size() == 1);
  // What HTTP refuses, it refuses with a status.
  CHECK(w.ask_for(accept, ping, "nobody's")->status() == 404);
  CHECK(w.ask_for(accept, "{", id)->status() == 400);
  CHECK(
    w.ask_for(accept, R"({"jsonrpc":"2.0","method":"notifications/x"})", id)
      ->status()
    == 202);
}

TEST_CASE("a lenient server's streams need no Accept either", "[actors]") {
  lenient_front w;
  const auto id = w.open();
  const auto get = [&](const header_map& more) {
    header_map headers{{"Authorization", "Bearer " + alice_key},
                       {"Mcp-Session-Id", id}};
    headers.insert(headers.end(), more.begin(), more.end());
    return w.send(w.connect(), {.method = http::verb::get, .headers = headers});
  };
  CHECK(get({})->streaming);
  CHECK(get({{"Accept", "*/*"}})->streaming);
  CHECK(get({{"Accept", "application/json"}})->status() == 406);
  CHECK(w.ask_for("text/html", ping, id)->status() == 406);
}

TEST_CASE("whoever begins anew may still send an id that is over",
          "[actors]") {
  front w;
  const auto dead = GENERATE(as<std::string>{}, "unknown", "ended", "expired",
                             "expired elsewhere", "bob's", "endless");
  CAPTURE(dead);
  auto id = w.open("2025-11-25", dead == "bob's" ? bob_key : alice_key);
  if (dead == "unknown")
    id = "nobody's";
  if (dead == "endless")
    id = std::string(5000, 'a');
  if (dead == "ended")
    w.send(w.actor, {.method = http::verb::delete_,
                     .headers = {{"Authorization", "Bearer " + alice_key},
                                 {"Mcp-Session-Id", id}}});
  if (dead.starts_with("expired"))
    w.unix_now += 86400;
  if (dead == "expired elsewhere")
    w.actor = w.connect();
  CHECK(w.post(ping, id)->status() == 404);
  const auto via =
    w.post(begin(), id, {{"MCP-Protocol-Version", "2025-11-25"}});
  REQUIRE(via->status() == 200);
  const auto fresh = via->header("Mcp-Session-Id");
  REQUIRE_FALSE(fresh.empty());
  CHECK(fresh != id);
  CHECK(w.post(ping, fresh)->status() == 200);
}

TEST_CASE("a session that lives is not begun again", "[actors]") {
  front w;
  const auto id = w.open();
  const auto via = w.post(begin(), id);
  CHECK_THAT(via->body(), Catch::Contains("initialized already"));
  CHECK(via->header("Mcp-Session-Id").empty());
}

TEST_CASE("a large answer is compressed for whoever can read it",
          "[actors]") {
  front w;
  const auto id = w.open();
  const auto say = [&](std::size_t size, const std::string& encoding) {
    return w.post(
      call("echo", {{"arguments", {{"say", std::string(size, 'x')}}}}), id,
      {{"Accept-Encoding", encoding}});
  };
  const auto plain = say(9000, "");
  CHECK(plain->header("Content-Encoding").empty());
  CHECK(plain->header("Vary") == "Accept-Encoding");
  const auto packed = say(9000, "gzip, deflate, br");
  CHECK(packed->header("Content-Encoding") == "gzip");
  CHECK(packed->header("Vary") == "Accept-Encoding");
  CHECK(packed->body().size() < 1000);
  CHECK(inflated(packed->body()) == plain->body());
  // One compressor serves them all.
  CHECK(inflated(say(9000, "*")->body()) == plain->body());
  CHECK(say(9000, "gzip;q=0")->header("Content-Encoding").empty());
  const auto small = say(10, "gzip");
  CHECK(small->header("Content-Encoding").empty());
  CHECK(small->header("Vary").empty());
  CHECK(say(300'000, "gzip")->header("Content-Encoding").empty());
  const auto lone = w.ask({.method = "tools/list",
                           .headers = {{"Accept-Encoding", "gzip"}}});
  CHECK(lone->status() == 200);
}

TEST_CASE("probes are answered under any name, and nothing else is",
          "[actors]") {
  front w;
  auto more = std::make_shared<connection_services>(*w.services);
  more->probe =
    [](std::string_view path) -> std::optional<net::http_response> {
    if (path != "/livez")
      return {};
    return net::http_response{};
  };
  w.services = more;
  w.actor = w.connect();
  const auto status = [&](http::verb method, const char* target) {
    return w
      .send(w.actor, {.method = method,
                      .target = target,
                      .headers = {{"Host", "10.0.0.7:8080"},
                                  {"Origin", "https://evil.example"}}})
      ->status();
  };
  CHECK(status(http::verb::get, "/livez") == 200);
  CHECK(status(http::verb::head, "/livez?x=1") == 200);
  CHECK(status(http::verb::post, "/livez") == 403);
  CHECK(status(http::verb::get, "/livez/") == 403);
  CHECK(status(http::verb::get, "/health") == 403);
  CHECK(status(http::verb::get, "/mcp") == 403);
  CHECK(w.send(w.actor, {.method = http::verb::get,
                         .target = "/livez",
                         .headers = {{"Host", ""}}})
          ->status()
        == 403);
}
