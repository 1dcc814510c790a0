#include "server/pages.hpp"

namespace mcp {
namespace {

namespace http = boost::beast::http;

std::shared_ptr<const std::string> share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

net::http_response health_page(const server_health& health) {
  net::http_response r;
  r.content_type = "application/json";
  r.headers.emplace_back("Cache-Control", "no-store");
  const char* status = "ok";
  if (health.draining || !health.ready) {
    status = health.draining ? "stopping" : "starting";
    r.status = http::status::service_unavailable;
  }
  r.body = share(std::string(R"({"status":")") + status
                 + R"(","version":")" MCP_VERSION "\"}");
  return r;
}

std::string landing_html(const tools::catalog& catalog) {
  std::string out = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wandb-mcp-server</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto;
       padding: 0 1rem; color: #1a1c1f; background: #fff; }
code, pre { font: 14px/1.5 ui-monospace, monospace; background: #f3f4f6;
            border-radius: 4px; }
code { padding: .1em .3em; } pre { padding: 1rem; overflow-x: auto; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e8eb; background: #16181b; }
  code, pre { background: #24272c; } a { color: #8ab4f8; }
}
</style>
<h1>wandb-mcp-server</h1>
<p>A Model Context Protocol server for Weights &amp; Biases: language models query
experiments and Weave traces with their user's own API key.</p>
<p>Connect an MCP client to <code>/mcp</code> on this host (Streamable HTTP) with
the header</p>
<pre>Authorization: Bearer &lt;your W&amp;B API key&gt;</pre>
<p>Get a key at <a href="https://wandb.ai/authorize">wandb.ai/authorize</a>.
The server's state is at <a href="/health">/health</a>.</p>
<h2>Tools</h2>
<ul>
)";
  for (const auto name : catalog.names())
    out += "<li><code>" + std::string(name) + "</code> "
           + std::string(catalog.find(name)->what->title) + "</li>\n";
  return out + "</ul>\n</html>\n";
}

} // namespace

std::function<std::optional<net::http_response>(std::string_view path)>
pages(std::shared_ptr<const server_health> health,
      std::shared_ptr<const tools::catalog> catalog) {
  return [health = std::move(health), landing = share(landing_html(*catalog))](
           std::string_view path) -> std::optional<net::http_response> {
    if (path == "/health")
      return health_page(*health);
    if (path != "/")
      return {};
    net::http_response r;
    r.content_type = "text/html; charset=utf-8";
    r.headers.emplace_back("Content-Security-Policy",
                           "default-src 'none'; style-src 'unsafe-inline'; "
                           "frame-ancestors 'none'");
    r.headers.emplace_back("X-Content-Type-Options", "nosniff");
    r.body = landing;
    return r;
  };
}

} // namespace mcp
