// What a browser gets of a connection: pages, and refusals as pages.

#include "tests/actors/front.hpp"

using namespace mcp;
using namespace mcp::testing;

TEST_CASE("a page knows by which name its visitor came", "[actors]") {
  front w;
  const auto via = w.send(w.actor, {.method = http::verb::get,
                                    .target = "/health",
                                    .headers = {{"Host", "localhost:8080"}}});
  CHECK(via->body() == "localhost:8080");
}

TEST_CASE("a browser sees a refusal as a page, a program as JSON",
          "[actors]") {
  front w;
  w.services->refusal_page = [](std::string_view path, http::status status,
                                std::string_view error, std::string_view) {
    net::http_response page;
    page.content_type = "text/html; charset=utf-8";
    page.body = std::make_shared<const std::string>(
      std::string(path) + " " + std::to_string(static_cast<int>(status)) + " "
      + std::string(error));
    return page;
  };
  const auto answer = [&](http::verb method, const char* target,
                          const char* accept) {
    const auto via =
      w.send(w.actor, {.method = method,
                       .target = target,
                       .headers = {{"Host", "localhost"}, {"Accept", accept}}});
    return std::to_string(via->status()) + ": " + via->body();
  };
  const auto* browser = "text/html,application/xhtml+xml,*/*;q=0.8";
  CHECK(answer(http::verb::get, "/nowhere?x", browser)
        == "404: /nowhere 404 Not found");
  CHECK(answer(http::verb::get, "/mcp", browser)
        == "401: /mcp 401 Authorization required");
  for (const auto* program :
       {"*/*", "application/json", "application/json, text/event-stream",
        "text/html;q=0, */*"}) {
    CAPTURE(program);
    CHECK(answer(http::verb::get, "/nowhere", program)
            .starts_with("404: {\"error\":\"Not found\""));
  }
  CHECK(answer(http::verb::post, "/nowhere", browser)
          .starts_with("404: {\"error\""));
  CHECK(answer(http::verb::post, "/mcp", browser)
          .starts_with("401: {\"error\""));
}
