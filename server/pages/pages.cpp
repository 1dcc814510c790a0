#include "server/pages/pages.hpp"

#include "server/pages/assets.hpp"
#include "server/pages/connect.hpp"
#include "server/pages/sign_in.hpp"

namespace mcp {
namespace {

std::string landing_page(const tools::catalog& catalog, const page_facts& facts,
                         const char* state) {
  html reading, writing;
  for (const auto name : catalog.names()) {
    const auto& tool = *catalog.find(name)->what;
    auto& list = tool.hints.read_only ? reading : writing;
    list += fill("<li>{{title}}<br><code>{{name}}</code></li>\n",
                 {{"title", tool.title}, {"name", name}});
  }
  html writes;
  if (!writing.empty())
    writes = fill(R"(<h2>What can be written</h2>
<ul class="plain">
{{tools}}</ul>)",
                  {{"tools", writing}});
  const auto how =
    facts.offers_sign_in
      ? fill("<p>Give your client the address below; it opens a page where you "
             "sign in with your W&amp;B API key.</p>")
      : fill("<p>Every request carries its user's own W&amp;B API key: "
             "<code>Authorization: Bearer &lt;key&gt;</code>. Keys are at "
             R"(<a href="{{url}}">{{url}}</a>.</p>)",
             {{"url", facts.key_url}});
  const auto body =
    fill(R"(<main>
<p class="brand">wandb-mcp-server {{version}} &middot;
<a href="/health">{{state}}</a></p>
<h1>Weights &amp; Biases for language models</h1>
<p>A Model Context Protocol server: models ask about experiments, loss curves,
Weave traces, evaluations, artifacts and reports, each for their user alone.</p>
{{how}}
<div class="snippet"><pre tabindex="0">{{url}}</pre></div>
<p><a href="/connect">How to connect each client</a></p>
<h2>What can be asked</h2>
<ul class="plain">
{{reading}}</ul>
{{writes}}
</main>)",
         {{"version", MCP_VERSION},
          {"state", state},
          {"how", how},
          {"url", facts.url.empty() ? "/mcp on this host" : facts.url},
          {"reading", reading},
          {"writes", writes}});
  return whole_page("wandb-mcp-server", body, true);
}

net::http_response page_response(std::shared_ptr<const std::string> text) {
  net::http_response r;
  r.content_type = "text/html; charset=utf-8";
  r.headers = {{"Content-Security-Policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; "
                "img-src data:; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'"},
               {"X-Content-Type-Options", "nosniff"},
               {"Referrer-Policy", "no-referrer"}};
  r.body = std::move(text);
  return r;
}

} // namespace

std::function<std::optional<net::http_response>(std::string_view path)>
pages(std::shared_ptr<const server_health> health,
      std::shared_ptr<const tools::catalog> catalog, const page_facts& facts) {
  const auto share = [](std::string text) {
    return std::make_shared<const std::string>(std::move(text));
  };
  connect_view how;
  how.offers_sign_in = false;
  how.url = facts.url.empty() ? "http://<this host>/mcp" : facts.url;
  return [health = std::move(health),
          running = share(landing_page(*catalog, facts, "Running")),
          stopping = share(landing_page(*catalog, facts, "Stopping")),
          connect = share(connect_page(how, facts.key_url))](
           std::string_view path) -> std::optional<net::http_response> {
    if (path == "/")
      return page_response(health->draining ? stopping : running);
    if (path == "/connect")
      return page_response(connect);
    return asset(path);
  };
}

authorization_pages sign_in_pages(const std::string& key_url) {
  return {
    .sign_in =
      [key_url](const sign_in_view& v) { return sign_in_page(v, key_url); },
    .device = device_page,
    .note = note_page,
    .connect =
      [key_url](const connect_view& v) { return connect_page(v, key_url); }};
}

} // namespace mcp
