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
  std::function<std::optional<net::http_response>(const page_request&)> answer;

  explicit place(const page_facts& facts = {.key_url = key_url,
                                            .url = "https://a.example/mcp",
                                            .offers_sign_in = false})
      : answer(
        pages(std::shared_ptr<const server_health>(&health, [](auto*) {}),
              std::make_shared<tools::catalog>(tools::offer{
                .tools = tools::all_tools(), .prompts = {}, .resources = {}}),
              facts)) {}

  std::optional<net::http_response> at(std::string_view path,
                                       std::string_view host = "a.example") {
    return answer({.path = path, .host = host});
  }
};

std::string header(const net::http_response& r, std::string_view wanted) {
  for (const auto& [name, value] : r.headers)
    if (name == wanted)
      return value;
  return {};
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos;
       at = text.find(part, at + part.size()))
    ++n;
  return n;
}

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
  CHECK(contains(reading, "The client chose this name"));
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
  CHECK_FALSE(contains(writing, "The client chose this name"));
  // One list of what is asked for, in the form that grants it.
  CHECK(count(writing, "<ul") == 1);
  CHECK(writing.find("<form") < writing.find("<ul"));
  CHECK(writing.find("name=\"write\"") < writing.find("</ul>"));
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
  const auto text = *p.at("/")->body;
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

TEST_CASE("a wrong key is told at its field, which gets the focus",
          "[server]") {
  const auto shown = sign_in_pages(key_url);
  const auto problem = GENERATE(as<std::string>{}, "", "No.");
  const std::vector<std::string> all{
    shown.sign_in({.client_name = "Claude",
                   .client_uri = {},
                   .target = "claude.ai",
                   .request = "sealed",
                   .problem = problem}),
    shown.device({.user_code = "BCDF-GHJK", .csrf = "c", .problem = problem}),
    shown.connect({.url = "https://a.example/mcp",
                   .guessed_origin = {},
                   .user = {},
                   .connected = {},
                   .csrf = "c",
                   .problem = problem,
                   .done = {}})};
  for (const auto& page : all) {
    CAPTURE(page);
    const bool wrong = !problem.empty();
    CHECK(contains(page, "aria-invalid=\"true\"") == wrong);
    CHECK(contains(page, "autofocus") == wrong);
    CHECK(contains(page, "aria-describedby=\"problem ") == wrong);
    CHECK(count(page, "id=\"problem\"") == (wrong ? 1 : 0));
    if (wrong) // after the field, before the button
      CHECK((page.find("aria-invalid") < page.find("id=\"problem\"")
             && page.find("id=\"problem\"")
                  < page.find("<div class=\"buttons\"")));
  }
}

TEST_CASE("a code that a link brought is to be compared, one to type is not",
          "[server]") {
  const auto shown = sign_in_pages(key_url);
  const auto with = shown.device(
    {.user_code = "BCDF-GHJK", .csrf = "c", .problem = {}});
  CHECK(contains(with, "Check that this code matches"));
  const auto without =
    shown.device({.user_code = {}, .csrf = "c", .problem = {}});
  CHECK(contains(without, "Type the code"));
  const auto wrong =
    shown.device({.user_code = "BCDF", .csrf = "c", .problem = "No."});
  CHECK(contains(wrong, "Type the code"));
}

TEST_CASE("what went wrong leads somewhere", "[server]") {
  const auto shown = sign_in_pages(key_url);
  const auto note = [&](bool good, std::string link, bool alone = false) {
    return shown.note({.title = "T",
                       .text = "t",
                       .good = good,
                       .link = link,
                       .link_text = "L",
                       .alone = alone});
  };
  CHECK(contains(note(false, ""), "href=\"/connect\""));
  CHECK(contains(note(false, "/device"), "href=\"/device\""));
  CHECK_FALSE(contains(note(false, "", true), "<a "));
  CHECK_FALSE(contains(note(true, ""), "<a "));
}

TEST_CASE("a browser's refusal is a page", "[server]") {
  using boost::beast::http::status;
  const auto lost = refusal_page("/nowhere", status::not_found, "Not found",
                                 "The MCP endpoint is /mcp.");
  CHECK(contains(*lost.body, "There is no page here"));
  CHECK(contains(*lost.body, "href=\"/\""));
  CHECK(contains(header(lost, "Content-Security-Policy"),
                 "default-src 'none'"));
  const auto pasted = refusal_page("/mcp", status::unauthorized,
                                   "Authorization required", "Send a key.");
  CHECK(contains(*pasted.body, "This address is for MCP clients"));
  CHECK(contains(*pasted.body, "href=\"/connect\""));
  const auto other =
    refusal_page("/nowhere", status::forbidden, hostile, hostile);
  CHECK_FALSE(contains(*other.body, "<script>"));
  CHECK_FALSE(contains(*other.body, "<a "));
}

TEST_CASE("the landing page has questions, the address and the state",
          "[server]") {
  place p;
  p.health.ready = true;
  const auto text = *p.at("/")->body;
  const auto list = text.find("<ul class=\"questions\">");
  CHECK(count(text.substr(list, text.find("</ul>", list) - list), "<li>") == 6);
  for (const auto* tool : tools::all_tools())
    CHECK_FALSE(contains(text, tool->name));
  CHECK(contains(text, "https://a.example/mcp"));
  CHECK(contains(text, "Running"));
  p.health.draining = true;
  CHECK(contains(*p.at("/")->body, "Stopping"));
}

TEST_CASE("only what the offered tools can answer is suggested", "[server]") {
  const auto offering = [](std::vector<std::string> toolsets, bool read_only) {
    auto offered = tools::select_tools(tools::all_tools(),
                                       {.toolsets = std::move(toolsets),
                                        .read_only = read_only,
                                        .disabled = {}})
                     .value();
    server_health health;
    const auto answer =
      pages(std::shared_ptr<const server_health>(&health, [](auto*) {}),
            std::make_shared<tools::catalog>(
              tools::offer{.tools = std::move(offered),
                           .prompts = {},
                           .resources = {}}),
            {.key_url = key_url, .url = {}});
    return *answer({.path = "/", .host = "a.example"})->body;
  };
  const auto weave = offering({"weave"}, false);
  CHECK(contains(weave, "Which LLM calls failed"));
  CHECK_FALSE(contains(weave, "best accuracy"));
  CHECK(contains(offering({}, true), "They only read"));
  CHECK(contains(offering({}, false), "they also write reports"));
}

TEST_CASE("pages show the address that their visitor used", "[server]") {
  place p({.key_url = key_url, .url = {}});
  const auto path = GENERATE("/", "/connect");
  const auto shown = [&](std::string_view host) {
    return *p.at(path, host)->body;
  };
  const auto here = shown("box.example:8080");
  CHECK(contains(here, "http://box.example:8080/mcp"));
  CHECK(contains(here, "data-shown-origin=\"http://box.example:8080\""));
  CHECK_FALSE(contains(here, "this host"));
  CHECK(contains(shown("[::1]:8080"), "http://[::1]:8080/mcp"));
  // One visitor's address is not another's.
  CHECK(header(*p.at(path), "Cache-Control") == "no-store");
  // A name that the operator gave wins.
  place known;
  CHECK(contains(*known.at(path, "other.example")->body,
                 "https://a.example/mcp"));
  CHECK_FALSE(contains(*known.at(path, "other.example")->body,
                       "other.example"));
}

TEST_CASE("a Host header is no place for commands", "[server][attack]") {
  place p({.key_url = key_url, .url = {}});
  const auto host = GENERATE(as<std::string>{}, "", "a.example;curl evil|sh",
                             "a.example$(reboot)", "a.example`id`", "a b",
                             "\"><script>alert('x')</script>");
  for (const auto* path : {"/", "/connect"}) {
    const auto text = *p.at(path, host)->body;
    CHECK(contains(text, "http://localhost/mcp"));
    if (!host.empty())
      CHECK_FALSE(contains(text, host));
  }
}

TEST_CASE("with keys alone nothing is said of what is off", "[server]") {
  place p;
  const auto text = *p.at("/connect")->body;
  for (const auto* off : {"OAuth", "ChatGPT", "phone apps", " device", "evoke",
                          "Sign out", "<form"}) {
    CAPTURE(off);
    CHECK_FALSE(contains(text, off));
  }
  CHECK(contains(text, "Authorization: Bearer"));
}

TEST_CASE("where everybody uses the server's key nobody is asked for one",
          "[server]") {
  place p({.key_url = key_url,
           .url = "https://a.example/mcp",
           .offers_sign_in = false,
           .needs_key = false});
  for (const auto* path : {"/", "/connect"}) {
    const auto text = *p.at(path)->body;
    CHECK_FALSE(contains(text, "Authorization"));
    CHECK_FALSE(contains(text, "WANDB_API_KEY"));
    CHECK_FALSE(contains(text, key_url));
  }
}
