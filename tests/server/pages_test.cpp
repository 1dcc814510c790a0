#include "server/pages/html.hpp"
#include "server/pages/pages.hpp"
#include "tests/catch.hpp"
#include "tools/catalog.hpp"

#include <boost/algorithm/string/find.hpp>

#include <string>
#include <vector>

using namespace mcp;

namespace {

const std::string hostile = R"("><script>alert('x')</script>&amp;{{name}})";
const std::string key_url = "https://wandb.ai/authorize";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct place {
  server_health health;
  std::function<std::optional<net::http_response>(std::string_view)> at;

  explicit place(const page_facts& facts = {.key_url = key_url,
                                            .url = "https://a.example/mcp",
                                            .offers_sign_in = false})
      : at(
        pages(std::shared_ptr<const server_health>(&health, [](auto*) {}),
              std::make_shared<tools::catalog>(tools::offer{
                .tools = tools::all_tools(), .prompts = {}, .resources = {}}),
              facts)) {}
};

} // namespace

TEST_CASE("words in a page stay words", "[server][attack]") {
  const auto filled =
    fill(R"(<a title="{{name}}">{{name}}</a>{{missing}})", {{"name", hostile}})
      .text();
  CHECK_FALSE(contains(filled, "<script"));
  CHECK_FALSE(contains(filled, "\"><"));
  CHECK_FALSE(contains(filled, "missing"));
  CHECK(contains(filled, "&lt;script&gt;"));
  // What was filled in is not filled again.
  CHECK(contains(filled, "{{name}}"));
  CHECK(fill("{{a}}", {{"a", fill("<b>{{b}}</b>", {{"b", "<"}})}}).text()
        == "<b>&lt;</b>");
}

TEST_CASE("nobody's name becomes part of a page", "[server][attack]") {
  const auto shown = sign_in_pages(key_url);
  std::vector<std::string> all;
  for (const bool device : {false, true})
    all.push_back(shown.sign_in({.client_name = hostile,
                                 .client_uri = hostile,
                                 .target = hostile,
                                 .wants_write = true,
                                 .device = device,
                                 .request = hostile,
                                 .problem = hostile}));
  all.push_back(
    shown.device({.user_code = hostile, .csrf = hostile, .problem = hostile}));
  all.push_back(shown.note({.title = hostile,
                            .text = hostile,
                            .link = "https://a.example/?x=" + hostile,
                            .link_text = hostile}));
  all.push_back(shown.connect({.url = "https://a.example/mcp",
                               .user = hostile,
                               .connected = {{.family = hostile,
                                              .name = hostile,
                                              .scope = hostile,
                                              .since = hostile,
                                              .last_used = hostile}},
                               .csrf = hostile,
                               .problem = hostile,
                               .done = hostile}));
  for (const auto& page : all) {
    CHECK(contains(page, "&lt;script&gt;"));
    CHECK_FALSE(contains(page, "<script>"));
    CHECK_FALSE(contains(page, "alert('x')"));
  }
}

TEST_CASE("the sign-in page says who asks for what", "[server]") {
  const auto shown = sign_in_pages(key_url);
  const auto reading = shown.sign_in({.client_name = "Claude",
                                      .client_uri = {},
                                      .target = "claude.ai",
                                      .request = "sealed",
                                      .problem = {}});
  CHECK(contains(reading, "Connect Claude to Weights &amp; Biases"));
  CHECK(contains(reading, "<strong>claude.ai</strong>"));
  CHECK(contains(reading, key_url));
  CHECK(contains(reading, "gave itself this name"));
  CHECK_FALSE(contains(reading, "name=\"write\""));
  CHECK_FALSE(contains(reading, "role=\"alert\""));
  const auto writing = shown.sign_in({.client_name = "Claude",
                                      .client_uri = {},
                                      .target = "claude.ai",
                                      .registered_itself = false,
                                      .wants_write = true,
                                      .chose_write = true,
                                      .request = "sealed",
                                      .problem = "No."});
  CHECK(contains(writing, "name=\"write\""));
  CHECK(contains(writing, "checked"));
  CHECK(contains(writing, "role=\"alert\""));
  CHECK_FALSE(contains(writing, "gave itself this name"));
}

TEST_CASE("pages have neither scripts nor styles within", "[server][attack]") {
  place p;
  for (const auto* path : {"/", "/connect"}) {
    CAPTURE(path);
    const auto page = p.at(path);
    REQUIRE(page.has_value());
    for (const auto* inline_code :
         {" style=", "<style", " onclick=", "<script>"})
      CHECK_FALSE(contains(*page->body, inline_code));
    bool framed = true;
    for (const auto& [name, value] : page->headers)
      if (name == "Content-Security-Policy")
        framed = !contains(value, "frame-ancestors 'none'");
    CHECK_FALSE(framed);
  }
}

TEST_CASE("what a page asks for is there, and may be kept for ever",
          "[server]") {
  place p;
  const auto& text = *p.at("/")->body;
  std::size_t found = 0;
  for (auto at = text.find("\"/assets/"); at != text.npos;
       at = text.find("\"/assets/", at + 1)) {
    const auto path = text.substr(at + 1, text.find('"', at + 1) - at - 1);
    CAPTURE(path);
    const auto asset = p.at(path);
    REQUIRE(asset.has_value());
    CHECK_FALSE(asset->body->empty());
    bool kept = false;
    for (const auto& [name, value] : asset->headers)
      kept = kept || contains(value, "immutable");
    CHECK(kept);
    ++found;
  }
  CHECK(found == 2);
  CHECK_FALSE(p.at("/assets/../settings.cpp").has_value());
  CHECK_FALSE(p.at("/assets/").has_value());
}

TEST_CASE("the landing page names every tool, and the state", "[server]") {
  place p;
  p.health.ready = true;
  const auto text = *p.at("/")->body;
  for (const auto* tool : tools::all_tools())
    CHECK(contains(text, tool->name));
  CHECK(contains(text, "https://a.example/mcp"));
  CHECK(contains(text, "Running"));
  p.health.draining = true;
  CHECK(contains(*p.at("/")->body, "Stopping"));
}
